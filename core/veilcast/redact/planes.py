"""Covering a decoded picture in its own planes: no conversion, nothing outside the covers changes.

A cover is always rounded outward, to whole samples in every plane: where chroma is subsampled, a
chroma sample of which one pixel is covered is covered as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.errors import PluginOutputError
from veilcast.extensions import Plane
from veilcast.media.orientation import Orientation
from veilcast.redact.covers import treatment_named
from veilcast.redact.layout import components_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from av import VideoFrame
    from av.video.plane import VideoPlane
    from numpy.typing import NDArray

    from veilcast.extensions import PixelTreatment
    from veilcast.redact.layout import Component
    from veilcast.types import Box, Cover

UPRIGHT = Orientation()

_MATRICES = {1: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}
"""By MatrixCoefficients of ITU-T H.273, which libav uses for its `colorspace`."""

_RANGE_UNKNOWN, _RANGE_FULL = 0, 2
_HD_HEIGHT = 720

_SLACK = 1e-9
"""A sample that the ellipse touches is inside, whatever the last bit of a float says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Area:
    """Whole pixels or samples, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """How a component's samples lie over the picture's pixels.

    In interlaced 4:2:0 a chroma row belongs to two rows of its own field, so two chroma rows share
    four rows of pixels in turn (ITU-T H.264, 6.2).
    """

    step_x: int
    step_y: int
    interlaced: bool

    def area(self, pixels: _Area, rows: int) -> _Area:
        """The samples that touch these pixels, of a plane with so many rows."""
        height = 2 * self.step_y if self.interlaced else self.step_y
        in_each = 2 if self.interlaced else 1
        return _Area(
            left=pixels.left // self.step_x,
            top=pixels.top // height * in_each,
            right=-(-pixels.right // self.step_x),
            bottom=min(-(-pixels.bottom // height) * in_each, rows),
        )

    def ellipse(self, box: Box, samples: _Area, width: int, height: int) -> NDArray[np.bool_]:
        """Which of these samples have any part of their pixels inside the box's ellipse."""
        left = np.arange(samples.left, samples.right) * self.step_x
        row = np.arange(samples.top, samples.bottom)
        if self.interlaced:
            top = row // 2 * 2 * self.step_y + row % 2
            bottom = top + 2 * self.step_y - 1
        else:
            top = row * self.step_y
            bottom = top + self.step_y
        right, bottom = np.minimum(left + self.step_x, width), np.minimum(bottom, height)
        centre, half = box.x + box.width / 2, box.width / 2
        down = _distance(top, bottom, box.y + box.height / 2) / (box.height / 2)
        # How far from the centre each row reaches; -inf where it misses the ellipse altogether.
        room = 1 + _SLACK - down**2
        reach = np.where(room >= 0, half * np.sqrt(np.maximum(room, 0)), -np.inf)
        # 16 bits hold the number of any column, and half as many bytes are compared.
        start = np.searchsorted(right, centre - reach, side="left").astype(np.uint16)
        stop = np.searchsorted(left, centre + reach, side="right").astype(np.uint16)
        columns = np.arange(len(left), dtype=np.uint16)
        inside: NDArray[np.bool_] = (columns >= start[:, None]) & (columns < stop[:, None])
        return inside


def _distance(start: NDArray[np.intp], end: NDArray[np.intp], point: float) -> NDArray[np.float64]:
    """From a point to the nearest point of each interval."""
    nearest: NDArray[np.float64] = np.maximum(np.maximum(start - point, point - end), 0.0)
    return nearest


