"""Dates: month and day kept apart from the year, whatever the numbers would say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.text.spoken.form import Atom
from veilcast.text.spoken.lexemes import core_at, near, tight
from veilcast.text.spoken.lexicon import (
    BEFORE_MONTH,
    BEFORE_VERB,
    BIRTH,
    MONTHS,
    ORDINALS,
    WORD_MONTHS,
)
from veilcast.text.spoken.numbers import Chunk, chunk_at, ordinal_at, suffixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.text.spoken.lexemes import Lexeme

_CUE_REACH = 7
_SMALL_WORDS = frozenset({"first", "second", "third"})


def date_at(lexemes: Sequence[Lexeme], at: int) -> list[Atom] | None:
    """The part of a date that begins with lexeme `at`: month with its numbers, or an ordinal."""
    if lexemes[at].core in MONTHS:
        return _from_month(lexemes, at)
    return _ordinal(lexemes, at)


def fields_of_birth(lexemes: Sequence[Lexeme], chunks: Sequence[Chunk]) -> list[str] | None:
    """What to write before each chunk so that numbers after "born" read as a date, or None.

    "five three nineteen eighty one" is 5/3/1981 there, and 53198 with a 1 elsewhere.
    """
    if not 3 <= len(chunks) <= 8:
        return None
    first = chunks[0].start
    cues = {core_at(lexemes, n) for n in range(max(0, first - _CUE_REACH), first)}
    if not cues & BIRTH and not _spelled_cue(lexemes, first):
        return None
    marks = [""] * len(chunks)
    at = 0
    for _ in range(2):
        length = 2 if chunks[at].text == "0" and at + 1 < len(chunks) else 1
        value = int("".join(chunk.text for chunk in chunks[at : at + length])[:6])
        if not 1 <= value <= 31:
            return None
        at += length
        if at >= len(chunks):
            return None
        marks[at] = "/"
    year = "".join(chunk.text for chunk in chunks[at:])
    return marks if len(year) == 2 or (len(year) == 4 and year[:2] in {"18", "19", "20"}) else None


def _spelled_cue(lexemes: Sequence[Lexeme], first: int) -> bool:
    words = [core_at(lexemes, n) for n in range(max(0, first - _CUE_REACH), first)]
    return any(words[n : n + 3] == ["d", "o", "b"] for n in range(len(words)))


def _from_month(lexemes: Sequence[Lexeme], at: int) -> list[Atom] | None:
    if lexemes[at].core in WORD_MONTHS and core_at(lexemes, at - 1) in BEFORE_VERB:
        return None
    day, after = _ordinal_day(lexemes, at + 1)
    if day is not None:
        return [_month(lexemes, at), _trailed(lexemes, day), *_year(lexemes, after)]
    if not tight(lexemes, at + 1):
        return None
    day, year = _day_and_year(lexemes, at + 1)
    word = lexemes[at].core in WORD_MONTHS and core_at(lexemes, at - 1) not in BEFORE_MONTH
    if word and not year and lexemes[at].raw[:1].islower():
        return None
    if day is None and not year:
        return None
    return [_month(lexemes, at), *([_trailed(lexemes, day)] if day else []), *year]


def _ordinal_day(lexemes: Sequence[Lexeme], at: int) -> tuple[Atom | None, int]:
    """A day after a month: "third", "the third"."""
    start = at + 1 if core_at(lexemes, at) == "the" and tight(lexemes, at + 1) else at
    found = ordinal_at(lexemes, start) if near(lexemes, at) else None
    if found is None or not 1 <= found[0] <= 31:
        return None, at
    return Atom(text=suffixed(found[0]), first=at, last=found[1]), found[1]


def _day_and_year(lexemes: Sequence[Lexeme], at: int) -> tuple[Atom | None, list[Atom]]:
    """Numbers after a month: a year, a day and a year, or a day; none of it when unsure."""
    year = _year(lexemes, at)
    if year:
        return None, year
    chunk = chunk_at(lexemes, at)
    if chunk is None or chunk.kind == "oh":
        return None, []
    whole = Atom(text=chunk.text, first=at, last=chunk.end)
    literal = chunk.kind == "literal" and len(chunk.text) <= 2
    choices = [whole] if literal or chunk.kind in {"digit", "teen", "tens"} else []
    if chunk.end - at > 1:
        # "thirty two thousand and four" is the thirtieth of 2004
        head = chunk_at(lexemes[at : at + 1], 0)
        if head is not None:
            choices.append(Atom(text=head.text, first=at, last=at + 1))
    for day in choices:
        year = _year(lexemes, day.last) if 1 <= int(day.text) <= 31 else []
        if year:
            return day, year
    if choices and 1 <= int(whole.text) <= 31:
        return whole, []
    return None, []


def _year(lexemes: Sequence[Lexeme], at: int) -> list[Atom]:
    """A year of four digits at `at`, after a comma or none."""
    chunk = chunk_at(lexemes, at) if near(lexemes, at) else None
    if chunk is None or chunk.kind not in {"cardinal", "teen", "tens"}:
        return []
    if chunk.kind == "cardinal":
        return [_trailed(lexemes, chunk)] if 1800 <= int(chunk.text) <= 2099 else []
    if chunk.text not in {"18", "19", "20"} or not tight(lexemes, chunk.end):
        return []
    century = Atom(text=chunk.text, first=at, last=chunk.end)
    rest = _in_century(lexemes, chunk.end)
    return [century, *rest] if rest else []


def _in_century(lexemes: Sequence[Lexeme], at: int) -> list[Atom]:
    """The last two digits of a year: "eighty one", "oh six"."""
    chunk = chunk_at(lexemes, at)
    if chunk is not None and chunk.kind in {"teen", "tens"}:
        return [_trailed(lexemes, chunk, joint="")]
    if chunk is None or chunk.kind != "oh" or not tight(lexemes, chunk.end):
        return []
    unit = chunk_at(lexemes, chunk.end)
    if unit is None or unit.kind != "digit":
        return []
    zero = Atom(text="0", first=at, last=chunk.end, joint="")
    return [zero, _trailed(lexemes, unit, joint="")]


def _ordinal(lexemes: Sequence[Lexeme], at: int) -> list[Atom] | None:
    found = ordinal_at(lexemes, at)
    if found is None:
        return None
    number, end = found
    if end - at == 1 and lexemes[at].core in _SMALL_WORDS and not _dated(lexemes, at, end):
        return None
    return [_trailed(lexemes, Atom(text=suffixed(number), first=at, last=end))]


def _dated(lexemes: Sequence[Lexeme], at: int, end: int) -> bool:
    """Whether "first", "second" or "third" is a day or a month."""
    following = [core_at(lexemes, n) for n in range(end, end + 3)]
    if following[0] in MONTHS:
        return True
    if following[0] == "of" and (following[1] in MONTHS or following[2] in ORDINALS):
        return following[1] in MONTHS or following[1] == "the"
    return (
        core_at(lexemes, at - 1) == "the"
        and core_at(lexemes, at - 2) == "of"
        and core_at(lexemes, at - 3) in ORDINALS
    )


def _month(lexemes: Sequence[Lexeme], at: int) -> Atom:
    raw = lexemes[at].raw
    return Atom(text=raw[:1].upper() + raw[1:], first=at, last=at + 1)


def _trailed(lexemes: Sequence[Lexeme], item: Atom | Chunk, *, joint: str | None = None) -> Atom:
    """An item as an atom, with the punctuation that stood around its words."""
    first = item.start if isinstance(item, Chunk) else item.first
    last = item.end if isinstance(item, Chunk) else item.last
    text = lexemes[first].lead + item.text + lexemes[last - 1].trail
    return Atom(text=text, first=first, last=last, joint=joint)
