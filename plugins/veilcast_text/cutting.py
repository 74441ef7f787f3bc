"""Lines cut out of a picture and turned level, and whether two of them look the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.plugin import Picture

    Floats = NDArray[np.float64]

_SIDE = 16
SIGN = 512
"""Numbers in the sign of a line."""
_MOST_ACROSS = 512
_ALIKE_AT_ALL, _ALIKE, _LEAST_CONTRAST, _FAINTER = 0.7, 0.55, 8.0, 0.35
_DOWN, _ACROSS = 2, 5
_MOST_PX = 4096
_CUBIC_UNDER_PX = 40.0


def size_of(quad: Floats) -> tuple[float, float]:
    """How long and how high a line is, px."""
    sides = np.hypot(*(np.roll(quad, -1, axis=0) - quad).T)
    return float(sides[0] + sides[2]) / 2, float(sides[1] + sides[3]) / 2


def turned_over(quad: Floats) -> Floats:
    """The same place, read the other way round."""
    return np.roll(quad, 2, axis=0)


def cut(picture: Picture, quad: Floats) -> Picture:
    """What is inside a quadrilateral, level; beyond the picture its edge goes on."""
    import cv2

    across, down = (min(_MOST_PX, max(1, round(side))) for side in size_of(quad))
    corners = np.asarray([(0, 0), (across, 0), (across, down), (0, down)], dtype=np.float32)
    way = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    method = cv2.INTER_CUBIC if down < _CUBIC_UNDER_PX else cv2.INTER_LINEAR
    level = cv2.warpPerspective(
        picture, way, (across, down), flags=method, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(level, dtype=np.uint8)


def looks_of(level: Picture) -> NDArray[np.float32]:
    """A small grey copy by which a line is known again, shape (16, n)."""
    import cv2

    height, width = level.shape[:2]
    across = max(_SIDE, min(_MOST_ACROSS, round(width * _SIDE / max(1, height))))
    grey = cv2.cvtColor(level, cv2.COLOR_RGB2GRAY)
    return np.asarray(
        cv2.resize(grey, (across, _SIDE), interpolation=cv2.INTER_AREA), dtype=np.float32
    )


def sign_of(looks: NDArray[np.float32]) -> NDArray[np.float32]:
    """A small copy as a unit vector, shape (SIGN,): the product of two is how alike they are."""
    import cv2

    small = cv2.resize(looks, (SIGN // 8, 8), interpolation=cv2.INTER_AREA).ravel()
    small = small - small.mean()
    return np.asarray(small / max(float(np.linalg.norm(small)), 1e-6), dtype=np.float32)


def same_looks(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    """Whether two small copies show the same words, in every part of the line.

    They may be blurred by movement and cut out a little aside of each other. One digit that has
    become another like it is not always noticed: what it belongs to is the same.
    """
    import cv2

    wide, other = first.shape[1], second.shape[1]
    if max(wide, other) > 1.15 * min(wide, other) + 2:
        return False
    if wide != other:
        second = np.asarray(cv2.resize(second, (wide, _SIDE)), dtype=np.float32)
    inner = second[_DOWN:-_DOWN, _ACROSS:-_ACROSS]
    likeness = cv2.matchTemplate(first, inner, cv2.TM_CCOEFF_NORMED)
    _, best, _, (across, down) = cv2.minMaxLoc(likeness)
    if best < _ALIKE_AT_ALL:
        return False
    height, width = inner.shape
    shown = first[down : down + height, across : across + width]
    parts = max(1, width // _SIDE)
    return all(
        _alike(one, two)
        for one, two in zip(
            np.array_split(shown, parts, axis=1), np.array_split(inner, parts, axis=1), strict=True
        )
    )


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    a, b = one - one.mean(), other - other.mean()
    spread = float(a.std()), float(b.std())
    if max(spread) < _LEAST_CONTRAST:
        return True
    return min(spread) >= _FAINTER * max(spread) and float((a * b).mean()) >= (
        _ALIKE * spread[0] * spread[1]
    )