def apply_covers(
    frame: VideoFrame,
    covers: Sequence[Cover],
    treatments: Mapping[str, PixelTreatment],
    orientation: Orientation = UPRIGHT,
) -> bool:
    """Covers a decoded picture in place, in the given order.

    Args:
        frame: as the decoder gave it (as stored, not turned); made writable when needed.
        covers: with boxes in displayed pixels; they may reach outside the picture.
        treatments: by name.
        orientation: how this picture is displayed.

    Returns:
        Whether any cover touched the picture.

    Raises:
        UnsupportedError: pictures of this pixel format can't be covered.
        SettingError: a cover names a treatment that is not there.
        PluginOutputError: a treatment did not return samples like those it was given.
    """
    components = components_of(frame.format.name)
    size = orientation.displayed_size(frame.width, frame.height)
    work = []
    for cover in covers:
        box = orientation.box_to_stored(cover.box, *size)
        pixels = _pixels(box, frame.width, frame.height)
        if pixels is not None:
            work.append((cover, treatment_named(treatments, cover.treatment), box, pixels))
    if not work:
        return False

    frame.make_writable()
    planes = frame.planes
    matrix, full_range = _colour(frame)
    interlaced = bool(frame.interlaced_frame)
    targets = [
        (
            component,
            _samples(planes[component.plane], component, frame.width, frame.height),
            _Grid(
                step_x=component.step_x,
                step_y=component.step_y,
                interlaced=interlaced and component.step_y == 2,
            ),
            Plane(
                role=component.role,
                component=component.index,
                depth=component.depth,
                full_range=full_range,
                step_x=component.step_x,
                step_y=component.step_y,
                matrix=matrix,
            ),
        )
        for component in components
    ]
    for cover, treatment, box, pixels in work:
        masks: dict[_Grid, NDArray[np.bool_]] = {}
        for component, samples, grid, plane in targets:
            area = grid.area(pixels, samples.shape[0])
            target = samples[area.top : area.bottom, area.left : area.right]
            result = _treated(target, component, plane, treatment, cover.params)
            if cover.shape == "rectangle":
                target[...] = result
                continue
            if grid not in masks:
                masks[grid] = grid.ellipse(box, area, frame.width, frame.height)
            _put(target, result, masks[grid])
    return True


def _put(target: NDArray[Any], result: NDArray[Any], mask: NDArray[np.bool_]) -> None:
    """Write where the mask is set; by OpenCV where it takes the layout, which is far quicker."""
    plain = target.dtype.isnative and target.strides[1] == target.itemsize
    if plain and target.strides[0] > 0:
        import cv2

        cv2.copyTo(result, mask.view(np.uint8), target)
    else:
        np.copyto(target, result, where=mask)


def _treated(
    target: NDArray[Any],
    component: Component,
    plane: Plane,
    treatment: PixelTreatment,
    params: Mapping[str, Any],
) -> NDArray[Any]:
    """What takes the place of these samples, as it is to be stored."""
    # A copy in the machine's byte order: a treatment has no way to write outside the mask.
    given = target.astype(target.dtype.newbyteorder("="))
    if component.shift:
        given >>= component.shift
    shape, dtype = given.shape, given.dtype
    result = treatment.apply(given, plane, params)
    if (
        not isinstance(result, np.ndarray)
        or (result.shape, result.dtype) != (shape, dtype)
        or (component.depth < dtype.itemsize * 8 and result.max() >> component.depth)
    ):
        raise PluginOutputError(
            f"The treatment {treatment.name} returned samples of another shape, type or depth "
            "than it was given; remove its plugin or choose another treatment."
        )
    return result << component.shift if component.shift else result


def _pixels(box: Box, width: int, height: int) -> _Area | None:
    """The whole pixels of the picture that a box touches."""
    left, top = max(floor(box.x), 0), max(floor(box.y), 0)
    right, bottom = min(ceil(box.right), width), min(ceil(box.bottom), height)
    if right <= left or bottom <= top:
        return None
    return _Area(left=left, top=top, right=right, bottom=bottom)


def _samples(plane: VideoPlane, component: Component, width: int, height: int) -> NDArray[Any]:
    """A component's samples as an array over the plane's own memory, shape (rows, columns)."""
    rows, columns = -(-height // component.step_y), -(-width // component.step_x)
    item, line_size = component.dtype.itemsize, plane.line_size
    offset = component.first * item
    if line_size < 0:
        # The bottom row comes first in memory.
        offset -= (rows - 1) * line_size
    return np.ndarray(
        (rows, columns),
        component.dtype,
        buffer=memoryview(plane),
        offset=offset,
        strides=(line_size, component.every * item),
    )


def _colour(frame: VideoFrame) -> tuple[str, bool]:
    """The matrix and whether the range is full. What is not said is taken as players take it."""
    name = frame.format.name
    matrix = _MATRICES.get(int(frame.colorspace))
    if matrix is None:
        matrix = "bt709" if frame.height >= _HD_HEIGHT else "bt601"
    range_ = int(frame.color_range)
    grey = name.startswith(("gray", "ya"))
    full = (
        name.startswith("yuvj")
        or frame.format.is_rgb
        or range_ == _RANGE_FULL
        or (grey and range_ == _RANGE_UNKNOWN)
    )
    return matrix, full
