"""Plain text: its words and turns, and the identifiers in it by character."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.recognition import Reader, TextSpan

_WORD = re.compile(r"\S+")
_EDGE = re.compile(r"^[^\w+@#]+|[^\w]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSpan:
    """Characters `start` to `end` (exclusive) of a text, and what they are."""

    start: int
    end: int
    found: TextSpan


def find_in_text(reader: Reader, text: str) -> tuple[CharacterSpan, ...]:
    """The identifiers in a text whose lines are turns of a talk, or paragraphs.

    Punctuation around a span is left out of it.
    """
    matches = list(_WORD.finditer(text))
    breaks = {
        number
        for number, match in enumerate(matches)
        if number and "\n" in text[matches[number - 1].end() : match.start()]
    }
    return tuple(_trimmed(text, matches, reader.find([m.group() for m in matches], breaks)))


def _trimmed(
    text: str, matches: Sequence[re.Match[str]], spans: Sequence[TextSpan]
) -> Iterator[CharacterSpan]:
    for span in spans:
        start, end = matches[span.first].start(), matches[span.last - 1].end()
        for edge in _EDGE.finditer(text[start:end]):
            if edge.start() == 0 and edge.end() < end - start:
                start += edge.end()
            elif edge.start() > 0:
                end -= edge.end() - edge.start()
        yield CharacterSpan(start=start, end=end, found=span)


def redacted_text(text: str, spans: Sequence[CharacterSpan]) -> str:
    """The text with ``[PERSON]`` and the like in the place of what was found."""
    parts: list[str] = []
    done = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.found.score)):
        if span.start >= done:
            parts += [text[done : span.start], f"[{span.found.identifier.upper()}]"]
        done = max(done, span.end)
    return "".join([*parts, text[done:]])
