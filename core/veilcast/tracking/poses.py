"""Poses of marked things, and parts of pictures at the scale at which they are looked at.

A *pose* is a similarity, shape (2, 3): it takes points of a mark, in pixels from its middle, to
points of a picture. Points are in pixels with the origin at the corner of the first one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]

_ONE = np.asarray((0.0, 0.0, 1.0))


def then(first: Floats, second: Floats) -> Floats:
    """The affine map (2, 3) that does one and then the other."""
    return np.asarray(second @ np.vstack((first, _ONE)))


def inverse(matrix: Floats) -> Floats:
    """The affine map back, shape (2, 3)."""
    back = np.linalg.inv(matrix[:, :2])
    return np.column_stack((back, -back @ matrix[:, 2]))


def similarity(scale: float, angle: float, middle: Floats) -> Floats:
    """The pose of this scale and angle (radians) with its middle here."""
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    return np.asarray([[cos, -sin, middle[0]], [sin, cos, middle[1]]])


def scale_of(pose: Floats) -> float:
    """Pixels of the picture per pixel of the mark."""
    return float(np.hypot(pose[0, 0], pose[1, 0]))


def angle_of(pose: Floats) -> float:
    """By how much it is turned, radians, clockwise as seen."""
    return float(np.arctan2(pose[1, 0], pose[0, 0]))


def corners(pose: Floats, size: Floats) -> Floats:
    """The corners of a mark of this size, shape (4, 2)."""
    signs = np.asarray(((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)))
    return np.asarray(signs * size @ pose[:, :2].T + pose[:, 2])


def edges_of(pose: Floats, size: Floats) -> Floats:
    """The edges (4,) that enclose it."""
    points = corners(pose, size)
    return np.concatenate((points.min(axis=0), points.max(axis=0)))


class View(NamedTuple):
    """A part of a picture at another scale, and the map from points of the picture to its own."""

    picture: Bytes
    placed: Floats


def view(picture: Bytes, edges: Floats, scale: float) -> View:
    """The part within these edges as far as it is inside the picture."""
    import cv2

    height, width = picture.shape
    left, top = np.clip(np.floor(edges[:2]), 0, (width - 1, height - 1)).astype(int).tolist()
    right, bottom = np.ceil(edges[2:]).astype(int).tolist()
    part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    rows, columns = part.shape
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    across, down = size[0] / columns, size[1] / rows
    placed = np.asarray([[across, 0.0, -left * across], [0.0, down, -top * down]])
    return View(np.asarray(cv2.resize(part, size, interpolation=how), dtype=np.uint8), placed)


def at_centres(matrix: Floats) -> Floats:
    """The same map for points counted from the middle of the first pixel, as OpenCV does."""
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return moved


def from_centres(matrix: Floats) -> Floats:
    """The other way round."""
    moved = matrix.astype(np.float64)
    moved[:, 2] += 0.5 - moved[:, :2] @ (0.5, 0.5)
    return moved


def nearest_similarity(matrix: Floats) -> Floats:
    """The pose that is nearest to an affine map (2, 3)."""
    along, turned = matrix[0, 0] + matrix[1, 1], matrix[1, 0] - matrix[0, 1]
    return similarity(
        float(np.hypot(along, turned)) / 2, float(np.arctan2(turned, along)), matrix[:, 2]
    )
