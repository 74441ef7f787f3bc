"""What identifies in the lines of one picture: each by itself, with its row, and by its label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from veilcast_text.understanding.beside import beside_labels
from veilcast_text.understanding.layout import Page
from veilcast_text.understanding.reading import LineReader
from veilcast_text.understanding.spans import LABELS, Span
from veilcast_text.understanding.vocabulary import WORD, is_ordinary, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from veilcast.plugin import IdentifierSettings, Recognizer, TextLine

_AGAIN = 0.65
_SURE = 0.7
"""A name with this score is looked for in the other lines too."""
_SHORTEST = 4
"""Letters of a name that is looked for in other lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Characters of a line that identify.

    Attributes:
        line: its number.
        start: the first character.
        end: one after the last; 0 with a start of 0 is all of a line that could not be read.
        identifier: the class.
        hipaa: its letter in 45 CFR 164.514(b)(2)(i), or "".
        score: 0 to 1.
        reason: why, without any of the text.
        recognizer: which recogniser found it.
    """

    line: int
    start: int
    end: int
    identifier: str
    hipaa: str
    score: float
    reason: str
    recognizer: str


class Judge:
    """Says which characters of a picture's lines identify. Close it, or use it in a ``with``."""

    def __init__(
        self,
        settings: IdentifierSettings,
        recognizers: Mapping[str, Recognizer],
        models: Mapping[str, Path],
        language: str,
    ) -> None:
        """Load what the settings name.

        Args:
            settings: which recognisers, which classes, from which score.
            recognizers: every one there is, by name.
            models: the files of their models, by name.
            language: of the text, ISO 639-1.

        Raises:
            VeilcastError: a recogniser can't be loaded, or the list of what is known is malformed.
        """
        self._reader = LineReader(settings, recognizers, models, language)
        self.foreign = self._reader.foreign
        """Recognisers that do not know the language, and find what none of those that do finds."""

    def close(self) -> None:
        """Let go of the recognisers."""
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def judge(self, lines: Sequence[TextLine]) -> list[Identified]:
        """What identifies in the lines of one picture, in order; spans may overlap."""
        texts = [line.text for line in lines]
        page = Page(lines)
        found: set[tuple[int, Span]] = {
            (number, span) for number, text in enumerate(texts) for span in self._reader.read(text)
        }
        found.update(self._in_rows(page, texts))
        found.update(beside_labels(page, texts, self._reader.counts))
        found.update(
            (number, span)
            for number, span in _named_again(texts, found)
            if self._reader.counts(texts[number], span)
        )
        return [
            Identified(
                line=number,
                start=span.start,
                end=span.end,
                identifier=span.identifier,
                hipaa=self._reader.letters[span.identifier],
                score=span.score,
                reason=span.reason,
                recognizer=span.recognizer,
            )
            for number, span in sorted(
                _outermost(found),
                key=lambda one: (one[0], one[1].start, one[1].end, one[1].identifier),
            )
        ]

    def _in_rows(self, page: Page, texts: Sequence[str]) -> Iterator[tuple[int, Span]]:
        """What pieces of one line say together."""
        for row in page.rows():
            pieces = [number for number in row if texts[number].strip()]
            if len(pieces) < 2:
                continue
            joined = " ".join(texts[number] for number in pieces)
            # "Rose Okonkwo | HR 72": a value beside a name is none of it.
            measured = {n: is_plain(texts[n]) and any(map(str.isdigit, texts[n])) for n in pieces}
            for span in self._reader.read(joined):
                at = 0
                for number in pieces:
                    size = len(texts[number])
                    start, end = max(0, span.start - at), min(size, span.end - at)
                    if start < end and not (span.identifier == "person" and measured[number]):
                        yield number, _cut(span, start, end)
                    at += size + 1


def _named_again(texts: Sequence[str], found: set[tuple[int, Span]]) -> Iterator[tuple[int, Span]]:
    """Other lines in which somebody is named who is surely named in one."""
    names = {
        word.group().casefold()
        for number, span in found
        if span.identifier == "person" and span.score >= _SURE
        for word in WORD.finditer(texts[number], span.start, span.end)
        if len(word.group()) >= _SHORTEST and not is_ordinary(word.group())
    }
    for number, text in enumerate(texts):
        for word in WORD.finditer(text):
            if word.group().casefold() in names:
                yield number, Span(*word.span(), "person", _AGAIN, "named elsewhere", LABELS)


def _cut(span: Span, start: int, end: int) -> Span:
    return Span(start, end, span.identifier, span.score, span.reason, span.recognizer)


def _outermost(found: set[tuple[int, Span]]) -> Iterator[tuple[int, Span]]:
    """Without spans that lie within another of their class and line; the surer of two alike."""
    kept: dict[tuple[int, str], list[Span]] = {}
    order = sorted(
        found,
        key=lambda one: (
            one[0], one[1].identifier, one[1].start, -one[1].end, -one[1].score,
            one[1].recognizer, one[1].reason,
        ),
    )  # fmt: skip
    for number, span in order:
        same = kept.setdefault((number, span.identifier), [])
        if not any(one.start <= span.start and span.end <= one.end for one in same):
            same.append(span)
            yield number, span
