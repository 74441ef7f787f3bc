"""Which frames are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Sequence


class Ticks:
    """The first frame at or after each tick of a clock of video time."""

    def __init__(self, rate_hz: float | str) -> None:
        """Start with the first frame.

        Args:
            rate_hz: ticks a second; a word for every frame.
        """
        self._period_us = 0 if isinstance(rate_hz, str) else round(US / rate_hz)
        self._next_us: int | None = None

    def due(self, time_us: int) -> bool:
        """Whether the frame at this time is one; ask about every frame once."""
        if self._period_us == 0:
            return True
        if self._next_us is None:
            self._next_us = time_us
        if time_us < self._next_us:
            return False
        ticks = (time_us - self._next_us) // self._period_us + 1
        self._next_us += ticks * self._period_us
        return True


class Between:
    """Frames between those that were looked at before: never three in a row are passed over.

    Above 60 frames a second a look every 50 ms is enough; below 12 more than every third frame is
    looked at, so that no more than a quarter of a second passes. Each frame is decided on when the
    next one is known.
    """

    _DENSE_US, _SPARSE_US = 50_000, 250_000
    _FRAMES = 3

    def __init__(self, rates_hz: Sequence[float | str]) -> None:
        """Start with the first frame, which is looked at.

        Args:
            rates_hz: the rates of the looks before, as for `Ticks`.
        """
        # Of looks at every frame there is none between.
        self._before = [Ticks(rate) for rate in rates_hz if not isinstance(rate, str)]
        self._last_us: int | None = None
        self._frames = 0
        self._was_seen = False

    def due(self, time_us: int, next_us: int, *, afresh: bool) -> bool:
        """Whether to look at the frame at this time; ask about every frame but the last, once.

        Args:
            time_us: of the frame.
            next_us: of the one after it.
            afresh: something may begin or end here.
        """
        was_seen = self._was_seen
        if self._last_us is None:
            self._seen_before(time_us)
        self._was_seen = self._seen_before(next_us)
        self._frames += 1
        # Rather a frame early than one that was looked at before.
        early = not was_seen and self._was_seen and self._frames >= 2
        look = (
            afresh
            or self._last_us is None
            or self._must(next_us, self._frames)
            or (early and self._must(2 * next_us - time_us, self._frames + 1))
        )
        if look:
            self._last_us, self._frames = time_us, 0
        return look

    def _seen_before(self, time_us: int) -> bool:
        due = [ticks.due(time_us) for ticks in self._before]  # each clock is told of every frame
        return any(due)

    def _must(self, next_us: int, frames: int) -> bool:
        """Whether this many frames after a look there has to be another, if not at the next."""
        waited_us = next_us - (self._last_us or 0)
        return waited_us > self._SPARSE_US or (
            frames >= self._FRAMES and waited_us > self._DENSE_US
        )
