"""Towns, and the names of clinics, practices, schools and other places where people are known."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast_identifiers.names.words import word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast_identifiers.names.lexicon import Lexicon
    from veilcast_identifiers.names.tokens import Token

_ALSO_ACTS = frozenset({"surgery", "college", "church", "school"})
"""Kinds of places that are also something that is done, or that are said with any word before."""
_HEADS = word_set("heads")
_HEAD_PAIRS = frozenset(
    (first, second)
    for first, seconds in {
        "medical": "centre center group practice school",
        "health": "centre center group trust system care partners",
        "care": "home centre center village",
        "nursing": "home",
        "retirement": "home village",
        "dental": "practice care clinic",
        "urgent": "care",
        "day": "nursery centre center",
        "community": "centre center",
        "treatment": "centre center",
        "cancer": "centre center",
        "maternity": "unit ward centre center",
        "birth": "centre center unit",
        "birthing": "centre center",
        "stroke": "unit",
        "dialysis": "unit centre center",
        "imaging": "centre center",
        "surgical": "centre center",
        "wellness": "centre center",
        "family": "medicine",
    }.items()
    for second in seconds.split()
)
_SENTENCE_ENDS = frozenset((".", "?", "!", "\n"))
_INNER = word_set("inner")
_GENERIC = word_set("generic")
MEDICAL = re.compile(
    r".*(?:ology|ologist|iatric|iatrics|iatry|paedics|pedics|ectomy|plasty|scopy|otomy|ostomy|itis|osis|aemia|"
    r"emia|therapy|metry|ular|ical|tive|pnea|pnoea|sia|sis|rdial|ing|ed|ol|ide|ine|cin|lin|"
    r"mab|pril|statin|ium|xen|zole|pam)$"
)
"""What words of medicine end with."""
_FROM = re.compile(
    r"(?<!\S)(?:(?:i 'm|i am|im|this is|it 's|name is|name 's)(?: (?!from|\n)\S+){0,4}? "
    r"(?:doctor|dr|nurse|gps?|calling|ringing|speaking|here|pharmacist|physio\w*|receptionist|"
    r"paramedic)"
    r"(?: (?!from|\n)\S+){0,3}? from"
    r"|(?:calling|speaking|ringing|phoning|reporting) (?:you )?(?:from|on behalf of)"
    r"|welcome to|(?:thank you|thanks) for calling"
    r"|you (?:'re|are) through to|you(?: 've| have) reached"
    r"|on (?:video|the line|the phone) with)(?: (?:uh|um|er))*(?= )"
)
_ORG_STOP = word_set("org stop")
_NO_ORG = word_set("no org")
_LIVES = re.compile(
    r"(?<!\S)(?:(?:live|lives|lived|living|born|raised|grew up|stay|stays|staying|resides?|"
    r"based|settled|moved|moving|relocated|travelled|traveled|flew|drove) (?:\w+ )?"
    r"(?:in|near|to|outside)"
    r"|(?:town|village|suburb|city)(?: (?:of|is|called|\n))?"
    r"|(?:come|comes|came|coming|i am|i 'm|he 's|she 's|they 're|is|are|him|her|them|"
    r"originally) from)(?= )"
)
_PLACE_WORDS = word_set("place words")
_NO_TOWN = word_set("no town")


@dataclass(frozen=True, slots=True)
class Place:
    """A run of tokens that name a place; ``last`` is inclusive."""

    first: int
    last: int
    identifier: str
    score: float
    reason: str


def places(tokens: Sequence[Token], lexicon: Lexicon) -> list[Place]:
    """Facilities, organisations and towns in a text."""
    return [*_facilities(tokens), *_organizations(tokens), *_towns(tokens, lexicon)]


def _facilities(tokens: Sequence[Token]) -> list[Place]:
    found: list[Place] = []
    for at, token in enumerate(tokens):
        follower = tokens[at + 1].lower if at + 1 < len(tokens) else ""
        if token.lower in _HEADS:
            last, before = at, at - 1
        elif (token.lower, follower) in _HEAD_PAIRS:
            last, before = at + 1, at - 1
        else:
            continue
        first = before + 1
        telling = False
        while first > 0 and before - first < 4:
            word = tokens[first - 1]
            inner = word.lower in _INNER or word.lower == "'s"
            if word.lower == "dot" or not (
                inner or _telling(word) or _written_as_name(tokens, first - 1)
            ):
                break
            telling = telling or (not inner and _tells(word, token.lower))
            first -= 1
        while first <= before and tokens[first].lower in {"of", "and", "'s", "in", "&"}:
            first += 1
        if telling:
            found.append(Place(first, last, "facility", 0.7, "name before a kind of place"))
        elif first <= before and all(tokens[i].is_capital for i in range(first, last + 1)):
            found.append(Place(first, last, "facility", 0.6, "kind of place, written as a name"))
    return found


def _written_as_name(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word has a capital that no beginning of a sentence explains."""
    before = tokens[at - 1].lower if at else "."
    return tokens[at].is_capital and before not in _SENTENCE_ENDS


