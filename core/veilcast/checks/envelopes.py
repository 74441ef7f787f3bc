"""Compares the envelopes of two sounds, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from fractions import Fraction
    from pathlib import Path

    import av
    import numpy as np
    from numpy.typing import NDArray

    from veilcast.media.info import AudioInfo, MediaInfo

    Heard: TypeAlias = tuple[Path, MediaInfo, AudioInfo]
    """A file, what it holds, and which of its sound streams."""

RATE_HZ = 2000
"""Values per second of a course."""
WINDOW, HOP, REACH = 2000, 1000, 500
"""Values in a stretch, from one to the next, and further of the source on either side of it."""
_BLOCK_S = 1
_MARGIN_S = 0.03
_TICK_S = 0.002
"""Containers count time in ticks of up to a millisecond, and round."""
_LEFT = 0.5
"""A stretch of which less is uncovered is not compared."""


class Covered:
    """Spans of sound that were covered, with what coding smears around them."""

    def __init__(self, spans_us: Iterable[tuple[int, int]]) -> None:
        """Args: spans_us: half-open, in microseconds from the presentation start."""
        margin = _MARGIN_S * RATE_HZ
        self._spans = sorted(
            (int(start * RATE_HZ / US - margin), int(end * RATE_HZ / US + margin) + 1)
            for start, end in spans_us
        )

    def left(self, start: int, count: int) -> NDArray[np.bool_]:
        """Which of these values of a course are uncovered."""
        import numpy as np

        left = np.ones(count, np.bool_)
        for first, end in self._spans:
            left[max(0, first - start) : max(0, end - start)] = False
        return left


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A stretch of delivered sound, and what is heard in the source at that time.

    Attributes:
        start_s: of the delivered stretch, from the presentation start.
        delivered: shape (2, values): the sound below 1 kHz, and its loudness; 0 where covered.
        source: the same, with `REACH` more values on either side.
        uncovered: shape (values,): which of the stretch's values were not covered.
    """

    start_s: float
    delivered: NDArray[np.float64]
    source: NDArray[np.float64]
    uncovered: NDArray[np.bool_]


def courses_side_by_side(delivered: Heard, source: Heard, covered: Covered) -> Iterator[Pair]:
    """Every stretch of two sounds, up to the end of the longer one; what is missing is silence.

    Raises:
        TruncatedError: either of them can't be decoded.
    """
    mine, theirs = _Tape(delivered), _Tape(source)
    start = 0
    while mine.reaches(start + 1) or theirs.reaches(start + 1):
        uncovered = covered.left(start, WINDOW)
        if uncovered.mean() >= _LEFT:
            around = covered.left(start - REACH, WINDOW + 2 * REACH)
            yield Pair(
                start_s=start / RATE_HZ,
                delivered=mine.values(start, WINDOW) * uncovered,
                source=theirs.values(start - REACH, WINDOW + 2 * REACH) * around,
                uncovered=uncovered,
            )
        start += HOP
        mine.forget(start)
        theirs.forget(start - REACH)


def same_packets(delivered: Heard, source: Heard) -> bool:
    """Whether two streams have the same packets at the same times: one was copied from the other.

    Raises:
        TruncatedError: either of them can't be read.
    """
    pairs = zip_longest(_packets(delivered), _packets(source))
    return all(
        one is not None
        and other is not None
        and one[1] == other[1]
        and abs(one[0] - other[0]) <= _TICK_S
        for one, other in pairs
    )


def _packets(heard: Heard) -> Iterator[tuple[Fraction, bytes]]:
    """The time of each packet from the presentation start, and what it holds."""
    from veilcast.media.guard import media_errors, open_input

    path, media, audio = heard
    with media_errors(), open_input(path, media.still_format) as container:
        for packet in container.demux(container.streams[audio.index]):
            if packet.size:
                at = (packet.pts or 0) * (packet.time_base or 0) - media.origin
                yield at, bytes(packet)


