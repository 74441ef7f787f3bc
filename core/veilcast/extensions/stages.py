"""Whole stages: what they are given, and what they say of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from veilcast.extensions.recognizers import Recognizer
    from veilcast.extensions.text_readers import TextReader
    from veilcast.extensions.transcribers import Transcriber
    from veilcast.extensions.visual_detectors import VisualDetector
    from veilcast.findings import Findings
    from veilcast.media.frames import FrameIndex
    from veilcast.media.info import MediaInfo
    from veilcast.settings import StageSettings
    from veilcast.types import Phase, Sound


class Progress(Protocol):
    """Told about long work: an activity, how much is done, and of how much when that is known."""

    def __call__(self, activity: str, done: int, total: int | None) -> None: ...


class Cache(Protocol):
    """Results of earlier runs on the same input, in its private work folder.

    A key is anything that JSON can say. What is kept under it is forgotten when the code of the
    stage, its detectors or its transcriber changes, but not when a recogniser's does: keep what
    was seen or heard, and not what was made of it.
    """

    def get(self, key: object) -> bytes | None:
        """What was kept under this key, or None."""

    def put(self, key: object, value: bytes) -> None:
        """Keep it."""


class NoCache:
    """Keeps nothing."""

    def get(self, key: object) -> bytes | None:
        """None."""
        return None

    def put(self, key: object, value: bytes) -> None:
        """Forget it."""


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
        transcribers: every registered transcriber, by name.
        text_readers: every registered text reader, by name.
        recognizers: every registered recogniser of identifiers in text, by name.
        cache: what is costly to find out may be kept in it from one run to the next.
    """

    source: Path
    media: MediaInfo
    frames: FrameIndex
    settings: Any
    models: Mapping[str, Path]
    detectors: Mapping[str, VisualDetector]
    scratch: Path
    progress: Progress
    transcribers: Mapping[str, Transcriber] = field(default_factory=dict)
    text_readers: Mapping[str, TextReader] = field(default_factory=dict)
    recognizers: Mapping[str, Recognizer] = field(default_factory=dict)
    cache: Cache = field(default_factory=NoCache)


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
        sounds: the spans of sound that all stages covered, by the source's time.
        cuts_us: spans that were cut out, by the source's time, in order: what comes after them
            is earlier in `file`.
    """

    file: Path
    media: MediaInfo
    source_media: MediaInfo
    findings: Findings
    settings: Any
    scratch: Path
    progress: Progress
    sounds: tuple[Sound, ...] = ()
    cuts_us: tuple[tuple[int, int], ...] = ()


def _none(settings: Any) -> tuple[str, ...]:
    return ()


def _nothing(settings: Any, media: MediaInfo, family: str) -> None:
    """Nothing is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedFor:
    """A class of identifier that a stage looks for, whether or not it finds any.

    It goes into the manifest and into the report's statement of what was looked for.

    Attributes:
        identifier: the class, e.g. ``face``: a kind of thing, never whose it is.
        hipaa: its letter in 45 CFR 164.514(b)(2)(i), or "".
        where: on what: ``pixels``, ``speech``, ``text`` (subtitles) or ``metadata``.
        how: ``sought`` by a model or by rules; ``marked``: only where a person marked it;
            ``whole``: nothing of the place is kept, whatever it says.
    """

    identifier: str
    hipaa: str = ""
    where: Literal["pixels", "speech", "text", "metadata"]
    how: Literal["sought", "marked", "whole"] = "sought"


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
        refuse: called before any work with the settings, what the source holds, and the container
            family that is delivered (a key of `veilcast.media.info.CONTAINERS`): raises what would
            stop the stage later.
        looks_for: which identifiers these settings look for. It gets the settings, and the
            classes in text that they count, each with its letter (none where the stage reads no
            text). None: what its detectors find on pixels, and what counts in the speech or text
            that it reads.
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
    refuse: Callable[[Any, MediaInfo, str], None] = _nothing
    looks_for: Callable[[Any, Mapping[str, str]], Sequence[LookedFor]] | None = None
    changes_timing: bool = False
