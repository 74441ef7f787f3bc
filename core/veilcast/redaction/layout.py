"""Where the samples of each component lie in a pixel format's planes.

libav's own description of a format says which plane a component is in, its depth and its
subsampling. PyAV does not pass on the order of interleaved components or the position of the bits,
so the names of the interleaved formats are read here (libavutil/pixfmt.h says what they mean). A
name that is not understood is refused: nothing is written on a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import av
import numpy as np

from veilcast.errors import UnsupportedError

_PLANAR = re.compile(r"(?:yuv[aj]?4\d\dp|gbra?p|gray)(?:9|1[0246])?(?:le|be)?")
_SEMIPLANAR = re.compile(r"(?:nv(?:12|16|20|21|24|42)|(p)[024]1[026])(?:le|be)?")
_PACKED = {
    "rgb24": "rgb",
    "bgr24": "bgr",
    "rgba": "rgba",
    "bgra": "bgra",
    "argb": "argb",
    "abgr": "abgr",
    "rgb0": "rgb0",
    "bgr0": "bgr0",
    "0rgb": "0rgb",
    "0bgr": "0bgr",
    "rgb48": "rgb",
    "bgr48": "bgr",
    "rgba64": "rgba",
    "bgra64": "bgra",
    "ya8": "ya",
    "ya16": "ya",
    "yuyv422": "yuyv",
    "yvyu422": "yvyu",
    "uyvy422": "uyvy",
    "vuya": "vuya",
    "vuyx": "vuyx",
    "ayuv": "ayuv",
    "ayuv64": "ayuv",
}
"""The order of the components within a pixel (or a pair of pixels), as pixfmt.h gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """The samples of one colour component.

    Attributes:
        plane: which plane they are in.
        role: ``luma``, ``chroma`` or ``rgb``.
        index: 0, 1, 2: Y, Cb, Cr or R, G, B.
        depth: bits per sample.
        dtype: of one stored sample.
        shift: how far the bits are to the left within it.
        first: the position of the first sample in a row, in samples.
        every: from one sample of a row to the next, in samples.
        step_x: pixels per sample across.
        step_y: pixels per sample down.
    """

    plane: int
    role: Literal["luma", "chroma", "rgb"]
    index: int
    depth: int
    dtype: np.dtype[Any]
    shift: int
    first: int
    every: int
    step_x: int
    step_y: int


def supported(pix_fmt: str) -> bool:
    """Whether pictures in this pixel format can be covered."""
    try:
        components_of(pix_fmt)
    except UnsupportedError:
        return False
    return True


def _refusal(name: str) -> UnsupportedError:
    return UnsupportedError(
        f"Pictures in the pixel format {name} can't be covered without converting them; "
        "convert the input to yuv420p or rgb24 first."
    )


def _position(name: str, rgb: bool, index: int) -> tuple[int, int, bool]:
    """Where a component's samples start, their distance, and whether the high bits are used."""
    if _PLANAR.fullmatch(name):
        return 0, 1, False
    if match := _SEMIPLANAR.fullmatch(name):
        if index == 0:
            return 0, 1, match[1] is not None
        swapped = name in {"nv21", "nv42"}
        return (index - 1) ^ swapped, 2, match[1] is not None
    bare = re.sub(r"(?<=\d)[lb]e$", "", name)
    if order := _PACKED.get(bare):
        letter = ("rgb" if rgb else "yuv")[index]
        return order.index(letter), len(order) // order.count(letter), False
    raise _refusal(name)


@lru_cache(maxsize=64)
def components_of(pix_fmt: str) -> tuple[Component, ...]:
    """The colour components of a pixel format; alpha is left out.

    Raises:
        UnsupportedError: samples of this format can't be covered in place (palettes, single bits,
            mosaics of camera sensors, floats, XYZ, memory of a graphics card).
    """
    # A size that every subsampling divides.
    size = 64
    try:
        described = av.VideoFormat(pix_fmt, size, size)
    except ValueError as exc:
        raise _refusal(pix_fmt) from exc
    components = []
    for index, part in enumerate(described.components):
        if part.is_alpha:
            continue
        first, every, high = _position(pix_fmt, described.is_rgb, index)
        byte_order = ">" if described.is_big_endian else "<"
        components.append(
            Component(
                plane=part.plane,
                role="rgb" if described.is_rgb else "luma" if index == 0 else "chroma",
                index=index,
                depth=part.bits,
                dtype=np.dtype("u1" if part.bits == 8 else f"{byte_order}u2"),
                shift=16 - part.bits if high else 0,
                first=first,
                every=every,
                step_x=size // part.width,
                step_y=size // part.height,
            )
        )
    if not components:
        raise _refusal(pix_fmt)
    return tuple(components)
