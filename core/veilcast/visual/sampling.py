"""Which frames are looked at."""

from __future__ import annotations

from veilcast.timing import US


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
