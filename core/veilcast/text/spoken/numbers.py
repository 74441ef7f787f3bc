"""Number words read as numbers: one chunk is what one breath of counting says.

"five" is a chunk, and so are "double two", "sixty five", "nineteen" and "two hundred and three".
How chunks stand together is the business of `digits`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.text.spoken.lexemes import core_at, tight
from veilcast.text.spoken.lexicon import DIGITS, MULTIPLES, OH, ORDINALS, SCALES, TEENS, TENS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.text.spoken.lexemes import Lexeme


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A number as said.

    Attributes:
        text: its digits.
        start: its first lexeme.
        end: one after its last lexeme.
        kind: "digit" (a single one), "oh", "multiple" (double two), "teen", "tens" (with or
            without a unit), "cardinal" (hundreds and more), "literal" (written in digits),
            "homophone".
    """

    text: str
    start: int
    end: int
    kind: str

    @property
    def spelled(self) -> bool:
        """Whether it is said digit by digit."""
        single = self.kind == "literal" and len(self.text) == 1
        return single or self.kind in {"digit", "oh", "multiple"}


def chunk_at(lexemes: Sequence[Lexeme], at: int) -> Chunk | None:
    """The chunk that begins with lexeme `at`, if any."""
    word = core_at(lexemes, at)
    if word.isascii() and word.isdigit():
        literal = not lexemes[at].lead
        return Chunk(text=word, start=at, end=at + 1, kind="literal") if literal else None
    if word in OH:
        return Chunk(text="0", start=at, end=at + 1, kind="oh")
    if word in MULTIPLES and tight(lexemes, at + 1):
        digit = _digit(core_at(lexemes, at + 1))
        times = MULTIPLES[word]
        if not digit:
            return None
        return Chunk(text=digit * times, start=at, end=at + 2, kind="multiple")
    return _said(lexemes, at)


def _said(lexemes: Sequence[Lexeme], at: int) -> Chunk | None:
    """A number in words, with the hundreds and thousands that follow."""
    word = core_at(lexemes, at)
    scaled = core_at(lexemes, at + 1) in SCALES and tight(lexemes, at + 1)
    small = (1, at + 1, "digit") if word == "a" and scaled else _below_hundred(lexemes, at)
    if small is None:
        return None
    value, end, kind = small
    if value:
        total, beyond = _scaled(lexemes, value, end)
        if beyond > end:
            return Chunk(text=str(total), start=at, end=beyond, kind="cardinal")
    return Chunk(text=str(value), start=at, end=end, kind=kind)


def ordinal_at(lexemes: Sequence[Lexeme], at: int) -> tuple[int, int] | None:
    """The ordinal that begins with lexeme `at`: its number and one after its last lexeme."""
    word = core_at(lexemes, at)
    if word in ORDINALS:
        return ORDINALS[word], at + 1
    if word in TENS and tight(lexemes, at + 1):
        unit = ORDINALS.get(core_at(lexemes, at + 1), 0)
        if 0 < unit < 10:
            return TENS[word] + unit, at + 2
    return None


def suffixed(number: int) -> str:
    """An ordinal in digits: 21st, 112th."""
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _digit(word: str) -> str:
    if word in OH:
        return "0"
    if len(word) == 1 and word.isascii() and word.isdigit():
        return word
    return DIGITS.get(word, "")


def _below_hundred(lexemes: Sequence[Lexeme], at: int) -> tuple[int, int, str] | None:
    word = core_at(lexemes, at)
    if word in DIGITS:
        return int(DIGITS[word]), at + 1, "digit"
    if word in TEENS:
        return TEENS[word], at + 1, "teen"
    if word not in TENS:
        return None
    unit = int(DIGITS.get(core_at(lexemes, at + 1), "0"))
    if unit and tight(lexemes, at + 1):
        return TENS[word] + unit, at + 2, "tens"
    return TENS[word], at + 1, "tens"


def _scaled(lexemes: Sequence[Lexeme], value: int, at: int) -> tuple[int, int]:
    """A value with the hundreds, thousands and millions that follow it at `at`."""
    total = 0
    value, at = _hundreds(lexemes, value, at)
    for scale in (1_000_000, 1000):
        if SCALES.get(core_at(lexemes, at)) != scale or not tight(lexemes, at):
            continue
        total += value * scale
        value, at = _remainder(lexemes, at + 1)
    return total + value, at


def _hundreds(lexemes: Sequence[Lexeme], value: int, at: int) -> tuple[int, int]:
    if core_at(lexemes, at) != "hundred" or not tight(lexemes, at):
        return value, at
    rest, end = _remainder(lexemes, at + 1, below=100)
    return value * 100 + rest, end


def _remainder(lexemes: Sequence[Lexeme], at: int, below: int = 1000) -> tuple[int, int]:
    """What goes on a number of hundreds or thousands: "and three", "twenty five", or nothing."""
    linked = core_at(lexemes, at) == "and" and tight(lexemes, at)
    start = at + 1 if linked else at
    small = _below_hundred(lexemes, start) if tight(lexemes, start) else None
    if small is None or not small[0]:
        return 0, at
    value, end, kind = small
    if not linked and kind == "digit" and tight(lexemes, end) and _spelled(lexemes, end):
        return 0, at  # "eight hundred five five five": digits follow, not eight hundred and five
    if below > 100:
        value, end = _hundreds(lexemes, value, end)
    elif core_at(lexemes, end) in SCALES and core_at(lexemes, end) == "hundred":
        return 0, at
    if below > 100 and core_at(lexemes, end) in SCALES and tight(lexemes, end):
        if core_at(lexemes, end) == "thousand" and not linked:
            return value, end
        return 0, at
    return value, end


def _spelled(lexemes: Sequence[Lexeme], at: int) -> bool:
    word = core_at(lexemes, at)
    return word in DIGITS or word in OH or word in MULTIPLES
