"""Dates: every part of one but the year alone, with what people say in the middle of it.

"22nd uh of March of um 90", "October, seventh", "11th of the 10th", "date of birth 4 12 84". A
month alone, a weekday and "in two weeks" are left.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from veilcast_identifiers.lexicon import GAP, MONTHS, UNITS
from veilcast_identifiers.reading import english, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognized, Recognizer

_MONTH = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
_OF = rf"(?:{GAP}(?:(?:of|the|in|on|year)\b{GAP})*|(?=[a-z]))"
_MID = rf"(?:{GAP}(?:(?:of|the)\b{GAP})*|(?=[a-z]))"
_DAY = r"(?P<day>(?:0?[1-9]|[12]\d|3[01])|first|second|third)"
_THE = r"(?:\bthe\s+)?"
_NTH = r"(?P<nth>st|nd|rd|th)"
_YEAR = (
    r"(?P<year>(?:1[89]|20)\d\d|(?:19|20)[\s-]\d\d|[2-9]0[\s,]+[1-9](?=\s*(?:$|[a-z]))|['’]?\d\d)"
    r"(?!\d|[.,:/]\d|\s*%)\b"
)

_DAY_MONTH = re.compile(rf"{_THE}\b{_DAY}{_NTH}?{_MID}{_MONTH}(?:{_OF}{_YEAR})?", re.IGNORECASE)
_MONTH_DAY = re.compile(
    rf"\b{_MONTH}{_OF}{_DAY}{_NTH}?(?![\d:/%]|[.,]\d)\b(?:{_OF}{_YEAR})?", re.IGNORECASE
)
_MONTH_YEAR = re.compile(
    rf"\b(?:(?:one|two|three|four|five|six|seven|eight|nine)\s+(?:of\s+)?)?{_MONTH}{_OF}(?P<year>2019\s\d\d|(?:1[89]|20)\d\d|(?:19|20)\s\d\d|['’]\d\d)\b",
    re.IGNORECASE,
)
_YEAR_MONTH = re.compile(rf"\b(?:1[89]|20)\d\d\s+{_MONTH}\s+{_DAY}{_NTH}?\b", re.IGNORECASE)
_NUMERIC = re.compile(
    r"(?:\b(?:oh|zero)\s+)?(?<![\d./:-])(?:\d{1,2}(?P<a>[/.-])\d{1,2}(?P=a)(?:\d{4}|\d{2})|\d{4}(?P<b>[/.-])\d{1,2}(?P=b)\d{1,2})"
    r"(?![\d/-]|\.\d)(?:T|\s+)?(?:\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_NTH_OF_NTH = re.compile(
    rf"{_THE}\b{_DAY}(?:st|nd|rd|th){GAP}(?:of\b{GAP})(?:the\b{GAP})?"
    rf"(?P<number>0?[1-9]|1[0-2])(?:st|nd|rd|th)?\b(?:{_OF}{_YEAR})?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b[\s,]+(?:on[\s,]+)?(?:the[\s,]+)?"
    r"(?:[12]?\d|3[01])(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
_NTH_ALONE = re.compile(
    r"\b(?:on|by|until|till|from|since|before|after|for|around|to|of|is|it's|be|visit|appointment|scan|clinic|due|booked|seen|back)\s+(?P<span>the\s+(?:[12]?\d|3[01])"
    r"(?:st|nd|rd|th))(?=\s*(?:$|[\n.,?!;]|(?:at|and|or|so|it|i|we|we'll|i'll|he|she|they|because|please|then|if|"
    r"when|with|would|okay|ok|yes|what|you|you'd|that|can|confirming)\b))",
    re.IGNORECASE,
)
_NTH_OF_MONTH = re.compile(
    r"(?:\bthe\s+)?\b(?:[12]?\d|3[01])(?:st|nd|rd|th)\s+of\s+(?:this|next|last|the)\s+month\b",
    re.IGNORECASE,
)
_HOLIDAY = re.compile(
    r"\b(?:christmas(?:\s+(?:day|eve))?|boxing\s+day|new\s+year'?s?\s+(?:day|eve)|hallowe'?en|"
    r"valentine'?s?\s+day|saint\s+patrick'?s?\s+day|st\.?\s+patrick'?s?\s+day|guy\s+fawkes\s+night|"
    r"bonfire\s+night|independence\s+day|veterans\s+day|memorial\s+day|labou?r\s+day|thanksgiving|"
    r"easter\s+(?:sunday|monday|day)|good\s+friday|ash\s+wednesday|leap\s+day|midsummer'?s?\s+day)"
    r"[\s,]+(?:in\s+|of\s+)?(?:1[89]|20)\d\d\b",
    re.IGNORECASE,
)
_BORN_ON_HOLIDAY = re.compile(
    r"\bborn\s+(?:on\s+)?(?P<span>christmas(?:\s+(?:day|eve))?|boxing\s+day|new\s+year'?s?\s+(?:day|eve)|"
    r"hallowe'?en|valentine'?s?\s+day|easter\s+\w+)\b",
    re.IGNORECASE,
)
_OTHERS = (
    (_HOLIDAY, 0.8, "holiday and year"),
    (_BORN_ON_HOLIDAY, 0.8, "cue: born on a holiday"),
    (_MONTH_YEAR, 0.7, "month and year"),
    (_YEAR_MONTH, 0.85, "year, month and day"),
    (_WEEKDAY, 0.75, "weekday and day"),
    (_NTH_OF_MONTH, 0.7, "day of a month"),
    (_NTH_ALONE, 0.6, "day of a month"),
)
_BIRTH = re.compile(
    r"\b(?:date\s+of\s+birth|birth\s*-?dates?|birthdays?|d\.?o\.?b\.?|(?:was|were|is|am|i'm)\s+born"
    r"(?:\s+on)?|born(?:\s+on|\s+the)?|when\s+(?:is|was|were)\s+(?:your|his|her)\s+birth\w*)(?!\w)",
    re.IGNORECASE,
)
_PARTS = re.compile(
    rf"(?<![\d.:/$£€])(?P<a>\d{{1,4}}|\d{{6}}|\d{{8}})(?!\d)(?:st|nd|rd|th)?"
    rf"(?:(?:{GAP}|[\s/]+(?:of\b|the\b|slash\b|dash\b)*)+(?:(?:of|the|slash|dash){GAP})*"
    rf"(?P<b>\d{{1,4}})(?:st|nd|rd|th)?\b"
    rf"(?:{GAP}(?:(?:of|the|slash|dash|in){GAP})*(?P<c>\d{{2,4}}|(?:19|20)\s\d\d)(?!\d)\b)?)?",
    re.IGNORECASE,
)
_MONTH_RUN = re.compile(rf"\b{_MONTH}\s+\d{{3,4}}(?:\s\d\d)?\b", re.IGNORECASE)
"""A month with its day and year run together: "march 1279" for March 12, 79."""
_REACH = 90
"""How many characters after "date of birth" a date without a month's name may begin."""

