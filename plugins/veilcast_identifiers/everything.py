"""Every number, whatever it means: for whoever would rather cover too much."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_identifiers.reading import english, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognized, Recognizer

_FIGURES = re.compile(r"[^\W_]*\d[^\W_]*(?:[.,:/-]\d+[^\W_]*)*")
_WORDS = re.compile(
    r"\b(?:(?:zero|nought|naught|nil|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|ies)|hundreds?"
    r"|thousands?|millions?|billions?|dozens?|first|second|third|(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)tie|hundred|thousand)th"
    r"|half|quarter|double|triple|treble|twice|thrice|once)(?:[\s-]+|\b))+",
    re.IGNORECASE,
)


def read_everything(content: str) -> Iterator[Recognized]:
    """All numbers, in figures and in words."""
    for match in _FIGURES.finditer(content):
        yield found(match.span(), "number", 1.0, "a number")
    for match in _WORDS.finditer(content):
        end = match.start() + len(match.group().rstrip(" \n-"))
        yield found((match.start(), end), "number", 1.0, "a number")


def describe() -> Recognizer:
    """The recogniser `all-numbers`."""
    return english(
        "all-numbers",
        {"number": ""},
        "Every number, in figures and in words",
        read_everything,
        forms=("spoken", "written"),
    )
