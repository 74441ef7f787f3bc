"""Treatments: how covered pixels and sounds are destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.media.orientation import Orientation
    from veilcast.types import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Which samples a pixel treatment is given.

    Attributes:
        role: ``luma``, ``chroma`` (two of them) or ``rgb`` (one of three).
        component: 0, 1, 2: Y, Cb, Cr or R, G, B.
        depth: bits per sample.
        full_range: True for 0 to 2**depth - 1, False for studio range.
        step_x: displayed pixels per sample, across the plane's rows.
        step_y: the same, down.
        matrix: ``bt601``, ``bt709`` or ``bt2020``: how R, G, B become Y, Cb, Cr.
        box: where the whole cover lies, in samples counted from the first of those given: it can
            reach beyond them where it is partly outside the picture.
        orientation: how these samples, which are as stored, are turned for display.
    """

    role: Literal["luma", "chroma", "rgb"]
    component: int
    depth: int
    full_range: bool
    step_x: int
    step_y: int
    matrix: str
    box: Box
    orientation: Orientation


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelTreatment:
    """How covered pixels are destroyed.

    `apply` gets the samples of one component inside a cover's bounding rectangle (shape (rows,
    columns), unsigned 8 or 16 bit), and returns an array of the same shape and type. It may not
    keep state: the same samples always give the same answer.

    Attributes:
        name: as written in profiles, e.g. ``mosaic``.
        summary: one line for people.
        apply: see above; third argument: the cover's `params`.
        weak: True when published attacks undo it; said in the manifest.
    """

    name: str
    summary: str
    apply: Callable[[NDArray[Any], Plane, Mapping[str, Any]], NDArray[Any]]
    weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTreatment:
    """How covered sound is destroyed.

    `apply` gets samples as float64 in -1 to 1, shape (samples, channels), the sample rate in Hz,
    and the index of the first of these samples within the span together with the span's length, so
    that a tone is continuous over blocks. Nothing of the input may be left in what it returns.
    """

    name: str
    summary: str
    apply: Callable[[NDArray[np.float64], int, int, int], NDArray[np.float64]]
