"""Numbers that identify: announced by a cue, of a telling shape, or too long to be a quantity."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from veilcast_identifiers.codes import (
    counts_up,
    find_codes,
    is_quantity,
    joined_by_oddities,
    merged,
    tokenize,
)
from veilcast_identifiers.cues import Cue, find_cues
from veilcast_identifiers.lexicon import FILLERS, UNITS
from veilcast_identifiers.reading import english, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognized, Recognizer
    from veilcast_identifiers.codes import Code, Token

_REACH_WORDS = 12
_REACH_TURNS = 3
_AFTERWARDS = re.compile(
    r"[\s,.]*(?:(?:is|was|that's|that\s+is|would\s+be|for)\s+)(?:the|my|your|his|her|our|a)\s+"
    r"(?P<cue>[^\n]{2,40})",
    re.IGNORECASE,
)
_VERTEBRAE = re.compile(r"(?:[clst]\d{1,2})+$", re.IGNORECASE)
_ANSWERS = re.compile(
    r"(?:(?:yes|yeah|sure|okay|ok|uh|um|er|so|well|it's|it\s+is|that's|that\s+is|it|is|the|right)\b[\s,.]*)*$",
    re.IGNORECASE,
)
_NO_YEARS = 9
"""So many digits are more than two years have."""
_LENGTHS = {"credit card": 16, "ssn": 9, "phone": 10, "iban": 22}
"""How many digits such numbers have, about."""
_EMERGENCY = frozenset("911 999 112 111 988 101".split())
_SHAPES = (
    ("ssn", re.compile(r"3-2-4$")),
    ("credit card", re.compile(r"4-4-4-4$|4-6-5$")),
    (
        "phone",
        re.compile(r"(?:[123]-)?3-3-4$|3-3-2-2$|(?:[123]-)?3-7$|[45]-[36]-[34]$|5-6$|[34]-4-4$"),
    ),
)
_RUNS = (
    ("phone", re.compile(r"(?:1?[2-9]\d{2}[2-9]\d{6}|0[1-9]\d{8,9}|00\d{9,13})$")),
    ("credit card", re.compile(r"(?:[2-6]\d{15}|3[47]\d{13})$")),
)


def read_numbers(content: str) -> Iterator[Recognized]:
    """Numbers of persons, accounts and things in written text."""
    tokens = tokenize(content)
    cues = find_cues(content)
    ends = [cue.end for cue in cues]
    codes = find_codes(tokens)
    spent: dict[Cue, int] = {}
    at = 0
    while at < len(codes):
        code = codes[at]
        cue, words = _cue_before(content, cues, ends, code, spent)
        if cue is not None:
            while at + 1 < len(codes) and (
                joined_by_oddities(tokens, code, codes[at + 1])
                or _goes_on(tokens, cue, code, codes[at + 1])
            ):
                at += 1
                code = merged(code, codes[at])
        else:
            code, at = _misheard_within(tokens, codes, at)
        hit = _announced(tokens, code, cue, words) if cue is not None else None
        if hit is not None and cue is not None:
            spent[cue] = code.end
        hit = (
            hit
            or _announced_afterwards(content, tokens, code)
            or _unannounced(tokens, code)
            or _answer(content, tokens, code)
        )
        if hit is not None:
            yield hit
        at += 1


def _misheard_within(tokens: list[Token], codes: list[Code], at: int) -> tuple[Code, int]:
    """A run with those behind it where "for" and "go" stand for digits, and the last one's place.

    Only where all are too long to be years or quantities.
    """
    code, last = codes[at], at
    while last + 1 < len(codes) and joined_by_oddities(tokens, codes[last], codes[last + 1]):
        last += 1
        code = merged(code, codes[last])
    return (code, last) if code.digits >= _NO_YEARS else (codes[at], at)


def _goes_on(tokens: list[Token], cue: Cue, code: Code, other: Code) -> bool:
    """Whether words that are no digits stand in a number for digits that were misheard."""
    between = tokens[code.last + 1 : other.first]
    missing = _LENGTHS.get(cue.identifier, 0) - code.digits
    return (
        cue.strong
        and 0 < other.digits <= missing + 2
        and len(between) <= 3
        and all(token.is_word and token.text.lower() not in UNITS for token in between)
        and not is_quantity(tokens, other.first)
    )


def _cue_before(
    content: str, cues: list[Cue], ends: list[int], code: Code, spent: dict[Cue, int]
) -> tuple[Cue | None, int]:
    """The cue that a run belongs to, and how many words lie between. A specific one wins."""
    best: tuple[Cue, int] | None = None
    at = bisect_right(ends, code.start)
    for cue in reversed(cues[max(0, at - 8) : at]):
        since = max(cue.end, spent.get(cue, 0))
        gap = content[since : code.start]
        if gap.count("\n") > _REACH_TURNS:
            break
        words = sum(word.lower() not in FILLERS for word in re.findall(r"[\w']+", gap))
        far = _REACH_WORDS if cue not in spent else 2
        if words > far:
            if cue in spent:
                continue
            break
        if best is None:
            best = (cue, words)
        elif cue.strong and not best[0].strong and cue not in spent:
            return cue, words
        if best[0].strong:
            break
    return best if best is not None else (None, 0)


def _announced(tokens: list[Token], code: Code, cue: Cue, words: int) -> Recognized | None:
    if not _fits(tokens, code, cue, words):
        return None
    identifier = cue.identifier
    if identifier == "id number" and not cue.strong:
        identifier = _by_shape(code) or identifier
    score = 0.9 if cue.strong and words <= 6 else 0.85 if cue.strong else 0.75
    return found((code.start, code.end), identifier, score, f"cue: {cue.name}")


def _fits(tokens: list[Token], code: Code, cue: Cue, words: int) -> bool:
    """Whether a run may be what a cue announces, so many words before it."""
    one = len(code.groups) == 1
    letters = len(code.joined) - code.digits
    enough = code.digits >= cue.fewest or (letters > 1 and len(code.joined) > 3 and words <= 6)
    year = one and len(code.joined) == 4 and code.joined[:2] in {"19", "20"}
    return (
        enough
        and not (one and is_quantity(tokens, code.first, announced=words == 0))
        and not (code.thousands and not cue.strong)
        and not (year and (words > 3 or not cue.strong))
        and (cue.strong or cue.fewest > 4 or words <= 4)
        and (cue.strong or words <= 8 or code.digits >= 6)
        and not (cue.identifier == "phone" and code.joined in _EMERGENCY)
        and not (cue.identifier == "postcode" and not 3 <= len(code.joined) <= 10)
    )


def _announced_afterwards(content: str, tokens: list[Token], code: Code) -> Recognized | None:
    if code.digits < 4 or (len(code.groups) == 1 and is_quantity(tokens, code.first)):
        return None
    match = _AFTERWARDS.match(content, code.end)
    if match is None:
        return None
    cue = next((cue for cue in find_cues(match["cue"]) if cue.strong), None)
    if cue is None or len(match["cue"][: cue.start].split()) > 2:
        return None
    return found((code.start, code.end), cue.identifier, 0.85, f"cue after: {cue.name}")


def _by_shape(code: Code, *, abroad: bool = False) -> str | None:
    if not code.joined.isdecimal():
        return None
    if abroad:
        return "phone"
    if len(code.groups) == 1:
        return next((name for name, run in _RUNS if run.match(code.joined)), None)
    if code.digits in {10, 11} and code.joined[0] in "01":
        return "phone"
    return next((name for name, shape in _SHAPES if shape.match(code.shape)), None)


def _unannounced(tokens: list[Token], code: Code) -> Recognized | None:
    """What its shape or length gives away."""
    listed = all(len(group) <= 3 and group[0] != "0" for group in code.groups)
    quantity = is_quantity(tokens, code.first) and (listed or len(code.groups) <= 2)
    if quantity or code.thousands or counts_up(code) or code.joined.endswith("0000"):
        return None
    dialled = {"+", "plus"} & {token.text.lower() for token in tokens[max(0, code.first - 1) :][:2]}
    identifier = _by_shape(code, abroad=bool(dialled) and code.digits >= 9)
    score, reason = (0.7, "shape") if identifier is not None else _by_length(code)
    if not score:
        return None
    return found((code.start, code.end), identifier or "id number", score, reason)


def _by_length(code: Code) -> tuple[float, str]:
    """How sure it is that a run so long is a number of somebody; 0 where it may be a quantity."""
    letters = len(code.joined) - code.digits
    if code.digits >= 7:
        return 0.7 if code.digits >= 10 or len(code.groups) <= 3 else 0.6, "long number"
    if code.digits >= 5 and len(code.groups) == 1 and not letters and code.joined[-2:] != "00":
        return 0.5 if code.digits == 5 else 0.6, "a number too exact"
    if code.digits >= 4 and 0 < letters <= 4 and not _VERTEBRAE.match(code.joined):
        return 0.6, "digits and letters"
    return 0.0, ""


def _answer(content: str, tokens: list[Token], code: Code) -> Recognized | None:
    """Four digits or more with which a turn begins: somebody was asked for them."""
    before = content[content.rfind("\n", 0, code.start) + 1 : code.start]
    if code.digits < 4 or code.thousands or counts_up(code) or code.joined.endswith("00"):
        return None
    if (
        not _ANSWERS.match(before)
        or is_quantity(tokens, code.first)
        or "\n" not in content[: code.start]
    ):
        return None
    if len(code.groups) == 1 and 1890 <= int(re.sub(r"\D", "", code.joined)) <= 2040:
        return None
    return found((code.start, code.end), "id number", 0.6, "an answer in digits")


def describe() -> Recognizer:
    """The recogniser `numbers`."""
    letters = {
        "fax": "E",
        "ssn": "G",
        "mrn": "H",
        "health plan": "I",
        "account": "J",
        "credit card": "J",
        "iban": "J",
        "passport": "K",
        "licence": "K",
        "plate": "L",
        "device": "M",
        "postcode": "B",
        "phone": "D",
        "id number": "R",
        "username": "R",
    }
    return english(
        "numbers", letters, "Numbers that are announced, or too long for a quantity", read_numbers
    )
