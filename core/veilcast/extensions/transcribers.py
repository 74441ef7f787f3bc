"""Transcribers: sound in, words with times out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from veilcast.settings import TranscriberSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One word.

    Attributes:
        text: as the engine writes it.
        start_s: in seconds from the first sample that was given; None where it can't be told.
        end_s: the same; a word without times is covered between its sure neighbours.
        confidence: 0 to 1, so that below 0.5 it is more likely wrong than right.
    """

    text: str
    start_s: float | None
    end_s: float | None
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcription:
    """What was heard.

    Attributes:
        words: in order.
        language: ISO 639-1.
        also: other readings of the same sound, each in order and as whole as `words`; what any
            reading shows to identify is covered.
    """

    words: tuple[Heard, ...]
    language: str
    also: tuple[tuple[Heard, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriberContext:
    """What a transcriber is loaded with.

    Attributes:
        settings: what the profile says of this transcriber: an instance of its `settings`.
        models: the files (or folders) of the models that it asked for, checked, by name.
        language: ISO 639-1, or "" to find out.
        hot_words: names and numbers that are likely to be said.
        threads: how many it may use at most.
        readings: how many readings of a sound are of use; one where nobody asks for
            `Transcription.also`.
    """

    settings: Any
    models: Mapping[str, Path]
    language: str
    hot_words: tuple[str, ...]
    threads: int
    readings: int = 2


class LoadedTranscriber(Protocol):
    """A transcriber whose model is in memory. Used from one thread at a time."""

    def transcribe(self, samples: NDArray[np.float32]) -> Transcription:
        """What is said in one window: mono samples in -1 to 1 at the descriptor's `rate_hz`."""

    def close(self) -> None:
        """Let go of the model."""


def _none(settings: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcriber:
    """Sound in, words out. Windows, stitching and the edges of words are the stage's.

    Attributes:
        name: as written in profiles, e.g. ``whisper``.
        summary: one line for people.
        load: gives a transcriber that is ready.
        settings: the model of its own settings, derived from `TranscriberSettings`.
        models: the names of the models that these settings need.
        rate_hz: of the samples that it wants.
        window_s: the longest stretch that it is given at once, seconds.
        overlap_s: how much of a window is given again with the next, where no pause divides them.
        languages: ISO 639-1 codes of what it understands; () for many.
        variants: what else its settings could say, best first, where a profile leaves the choice
            open: the first whose models are on this machine is taken.
        reduced: why it finds less than others do, as a sentence for people; "" when it does not.
    """

    name: str
    summary: str
    load: Callable[[TranscriberContext], LoadedTranscriber]
    settings: type[TranscriberSettings] = TranscriberSettings
    models: Callable[[Any], tuple[str, ...]] = _none
    rate_hz: int = 16_000
    window_s: float = 30.0
    overlap_s: float = 5.0
    languages: tuple[str, ...] = ()
    variants: tuple[Mapping[str, Any], ...] = ({},)
    reduced: str = ""
