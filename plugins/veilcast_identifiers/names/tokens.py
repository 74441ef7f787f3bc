"""Words of a passage, with what the word list knows of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veilcast_identifiers.names.lexicon import Lexicon

_WORD = re.compile(r"\n|[^\W\d_]+(?:['’][^\W\d_]+)*['’]?|\d+|[^\w\s]|_")
_HUM = re.compile(r"m+h*m+|h+m+|mh+m*|u+h+m+h*|a+h{2,}|o+h{2,}|a+w{2,}")
_ENDINGS = ("n't", "'s", "'m", "'re", "'ll", "'ve", "'d")
FILLERS = frozenset({"uh", "um", "er", "erm", "ah", "uhm", "mm", "hmm", "mhm", "em", "eh"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word, ending of a word ('s), mark or turn.

    Attributes:
        start: its first character in the passage.
        end: one after its last.
        text: as it stands there.
        lower: lower-cased, with a plain apostrophe.
        code: what the word list says, see `Lexicon`.
    """

    start: int
    end: int
    text: str
    lower: str
    code: str

    @property
    def is_turn(self) -> bool:
        return self.lower == "\n"

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()

    @property
    def is_capital(self) -> bool:
        """Whether it is written like a name: a capital, and small letters behind it."""
        return self.text[0].isupper() and (len(self.text) == 1 or not self.text.isupper())

    @property
    def is_first(self) -> bool:
        """Whether it is known as a first name."""
        return "f" in self.code

    @property
    def is_last(self) -> bool:
        """Whether it is known as a surname."""
        return "l" in self.code

    @property
    def is_listed(self) -> bool:
        return "f" in self.code or "l" in self.code

    @property
    def is_proper(self) -> bool:
        """Whether no list has it, but it is always written with a capital."""
        return "n" in self.code

    @property
    def is_sure(self) -> bool:
        """Whether the word is written as a name far more often than as an ordinary word."""
        return "a" in self.code

    @property
    def is_mixed(self) -> bool:
        return "b" in self.code

    @property
    def is_ordinary(self) -> bool:
        """Whether the word list knows it as an ordinary word."""
        return "1" in self.code or "2" in self.code

    @property
    def is_frequent(self) -> bool:
        return "1" in self.code

    @property
    def is_hum(self) -> bool:
        """Whether it is a sound and no word, however many letters it is written with."""
        return not self.code and bool(_HUM.fullmatch(self.lower))

    @property
    def is_filler(self) -> bool:
        return self.lower in FILLERS or self.is_hum


def tokenize(content: str, lexicon: Lexicon) -> list[Token]:
    """The words of a passage, in order; endings such as 's stand by themselves."""
    found: list[Token] = []
    codes = lexicon.codes
    for match in _WORD.finditer(content):
        text, start, end = match.group(), match.start(), match.end()
        lower = text.lower()
        if len(text) == 1 or ("'" not in lower and "’" not in lower):
            found.append(Token(start, end, text, lower, codes.get(lower, "")))
            continue
        lower = lower.replace("’", "'")
        cut = _ending(lower)
        if cut:
            stem = lower[:-cut]
            found.append(Token(start, end - cut, text[:-cut], stem, codes.get(stem, "")))
            found.append(Token(end - cut, end, text[-cut:], lower[-cut:], ""))
        else:
            found.append(Token(start, end, text, lower, _joined(lower, codes)))
    return found


def _joined(lower: str, codes: dict[str, str]) -> str:
    """O'Brien is what Brien is."""
    if lower in codes:
        return codes[lower]
    parts = lower.split("'")
    if len(parts) == 2 and parts[0] in {"o", "d", "l", "n", "m"} and parts[1]:
        return codes.get(parts[1], "la")
    return ""


def _ending(lower: str) -> int:
    for ending in _ENDINGS:
        if lower.endswith(ending) and len(lower) > len(ending):
            return len(ending)
    return 1 if lower.endswith("'") and len(lower) > 1 else 0
