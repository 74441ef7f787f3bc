"""Where somebody speaks, by loudness alone: above the noise of the seconds around it.

Levels are kept at one value per `HOP_S`: the course of many hours fits into a few megabytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

HOP_S = 0.01
"""Seconds between two levels."""

_SILENT_DB = -100.0
_NEIGHBOURHOOD_S = 10  # nobody speaks for longer than twice that without a breath
_FLOOR, _PEAK = 5, 95  # percentiles of the levels around
_SHARE = 0.25  # the threshold lies this far up from floor to peak ...
_LEAST_DB, _MOST_DB = 2.5, 12.0  # ... and within this above the floor,
_BELOW_PEAK_DB = 38.0  # but not further below the peak: breath and room,
_INAUDIBLE_DB = -85.0  # and not below this: dither
_MARGIN_S = 0.5


class Levels:
    """The course of a sound's loudness, dB, gathered from blocks of it.

    High frequencies are raised by 6 dB per octave, as in speech recognition: a hiss counts for more
    and rumble for little.
    """

    def __init__(self, rate_hz: int) -> None:
        self._hop = round(rate_hz * HOP_S)
        self._left = np.zeros(0, np.float32)
        self._last = np.float32(0)
        self._done: list[NDArray[np.float32]] = []

    def add(self, samples: NDArray[np.float32]) -> None:
        """The samples that follow on those before: mono, -1 to 1."""
        if not len(samples):
            return
        edged = samples - 0.9 * np.concatenate(([self._last], samples[:-1])).astype(np.float32)
        self._last = samples[-1]
        waiting = np.concatenate((self._left, edged))
        whole = len(waiting) // self._hop * self._hop
        self._left = waiting[whole:]
        if whole:
            power = (waiting[:whole].reshape(-1, self._hop).astype(np.float64) ** 2).mean(axis=1)
            self._done.append((10 * np.log10(power + 1e-10)).astype(np.float32))

    def course(self) -> NDArray[np.float32]:
        """One value per hop, shape (hops,); what is left at the end counts as a whole hop."""
        if self._done:
            self._done = [np.concatenate(self._done)]
        last: list[NDArray[np.float32]] = []
        if len(self._left):
            power = float((self._left.astype(np.float64) ** 2).mean())
            last = [np.array([10 * np.log10(power + 1e-10)], np.float32)]
        return np.concatenate([*self._done, *last, np.zeros(0, np.float32)])


def levels_of(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """The course of one sound's loudness, dB, shape (hops,)."""
    levels = Levels(rate_hz)
    levels.add(samples)
    return levels.course()


def speaking(levels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which hops are louder than the noise of the seconds around them, shape (hops,)."""
    if not len(levels):
        return np.zeros(0, np.bool_)
    smooth = np.convolve(np.pad(levels, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    per_s = round(1 / HOP_S)
    seconds = -(-len(levels) // per_s)
    threshold = np.empty(seconds)
    for second in range(seconds):
        first = max(0, second - _NEIGHBOURHOOD_S) * per_s
        around = smooth[first : (second + _NEIGHBOURHOOD_S + 1) * per_s]
        floor, peak = np.percentile(around, (_FLOOR, _PEAK))
        above = min(max(_SHARE * (peak - floor), _LEAST_DB), _MOST_DB)
        threshold[second] = max(floor + above, peak - _BELOW_PEAK_DB, _INAUDIBLE_DB)
    loud: NDArray[np.bool_] = smooth > np.repeat(threshold, per_s)[: len(levels)]
    return loud


def stretches(
    loud: NDArray[np.bool_], *, bridge_s: float, least_s: float = 0.03
) -> list[tuple[int, int]]:
    """Runs of True as half-open ranges of hops, joined over gaps of `bridge_s` and less.

    Runs that are then shorter than `least_s` are left out: clicks.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(np.int8), [0]))))
    joined: list[tuple[int, int]] = []
    for first, end in edges.reshape(-1, 2).tolist():
        if joined and (first - joined[-1][1]) * HOP_S <= bridge_s:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return [(first, end) for first, end in joined if (end - first) * HOP_S >= least_s]


def speech_activity(
    levels: NDArray[np.float32], *, bridge_s: float = 0.2
) -> list[tuple[float, float]]:
    """Where there is speech, or something as loud: spans in seconds."""
    return [
        (first * HOP_S, end * HOP_S)
        for first, end in stretches(speaking(levels), bridge_s=bridge_s)
    ]


def utterances(
    samples: NDArray[np.float32], rate_hz: int, *, longest_s: float, pause_s: float = 0.3
) -> list[tuple[int, int]]:
    """Divides a sound at its pauses into pieces that are recognised one by one.

    A piece keeps up to half a second of what is around it: only long pauses are left out. Where
    somebody speaks for longer than `longest_s`, the quietest moment of the second half of that time
    divides.

    Returns:
        Half-open ranges of samples, in order, without overlap; none where it is quiet.
    """
    levels = levels_of(samples, rate_hz)
    return [
        (round(first * HOP_S * rate_hz), min(len(samples), round(end * HOP_S * rate_hz)))
        for first, end in _pieces(levels, longest_s, pause_s)
    ]


def _pieces(
    levels: NDArray[np.float32], longest_s: float, pause_s: float
) -> Iterator[tuple[int, int]]:
    loud = stretches(speaking(levels), bridge_s=pause_s, least_s=0.05)
    if not loud:
        return
    margin, longest = round(_MARGIN_S / HOP_S), round(longest_s / HOP_S)
    smooth = np.convolve(np.pad(levels, 2, mode="edge"), np.full(5, 0.2), "valid")
    ends = [0, *(end for _, end in loud)]
    begins = [*(first for first, _ in loud), len(levels)]
    for number, (first, end) in enumerate(loud):
        start = max(first - margin, (ends[number] + first) // 2)
        stop = min(end + margin, -(-(end + begins[number + 1]) // 2), len(levels))
        while stop - start > longest:
            half = start + longest // 2
            cut = half + int(np.argmin(smooth[half : start + longest]))
            yield start, cut
            start = cut
        yield start, stop


def quietest(levels: NDArray[np.float32], pause_s: float) -> int | None:
    """The middle of the last pause of at least `pause_s` in these levels, as a hop; or None."""
    silent = stretches(~speaking(levels), bridge_s=0.0, least_s=pause_s)
    if not silent:
        return None
    first, end = silent[-1]
    return (first + end) // 2
