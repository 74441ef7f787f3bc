"""Persons by what announces them and by the word list, without a model."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from veilcast_identifiers.names.cues import asked_turns, find_cues
from veilcast_identifiers.names.words import word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast_identifiers.names.cues import Cue
    from veilcast_identifiers.names.tokens import Token

_NO_NAME = word_set("no name") | word_set("never")
_NO_START = word_set("no start")
_STOP = word_set("stop")
_MONTHS = word_set("months")
_DATE_BEFORE = word_set("before a date")
_PLACE_BEFORE = word_set("place before")
_EPONYMS = word_set("eponyms")
_PAIRS = frozenset(
    (
        ("braxton", "hicks"),
        ("creutzfeldt", "jakob"),
        ("ehlers", "danlos"),
        ("epstein", "barr"),
        ("guillain", "barre"),
        ("parkinson", "white"),
        ("stevens", "johnson"),
        ("wolff", "parkinson"),
    )
)
"""Eponyms of two people."""
_DISEASE = word_set("disease")


_ARTICLES = word_set("articles")
_BEFORE_TO = word_set("before to")
_OPENERS = word_set("never") | word_set("relatives") | word_set("titles") | word_set("openers")
_PAST = word_set("past tenses")
_AFTER_VERB = word_set("after a verb")

NAME_LIST = "name list"
SURE = 0.7
"""A person with this score is looked for in the rest of the text as well."""


@dataclass(frozen=True, slots=True)
class Person:
    """A run of tokens that name a person; ``last`` is inclusive."""

    first: int
    last: int
    score: float
    reason: str


def persons(tokens: Sequence[Token]) -> list[Person]:
    """Persons in a text, several of which may overlap."""
    lowers = [token.lower for token in tokens]
    found = [person for cue in find_cues(lowers) if (person := _after(tokens, cue))]
    for first, end in asked_turns(lowers):
        found.extend(_answers(tokens, first, end))
    found.extend(_listed(tokens))
    return found


def named_again(tokens: Sequence[Token], known: Sequence[Person]) -> list[Person]:
    """Other places where somebody is named who is surely named somewhere else in the text."""
    words = {
        tokens[at].lower
        for person in known
        if person.score >= SURE and person.reason != NAME_LIST
        for at in range(person.first, person.last + 1)
        if not tokens[at].is_frequent and (tokens[at].is_listed or not tokens[at].is_ordinary)
        if person.reason.startswith("cue") or tokens[at].is_first
        if len(tokens[at].lower) > 2 and tokens[at].is_word
    }
    return [
        Person(at, at, 0.65, "named elsewhere")
        for at, token in enumerate(tokens)
        if token.lower in words and not _is_date(tokens, at) and not is_eponym(tokens, at)
    ]


def _is_date(tokens: Sequence[Token], at: int) -> bool:
    """Whether it is a month or a season in a date: April as in "since April"."""
    before = tokens[at - 1].lower if at else ""
    return tokens[at].lower in _MONTHS and (before in _DATE_BEFORE or before.isdigit())


def is_eponym(tokens: Sequence[Token], at: int) -> bool:
    """Whether it is a disease's or a sign's name: Parkinson's, Bell's palsy, Braxton Hicks."""
    if _in_pair(tokens, at):
        return True
    behind = [token.lower for token in tokens[at + 1 : at + 3]]
    if behind and behind[0] == "'s":
        if tokens[at].lower in _EPONYMS:
            return True
        return len(behind) == 1 or not tokens[at].is_first or behind[1] in _DISEASE
    return bool(behind) and behind[0] in _DISEASE


def _in_pair(tokens: Sequence[Token], at: int) -> bool:
    """Whether it and the word before or behind it are the name of one disease or sign."""
    near = [token.lower for token in tokens[max(0, at - 2) : at + 3] if token.is_word]
    word = tokens[at].lower
    return any(word in pair and pair in _PAIRS for pair in pairwise(near))


def is_ordinary_use(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word that is also a name is used as a word: "the bill", "the fever rose again"."""
    token = tokens[at]
    before = tokens[at - 1].lower if at else ""
    if not token.is_ordinary or token.is_capital or not before:
        return False
    if before in _ARTICLES:
        return True
    if before == "to":
        return at > 1 and tokens[at - 2].lower in _BEFORE_TO
    behind = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    noun = tokens[at - 1].is_ordinary and before not in _OPENERS
    return token.lower in _PAST and noun and behind in _AFTER_VERB


