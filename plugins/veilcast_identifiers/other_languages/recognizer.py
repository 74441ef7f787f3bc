"""What the words of a lexicon announce: the same rules for each language.

Speech recognition writes numbers in figures or in words, and most names with capitals; neither is
relied on where something is announced.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from veilcast.plugin import Recognizer
from veilcast_identifiers.other_languages.lexicons import LEXICONS, Lexicon
from veilcast_identifiers.reading import Reader, found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.plugin import Recognized, RecognizerContext

_TOKEN = re.compile(r"\n|\d+|[^\W\d_]+(?:['’\-][^\W\d_]+)*['’]?|[^\w\s]")
_NUMERIC_DATE = re.compile(r"\b\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:\d{4}|\d{2})\b")
_EMAIL_WORDS = re.compile(
    r"(?<!\S)\S{1,64}\s*(?:@|\b(?:arobase|arroba|at|klammeraffe)\b)\s*\S{1,64}"
    r"(?:\s*(?:\.|\b(?:point|punto|punkt)\b)\s*\w{1,64}){1,5}",
    re.IGNORECASE,
)
_HOUSE = frozenset((",", "número", "numéro", "nummer", "hausnummer"))
REACH = 6
"""How many words may lie between what announces a number and the number."""
LONGEST_NAME = 4
MANY_DIGITS = 6
"""So many digits are no quantity."""
MANY_WORDS = 5
"""Nor are so many words of a number in a row."""
MISHEARD = 2
"""So many words between number words may be digits that were misheard."""
SURE, LIKELY = 0.85, 0.6
_CLASSES = {
    "person": "A",
    "address": "B",
    "postcode": "B",
    "date": "C",
    "age": "C",
    "age under 90": "",
    "phone": "D",
    "fax": "E",
    "email": "F",
    "mrn": "H",
    "health plan": "I",
    "account": "J",
    "passport": "K",
    "id number": "R",
}


class _Text:
    """A passage as tokens."""

    def __init__(self, content: str, lexicon: Lexicon) -> None:
        self.content, self.lexicon = content, lexicon
        self.places = [match.span() for match in _TOKEN.finditer(content)]
        self.words = [content[start:end] for start, end in self.places]
        self.lower = [word.lower().replace("’", "'") for word in self.words]
        self._compound = re.compile(rf"(?:{lexicon.compound})")

    def is_number(self, at: int) -> bool:
        word = self.lower[at]
        return (
            word.isdigit()
            or word in self.lexicon.numerals
            or self._compound.fullmatch(word) is not None
        )

    def at(self, character: int) -> int:
        """The first token that begins there or behind."""
        return bisect_left(self.places, (character, 0))

    def span(self, first: int, last: int) -> tuple[int, int]:
        return self.places[first][0], self.places[last][1]


def _read(content: str, lexicon: Lexicon) -> Iterator[Recognized]:
    text = _Text(content, lexicon)
    runs = list(_numbers(text))
    yield from _names(text)
    yield from _dates(text, runs)
    yield from _ages(text, runs)
    yield from _announced_numbers(text, runs)
    yield from _misheard_within(text, runs)
    yield from _streets(text)
    for match in _EMAIL_WORDS.finditer(content):
        yield found(match.span(), "email", SURE, "pattern: e-mail address")


def _phrase(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'’])(?:{pattern})(?![\w])", re.IGNORECASE)


def _names(text: _Text) -> Iterator[Recognized]:
    """Names behind what announces them, and behind a title."""
    lexicon = text.lexicon
    for pattern, reason in (
        (lexicon.names, "announcement"),
        (lexicon.titles, "title"),
        (lexicon.mentions, "mention"),
    ):
        for match in _phrase(pattern).finditer(text.content):
            run = _name(text, text.at(match.end()))
            if run is None:
                continue
            capital = any(word[0].isupper() for word in text.words[run[0] : run[1] + 1])
            if capital or pattern is lexicon.names:
                yield found(text.span(*run), "person", SURE, f"cue: {reason} of a name")


def _name(text: _Text, first: int) -> tuple[int, int] | None:
    """The words of a name: those with capitals, else one that is none of the small words."""
    lexicon = text.lexicon
    while first < len(text.words) and (
        text.words[first] in ",:"
        or _phrase(lexicon.titles).fullmatch(text.words[first])
        or text.lower[first] in ("est", "es", "ist", "c'est")
    ):
        first += 1
    last = first - 1
    for at in range(first, min(len(text.words), first + LONGEST_NAME)):
        word, lower = text.words[at], text.lower[at]
        if (
            lower in lexicon.particles
            and at + 1 < len(text.words)
            and text.words[at + 1][0].isupper()
        ):
            continue
        capital = word[0].isupper() and lower not in lexicon.small
        alone = at == first and word[0].isalpha() and lower not in lexicon.small
        if not (capital or alone) or text.is_number(at):
            break
        last = at
    return (first, last) if last >= first else None


def _numbers(text: _Text) -> Iterator[tuple[int, int]]:
    """Runs of figures and number words, over what joins them."""
    at = 0
    while at < len(text.words):
        if not text.is_number(at):
            at += 1
            continue
        last = at
        following = at + 1
        while following < len(text.words) and following - last <= 2:
            if text.is_number(following):
                last = following
            elif not (
                text.words[following] in "-.,/()+" or text.lower[following] in text.lexicon.joins
            ):
                break
            following += 1
        yield at, last
        at = last + 1


def _size(text: _Text, run: tuple[int, int]) -> tuple[int, int]:
    """How many digits a run has, and how many number words."""
    words = text.words[run[0] : run[1] + 1]
    return sum(len(w) for w in words if w.isdigit()), sum(
        w.isalpha() or "-" in w[1:] for w in words
    )


def _dates(text: _Text, runs: Sequence[tuple[int, int]]) -> Iterator[Recognized]:
    for match in _NUMERIC_DATE.finditer(text.content):
        yield found(match.span(), "date", SURE, "pattern: date")
    ends, starts = {last: first for first, last in runs}, dict(runs)
    linking = {"de", "del", "d'", ".", "le", "el", "du"}
    for at, word in enumerate(text.lower):
        if word not in text.lexicon.months:
            continue
        before = at - 1
        while before > 0 and text.lower[before] in linking:
            before -= 1
        behind = at + 1
        while behind < len(text.words) and text.lower[behind] in linking:
            behind += 1
        first, last = ends.get(before, at), starts.get(behind, at)
        if first < at or last > at:
            yield found(text.span(first, last), "date", SURE, "pattern: day and month")
    for match in _phrase(text.lexicon.born).finditer(text.content):
        at = text.at(match.end())
        if (run := next((r for r in runs if at <= r[0] <= at + 2), None)) is not None:
            yield found(text.span(*run), "date", SURE, "cue: date of birth")


def _ages(text: _Text, runs: Sequence[tuple[int, int]]) -> Iterator[Recognized]:
    aged = re.compile(rf"(?:9\d|1[0-2]\d)|(?:{text.lexicon.aged})(?:\W.*)?", re.IGNORECASE)
    for first, last in runs:
        behind = text.lower[last + 1] if last + 1 < len(text.words) else ""
        if behind == text.lexicon.old:
            said = text.content[slice(*text.span(first, last))].lower()
            over = bool(aged.fullmatch(said))
            yield found(
                text.span(first, last), "age" if over else "age under 90", SURE, "pattern: age"
            )


def _misheard_within(text: _Text, runs: Sequence[tuple[int, int]]) -> Iterator[Recognized]:
    """Many number words with a few others between, each heard for another digit."""
    joined: list[tuple[int, int, int]] = []
    for first, last in runs:
        count = sum(map(str.isalnum, text.words[first : last + 1]))
        between = text.words[joined[-1][1] + 1 : first] if joined else []
        others = sum(word[0].isalnum() for word in between)
        if joined and others <= MISHEARD and "\n" not in between:
            begun, _, before = joined.pop()
            joined.append((begun, last, before + count))
        else:
            joined.append((first, last, count))
    for first, last, count in joined:
        if count > MANY_WORDS:
            yield found(text.span(first, last), "id number", LIKELY, "a long number")


def _announced_numbers(text: _Text, runs: Sequence[tuple[int, int]]) -> Iterator[Recognized]:
    cues = [
        (text.at(match.end()), identifier)
        for pattern, identifier in text.lexicon.numbers
        for match in _phrase(pattern).finditer(text.content)
    ]
    for run in runs:
        digits, words = _size(text, run)
        near = [
            (run[0] - at, number)
            for number, (at, _) in enumerate(cues)
            if 0 <= run[0] - at <= REACH
        ]
        behind = text.lower[run[1] + 1] if run[1] + 1 < len(text.words) else ""
        if near and (digits >= 3 or words >= 2) and behind != text.lexicon.old:
            # The most telling one comes first in the table; the generic ones are its last.
            identifier = cues[min(number for _, number in near)][1]
            yield found(text.span(*run), identifier, SURE, f"cue: {identifier}")
        elif digits >= MANY_DIGITS or words >= MANY_WORDS:
            yield found(text.span(*run), "id number", LIKELY, "a long number")


def _streets(text: _Text) -> Iterator[Recognized]:
    """A street, with its number before or behind it."""
    lexicon = text.lexicon
    for match in _phrase(lexicon.street).finditer(text.content):
        at = text.at(match.start())
        if lexicon.street_behind:
            first, last = at - _begun_before(text, at), at
        else:
            first, last = at, _named_behind(text, at)
            if last == at:
                continue
        yield found(
            text.span(_number_before(text, first), _number_behind(text, last)),
            "address",
            SURE,
            "pattern: street",
        )


def _begun_before(text: _Text, at: int) -> int:
    """1 where the word before belongs to the street's name, as in "Lange Gasse"."""
    word = text.words[at - 1] if at else ""
    return int(word[:1].isupper() and word.lower() not in text.lexicon.small)


