"""What the recognisers of this plugin have in common: functions from a passage to spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.plugin import Recognized, Recognizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from veilcast.plugin import Passage, RecognizerContext

    Read = Callable[[str], Iterable[Recognized]]


@dataclass(frozen=True, slots=True)
class Reader:
    """A recogniser that holds nothing but a function over the text."""

    read: Read

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        """What the function finds."""
        return list(self.read(passage.content))

    def close(self) -> None:
        """Nothing is held."""


def english(
    name: str,
    identifiers: Mapping[str, str],
    summary: str,
    read: Read,
    forms: tuple[str, ...] = ("written",),
) -> Recognizer:
    """A recogniser of English text from a function."""

    def load(context: RecognizerContext) -> Reader:
        return Reader(read)

    return Recognizer(
        name=name,
        identifiers=identifiers,
        summary=summary,
        load=load,
        languages=("en",),
        forms=forms,  # type: ignore[arg-type]
    )


def found(span: tuple[int, int], identifier: str, score: float, reason: str) -> Recognized:
    """One finding."""
    return Recognized(start=span[0], end=span[1], identifier=identifier, score=score, reason=reason)
