"""Where a track went, in as few key frames as say it closely enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast.types import Origin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.types import Track

_LEAST_PX = 2.0
_SHARE = 0.05
_LONGEST = 256
"""Frames between two key frames at most."""


def path_of(track: Track) -> list[str]:
    """Key frames of a track, each ``time_us x y width height`` in whole displayed pixels.

    Between two of them every edge of the track's box is within 5 % of its size (or two pixels) of
    the straight line. Frames are left out from the front, as far as that holds (the opening window
    of Keogh et al., An Online Algorithm for Segmenting Time Series, 2001).
    """
    times = track.times_us.astype(np.float64)
    boxes = track.boxes
    edges = np.hstack((boxes[:, :2], boxes[:, :2] + boxes[:, 2:]))
    kept = [0]
    while kept[-1] < len(times) - 1:
        first = kept[-1]
        kept.append(_furthest(times, edges, first, min(first + _LONGEST, len(times) - 1)))
    return [_key(int(track.times_us[n]), boxes[n]) for n in kept]


def inferred_of(track: Track) -> list[str]:
    """Stretches in which a track was not seen and its box was held or followed, in order.

    Each is ``from_us to_us held`` or ``... flow``, half-open: from its first frame to just after
    its last. Frames that were filled in between two sightings are none: both ends were seen.
    """
    changes = np.flatnonzero(np.diff(track.origins)) + 1
    firsts = np.concatenate(([0], changes))
    lasts = np.concatenate((changes, [len(track.origins)])) - 1
    return [
        f"{int(track.times_us[first])} {int(track.times_us[last]) + 1} {origin.name.lower()}"
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
        if (origin := Origin(int(track.origins[first]))) in (Origin.HELD, Origin.FLOW)
    ]


def _furthest(
    times: NDArray[np.float64], edges: NDArray[np.float64], first: int, limit: int
) -> int:
    """The last frame to which a straight line from `first` stays close, by doubling and halving."""
    good, step = first + 1, 1
    while step and good < limit:
        following = min(good + step, limit)
        if _is_straight(times, edges, first, following):
            good, step = following, step * 2
        elif step == 1:
            break
        else:
            step //= 2
    return good


def _is_straight(
    times: NDArray[np.float64], edges: NDArray[np.float64], first: int, last: int
) -> bool:
    share = (times[first : last + 1] - times[first]) / (times[last] - times[first])
    line = edges[first] + share[:, None] * (edges[last] - edges[first])
    seen = edges[first : last + 1]
    allowed = np.maximum(_LEAST_PX, _SHARE * (seen[:, 2:] - seen[:, :2]))
    return bool((np.abs(seen - line) <= np.hstack((allowed, allowed))).all())


def _key(time_us: int, box: NDArray[np.float64]) -> str:
    x, y, width, height = (float(value) for value in box)
    left, top = int(x // 1), int(y // 1)
    right, bottom = int(-(-(x + width) // 1)), int(-(-(y + height) // 1))
    return f"{time_us} {left} {top} {right - left} {bottom - top}"