def _named_behind(text: _Text, at: int) -> int:
    """The last word of the name behind "rue", or that word itself."""
    behind = at + 2 if text.words[at + 1 : at + 2] == [","] else at + 1
    numbered = text.lower[behind + 1 : behind + 2]
    if numbered and (numbered[0] in _HOUSE or text.is_number(behind + 1)):
        # A number behind it makes it a street's name, however it is written.
        return behind
    last, following = at, at + 1
    while following < min(len(text.words), at + 6) and (
        text.lower[following] in text.lexicon.particles or text.words[following][0].isupper()
    ):
        last = following
        following += 1
    return last


def _number_before(text: _Text, first: int) -> int:
    at = first - 1
    if at > 0 and text.words[at] == ",":
        at -= 1
    while at >= 0 and text.is_number(at):
        first = at
        at -= 1
    return first


def _number_behind(text: _Text, last: int) -> int:
    at = last + 1
    while at < len(text.words) and text.lower[at] in _HOUSE:
        at += 1
    while at < len(text.words) and text.is_number(at):
        last = at
        at += 1
    return last


def describe() -> Recognizer:
    """The recogniser `other-languages`."""

    def load(context: RecognizerContext) -> Reader:
        lexicon = LEXICONS.get(context.language)
        return Reader(lambda content: _read(content, lexicon) if lexicon else ())

    return Recognizer(
        name="other-languages",
        identifiers=_CLASSES,
        summary="French, Spanish and German: names, numbers, dates, ages and streets by rules",
        load=load,
        languages=tuple(sorted(LEXICONS)),
        forms=("spoken",),
    )
