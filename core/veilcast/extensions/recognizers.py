"""Recognisers: text in, spans of identifiers out, whatever the text came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

Form = Literal["spoken", "written"]
"""``spoken``: words as they were said. ``written``: numbers, dates, addresses and spelled names
as one would write them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    r"""Some text.

    Attributes:
        content: the text; a new line is a turn of another speaker or a long pause.
        form: how it is written.
        language: ISO 639-1.
        modality: where it is from: ``speech``, ``subtitle``, ``tag``, ``screen``, ``filename`` or
            ``text``.
        unsure: half-open ranges of characters that were perhaps misheard; speech that was not
            understood at all is there as an ellipsis.
    """

    content: str
    form: Form
    language: str
    modality: str
    unsure: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognized:
    """Something that identifies.

    Attributes:
        start: its first character in the passage's content.
        end: one after its last.
        identifier: the class, e.g. ``person``.
        score: 0 to 1; from 0.85 it is validated or announced ("record number ..."), below 0.5 it
            is not covered unless a policy asks for it.
        reason: why, without any of the text: ``cue: my name is``, ``checksum``.
    """

    start: int
    end: int
    identifier: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizerContext:
    """What a recogniser is loaded with: the language (ISO 639-1) and the models it asked for."""

    language: str
    models: Mapping[str, Path]


class LoadedRecognizer(Protocol):
    """A recogniser that is ready. Used from one thread at a time."""

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        """What identifies in a passage."""

    def close(self) -> None:
        """Let go of what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognizer:
    """Text in, spans out.

    Attributes:
        name: as written in profiles, e.g. ``names``.
        identifiers: the classes it finds, each with its letter in 45 CFR 164.514(b)(2)(i) or "".
        summary: one line for people.
        load: gives a recogniser that is ready.
        models: the names of the model files that it needs.
        languages: ISO 639-1 codes of what it understands; () for any, or for those of
            `by_language` alone.
        by_language: models that it finds more with, by the language that they are for. They are
            given to it where they are on this machine, and with one it understands that language
            too.
        forms: which forms of the text it is to be given.
    """

    name: str
    identifiers: Mapping[str, str]
    summary: str
    load: Callable[[RecognizerContext], LoadedRecognizer]
    models: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    by_language: Mapping[str, str] = field(default_factory=dict)
    forms: tuple[Form, ...] = ("spoken", "written")
