"""Ages: those over 89, which identify, and all others as a class of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_identifiers.lexicon import GAP, UNITS
from veilcast_identifiers.reading import english, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognized, Recognizer

_N = r"(?P<age>1[0-2]\d|[1-9]?\d)(?![\d/]|[.,:]\d|\s*[%/])"
_WHOLE = re.compile(
    rf"(?<![\d.,:/$£€-])\b{_N}[\s-]*(?:(?:and\s+a\s+half|plus|odd)\s+)?(?P<unit>years?|yrs?|yr|months?|weeks?|days?)?"
    rf"[\s-]*(?:old\b|of\s+age\b|-?\s*y/?o\b)",
    re.IGNORECASE,
)
_AGED = re.compile(
    rf"\b(?:aged?|age\s+(?:is|of)|at\s+(?:the\s+)?age(?:\s+of)?|turn(?:s|ed|ing)|my\s+age\s+is|how\s+old\s+"
    rf"(?:are\s+you|is\s+(?:he|she))(?:\s+(?:now|then|again|today))?[^\w]*)(?:{GAP})+{_N}\b(?:\s+years?\b)?",
    re.IGNORECASE,
)
_PERSON_IS = re.compile(
    r"\b(?:i(?:['’]m|\s+am)|he(?:['’]s|\s+is)|she(?:['’]s|\s+is)|you(?:['’]re|\s+are)|who(?:['’]s|\s+is)"
    r"|(?:mother|father|mom|mum|dad|grandmother|grandfather|grandma|grandpa|nan|gran|wife|husband|aunt|uncle"
    r"|patient|lady|gentleman|woman|man)(?:['’]s|\s+is|\s+was))"
    rf"(?:{GAP}|\b(?:just|now|only|almost|nearly|about|already|actually)\b)*\b(?:(?:just|now|only|almost|nearly"
    rf"|about|already|actually)\s+)*{_N}\b",
    re.IGNORECASE,
)
_OVER_89 = re.compile(
    r"\b(?:(?:he|she|who|they)\s+(?:was|were|will\s+be|would\s+be)|(?:is|was|turns|turned)"
    r"(?=\s+(?:just\s+|about\s+|nearly\s+)?(?:9\d|1[01]\d)\s+(?:years?|next|this|now|in\s+"
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"the\s+(?:spring|summer|autumn|fall|winter)))\b))"
    r"\s+(?:just\s+|about\s+|nearly\s+|only\s+|almost\s+)?(?P<age>(?:9\d|1[01]\d)(?:\s+years?)?)\b"
    r"(?!\s*(?:[.,:]?\d|[%/]))",
    re.IGNORECASE,
)
"""An age over 89 said of a person in passing; a younger one so said is left."""
_VERY_OLD = re.compile(
    r"\b(?:(?:he|she|who)(?:['\u2019]s|\s+(?:is|was))|(?:i['\u2019]m|i\s+am))\s+(?P<age>(?:9\d|1[01]\d)\s+years)\b",
    re.IGNORECASE,
)
_DECADE = re.compile(
    r"\b(?:in\s+)?(?:his|her|my|their)\s+(?:early\s+|mid\s+|late\s+)?(?:90s|nineties|100s)\b", re.I
)
_CENTURY = re.compile(r"\b(?:centenarian|nonagenarian|hundred\s+and\s+\d+\s+years?\s+old)\b", re.I)
_NEXT = re.compile(r"[\s-]*([^\W_]+(?:['’]\w+)?|%|/)")
_STATE = frozenset(
    """
    on in at to hundred thousand feet out for with from
    """.split()
)


def _class(number: int, unit: str | None) -> str:
    whole_years = unit is None or unit[0].lower() == "y"
    return "age" if whole_years and number >= 90 else "age under 90"


def read_ages(content: str) -> Iterator[Recognized]:
    """Ages in written text."""
    for match in _WHOLE.finditer(content):
        yield found(match.span(), _class(int(match["age"]), match["unit"]), 0.85, "years of age")
    for match in _AGED.finditer(content):
        if not _has_unit(content, match.end()):
            yield found(match.span("age"), _class(int(match["age"]), None), 0.85, "cue: age")
    for match in _PERSON_IS.finditer(content):
        number = int(match["age"])
        if number <= 120 and not _has_unit(content, match.end(), statement=True):
            yield found(match.span("age"), _class(number, None), 0.7, "cue: a person is")
    for match in _OVER_89.finditer(content):
        if not _has_unit(content, match.end(), statement=True):
            yield found(match.span("age"), "age", 0.65, "cue: a person was")
    for match in _VERY_OLD.finditer(content):
        yield found(match.span("age"), "age", 0.7, "years said of a person")
    for match in _DECADE.finditer(content):
        yield found(match.span(), "age", 0.7, "decade of life")
    for match in _CENTURY.finditer(content):
        yield found(match.span(), "age", 0.8, "decade of life")


def _has_unit(content: str, end: int, *, statement: bool = False) -> bool:
    """Whether what follows makes the number something other than an age in years."""
    match = _NEXT.match(content, end)
    if match is None:
        return False
    word = match[1].lower()
    if word in {"year", "years", "yr", "yrs"}:
        return False
    if word in UNITS or word in {"%", "/"}:
        return True
    return statement and (word in _STATE or word.isdecimal())


def describe() -> Recognizer:
    """The recogniser `ages`."""
    return english(
        "ages",
        {"age": "C", "age under 90": ""},
        "Ages over 89, and others as a class of their own",
        read_ages,
    )
