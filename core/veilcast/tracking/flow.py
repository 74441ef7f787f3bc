"""Following boxes through pictures by optical flow.

Median flow with a forward-backward check: Z. Kalal, K. Mikolajczyk, J. Matas, "Forward-Backward
Error: Automatic Detection of Tracking Failures" (ICPR 2010), over the pyramidal Lucas-Kanade
tracker of J.-Y. Bouguet (2000).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FLOW_SIDE = 640
"""Pictures are followed with the longer side at most this long, px."""

_WINDOW = (11, 11)
_LEVELS = 3
_GRID = 5
_CENTRAL = 0.7
_LEAST_SIDE = 6.0
_RETURNS_WITHIN = 1.0
_LEAST_POINTS = 0.4
_MOST_STEP = 1.5
_SCALE_STEP = 0.08
_SCALED_FROM = 20.0
_PATCH = 16
_ALIKE = 0.5
_INSIDE = 0.25


class Grey(NamedTuple):
    """One picture to follow through.

    Attributes:
        time_us: of the frame.
        picture: uint8, shape (height, width).
    """

    time_us: int
    picture: NDArray[np.uint8]


class Followed(NamedTuple):
    """Edges (n, 4) in the next picture, and which of them can be relied on."""

    edges: Floats
    sure: NDArray[np.bool_]


def step(first: Grey, second: Grey, edges: Floats) -> Followed:
    """Follow boxes from one picture to another that is near in time (later or earlier).

    Args:
        first: where the boxes are known.
        second: where they are wanted; of the same size.
        edges: left, top, right, bottom in pixels of the pictures, shape (n, 4).

    Returns:
        A box that can't be relied on stays where it was.
    """
    import cv2

    count = len(edges)
    if not count:
        return Followed(edges, np.zeros(0, dtype=np.bool_))
    points = _points(edges)
    height, width = first.picture.shape
    # The cost is that of the pictures' pyramids: only the part that matters is looked at.
    rows, columns, corner = _surroundings(edges, width, height)
    one, other = first.picture[rows, columns], second.picture[rows, columns]
    start = (points - corner).reshape(-1, 1, 2).astype(np.float32)
    flow = partial(cv2.calcOpticalFlowPyrLK, winSize=_WINDOW, maxLevel=_LEVELS)
    ahead, found, _ = flow(one, other, start, np.empty_like(start))
    back, returned, _ = flow(other, one, ahead, np.empty_like(start))
    error = np.hypot(*(back - start).reshape(-1, 2).T).reshape(count, -1)
    known = np.asarray(found) & np.asarray(returned)
    good = (known.reshape(count, -1) > 0) & (error <= _RETURNS_WITHIN)
    # The border tells nothing of what is beyond it.
    end = ahead.reshape(count, -1, 2).astype(np.float64) + corner
    for place in (points, end):
        good &= ((place >= 0) & (place <= (width - 1, height - 1))).all(axis=2)
    moved = np.where(good[..., None], end - points, np.nan)
    enough = good.mean(axis=1) >= _LEAST_POINTS
    shift = np.zeros((count, 2))
    shift[enough] = np.nanmedian(moved[enough], axis=1)
    size = edges[:, 2:] - edges[:, :2]
    centre = (edges[:, :2] + edges[:, 2:]) / 2 + shift
    scaled = size * _scale(points, end, good, enough & (size.min(axis=1) >= _SCALED_FROM))[:, None]
    result = np.concatenate((centre - scaled / 2, centre + scaled / 2), axis=1)
    sure = enough & (np.hypot(*shift.T) <= _MOST_STEP * size.max(axis=1))
    # What moved on wholly beyond the border is no longer there.
    sure &= _inside_share(result, width, height) >= _INSIDE
    return Followed(np.where(sure[:, None], result, edges), sure)


def _surroundings(edges: Floats, width: int, height: int) -> tuple[slice, slice, Floats]:
    """Rows and columns of the part around all boxes into which they may move, and its corner."""
    reach = (edges[:, 2:] - edges[:, :2]).max(axis=1) + 2 * _WINDOW[0]
    limit = (width - 1, height - 1)
    low = np.clip(np.floor((edges[:, :2] - reach[:, None]).min(axis=0)), 0, limit).astype(int)
    high = np.ceil((edges[:, 2:] + reach[:, None]).max(axis=0)).astype(int)
    high = np.maximum(np.minimum(high, (width, height)), low + 1)
    return slice(low[1], high[1]), slice(low[0], high[0]), low.astype(np.float64)


def _points(edges: Floats) -> Floats:
    """A grid over the middle of each box, shape (n, points, 2)."""
    share = (np.linspace(-_CENTRAL, _CENTRAL, _GRID) / 2).astype(np.float64)
    offsets = np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2)
    centre = (edges[:, :2] + edges[:, 2:]) / 2
    size = np.maximum(edges[:, 2:] - edges[:, :2], _LEAST_SIDE)
    return np.asarray(centre[:, None] + offsets * size[:, None])


def _scale(points: Floats, end: Floats, good: NDArray[np.bool_], which: NDArray[Any]) -> Floats:
    """By how much each box grew: the median over its good points' distances from their middle."""
    factor = np.ones(len(points))
    for index in np.flatnonzero(which).tolist():
        kept = good[index]
        before, after = points[index][kept], end[index][kept]
        spread = np.hypot(*(before - np.median(before, axis=0)).T)
        spread_after = np.hypot(*(after - np.median(after, axis=0)).T)
        far = spread > spread.max() / 3
        if far.sum() >= 4:
            factor[index] = float(np.median(spread_after[far] / spread[far]))
    return np.clip(factor, 1 - _SCALE_STEP, 1 + _SCALE_STEP)


def _inside_share(edges: Floats, width: int, height: int) -> Floats:
    low = np.maximum(edges[:, :2], 0.0)
    high = np.minimum(edges[:, 2:], (width, height))
    inside = np.prod(np.maximum(high - low, 0.0), axis=1)
    return np.asarray(inside / np.prod(edges[:, 2:] - edges[:, :2], axis=1))


def patch(picture: Grey, edges: Floats) -> NDArray[np.float32]:
    """What a box (4,) shows, shape (16, 16), to be compared with `alike`."""
    import cv2

    size = np.maximum(edges[2:] - edges[:2], _LEAST_SIDE)
    centre = (edges[:2] + edges[2:]) / 2
    scale = size / _PATCH
    # Warping samples points: what is much larger is smoothed first, by the pyramid's own levels.
    level = int(np.clip(np.floor(np.log2(max(1.0, float(scale.min())))), 0, _LEVELS))
    layer: NDArray[Any] = picture.picture
    for _ in range(level):
        layer = cv2.pyrDown(layer)
    to_layer = np.asarray((layer.shape[1], layer.shape[0])) / picture.picture.shape[::-1]
    scale, low = scale * to_layer, (centre - size / 2) * to_layer
    matrix = np.asarray([[scale[0], 0, low[0]], [0, scale[1], low[1]]], dtype=np.float64)
    taken = cv2.warpAffine(
        layer,
        matrix,
        (_PATCH, _PATCH),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(taken, dtype=np.float32)


def alike(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    """Whether two patches show the same thing, whatever the light (normalised correlation)."""
    one, other = first - first.mean(), second - second.mean()
    power = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return power > 0 and float((one * other).sum()) >= _ALIKE * power