def _telling(token: Token) -> bool:
    """Whether a word before "clinic" says which one, rather than what kind."""
    if not token.is_word or token.is_filler or len(token.lower) < 3 or token.is_frequent:
        return False
    known = token.is_listed or "t" in token.code or "u" in token.code
    return token.lower not in _GENERIC and (known or not MEDICAL.match(token.lower))


def _tells(token: Token, head: str) -> bool:
    """Whether it is more than an ordinary word, where the head needs that."""
    return head not in _ALSO_ACTS or token.is_capital or not token.is_ordinary or token.is_sure


def _organizations(tokens: Sequence[Token]) -> list[Place]:
    starts: list[int] = []
    at = 0
    for token in tokens:
        starts.append(at)
        at += len(token.lower) + 1
    text = " ".join(token.lower for token in tokens) + " "
    found: list[Place] = []
    for match in _FROM.finditer(text):
        first = bisect_right(starts, match.end() - 1)
        last = first - 1
        for place in range(first, min(len(tokens), first + 4)):
            word = tokens[place]
            if not word.is_word or word.lower in _ORG_STOP:
                break
            last = place
        if last >= first and _starts_name(tokens[first]):
            found.append(Place(first, last, "organization", 0.6, "cue: calling from"))
    return found


def _starts_name(token: Token) -> bool:
    if token.lower in _NO_ORG or MEDICAL.match(token.lower):
        return False
    return token.is_capital or not token.is_frequent


def _towns(tokens: Sequence[Token], lexicon: Lexicon) -> list[Place]:
    found: list[Place] = []
    lowers = [token.lower for token in tokens]
    starts: list[int] = []
    at = 0
    for lower in lowers:
        starts.append(at)
        at += len(lower) + 1
    text = " ".join(lowers) + " "
    cued = {bisect_right(starts, match.end() - 1) for match in _LIVES.finditer(text)}
    number = 0
    while number < len(tokens):
        place = _town_at(tokens, lowers, number, lexicon, cued=number in cued)
        if place:
            found.append(place)
            number = place.last
        number += 1
    return found


def _town_at(
    tokens: Sequence[Token], lowers: Sequence[str], at: int, lexicon: Lexicon, *, cued: bool
) -> Place | None:
    for length in range(lexicon.longest_town, 1, -1):
        words = tuple(lowers[at : at + length])
        known = len(words) == length and words in lexicon.towns and words[0] != "the"
        if known and any(not token.is_frequent for token in tokens[at : at + length]):
            return Place(at, at + length - 1, "city", 0.72, "list of towns")
    before = lowers[at - 1] if at else ""
    score, reason = _single_town(tokens[at], near=cued or before in _PLACE_WORDS, cued=cued)
    return Place(at, at, "city", score, reason) if score else None


def _single_town(token: Token, *, near: bool, cued: bool) -> tuple[float, str]:
    """How sure it is that one word is a town; 0 for not at all."""
    country = "g" in token.code and "t" not in token.code
    if country or not token.is_word or token.is_frequent or len(token.lower) < 3:
        return 0.0, ""
    ordinary = (token.is_ordinary or "c" in token.code) and not token.is_capital
    score = 0.0
    if token.lower in _NO_TOWN or ordinary:
        pass
    elif "t" in token.code:
        score = 0.7 if near else 0.0 if token.is_listed else 0.55
    elif "u" in token.code and near:
        score = 0.6
    elif cued and not token.code and not MEDICAL.match(token.lower):
        return 0.5, "cue: lives in"
    return score, "list of towns"
