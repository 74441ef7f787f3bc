"""What labels, titles and shapes say of a line, without any recogniser."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from veilcast_text.understanding.labels import find_labels
from veilcast_text.understanding.people import people_in
from veilcast_text.understanding.spans import LABELLED, LABELS, Span
from veilcast_text.understanding.values import value_of
from veilcast_text.understanding.vocabulary import is_of_screens

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIME = re.compile(
    r"[\s,T]{0,3}\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,3})?)?(?:\s?[ap]m\b)?(?![^\W_])", re.IGNORECASE
)
_HOME = re.compile(
    r"[\\/|](?:users|home|profiles)\s?[\\/|]\s?(?P<user>[^\W_][\w.-]+)", re.IGNORECASE
)
_BEFORE = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.?[\s-]?){1,3}$")
_WORD_BEFORE = re.compile(r"(?<![^\W_])(?P<word>[^\W\d_]+) $")
_WORD_BEHIND = re.compile(r" (?P<word>[^\W\d_]+)(?![^\W_])")
_BEHIND = re.compile(r",?\s[^\W\d_]\b\.?(?:\s?[^\W\d_]\.)?")
_MISREAD = re.compile(
    r"(?<![^\W_])[0-3]?\d[\s.,/-]{0,2}[^\W\d_]\w{2}[\s.,/-]{0,2}(?:19|20)\d\d(?!\d)"
    r"(?:\s*\d{1,2}:\d\d(?::\d\d)?)?"
)
"""A date whose month was misread."""
_WEEKDAY = re.compile(
    r"(?<![^\W_])(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[\s.,]{1,2}[0-3]?\d[/.][01]?\d(?![\d/.])",
    re.IGNORECASE,
)
_DATES = ((_MISREAD, "day, three letters and year"), (_WEEKDAY, "weekday, day and month"))
_SAINT = re.compile(r"(?<![^\W_])St\.?\s[A-Z][a-zA-Z]{2,}['’]?[sS]?(?![^\W_])")
"""What many hospitals, wards and schools are called."""
_AGE = re.compile(
    r"(?<![^\W_])(?<![.,:/-])(?P<age>1[01]\d|[1-9]?\d)\s*(?:(?:yrs?|years?|y/?o|y)\b|/?\s?[MF](?![^\W_]))"
    r"(?!\s*[/.])",
)


def own_spans(text: str) -> Iterator[Span]:
    """Values of labels in the same line, names beside titles, ages, home folders and bad dates."""
    labels = find_labels(text)
    for number, label in enumerate(labels):
        stop = labels[number + 1].start if number + 1 < len(labels) else len(text)
        value = value_of(
            text,
            label.end,
            stop,
            label.kind,
            label.identifier,
            marked=label.marked,
            sure=label.counts,
        )
        if value:
            yield Span(value.start, value.end, value.identifier, LABELLED, "cue: label", LABELS)
    for start, end, score, reason in people_in(text):
        yield Span(start, end, "person", score, reason, LABELS)
    for age in _AGE.finditer(text):
        identifier = "age" if int(age["age"]) >= 90 else "age under 90"
        yield Span(*age.span("age"), identifier, 0.7, "years of age", LABELS)
    for home in _HOME.finditer(text):
        yield Span(*home.span("user"), "username", LABELLED, "a home folder", LABELS)
    for pattern, reason in _DATES:
        for date in pattern.finditer(text):
            yield Span(*date.span(), "date", 0.7, reason, LABELS)
    for saint in _SAINT.finditer(text):
        yield Span(*saint.span(), "facility", 0.6, "saint", LABELS)


def with_time(text: str, span: Span) -> Span:
    """A date with the time behind it: the stamp of a camera is covered whole."""
    time = _TIME.match(text, span.end) if span.identifier == "date" else None
    return replace(span, end=time.end()) if time else span


def whole_name(text: str, span: Span) -> tuple[int, int]:
    """A name with the initials beside it, and a word that only looks ordinary: "Xiu Waters"."""
    start, end = span.start, span.end
    if span.identifier not in {"person", "city"}:
        return start, end
    if span.identifier == "person":
        before, behind = _WORD_BEFORE.search(text, 0, start), _WORD_BEHIND.match(text, end)
        if before and _may_belong(before["word"], text[start:end]):
            start = before.start("word")
        if behind and _may_belong(behind["word"], text[span.start : end]):
            end = behind.end()
    initials = _BEFORE.search(text, max(0, start - 9), start)
    if initials and initials.group()[0].isupper():
        start = initials.start()
    after = _BEHIND.match(text, end)
    upper = after and all(char.isupper() for char in after.group() if char.isalpha())
    return start, after.end() if after and upper else end


def _may_belong(word: str, name: str) -> bool:
    """Whether a word beside a name is written like it, and is none of wards and devices."""
    alike = word.isupper() == name.isupper() and word[0].isupper()
    return alike and len(word) > 2 and not is_of_screens(word)
