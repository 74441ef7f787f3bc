"""The values that stages, detectors and the host hand to each other.

Frozen, slotted and keyword-only. Times are integer microseconds (`_us`) from the presentation
start; spans are half-open. Boxes are in the displayed frame (after rotation), in its stored
pixels (before sample-aspect scaling), with the origin at the top left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

Picture: TypeAlias = "NDArray[np.uint8]"
"""A displayed frame: shape (height, width, 3), uint8, RGB."""

HIPAA_LETTERS = "ABCDEFGHIJKLMNOPQR"
"""The identifiers of 45 CFR 164.514(b)(2)(i): A names ... Q full-face images, R any other."""


class Phase(StrEnum):
    """What a stage works on. Phases run in this order."""

    PICTURE = "picture"
    SOUND = "sound"
    CONTAINER = "container"

    @property
    def rank(self) -> int:
        """0 for picture, 1 for sound, 2 for container."""
        return list(Phase).index(self)


class Origin(IntEnum):
    """How a box of a track came about: seen, or inferred from what was seen before and after."""

    DETECTED = 0
    INTERPOLATED = 1
    HELD = 2
    FLOW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An axis-aligned rectangle in pixels; `x`, `y` is its top-left corner."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if not (self.width > 0 and self.height > 0):
            raise ValueError("a box has a positive width and height")

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def area(self) -> float:
        return self.width * self.height

    def union(self, other: Box) -> Box:
        """The smallest box that contains both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(
            x=x,
            y=y,
            width=max(self.right, other.right) - x,
            height=max(self.bottom, other.bottom) - y,
        )

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        across = min(self.right, other.right) - max(self.x, other.x)
        down = min(self.bottom, other.bottom) - max(self.y, other.y)
        if across <= 0 or down <= 0:
            return 0.0
        shared = across * down
        return shared / (self.area + other.area - shared)

    def grown(self, factor: float) -> Box:
        """Grown on each side by `factor` of its own width and height."""
        return Box(
            x=self.x - self.width * factor,
            y=self.y - self.height * factor,
            width=self.width * (1 + 2 * factor),
            height=self.height * (1 + 2 * factor),
        )

    def clamped(self, width: float, height: float) -> Box | None:
        """The part inside a frame of this size, or None when nothing is inside."""
        x, y = max(self.x, 0.0), max(self.y, 0.0)
        right, bottom = min(self.right, width), min(self.bottom, height)
        if right <= x or bottom <= y:
            return None
        return Box(x=x, y=y, width=right - x, height=bottom - y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One thing seen in one picture. `score` is the detector's confidence, 0 to 1."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One thing followed over time: a box for every frame from its first to its last.

    Attributes:
        id: unique within the stage's findings, from 1.
        identifier: what it is, e.g. ``face``.
        hipaa: its letter in 45 CFR 164.514(b)(2)(i), or "" when it has none.
        detector: the name of the detector, or of the stage for marks made by hand.
        times_us: int64, shape (n,), rising: the time of each covered frame.
        boxes: float64, shape (n, 4): x, y, width, height.
        scores: float64, shape (n,): NaN where the box was not detected in that very frame.
        origins: uint8, shape (n,): `Origin` values.
        options: how to cover this track where that differs from the stage's settings.
    """

    id: int
    identifier: str
    hipaa: str
    detector: str
    times_us: NDArray[np.int64]
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    origins: NDArray[np.uint8]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A span of sound to destroy, half-open, in every audio stream unless `streams` names some."""

    id: int
    identifier: str
    hipaa: str
    detector: str
    start_us: int
    end_us: int
    score: float | None = None
    streams: tuple[int, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """A word that was heard.

    Attributes:
        text: as it was understood. It may identify: never into a log or a manifest.
        start_us: where it begins, as sure as it is known.
        end_us: one after where it ends.
        confidence: 0 to 1; below 0.5 it is more likely wrong than right.
        stream: the index of the audio stream.
        channel: which channel of it, from 0; None when all were heard together.
        identifier: the class of what it is part of, "" when it may stay.
    """

    text: str
    start_us: int
    end_us: int
    confidence: float
    stream: int
    channel: int | None = None
    identifier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something in the container, named by place and kind only, never by value.

    Attributes:
        place: where it is, by the format's own names.
        kind: what it is, e.g. ``chapters``.
        count: how many there are.
        hipaa: the letter in 45 CFR 164.514(b)(2)(i) where such a thing always is that, or "".
        held: the classes of identifiers that were recognised in its values, e.g. ``person``.
    """

    place: str
    kind: str
    count: int = 1
    hipaa: str = ""
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionSpan:
    """Characters `start` to `end` (excluded) of a caption that identify, and what they are."""

    start: int
    end: int
    identifier: str
    hipaa: str
    detector: str
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """One event of a text subtitle stream.

    Attributes:
        stream: the index of the subtitle stream in the source.
        start_us: when it is shown, in microseconds from the presentation start.
        end_us: one after it is shown.
        text: what it says, without styles; lines are parted by line feeds. It may identify: never
            into a log or a manifest.
        spans: what of it is covered.
    """

    stream: int
    start_us: int
    end_us: int
    text: str
    spans: tuple[CaptionSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What the renderer does to one frame: a box, its shape and the treatment.

    Attributes:
        box: in displayed pixels; the renderer rounds it outward and clamps it.
        shape: ``rectangle``, ``rounded`` or ``ellipse`` (inscribed in `box`).
        treatment: the name of a registered `PixelTreatment`.
        params: what the treatment needs, already resolved to numbers (e.g. ``block_px``).
        feather_px: how far outside the shape it fades into what was there. Nothing inside fades.
    """

    box: Box
    shape: str
    treatment: str
    params: Mapping[str, Any]
    feather_px: float = 0.0
