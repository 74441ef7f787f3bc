"""Covering a decoded picture in its own planes: no conversion, nothing outside the covers changes.

A cover is always rounded outward, to whole samples in every plane: where chroma is subsampled, a
chroma sample of which one pixel is covered is covered as a whole. Only outside of that does a
cover fade: feathering takes nothing away from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.errors import PluginOutputError
from veilcast.extensions import Plane
from veilcast.media.orientation import Orientation
from veilcast.redaction.covers import treatment_named
from veilcast.redaction.layout import components_of
from veilcast.redaction.shapes import ALPHA_BITS, Area, Grid, pixels_of
from veilcast.types import Box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from av import VideoFrame
    from av.video.plane import VideoPlane
    from numpy.typing import NDArray

    from veilcast.extensions import PixelTreatment
    from veilcast.redaction.layout import Component
    from veilcast.types import Cover

UPRIGHT = Orientation()

_MATRICES = {1: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}
"""By MatrixCoefficients of ITU-T H.273, which libav uses for its `colorspace`."""

_RANGE_UNKNOWN, _RANGE_FULL = 0, 2
_HD_HEIGHT = 720


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
        pixels = pixels_of(box, frame.width, frame.height)
        if pixels is not None:
            work.append((cover, treatment_named(treatments, cover.treatment), box, pixels))
    if not work:
        return False

    frame.make_writable()
    layers, coding = _layers(frame, components), _coding(frame)
    for cover, treatment, box, pixels in work:
        for layer in layers:
            grid = layer.grid
            area = grid.area(pixels)
            lies = _in_samples(box, grid, area)
            around, shares = _shares(grid, cover, box, area)
            for component, samples in layer.parts:
                plane = Plane(
                    role=component.role,
                    component=component.index,
                    depth=component.depth,
                    full_range=coding.full_range,
                    step_x=component.step_x,
                    step_y=component.step_y,
                    matrix=coding.matrix,
                    box=lies,
                    orientation=orientation,
                )
                target = samples[area.top : area.bottom, area.left : area.right]
                result = _treated(target, component, plane, treatment, cover.params)
                if shares is None:
                    target[...] = _stored(result, component)
                elif around is None:
                    _put(target, _stored(result, component), shares)
                else:
                    target = samples[around.top : around.bottom, around.left : around.right]
                    _blend(target, component, result, area.within(around), shares)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """The components whose samples lie in the same way, with their samples in place."""

    grid: Grid
    parts: list[tuple[Component, NDArray[Any]]]


def _layers(frame: VideoFrame, components: Sequence[Component]) -> list[_Layer]:
    planes, interlaced = frame.planes, bool(frame.interlaced_frame)
    layers: dict[tuple[int, int], _Layer] = {}
    for component in components:
        step = component.step_x, component.step_y
        if step not in layers:
            grid = Grid(
                step_x=component.step_x,
                step_y=component.step_y,
                interlaced=interlaced and component.step_y == 2,
                width=frame.width,
                height=frame.height,
            )
            layers[step] = _Layer(grid=grid, parts=[])
        samples = _samples(planes[component.plane], component, frame.width, frame.height)
        layers[step].parts.append((component, samples))
    return list(layers.values())


def _widened(box: Box, by: float) -> Box:
    return Box(x=box.x - by, y=box.y - by, width=box.width + 2 * by, height=box.height + 2 * by)


def _in_samples(box: Box, grid: Grid, area: Area) -> Box:
    """A box of the picture in samples, counted from the corner of an area."""
    return Box(
        x=box.x / grid.step_x - area.left,
        y=box.y / grid.step_y - area.top,
        width=box.width / grid.step_x,
        height=box.height / grid.step_y,
    )


def _put(target: NDArray[Any], result: NDArray[Any], mask: NDArray[np.bool_]) -> None:
    """Write where the mask is set; by OpenCV where it takes the layout, which is far quicker."""
    plain = target.dtype.isnative and target.strides[1] == target.itemsize
    if plain and target.strides[0] > 0:
        import cv2

        cv2.copyTo(result, mask.view(np.uint8), target)
    else:
        np.copyto(target, result, where=mask)


def _shares(
    grid: Grid, cover: Cover, box: Box, area: Area
) -> tuple[Area | None, NDArray[Any] | None]:
    """How much of the cover each sample gets.

    Returns:
        None and None: all of it. None and a mask of the area: all or nothing. A larger area and
        its shares in units of 1 / 2**ALPHA_BITS: less and less outside of what the shape touches.
    """
    mask = None if cover.shape == "rectangle" else grid.touched(cover.shape, box, area)
    if not cover.feather_px > 0:
        return None, mask
    pixels = pixels_of(_widened(box, cover.feather_px), grid.width, grid.height)
    around = area if pixels is None else grid.area(pixels)
    shares = grid.alpha(cover.shape, box, around, cover.feather_px)
    shares[area.within(around)][... if mask is None else mask] = 1 << ALPHA_BITS
    return around, shares


def _blend(
    target: NDArray[Any],
    component: Component,
    result: NDArray[Any],
    where: tuple[slice, slice],
    shares: NDArray[np.uint32],
) -> None:
    """Fade the treated samples, continued outward, into those around them."""
    rows, columns = where
    margins = [
        (rows.start, shares.shape[0] - rows.stop),
        (columns.start, shares.shape[1] - columns.stop),
    ]
    treated = np.pad(result, margins, mode="edge").astype(np.uint32)
    there = target.astype(np.uint32) >> component.shift
    whole = 1 << ALPHA_BITS
    mixed = (treated * shares + there * (whole - shares) + whole // 2) >> ALPHA_BITS
    target[...] = _stored(mixed.astype(result.dtype), component)


def _stored(samples: NDArray[Any], component: Component) -> NDArray[Any]:
    return samples << component.shift if component.shift else samples


def _treated(
    target: NDArray[Any],
    component: Component,
    plane: Plane,
    treatment: PixelTreatment,
    params: Mapping[str, Any],
) -> NDArray[Any]:
    """What takes the place of these samples."""
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
    return result


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coding:
    """How R'G'B' becomes samples, as `Plane` says it."""

    matrix: str
    full_range: bool


def _coding(frame: VideoFrame) -> _Coding:
    """What is not said is taken as players take it."""
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
    return _Coding(matrix=matrix, full_range=full)