def _after(tokens: Sequence[Token], cue: Cue) -> Person | None:
    first = cue.last + 1
    if first >= len(tokens):
        return None
    if cue.kind == "open":
        last = _open_end(tokens, first, cue.slot)
    elif cue.kind == "title":
        head = tokens[first]
        known = head.is_listed and not head.is_frequent
        unknown = head.is_word and not head.is_ordinary and head.lower not in _NO_NAME
        last = (
            name_end(tokens, first, cue.slot)
            if known or unknown or _written(tokens, first)
            else None
        )
    else:
        last = name_end(tokens, first, cue.slot) if _is_name(tokens, first) else None
    if last is None or (cue.kind != "open" and is_eponym(tokens, last)):
        return None
    listed = any(token.is_listed for token in tokens[first : last + 1])
    return Person(first, last, min(0.95, cue.score + (0.2 if listed else 0.0)), cue.reason)


def _open_end(tokens: Sequence[Token], first: int, slot: int) -> int | None:
    """Whatever stands in a slot, up to a word that goes on with the sentence."""
    head = tokens[first]
    if not head.is_word or head.lower in _NO_START:
        return None
    if head.is_listed and not head.is_frequent:
        return name_end(tokens, first, slot)
    last = first
    for at in range(first, min(len(tokens), first + slot)):
        token = tokens[at]
        if not token.is_word or token.is_filler or (at > first and token.lower in _STOP):
            break
        last = at
    return last


def name_end(tokens: Sequence[Token], first: int, slot: int) -> int:
    """The last token of a name that begins at ``first``."""
    last = first
    for at in range(first + 1, min(len(tokens), first + slot)):
        token = tokens[at]
        if token.lower in {"-", "'s"} and at + 1 < len(tokens) and token.lower == "-":
            continue
        if not token.is_word or token.lower in _NO_NAME or token.is_filler:
            break
        capital = tokens[first].is_capital and token.is_capital
        listed = token.is_listed and (not token.is_frequent or token.is_sure)
        strange = not token.code or token.is_proper
        closing = token.is_last and _ends(tokens, at + 1)
        if not (capital or listed or strange or closing or _initial(token)):
            break
        last = at
    return last


def _ends(tokens: Sequence[Token], at: int) -> bool:
    """Whether what follows is no word of the same phrase."""
    return at >= len(tokens) or not tokens[at].is_word or tokens[at].is_filler


def _initial(token: Token) -> bool:
    return len(token.lower) == 1 and token.lower not in {"a", "i"}


def _written(tokens: Sequence[Token], at: int) -> bool:
    """Whether its capital says that it is a name: not the first word of a sentence."""
    token = tokens[at]
    return (
        token.is_capital
        and token.lower not in _NO_NAME
        and not (token.is_frequent and not token.is_listed)
    )


def _is_name(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if not token.is_word or token.lower in _NO_NAME or token.is_filler:
        return False
    if token.is_capital and token.is_listed and not token.is_frequent:
        return True
    if token.lower in _MONTHS and not token.is_first:
        return False
    if token.is_proper or (token.is_first and (token.is_sure or token.is_mixed)):
        return True
    if token.is_last and token.is_sure and not token.is_ordinary and len(token.lower) > 2:
        return True
    follows = tokens[at + 1] if at + 1 < len(tokens) else None
    return bool(
        token.is_first
        and follows
        and follows.is_word
        and follows.is_last
        and (follows.is_sure or follows.is_mixed)
        and not follows.is_frequent
    )


def _answers(tokens: Sequence[Token], first: int, end: int) -> list[Person]:
    found: list[Person] = []
    # Where anything has a capital, a name would too.
    cased = any(token.is_capital for token in tokens[first:end])
    at = first
    while at < end:
        token = tokens[at]
        if token.is_turn and at > first + 1:
            break
        plain = (
            token.is_word
            and token.is_listed
            and token.lower not in _NO_NAME
            and not token.is_filler
            and not (cased and token.is_ordinary and not token.is_capital)
        )
        last = name_end(tokens, at, 4) if plain else at
        sure = not token.is_frequent or token.is_capital or (token.is_first and last > at)
        if plain and sure and not is_eponym(tokens, at):
            found.append(Person(at, last, SURE, "cue: answer"))
            at = last
        at += 1
    return found


def _listed(tokens: Sequence[Token]) -> list[Person]:
    """First names that are hardly ever anything else, and first names with a surname."""
    found: list[Person] = []
    at = 0
    while at < len(tokens):
        if _alone(tokens, at) and not is_eponym(tokens, at):
            last = name_end(tokens, at, 4)
            found.append(Person(at, last, SURE, NAME_LIST))
            at = last
        at += 1
    return found


def _alone(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word needs nothing around it to be taken for a person's name."""
    token = tokens[at]
    if not (token.is_first and token.is_sure) or token.is_ordinary or len(token.lower) < 3:
        return False
    if token.lower in _MONTHS or "g" in token.code:
        return False
    town = "t" in token.code or "u" in token.code
    return not (town and at and tokens[at - 1].lower in _PLACE_BEFORE)
