"""Runs of digits and letters in written text: what could be a number that was read out.

"617 555 0143", "XB 20 44", "6-1-7 uh 5551", "GH24 MPS". Quantities, times and decimal numbers are
told apart by what stands beside them (`is_quantity`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from veilcast_identifiers.lexicon import (
    ABBREVIATIONS,
    FILLERS,
    MONTHS,
    QUANTITY_BEFORE,
    UNITS,
)

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\n|[^\w\s]|_")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)$", re.IGNORECASE)
_MEASURED = re.compile(r"\d+(?:mg|mcg|g|kg|lb|lbs|ml|l|cm|mm|am|pm|s|k|m|x|yo|hr|hrs|min)$", re.I)
_MIXED = re.compile(r"(?=[^\W_]*\d)(?=[^\W_]*[a-z])[a-z0-9]{2,34}$", re.IGNORECASE)
_BETWEEN = frozenset("-.,/#()+ ")
_PREPOSITIONS = frozenset("about around since in between over under above below".split())
_ODD = frozenset(
    """
    to too two tu for four fore ate eight won one oh o or owe sex six tree three free fife five
    niner nine nein mine line sicks heaven seven hate none tue do own go double triple treble
    hundred and then dash hyphen slash space stroke zero nought naught nil no i mean correction
    that's thats it's is
    """.split()
)
"""What recognisers write for a digit, or people say between two."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a mark or a line break, with where it is."""

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Neither a mark nor a line break."""
        return self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class Code:
    """A run of digits and letters: tokens `first` to `last` of the text.

    Attributes:
        groups: the digits and letters in their groups.
        thousands: whether it is written with separators of thousands.
    """

    first: int
    last: int
    start: int
    end: int
    groups: tuple[str, ...]
    thousands: bool = False

    @property
    def joined(self) -> str:
        """All of it without spaces."""
        return "".join(self.groups)

    @property
    def digits(self) -> int:
        """How many digits."""
        return sum(char.isdigit() for char in self.joined)

    @property
    def shape(self) -> str:
        """The lengths of its groups, such as "3-2-4"."""
        return "-".join(str(len(group)) for group in self.groups)


def tokenize(content: str) -> list[Token]:
    """Words, marks and line breaks."""
    return [Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(content)]


def is_digits(token: Token) -> bool:
    """Digits and nothing else."""
    return token.text.isdecimal()


def _mixed(token: Token) -> bool:
    text = token.text
    return bool(_MIXED.match(text)) and not _ORDINAL.match(text) and not _MEASURED.match(text)


def _letters(token: Token) -> bool:
    """A letter that was spelled, or a short group of them in capitals."""
    text = token.text
    if len(text) == 1:
        return text.isalpha() and text not in "aIi"
    return (
        2 <= len(text) <= 4
        and text.isalpha()
        and text.isupper()
        and text.lower() not in ABBREVIATIONS
    )


def _measures(tokens: list[Token], index: int) -> bool:
    """Whether what follows makes the number at `index` a quantity, a time or a share."""
    after = tokens[index + 1 : index + 4]
    if not after:
        return False
    word = after[0].text.lower()
    if word == "%" or word in UNITS:
        return True
    joins = word in {":", ".", "/"} and len(after) > 1 and is_digits(after[1])
    if joins and after[0].start == tokens[index].end and after[1].start == after[0].end:
        return not _dotted(tokens, index)
    if word in {"to", "or", "-"} and len(after) == 3 and is_digits(after[1]):
        return after[2].text.lower() in UNITS or after[2].text == "%"
    if word in {"more", "different", "extra", "whole", "full", "small"} and len(after) > 1:
        return after[1].text.lower() in UNITS
    return False


def _dotted(tokens: list[Token], index: int) -> bool:
    """Three groups or more with points between, as telephone numbers are written."""
    groups, at = 1, index
    while at + 2 < len(tokens) and tokens[at + 1].text == "." and is_digits(tokens[at + 2]):
        groups, at = groups + 1, at + 2
    at = index
    while at >= 2 and tokens[at - 1].text == "." and is_digits(tokens[at - 2]):
        groups, at = groups + 1, at - 2
    return groups >= 3


def _follows(tokens: list[Token], index: int) -> bool:
    """Whether what stands before makes the number at `index` a quantity or a part of one."""
    if not index:
        return False
    before = tokens[index - 1]
    if before.text in "$£€¥":
        return True
    joins = before.text in {":", ".", "/"} and before.end == tokens[index].start
    if joins and index > 1 and is_digits(tokens[index - 2]):
        return tokens[index - 2].end == before.start and not _dotted(tokens, index)
    if before.text.lower() in QUANTITY_BEFORE:
        return True
    if before.text.lower() in MONTHS and len(tokens[index].text) <= 2:
        return True
    return before.text.lower() in {"is", "was", "of"} and (
        index > 1 and tokens[index - 2].text.lower() in QUANTITY_BEFORE - _PREPOSITIONS
    )


def is_quantity(tokens: list[Token], index: int, *, announced: bool = False) -> bool:
    """Whether the number at `index` counts or measures, by what stands beside it.

    What stands before does not matter where it is announced there as a number of somebody.
    """
    return _measures(tokens, index) or (not announced and _follows(tokens, index))


def _is_part(tokens: list[Token], index: int) -> bool:
    token = tokens[index]
    if is_digits(token):
        return not _measures(tokens, index) and not (index and tokens[index - 1].text in "$£€¥")
    return token.is_word and (_mixed(token) or _letters(token))


def _next_part(tokens: list[Token], index: int) -> int | None:
    """The next part of the run that has a part at `index`; None where the run ends."""
    breaks = words = 0
    at = index + 1
    while at < len(tokens) and words <= 3:
        token = tokens[at]
        if token.text == "\n":
            breaks += 1
            if breaks > 1:
                return None
        elif token.is_word:
            if _is_part(tokens, at):
                near = breaks == 0 and words == 0
                return at if near or is_digits(token) or _mixed(token) else None
            if token.text.lower() not in FILLERS:
                return None
            words += 1
        elif token.text not in _BETWEEN:
            return None
        at += 1
    return None


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdecimal() and 1890 <= int(text) <= 2040


def find_codes(tokens: list[Token]) -> list[Code]:
    """Every run, in order. A run has a digit, or three letters in a row or more."""
    codes = []
    index = 0
    while index < len(tokens):
        if not _is_part(tokens, index):
            index += 1
            continue
        parts = [index]
        following = _next_part(tokens, index)
        while following is not None:
            parts.append(following)
            following = _next_part(tokens, following)
        code = _code(tokens, parts)
        if code is not None:
            codes.append(code)
        index = parts[-1] + 1
    return codes


def _code(tokens: list[Token], parts: list[int]) -> Code | None:
    if not any(char.isdigit() for part in parts for char in tokens[part].text) and len(parts) < 3:
        return None
    first, last = parts[0], parts[-1]
    start, end = tokens[first].start, tokens[last].end
    while first and tokens[first - 1].text in "+(#" and tokens[first - 1].end == start:
        first -= 1
        start = tokens[first].start
    if first and tokens[first - 1].text.lower() in {"oh", "zero"} and is_digits(tokens[first]):
        first -= 1
        start = tokens[first].start
    groups = tuple(tokens[part].text for part in parts)
    gaps = [(tokens[a].end, tokens[b].start, tokens[b].text) for a, b in pairwise(parts)]
    thousands = bool(gaps) and all(
        low + 1 == high and len(text) == 3 and tokens[part + 1].text == ","
        for (low, high, text), part in zip(gaps, parts, strict=False)
    )
    return Code(first, last, start, end, groups, thousands)


def counts_up(code: Code) -> bool:
    """Whether it is somebody counting, or a list of years: no number of anybody."""
    if not all(group.isdecimal() for group in code.groups):
        return False
    values = [int(group) for group in code.groups]
    if len(values) > 2 and len({b - a for a, b in pairwise(values)}) == 1:
        return values[0] != values[1]
    if len(code.groups) == 1 and len(code.joined) > 2:
        steps = {int(b) - int(a) for a, b in pairwise(code.joined)}
        return steps in ({1}, {-1})
    return all(_is_year(group) for group in code.groups)


def joined_by_oddities(tokens: list[Token], code: Code, other: Code) -> bool:
    """Whether two runs are one number with a digit misheard in between."""
    between = [token for token in tokens[code.last + 1 : other.first] if token.is_word]
    if any(token.text == "\n" for token in tokens[code.last + 1 : other.first]):
        return False
    said = [token.text.lower() for token in between if token.text.lower() not in FILLERS]
    return 0 < len(said) <= 2 and all(word in _ODD for word in said)


def merged(code: Code, other: Code) -> Code:
    """Two runs as one."""
    return Code(code.first, other.last, code.start, other.end, code.groups + other.groups)
