"""Spelled units: one letter or number of something that is spelled out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veilcast.text.spoken.lexemes import after_fillers, core_at, near, tight
from veilcast.text.spoken.lexicon import (
    CAPITALS,
    LETTER_MARKS,
    LETTER_NAMES,
    MULTIPLES,
    NATO,
    OH,
    SOUNDED_LETTERS,
    SURE_NATO,
    TWO_LETTER_WORDS,
    WORD_LETTERS,
)
from veilcast.text.spoken.numbers import chunk_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.text.spoken.lexemes import Lexeme

# Longer ones are cut, so that the time stays linear.
_LONGEST = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What one spoken unit writes.

    Attributes:
        text: letters (upper-case), digits or a mark.
        start: its first lexeme; fillers before it are its own.
        end: one after its last lexeme.
        kind: "letter", "weak" (a letter that is a word), "named" ("B as in boy"), "like" ("B for
            boy"), "nato", "name" (zed), "pair" (two or three letters in one token), "number",
            "oh", "mark".
        digits: for numbers, how many digits were said one by one.
        sure: for "nato", whether the word means nothing else.
    """

    text: str
    start: int
    end: int
    kind: str
    digits: int = 0
    sure: bool = False

    @property
    def numeric(self) -> bool:
        return self.kind == "number"


def units_at(lexemes: Sequence[Lexeme], at: int) -> list[Unit]:
    """The units that follow each other from lexeme `at` on; may be empty."""
    units: list[Unit] = []
    while len(units) < _LONGEST:
        start = at
        if units:
            at = after_fillers(lexemes, at)
            if not all(near(lexemes, n) for n in range(start, at + 1)):
                break
        unit = unit_at(lexemes, at) or (_mark_at(lexemes, at) if units else None)
        if unit is None or (unit.kind == "mark" and units[-1].kind == "mark"):
            break
        units.append(replace(unit, start=start))
        at = unit.end
    while units and units[-1].kind == "mark":
        units.pop()
    return _zeros(units)


def unit_at(lexemes: Sequence[Lexeme], at: int) -> Unit | None:
    """The unit that begins with lexeme `at`, if any."""
    word = core_at(lexemes, at)
    if not word:
        return None
    return (
        _named(lexemes, at)
        or _multiple(lexemes, at)
        or _letter(lexemes, at, word)
        or _number(lexemes, at)
    )


def _named(lexemes: Sequence[Lexeme], at: int) -> Unit | None:
    """A letter with an example: "B as in boy", "B for boy"."""
    word, link = core_at(lexemes, at), core_at(lexemes, at + 1)
    letter = word.upper() if _is_letter(word) else SOUNDED_LETTERS.get(word, "")
    if not letter or link not in {"as", "for", "like"}:
        return None
    inside = link == "as" and core_at(lexemes, at + 2) == "in"
    end = at + 4 if inside else at + 3
    example = core_at(lexemes, end - 1)
    if not example or not all(tight(lexemes, n) for n in range(at + 1, end)):
        return None
    same = example.upper().startswith(letter)
    if inside and (same or (_is_letter(word) and word not in WORD_LETTERS)):
        return Unit(text=letter, start=at, end=end, kind="named")
    if link != "as" and same and _is_letter(word) and len(example) > 2:
        return Unit(text=letter, start=at, end=end, kind="like")
    return None


def _multiple(lexemes: Sequence[Lexeme], at: int) -> Unit | None:
    """A letter with a word before it: "capital B", "double t"; "double u" is W."""
    word, letter = core_at(lexemes, at), core_at(lexemes, at + 1)
    times = 1 if word in CAPITALS else MULTIPLES.get(word, 0)
    if not times or not tight(lexemes, at + 1):
        return None
    if times == 2 and letter in {"u", "you"}:
        return Unit(text="W", start=at, end=at + 2, kind="letter")
    if not _is_letter(letter) or (times > 1 and letter == "o"):
        return None
    return Unit(text=letter.upper() * times, start=at, end=at + 2, kind="letter")


def _letter(lexemes: Sequence[Lexeme], at: int, word: str) -> Unit | None:
    kind, text = _reading(word)
    if not kind or (text == "X" and core_at(lexemes, at + 1) in {"ray", "rays"}):
        return None
    return Unit(text=text, start=at, end=at + 1, kind=kind, sure=word in SURE_NATO)


def _reading(word: str) -> tuple[str, str]:
    """What kind of letter a word alone may be, and which; the kind is "" for none."""
    if word in OH:
        return "oh", "O"
    if _is_letter(word):
        return ("weak" if word in WORD_LETTERS else "letter"), word.upper()
    if word in NATO:
        return "nato", NATO[word]
    if word in LETTER_NAMES:
        return "name", LETTER_NAMES[word]
    short = len(word) == 2 and word.isascii() and word.isalpha()
    return ("pair", word.upper()) if short and word not in TWO_LETTER_WORDS else ("", "")


def _number(lexemes: Sequence[Lexeme], at: int) -> Unit | None:
    chunk = chunk_at(lexemes, at)
    if chunk is None or (chunk.kind == "literal" and len(chunk.text) > 4):
        return None
    digits = len(chunk.text) if chunk.spelled else 0
    return Unit(text=chunk.text, start=at, end=chunk.end, kind="number", digits=digits)


def _mark_at(lexemes: Sequence[Lexeme], at: int) -> Unit | None:
    mark = LETTER_MARKS.get(core_at(lexemes, at), "")
    if not mark or not tight(lexemes, at) or not tight(lexemes, at + 1):
        return None
    return Unit(text=mark, start=at, end=at + 1, kind="mark") if mark else None


def _zeros(units: list[Unit]) -> list[Unit]:
    """The units with each "oh" read as a letter or as a zero, by its neighbours."""
    read: list[Unit] = []
    for n, unit in enumerate(units):
        if unit.kind != "oh":
            read.append(unit)
            continue
        before = read[-1] if read else None
        following = next((other for other in units[n + 1 :] if other.kind != "oh"), None)
        zero = before.numeric if before else bool(following and following.numeric)
        if before and not before.numeric and following and following.numeric:
            zero = following.digits > 0
        read.append(
            Unit(text="0", start=unit.start, end=unit.end, kind="number", digits=1)
            if zero
            else Unit(text="O", start=unit.start, end=unit.end, kind="weak")
        )
    return read


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isascii() and word.isalpha()
