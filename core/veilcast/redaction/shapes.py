"""Which samples a cover's shape touches, and how far the others are from it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.types import Box

    Floats = NDArray[np.float64]

GROWTH = {"rectangle": 0.0, "rounded": (sqrt(2) - 1) ** 2 / 2, "ellipse": (sqrt(2) - 1) / 2}
"""By what share of a box each side has to move out for the shape to contain the box's corners."""

ALPHA_BITS = 14
"""A fade in steps of 1 / 2**14: with 16-bit samples the sums fit in 32 bits."""

_CORNER = 1 / 4
"""Radius of the corners of a rounded rectangle, as a share of its shorter side."""

_SLACK = 1e-9
"""A sample that the shape touches is inside, whatever the last bit of a float says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Whole pixels or samples, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def within(self, other: Area) -> tuple[slice, slice]:
        """Its rows and columns, counted from the corner of another area that contains it."""
        return (
            slice(self.top - other.top, self.bottom - other.top),
            slice(self.left - other.left, self.right - other.left),
        )


def pixels_of(box: Box, width: int, height: int) -> Area | None:
    """The whole pixels of a picture of this size that a box touches, or None."""
    left, top = max(floor(box.x), 0), max(floor(box.y), 0)
    right, bottom = min(ceil(box.right), width), min(ceil(box.bottom), height)
    if right <= left or bottom <= top:
        return None
    return Area(left=left, top=top, right=right, bottom=bottom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """How a component's samples lie over the picture's pixels.

    In interlaced 4:2:0 a chroma row belongs to two rows of its own field, so two chroma rows share
    four rows of pixels in turn (ITU-T H.264, 6.2).

    Attributes:
        step_x: pixels per sample across.
        step_y: pixels per sample down.
        interlaced: see above.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
    """

    step_x: int
    step_y: int
    interlaced: bool
    width: int
    height: int

    def area(self, pixels: Area) -> Area:
        """The samples that touch these pixels."""
        height = 2 * self.step_y if self.interlaced else self.step_y
        in_each = 2 if self.interlaced else 1
        rows = -(-self.height // self.step_y)
        return Area(
            left=pixels.left // self.step_x,
            top=pixels.top // height * in_each,
            right=-(-pixels.right // self.step_x),
            bottom=min(-(-pixels.bottom // height) * in_each, rows),
        )

    def touched(self, shape: str, box: Box, samples: Area) -> NDArray[np.bool_]:
        """Which of these samples have any part of their pixels inside the box's shape."""
        left, right, top, bottom = self._pixels(samples)
        centre = box.x + box.width / 2
        reach = _reach(shape, box, _distance(top, bottom, box.y + box.height / 2))
        # 16 bits hold the number of any column, and half as many bytes are compared.
        start = np.searchsorted(right, centre - reach, side="left").astype(np.uint16)
        stop = np.searchsorted(left, centre + reach, side="right").astype(np.uint16)
        columns = np.arange(len(left), dtype=np.uint16)
        inside: NDArray[np.bool_] = (columns >= start[:, None]) & (columns < stop[:, None])
        return inside

    def alpha(self, shape: str, box: Box, samples: Area, feather_px: float) -> NDArray[np.uint32]:
        """How much of the cover these samples get, in units of 1 / 2**ALPHA_BITS.

        All at the shape's edge, nothing `feather_px` outside it, evenly in between.
        """
        left, right, top, bottom = self._pixels(samples)
        across = _distance(left, right, box.x + box.width / 2)[None, :]
        down = _distance(top, bottom, box.y + box.height / 2)[:, None]
        share = np.maximum(1 - _faded(shape, box, across, down, feather_px), 0)
        return np.asarray(share * (1 << ALPHA_BITS)).astype(np.uint32)

    def _pixels(self, samples: Area) -> tuple[NDArray[np.intp], ...]:
        """Where the pixels of each column (left, right) and row (top, bottom) start and end."""
        left = np.arange(samples.left, samples.right) * self.step_x
        row = np.arange(samples.top, samples.bottom)
        if self.interlaced:
            top = row // 2 * 2 * self.step_y + row % 2
            bottom = top + 2 * self.step_y - 1
        else:
            top = row * self.step_y
            bottom = top + self.step_y
        right, bottom = np.minimum(left + self.step_x, self.width), np.minimum(bottom, self.height)
        return left, right, top, bottom


def _distance(start: NDArray[np.intp], end: NDArray[np.intp], point: float) -> Floats:
    """From a point to the nearest point of each interval."""
    nearest: Floats = np.maximum(np.maximum(start - point, point - end), 0.0)
    return nearest


def _radius(shape: str, box: Box) -> float:
    return min(box.width, box.height) * _CORNER if shape == "rounded" else 0.0


def _reach(shape: str, box: Box, down: Floats) -> Floats:
    """How far from its middle a shape reaches across, at these distances down from its middle.

    -inf where it is missed altogether.
    """
    across, half = box.width / 2, box.height / 2
    if shape == "ellipse":
        room = 1 + _SLACK - (down / half) ** 2
        reach = across * np.sqrt(np.maximum(room, 0))
    else:
        radius = _radius(shape, box)
        corner = np.maximum(down - (half - radius), 0)
        room = radius**2 * (1 + _SLACK) + _SLACK - corner**2
        reach = across - radius + np.sqrt(np.maximum(room, 0))
    return np.where(room >= 0, reach, -np.inf)


def _faded(shape: str, box: Box, across: Floats, down: Floats, feather_px: float) -> Floats:
    """How far points are from a shape, in `feather_px`, given their distances from its middle.

    Around an ellipse it rises evenly outward from the middle, up to an ellipse whose axes are
    `feather_px` longer on each side.
    """
    half_x, half_y = box.width / 2, box.height / 2
    if shape == "ellipse":
        inner = np.sqrt((across / half_x) ** 2 + (down / half_y) ** 2)
        outer = np.sqrt((across / (half_x + feather_px)) ** 2 + (down / (half_y + feather_px)) ** 2)
        return np.asarray(np.maximum(inner - 1, 0) * outer / np.maximum(inner - outer, 1e-12))
    radius = _radius(shape, box)
    beyond_x = np.maximum(across - (half_x - radius), 0)
    beyond_y = np.maximum(down - (half_y - radius), 0)
    distance = np.sqrt(beyond_x**2 + beyond_y**2) - radius
    return np.asarray(np.maximum(distance, 0) / feather_px)
