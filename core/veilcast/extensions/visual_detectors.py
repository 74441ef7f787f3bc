"""Visual detectors: pictures in, boxes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from veilcast.settings import DetectorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from veilcast.types import Detection, Picture


class LoadedDetector(Protocol):
    """A detector whose model is in memory. Used from one thread at a time."""

    def detect(self, picture: Picture) -> Sequence[Detection]:
        """Boxes in pixels of `picture` (shape (height, width, 3), uint8, RGB)."""

    def close(self) -> None:
        """Let go of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorContext:
    """What a detector is loaded with.

    Attributes:
        settings: what the profile says of this detector: an instance of its `settings`.
        least_score: report nothing below this, 0-1.
        models: the files of the models that it asked for, checked, by name.
        threads: how many it may use at most.
    """

    settings: Any
    least_score: float
    models: Mapping[str, Path]
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisualDetector:
    """Pictures in, boxes out. Sampling, scaling, tracking and covering are core's.

    Scores of different detectors can't be compared, so each says itself how sure is sure enough.

    Attributes:
        name: as written in profiles, e.g. ``centerface``.
        identifier: the class of what it finds, e.g. ``face``.
        hipaa: its letter in 45 CFR 164.514(b)(2)(i), or "".
        summary: one line for people.
        load: gives a detector that is ready.
        models: the names of the model files that it needs.
        settings: the model of its own settings, derived from `DetectorSettings`.
        confidence: the least score of something that counts by itself.
        faint: the least score of something that counts where a track already is or another
            detector sees it too.
        input_side: the longer side, px, of the picture it works best on.
        smallest: the least width, px, of what it finds reliably in that picture.
    """

    name: str
    identifier: str
    hipaa: str
    summary: str
    load: Callable[[DetectorContext], LoadedDetector]
    models: tuple[str, ...] = ()
    settings: type[DetectorSettings] = DetectorSettings
    confidence: float = 0.5
    faint: float = 0.3
    input_side: int = 640
    smallest: int = 16
