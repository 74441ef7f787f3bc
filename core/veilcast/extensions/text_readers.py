"""Text readers: pictures in, lines of text out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from veilcast.settings import TextReaderSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.types import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One line of text in a picture.

    Attributes:
        quad: float64, shape (4, 2): its corners in pixels, clockwise from the top left of the text
            as it is read.
        text: what it says; "" where that could not be read. It may identify: never into a log or
            a manifest.
        confidences: 0 to 1, one for each character of `text`.
    """

    quad: NDArray[np.float64]
    text: str
    confidences: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """What the picture of one line says.

    Attributes:
        text: from left to right; "" where nothing can be read.
        confidences: 0 to 1, one for each character of `text`.
        middles: where each character stands, as share of the picture's width from the left.
    """

    text: str
    confidences: tuple[float, ...] = ()
    middles: tuple[float, ...] = ()


class LoadedTextReader(Protocol):
    """A text reader whose models are in memory. Used from one thread at a time."""

    def find(self, picture: Picture) -> Sequence[NDArray[np.float64]]:
        """Where lines of text are: corners (4, 2) in pixels of `picture`, as in `TextLine`.

        Lines that are turned are found too. Which way is up need not be told right.
        """

    def read(self, picture: Picture) -> LineReading:
        """What one line says that was cut out and turned level."""

    def close(self) -> None:
        """Let go of the models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReaderContext:
    """What a text reader is loaded with.

    Attributes:
        settings: what the profile says of this reader: an instance of its `settings`.
        models: the files of the models that it asked for, checked, by name.
        threads: how many it may use at most.
    """

    settings: Any
    models: Mapping[str, Path]
    threads: int


def _none(settings: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReader:
    """Pictures in, lines of text out. Which pictures, tracking and covering are the stage's.

    Attributes:
        name: as written in profiles, e.g. ``ppocr``.
        summary: one line for people.
        load: gives a reader that is ready.
        settings: the model of its own settings, derived from `TextReaderSettings`.
        models: the names of the models that these settings need.
        smallest: the least height of a capital letter, px, that it finds reliably.
        languages: ISO 639-1 codes of what it reads; () for many.
    """

    name: str
    summary: str
    load: Callable[[TextReaderContext], LoadedTextReader]
    settings: type[TextReaderSettings] = TextReaderSettings
    models: Callable[[Any], tuple[str, ...]] = _none
    smallest: int = 8
    languages: tuple[str, ...] = ()
