"""What people say before they say a name."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast_identifiers.names.tokens import FILLERS
from veilcast_identifiers.names.words import alternatives

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN_TITLES = "doctor|dr|mister|mr|missus|mrs|ms|mx|professor|prof"
_PAUSE = "(?: (?:" + "|".join(sorted(FILLERS)) + r"|[,.:;…-]))*"
_WHOSE = "(?:my|his|her|their|our|your|its|the|\\w+ 's)"
_KIND = rf"(?:(?:{alternatives('kind of name')}) )*"


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that announce a name.

    Attributes:
        reason: how it is named in findings.
        first: the number of its first token.
        last: the number of its last.
        slot: how many words the name after it may have.
        kind: ``open`` covers whatever stands there, ``title`` whatever is no frequent word, and
            ``listed`` only what the word list or its capital shows to be a name.
        score: of a name that nothing else supports.
    """

    reason: str
    first: int
    last: int
    slot: int
    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class _Pattern:
    reason: str
    words: re.Pattern[str]
    slot: int
    kind: str
    score: float


def _pattern(reason: str, words: str, slot: int, kind: str, score: float) -> _Pattern:
    return _Pattern(reason, re.compile(rf"(?<!\S)(?:{words}){_PAUSE}(?= )"), slot, kind, score)


_PATTERNS = (
    _pattern(
        "my name is",
        rf"(?:{_WHOSE} )?{_KIND}(?:names?|surnames?|nickname) (?:is|was|'s|be|as|here is)"
        r"|name 's|my name",
        5,
        "open",
        0.6,
    ),
    _pattern(
        "name of",
        r"(?:by|under|in) the name(?: of)?|goes by(?: the name(?: of)?)?",
        3,
        "open",
        0.55,
    ),
    _pattern("doctor", rf"{_PLAIN_TITLES}", 3, "title", 0.75),
    _pattern("title", alternatives("titles"), 3, "listed", 0.6),
    _pattern(
        "speaking with", r"(?:speaking|talking|spoke|chatting) (?:to|with)", 3, "listed", 0.65
    ),
    _pattern(
        "called",
        r"(?:is|was|'s|'re|are|be|him|her|me|somebody|someone|named) called|named|known as",
        3,
        "listed",
        0.6,
    ),
    _pattern(
        "call me",
        r"(?:just |please |you can |to )?call (?:me|him|her)|called me",
        3,
        "listed",
        0.55,
    ),
    _pattern(
        "i am",
        r"i(?: 'm| am)|im|this is|it 's|it is|its|that 's|we have|here is|here 's|meet",
        3,
        "listed",
        0.55,
    ),
    _pattern(
        "signed",
        rf"(?:{alternatives('done by')}) (?:in |off |on )?by",
        3,
        "listed",
        0.6,
    ),
    _pattern(
        "relative",
        rf"(?:my|his|her|their|your|our|the) (?:(?:{alternatives('kind of relative')}) )*"
        rf"(?:{alternatives('relatives')})(?: (?:is|was))?",
        3,
        "listed",
        0.6,
    ),
    _pattern(
        "greeting",
        r"hi|hello|hey|hiya|dear|welcome|morning|afternoon|evening|bye|goodbye|thanks|thank you"
        r"|cheers|sorry|please|congratulations|well done",
        3,
        "listed",
        0.55,
    ),
)

_ASKED = re.compile(
    rf"(?<!\S)(?:(?:your|the|his|her|their|a|whose|and|\w+ 's|{alternatives('kind of name')}) "
    rf"{_KIND}"
    r"(?:names?|surnames?)(?! (?:is|was|'s) \w)"
    r"|(?:who am i|who are you|who 's|who is|whom am i|who is it i am|who i 'm|who i am) "
    r"(?:speaking|talking|calling|this|that|on|there|it|he|she)"
    r"|who (?:was|did|do|does|will) \w+|am i speaking|call you|what (?:is|'s|was) \w+ called)(?!\S)"
)


def identity_cues(tokens: Sequence[str]) -> list[tuple[int, int, int]]:
    """Where an identity is announced, whatever was understood after it.

    Args:
        tokens: the words, in order; a new line is a turn.

    Returns:
        For each cue the numbers of its first and last token, and how many words after it may name a
        person.
    """
    lowers = [token.lower().replace("’", "'") for token in tokens]
    split: list[str] = []
    owner: list[int] = []
    for number, lower in enumerate(lowers):
        stem, mark, ending = lower.partition("'")
        parts = [stem, "'" + ending] if mark and ending in {"s", "m", "re"} and stem else [lower]
        for part in parts:
            split.append(part.strip(".,!?;:") or part)
            owner.append(number)
    return [
        (owner[cue.first], owner[cue.last], cue.slot)
        for cue in find_cues(split)
        if cue.kind in {"open", "title"}
    ]


def asked(tokens: Sequence[str]) -> list[int]:
    """Where an answer to a question about a name begins: the numbers of its first tokens.

    Args:
        tokens: the words, in order; a new line is a turn.
    """
    lowers = [
        token.lower().replace("’", "'").replace("'s", " 's").strip(".,!?;:") for token in tokens
    ]
    text, starts = _joined(lowers)
    firsts = []
    for match in _ASKED.finditer(text):
        at = bisect_right(starts, match.end() - 1)
        # The rest of the question is no answer: "What's your name, love?"
        end = next(
            (n for n in range(at - 1, min(at + 4, len(tokens))) if tokens[n].endswith("?")), at - 1
        )
        firsts.append(end + 1)
    return firsts


def find_cues(lowers: Sequence[str]) -> list[Cue]:
    """All cues, those of the text's earlier words first.

    Args:
        lowers: tokens as `tokenize` divides them, lower-cased.
    """
    text, starts = _joined(lowers)
    found: list[Cue] = []
    for pattern in _PATTERNS:
        for match in pattern.words.finditer(text):
            first = bisect_right(starts, match.start()) - 1
            last = bisect_right(starts, match.end() - 1) - 1
            found.append(
                Cue(
                    f"cue: {pattern.reason}", first, last, pattern.slot, pattern.kind, pattern.score
                )
            )
    return sorted(found, key=lambda cue: (cue.last, cue.first))


def asked_turns(lowers: Sequence[str]) -> list[tuple[int, int]]:
    """Where an answer to a question about a name may stand: first token and one after the last."""
    text, starts = _joined(lowers)
    ranges: list[tuple[int, int]] = []
    for match in _ASKED.finditer(text):
        place = bisect_right(starts, match.end() - 1)
        reach = min(len(lowers), place + 40)
        turn = next((i for i in range(place, reach) if lowers[i] == "\n"), None)
        first = place if turn is None else turn + 1
        ranges.append((first, min(len(lowers), first + 16)))
    return ranges


def _joined(lowers: Sequence[str]) -> tuple[str, list[int]]:
    starts: list[int] = []
    at = 0
    for lower in lowers:
        starts.append(at)
        at += len(lower) + 1
    return " ".join(lowers) + " ", starts
