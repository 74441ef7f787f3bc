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
class SoundPart:
    """Which samples a sound treatment is given: a part of a span, since sound comes in blocks.

    Attributes:
        rate_hz: samples per second.
        start: the span's first sample, counted from the presentation start.
        length: how many samples the whole span has.
        position: the first of the samples given, counted from the span's first.
        level_dbfs: how loud to be, as the mean square in decibels of full scale: one value for the
            whole span, which says nothing about what is covered.
    """

    rate_hz: int
    start: int
    length: int
    position: int
    level_dbfs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTreatment:
    """How covered sound is destroyed.

    `apply` gets samples as float64 in -1 to 1, shape (samples, channels), and returns as many. It
    may not keep state: what it gives for a sample depends on the part's numbers only, so that a
    span is the same in blocks of any size. Nothing of the input may be left in what it returns.

    Attributes:
        name: as written in profiles, e.g. ``beep``.
        summary: one line for people.
        apply: see above.
        cuts: True when the span is then cut out, which only a recording of sound alone allows.
    """

    name: str
    summary: str
    apply: Callable[[NDArray[np.float64], SoundPart], NDArray[np.float64]]
    cuts: bool = False