class _Tape:
    """The course of a sound, decoded as far as it is asked for."""

    def __init__(self, heard: Heard) -> None:
        import numpy as np

        self._blocks = _courses(*heard)
        self._start = 0
        self._values = np.zeros((2, 0))
        self._ended = False

    def reaches(self, end: int) -> bool:
        """Whether there is sound up to a value's end."""
        import numpy as np

        while not self._ended and self._start + self._values.shape[1] < end:
            at, block = next(self._blocks, (-1, None))
            if block is None:
                self._ended = True
                break
            # Gaps are silence; what is there twice is heard once.
            done = self._start + self._values.shape[1]
            gap, block = np.zeros((2, max(0, at - done))), block[:, max(0, done - at) :]
            self._values = np.concatenate((self._values, gap, block), axis=1)
        return self._start + self._values.shape[1] >= end

    def values(self, start: int, count: int) -> NDArray[np.float64]:
        """Some values, shape (2, count); silence before the first and behind the last."""
        import numpy as np

        self.reaches(start + count)
        out = np.zeros((2, count))
        first = max(start, self._start)
        there = self._values[:, first - self._start : start + count - self._start]
        out[:, first - start : first - start + there.shape[1]] = there
        return out

    def forget(self, start: int) -> None:
        """Values before this one are not asked for any more."""
        gone = min(max(0, start - self._start), self._values.shape[1])
        self._values = self._values[:, gone:]
        self._start += gone


def _courses(
    path: Path, media: MediaInfo, audio: AudioInfo
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """The courses of about a second at a time, each with the number of its first value."""
    import numpy as np

    from veilcast.media.sound import read_sound

    rate_hz = audio.rate_hz
    waiting: list[NDArray[np.float64]] = []
    start = held = 0
    for at, frame in read_sound(path, media, audio, whole=False):
        position = round((at - media.origin) * rate_hz)
        if abs(position - start - held) > 1:
            if held:
                yield _course(np.concatenate(waiting), start, rate_hz)[:2]
            waiting, start, held = [], position, 0
        samples = _unit(frame)
        waiting.append(samples)
        held += len(samples)
        if held >= rate_hz * _BLOCK_S:
            first, values, used = _course(np.concatenate(waiting), start, rate_hz)
            yield first, values
            waiting = [np.concatenate(waiting)[used:]]
            start, held = start + used, held - used
    if held:
        yield _course(np.concatenate(waiting), start, rate_hz)[:2]


def _course(
    samples: NDArray[np.float64], position: int, rate_hz: int
) -> tuple[int, NDArray[np.float64], int]:
    """The values that these samples fill, the number of the first, and how many samples that took.

    Args:
        samples: shape (samples, channels).
        position: of the first of them, counted from the presentation start.
        rate_hz: of the samples.
    """
    import numpy as np

    first = -(-position * RATE_HZ // rate_hz)
    end = (position + len(samples)) * RATE_HZ // rate_hz
    if end <= first:
        return first, np.zeros((2, 0)), 0
    edges = -(-np.arange(first, end + 1) * rate_hz // RATE_HZ) - position
    inside = samples[edges[0] : edges[-1]]
    starts, counts = edges[:-1] - edges[0], np.maximum(np.diff(edges), 1)
    wave = np.add.reduceat(inside.mean(axis=1), starts) / counts
    power = np.add.reduceat(np.square(inside).mean(axis=1), starts) / counts
    return first, np.stack((wave, np.sqrt(power))), int(edges[-1])


def _unit(frame: av.AudioFrame) -> NDArray[np.float64]:
    """Samples in -1 to 1, shape (samples, channels)."""
    import numpy as np

    from veilcast.media.sound import samples_of

    block: NDArray[Any] = samples_of(frame)
    if block.dtype.kind == "f":
        return np.nan_to_num(np.asarray(block, np.float64))
    full = float(1 << (8 * block.dtype.itemsize - 1))
    middle = full if block.dtype.kind == "u" else 0.0
    return (np.asarray(block, np.float64) - middle) / full
