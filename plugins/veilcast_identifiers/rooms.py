"""Rooms, beds and wards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_identifiers.reading import english, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognized, Recognizer

_ROOM = re.compile(
    r"\b(?:room|bed|ward|bay|cubicle|theatre|bedspace|cot)\s+(?:number\s+|no\.?\s+)?"
    r"(?:\d{1,4}[a-z]?|[a-hj-z]\d{0,3})\b(?!\s*(?:days?|weeks?|hours?|times|minutes?|months?|%))",
    re.IGNORECASE,
)


def read_rooms(content: str) -> Iterator[Recognized]:
    """Where in a house somebody lies."""
    for match in _ROOM.finditer(content):
        yield found(match.span(), "room", 0.8, "cue: room")


def describe() -> Recognizer:
    """The recogniser `rooms`."""
    return english("rooms", {"room": "R"}, "Rooms, beds and wards by number", read_rooms)
