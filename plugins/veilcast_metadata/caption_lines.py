"""Subtitle lines as they were said: what rolls up or grows is said once and shown many times."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.plugin import Caption

_AT_ONCE_US = 200_000
"""What begins so soon after the last event's end may go on where that was."""
_PAUSE_US = 1_500_000
"""After so long without any text another turn begins."""
_ROLLED = 8
"""So many lines roll up at most (CTA-608 has four)."""
_SPEAKER = re.compile(r"^(?:[-\u2010-\u2015\u2022\u266a\u266b>\[(]|[^\W\d_][\w .'\u2019-]{0,30}:)")
_ENDED = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"')\]\u2019\u201d]*$")


class Place(NamedTuple):
    """Where a line is shown: the number of the event, and the first character in its text."""

    event: int
    start: int


@dataclass(slots=True)
class Line:
    """A line that was said once.

    Attributes:
        text: as it is when it is complete.
        turn: whether another turn may begin with it.
        places: where it, or its beginning, is shown, with how many characters of it.
    """

    text: str
    turn: bool
    places: list[tuple[Place, int]] = field(default_factory=list)


def lines_of(events: Sequence[Caption]) -> list[Line]:
    """The lines of one stream.

    Roll-up captions show a line again above the next one; painted ones show it again with another
    word. Read as they are, every sentence would be torn and said several times.

    Args:
        events: of one stream, in order of time; places count them from 0.
    """
    lines: list[Line] = []
    shown: list[Line] = []
    end_us, ended = 0, True
    for number, event in enumerate(events):
        here = list(_parts(event.text))
        paused = event.start_us > end_us + _PAUSE_US
        again = _again(shown, here) if event.start_us <= end_us + _AT_ONCE_US else 0
        kept = shown[len(shown) - again :]
        for line, (start, text) in zip(kept, here[:again], strict=True):
            if len(text) > len(line.text):
                if text[len(line.text)].isalnum():
                    # Perhaps another word and not the same one, longer: it counts by itself too.
                    whole = [one for one in line.places if one[1] == len(line.text)]
                    lines.append(Line(text=line.text, turn=True, places=whole))
                line.text = text
            line.places.append((Place(number, start), len(text)))
        for nth, (start, text) in enumerate(here[again:]):
            turn = bool(_SPEAKER.match(text)) or (nth == 0 and (ended or paused))
            lines.append(Line(text=text, turn=turn, places=[(Place(number, start), len(text))]))
            kept.append(lines[-1])
        shown, end_us = kept, max(end_us, event.end_us)
        ended = bool(_ENDED.search(event.text))
    return lines


def _parts(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for part in text.split("\n"):
        if part:
            yield start, part
        start += len(part) + 1


def _again(shown: Sequence[Line], here: Sequence[tuple[int, str]]) -> int:
    """How many of the lines shown last are the first of those here; the last may have grown."""
    for count in range(min(len(shown), len(here), _ROLLED), 0, -1):
        pairs = list(zip(shown[-count:], here, strict=False))
        *first, (line, (_, text)) = pairs
        if text.startswith(line.text) and all(a.text == b for a, (_, b) in first):
            return count
    return 0
