"""Speech that was not understood where somebody says who they are, or a number of theirs.

A name that a transcriber does not know comes out as ordinary words of which it is not sure. Beside
an announcement ("my name is ...", "record number ...") such words are covered.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.plugin import Recognized, Recognizer
from veilcast_identifiers.cues import find_cues
from veilcast_identifiers.names import asked, identity_cues

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.plugin import Passage, RecognizerContext

_WORD = re.compile(r"\n|\S+")
_ADDRESS = re.compile(
    r"\b(?:e-?mail(?: address)?|address|post ?code|zip ?code|date of birth|birth ?day|born(?: on)?"
    r"|(?:live|lives|living|still|staying|left) (?:at|in|on)|moved to|web ?site)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:is that|(?:is|was|'s) called|(?:my|his|her|their|our|your|the) "
    r"(?:mother|father|mum|mom|dad|wife|husband|partner|sister|brother|son|daughter|niece|nephew|nan|gran|grandma|grandpa|aunt|"
    r"uncle|cousin|friend|neighbour|neighbor|carer|boss|eldest|youngest|baby|boy|girl|fianc\w+)"
    r"(?: and)?)(?=\s)",
    re.IGNORECASE,
)
A_NUMBER = "the announcement of a number"
_DIGIT = re.compile(
    r"\d|^(?:o|oh|zero|nought|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|double"
    r"|triple|treble|for|to|too|ate|won|tree)\b",
    re.IGNORECASE,
)
"""What some of a number is heard as, even where the rest is not understood."""
_GREETED = re.compile(
    r"\b(?:hi|hello|hey|morning|afternoon|evening)\b[\s,.!]*(?:(?:yeah|yes|um|uh|oh|there)[\s,.]*)*"
    r"(?:it['’]s|it is|this is|i['’]m|i am)(?=\s)",
    re.IGNORECASE,
)
ANSWER_SLOT = 7
"""How many words of an answer may be the name that was asked for."""
PERSON_SLOT = 3
"""How many words after a relative may be their name."""
NUMBER_SLOT = 9
"""How many words after an announced number may be it."""
ADDRESS_SLOT = 7
SURE_BETWEEN = 2
"""So many words that were understood may lie between words that were not."""
SCORE = 0.6


@dataclass(frozen=True, slots=True)
class _Slot:
    """Words that may be what was announced: `first` to `last` (exclusive), and by what."""

    first: int
    last: int
    cue: str


class Garbled:
    """Finds words that were perhaps misheard beside an announcement."""

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        """Each run of such words as one span."""
        if not passage.unsure:
            return []
        places = [match.span() for match in _WORD.finditer(passage.content)]
        words = [passage.content[start:end] for start, end in places]
        starts = {start for start, _ in passage.unsure}
        unsure = [start in starts for start, _ in places]
        return [
            Recognized(
                start=places[first][0],
                end=places[last - 1][1],
                identifier="unintelligible",
                score=SCORE,
                reason=f"not understood after {slot.cue}",
            )
            for slot in _slots(passage.content, words, places)
            for first, last in _runs(slot, words, unsure)
            if slot.cue != A_NUMBER or any(map(_DIGIT.search, words[slot.first : slot.last]))
        ]

    def close(self) -> None:
        """Nothing is held."""


def _slots(
    content: str, words: Sequence[str], places: Sequence[tuple[int, int]]
) -> Iterator[_Slot]:
    for _, last, slot in identity_cues(words):
        yield _slot(words, last + 1, slot + 1, "the announcement of a name")
    for first in asked(words):
        yield _slot(words, first, ANSWER_SLOT, "the question for a name")
    ends = [end for _, end in places]
    announced = [
        *((cue.end, NUMBER_SLOT, A_NUMBER) for cue in find_cues(content)),
        *(
            (match.end(), ADDRESS_SLOT, "the announcement of an address")
            for match in _ADDRESS.finditer(content)
        ),
        *((match.end(), PERSON_SLOT, "a relative") for match in _PERSON.finditer(content)),
        *((match.end(), PERSON_SLOT, "a greeting") for match in _GREETED.finditer(content)),
    ]
    for end, count, cue in announced:
        yield _slot(words, bisect_left(ends, end) + 1, count, cue)


def _slot(words: Sequence[str], first: int, count: int, cue: str) -> _Slot:
    """The words of this turn, or those of the next when the cue ends its turn."""
    if first < len(words) and words[first] == "\n":
        first += 1
    last = first
    while last < min(len(words), first + count) and words[last] != "\n":
        last += 1
    return _Slot(first, last, cue)


def _runs(slot: _Slot, words: Sequence[str], unsure: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Runs of unsure words, over the sure ones between them."""
    doubted = [n for n in range(slot.first, slot.last) if unsure[n]]
    if not doubted or doubted[0] - slot.first > SURE_BETWEEN:
        return
    first = last = doubted[0]
    for number in doubted[1:]:
        if number - last > SURE_BETWEEN + 1:
            break
        last = number
    yield first, last + 1


def describe() -> Recognizer:
    """The recogniser."""

    def load(context: RecognizerContext) -> Garbled:
        return Garbled()

    return Recognizer(
        name="garbled",
        identifiers={"unintelligible": "R"},
        summary="Speech that was not understood where a name or number was announced",
        load=load,
        languages=("en",),
        forms=("spoken",),
    )
