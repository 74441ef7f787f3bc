"""Smoothing over time that only ever grows a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def _window_mean(values: Floats, low: Ints, high: Ints) -> Floats:
    """The mean of values[low:high] for each row; shape as `values`."""
    sums = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=sums[1:])
    return np.asarray((sums[high] - sums[low]) / (high - low)[:, None])


def _window_least(values: Floats, low: Ints, high: Ints) -> Floats:
    """The least of values[low:high] for each row, by doubling windows; shape as `values`."""
    level = np.frexp((high - low).astype(np.float64))[1] - 1
    least = np.empty_like(values)
    doubled = values
    for power in range(int(level.max()) + 1):
        size = 1 << power
        rows = np.flatnonzero(level == power)
        least[rows] = np.minimum(doubled[low[rows]], doubled[high[rows] - size])
        if size < len(doubled):
            doubled = np.minimum(doubled[:-size], doubled[size:])
    return least


def smooth_outward(times_us: Ints, edges: Floats, half_us: int) -> Floats:
    """Edges (n, 4) with jitter and pulsing taken out, each box containing the one it came from.

    The mean over a window follows steady motion without lag. What sticks out of it is jitter: its
    envelope (the least over a window, then the mean over a window of the same size, which can
    never exceed the value in the middle) is added back outward.
    """
    low = np.searchsorted(times_us, times_us - half_us, side="left")
    high = np.searchsorted(times_us, times_us + half_us, side="right")
    # With right and bottom negated, outward is downward for all four.
    outward = edges * (1.0, 1.0, -1.0, -1.0)
    mean = _window_mean(outward, low, high)
    envelope = _window_mean(_window_least(outward - mean, low, high), low, high)
    # The last minimum only absorbs rounding.
    return np.asarray(np.minimum(mean + envelope, outward) * (1.0, 1.0, -1.0, -1.0))