_MAY = re.compile(r"(?:march|may|mar|sun)\b", re.IGNORECASE)
_AS_VERB = re.compile(
    r"\b(?:i|you|he|she|it|we|they|this|that|which|who|there|what|patients?|symptoms?|pain|s?he|one|"
    r"people|these|those|as|or|and\s+you|to|will|can|would|could|should)\s*$",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"[\s-]*([^\W\d_]+(?:['’]\w+)?|%)")


def _is_verb(content: str, match: re.Match[str]) -> bool:
    """Whether "may 2" or "march 20" is no date: after a subject, or with a unit behind."""
    if match["nth"] and match["nth"].strip():
        return False
    after = _NEXT_WORD.match(content, match.end())
    if after is not None and after[1].lower() in UNITS and not match["year"]:
        return True
    before = content[max(0, match.start() - 20) : match.start()]
    return bool(_MAY.match(match["month"]) and not match["year"] and _AS_VERB.search(before))


def _reach_of_year(content: str, match: re.Match[str]) -> int:
    """Where a date ends: without a last number that has a unit, or is a later line's quantity."""
    if match["year"] is None:
        return match.end()
    after = _NEXT_WORD.match(content, match.end())
    short = len(re.sub(r"\D", "", match["year"])) == 2
    if short and after is not None and after[1].lower() in UNITS:
        return len(content[: match.start("year")].rstrip(" \n,.;:-"))
    return match.end()


_WEEKDAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+(?:the\s+)?$", re.IGNORECASE
)
_LONGEST_WEEKDAY = 16


def read_dates(content: str) -> Iterator[Recognized]:
    """Dates in written text, each with the day of the week before it."""
    for date in _without_weekdays(content):
        before = _WEEKDAY.search(content, max(0, date.start - _LONGEST_WEEKDAY), date.start)
        yield replace(date, start=before.start()) if before else date


def _without_weekdays(content: str) -> Iterator[Recognized]:
    for match in _DAY_MONTH.finditer(content):
        if not _may_follows(content, match):
            yield found(_span(content, match), "date", 0.85, "day and month")
    for match in _MONTH_DAY.finditer(content):
        if not _is_verb(content, match):
            yield found(_span(content, match), "date", 0.85, "month and day")
    for match in _NTH_OF_NTH.finditer(content):
        yield found(_span(content, match), "date", 0.8, "day of month")
    for match in _NUMERIC.finditer(content):
        if _is_plausible(match.group()):
            end = match.start() + len(match.group().rstrip())
            yield found((match.start(), end), "date", 0.85, "date in figures")
    for pattern, score, reason in _OTHERS:
        group = "span" if "span" in pattern.groupindex else 0
        for match in pattern.finditer(content):
            yield found(match.span(group), "date", score, reason)
    yield from _births(content)


def _span(content: str, match: re.Match[str]) -> tuple[int, int]:
    return match.start(), _reach_of_year(content, match)


def _may_follows(content: str, match: re.Match[str]) -> bool:
    """Whether "the 2 may be" is no date."""
    if not match["month"].startswith("may") or match["nth"] or match["year"]:
        return False
    after = _NEXT_WORD.match(content, match.end())
    return after is not None and after[1].lower() in _VERBS_AFTER_MAY


_VERBS_AFTER_MAY = frozenset(
    "be have need not want take get also cause feel help make even".split()
)


def _is_plausible(text: str) -> bool:
    numbers = [int(part) for part in re.findall(r"\d+", text)[:3]]
    small = sorted(number for number in numbers if number <= 31)
    return len(small) >= 2 and min(small) <= 12 and all(number > 0 for number in small[:1])


def _births(content: str) -> Iterator[Recognized]:
    """Dates without a month's name, after "date of birth" or its like, also a turn later."""
    for cue in _BIRTH.finditer(content):
        at = cue.end()
        stop = min(len(content), cue.end() + _REACH)
        while at < stop:
            match = _PARTS.search(content, at)
            month = _MONTH_RUN.search(content, at, stop)
            if month is not None:
                yield found(month.span(), "date", 0.9, "cue: date of birth")
            if match is None or match.start() > stop:
                break
            end = _birth_end(content, match)
            if end is not None and content.count("\n", cue.end(), match.start()) <= 3:
                yield found((match.start(), end), "date", 0.9, "cue: date of birth")
                break
            at = match.end()


def _birth_end(content: str, match: re.Match[str]) -> int | None:
    """Where the birth date ends, or None if these are no day, month and year."""
    a, b, c = match["a"], match["b"], match["c"]
    after = _NEXT_WORD.match(content, match.end())
    if after is not None and after[1].lower() in UNITS:
        return None
    if b is None:
        return match.end() if len(a) in {6, 8} else None
    first, second = int(a), int(b)
    if len(a) == 4 and 1 <= second <= 12:
        return match.end()
    if not (1 <= first <= 31 and (1 <= second <= 31 or len(b) in {2, 4})):
        return None
    if c is None and len(b) < 2 and not re.search("st|nd|rd|th", match.group()):
        return None
    return match.end()


def describe() -> Recognizer:
    """The recogniser `dates`."""
    return english("dates", {"date": "C"}, "Dates, but for a year alone", read_dates)
