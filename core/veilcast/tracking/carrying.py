"""How a marked thing moves between two pictures, by sparse optical flow.

Points are kept that come back to where they were (the forward-backward check of Z. Kalal,
K. Mikolajczyk, J. Matas, ICPR 2010) and on which most agree (RANSAC: M. Fischler, R. Bolles, 1981).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.tracking.poses import corners, inverse, then

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.tracking.poses import View

    Floats = NDArray[np.float64]

_POINTS, _GRID, _CENTRAL = 48, 5, 0.8
_FLOW: dict[str, Any] = {"winSize": (11, 11), "maxLevel": 3}
_RETURNS_WITHIN, _FITS_WITHIN = 1.0, 1.5
_LEAST_POINTS, _LEAST_SHARE = 8, 0.3
_MOST_STRETCH, _MOST_TURN = 1.2, 0.4


def carried(first: View, second: View, pose: Floats, size: Floats, shift: Floats) -> Floats | None:
    """Where the flow of points between two views of the same place takes a pose.

    Args:
        first: where the pose is known.
        second: where it is wanted.
        pose: of the mark.
        size: of the mark, (2,).
        shift: how far it is expected to move, in pixels of the picture, (2,).

    Returns:
        None where too few points agree.
    """
    import cv2

    points = _points(first, pose, size)
    start = points.reshape(-1, 1, 2).astype(np.float32)
    guess = start + (first.placed[:, :2] @ shift).astype(np.float32)
    use = cv2.OPTFLOW_USE_INITIAL_FLOW
    ahead, found, _ = cv2.calcOpticalFlowPyrLK(
        first.picture, second.picture, start, guess, flags=use, **_FLOW
    )
    back, returned, _ = cv2.calcOpticalFlowPyrLK(
        second.picture, first.picture, ahead, start.copy(), flags=use, **_FLOW
    )
    error = np.hypot(*(back - start).reshape(-1, 2).T)
    end = ahead.reshape(-1, 2).astype(np.float64)
    limit = np.asarray(first.picture.shape[::-1]) - 1
    good = (found.ravel() > 0) & (returned.ravel() > 0)
    good &= (error <= _RETURNS_WITHIN) & (end >= 0).all(axis=1) & (end <= limit).all(axis=1)
    if good.sum() < _LEAST_POINTS or good.mean() < _LEAST_SHARE:
        return None
    before, after = points[good] + 0.5, end[good] + 0.5
    moved, fits = cv2.estimateAffinePartial2D(
        before, after, method=cv2.RANSAC, ransacReprojThreshold=_FITS_WITHIN
    )
    if moved is None or fits.sum() < max(_LEAST_POINTS, _LEAST_SHARE * len(fits)):
        return None
    turn = abs(float(np.arctan2(moved[1, 0], moved[0, 0])))
    stretch = float(np.hypot(moved[0, 0], moved[1, 0]))
    if turn > _MOST_TURN or not 1 / _MOST_STRETCH <= stretch <= _MOST_STRETCH:
        return None
    return then(then(pose, first.placed), then(np.asarray(moved), inverse(first.placed)))


def _points(seen: View, pose: Floats, size: Floats) -> Floats:
    """Points (n, 2) on the mark, as far as it is in the view: grid and texture."""
    import cv2

    placed = then(pose, seen.placed)
    mask = np.zeros(seen.picture.shape, dtype=np.uint8)
    cv2.fillConvexPoly(mask, np.round(corners(placed, size)).astype(np.int32), 255)
    strong = cv2.goodFeaturesToTrack(seen.picture, _POINTS, 0.02, 3, mask=mask)
    share = np.linspace(-_CENTRAL, _CENTRAL, _GRID) / 2
    grid = np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2) * size
    points = grid @ placed[:, :2].T + placed[:, 2] - 0.5
    limit = np.asarray(seen.picture.shape[::-1]) - 1
    points = points[(points >= 0).all(axis=1) & (points <= limit).all(axis=1)]
    if strong is not None:
        points = np.concatenate((points, strong.reshape(-1, 2).astype(np.float64)))
    return np.asarray(points)
