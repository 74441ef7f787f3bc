"""Checks: what the delivered file must pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from veilcast.extensions.recognizers import Recognizer
    from veilcast.extensions.stages import Progress
    from veilcast.extensions.text_readers import TextReader
    from veilcast.extensions.transcribers import Transcriber
    from veilcast.extensions.visual_detectors import VisualDetector
    from veilcast.media.frames import FrameIndex
    from veilcast.media.info import MediaInfo
    from veilcast.types import Box, Sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that a check found. It holds no value, no word and no path.

    Attributes:
        sentence: what is wrong, for people.
        kind: ``residual``: something that identifies may be left; a person can look at it and
            decide. ``broken``: the file is not what it should be, so nothing can be said for it.
        identifier: the class of what is left, e.g. ``face``, or "".
        from_us: when it begins, by the delivered file's time; None: not a matter of time.
        to_us: one after its end.
        box: where it is in the displayed picture, if it is there.
        score: how sure the detector or recogniser was, 0-1.
    """

    sentence: str
    kind: Literal["residual", "broken"] = "broken"
    identifier: str = ""
    from_us: int | None = None
    to_us: int | None = None
    box: Box | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """What one stage was asked to do and did, by the delivered file's time.

    Attributes:
        stage: its name.
        settings: its validated settings; None when it is known to have been run but not how.
        detectors: which detectors found what it covered.
        covers: the covered boxes at a time, in displayed pixels, largest extent of each.
        spared: boxes at a time that were found and, as the user asked, left uncovered.
        sounds: the covered spans of sound.
        spared_sounds: spans that were found and, as somebody asked, left as they were.
        texts: what was covered in sound and subtitles, as words: to look for, never to tell.
        anywhere: it changes the picture by itself, and where is not known.
    """

    stage: str
    settings: Any
    detectors: tuple[str, ...] = ()
    covers: Callable[[int], Sequence[Box]] = lambda _: ()
    spared: Callable[[int], Sequence[Box]] = lambda _: ()
    sounds: tuple[Sound, ...] = ()
    spared_sounds: tuple[Sound, ...] = ()
    texts: tuple[str, ...] = ()
    anywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """What a check gets: the delivered file, and what is known of how it was made.

    Attributes:
        delivered: the file, under a neutral name. Read only.
        delivered_media: what it holds.
        source: what the delivered file must play like, when it is at hand. That is the source, or
            what was left of it when a stage changed the timing.
        source_media: what `source` holds.
        source_frames: the times of its frames.
        original: the user's own recording, when it is at hand.
        retimed: `source` is what was left of the recording when a stage changed the timing.
        treated: every stage of the profile.
        detectors: every registered visual detector, by name.
        transcribers: every registered transcriber, by name.
        text_readers: every registered text reader, by name.
        recognizers: every registered recogniser, by name.
        models: gives the files of the models with these names, checked.
        reading_models: gives the files of what the recognisers read a language with (ISO 639-1, or
            ``auto`` for any).
        scratch: a private folder for temporary files, removed afterwards.
        progress: call it often; it is also where an interrupt is raised.
        afterwards: the file is examined by itself, not at the end of the run that made it.
    """

    delivered: Path
    delivered_media: MediaInfo
    source: Path | None
    source_media: MediaInfo | None
    source_frames: FrameIndex | None
    progress: Progress
    original: Path | None = None
    retimed: bool = False
    treated: tuple[Treated, ...] = ()
    detectors: Mapping[str, VisualDetector] = field(default_factory=dict)
    transcribers: Mapping[str, Transcriber] = field(default_factory=dict)
    text_readers: Mapping[str, TextReader] = field(default_factory=dict)
    recognizers: Mapping[str, Recognizer] = field(default_factory=dict)
    models: Callable[[Sequence[str]], Mapping[str, Path]] = lambda _: {}
    reading_models: Callable[[str], Mapping[str, Path]] = lambda _: {}
    scratch: Path | None = None
    afterwards: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Examines the delivered file afresh. Anything that it finds stops the publication.

    Attributes:
        name: one word for the manifest.
        summary: one line for people.
        run: gives each thing that is wrong; nothing is a pass. What can't be examined is a
            `VeilcastError` to raise, never a pass.
    """

    name: str
    summary: str
    run: Callable[[CheckContext], Sequence[Problem]]
