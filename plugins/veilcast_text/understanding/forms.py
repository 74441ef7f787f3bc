"""Other forms of a line that was read in a picture: what a reader takes apart, joins and confuses.

"DOB:07/03/1951", "MRN447l9O2", "MargaretHolloway", "H0LL0WAY". Each character of a form knows which
character of the line it stands for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from veilcast_text.understanding.vocabulary import is_ordinary

_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_GAPS = re.compile(
    "|".join(
        (
            r"(?<=[^\W\d_])(?=[:;])",  # DOB:07
            r"(?<=[:;])(?=[^\W_])(?<!\d[:;])",
            r"(?<=\D[:;])(?=\d)",
            r"(?<=[^\W\d_],)(?=[^\W\d_])",  # HOLLOWAY,MARGARET
            r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])",  # MargaretHolloway
            r"(?<=[^\W\d_]{3})(?=\d{3})",  # MRN447192
            r"(?<=[^\W\d_]{3})(?=\d{1,2}[-/.]\d{1,2}[-/.]\d)",  # DOB7.3.51
            r"(?<=\d)(?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{3})",  # 12Patel
            r"(?<=\d{3})(?=[A-Z]{3})",  # 447192DOB
            r"(?<=[^\W_][)\]])(?=[^\W_])",
            r"(?<=[^\W_])(?=[(\[][^\W\d_]{2})",
            rf"(?<=\d)(?={_MONTH}\w{{0,6}}[-/. ]?\d)",  # 07MAR2024
            rf"(?<={_MONTH})(?=\d{{2}})",
            r"(?<=\d{4}-\d\d-\d\d)(?=\d\d:)",  # 2024-03-0714:22
            r"(?<=\d\d[/.-]\d\d[/.-]\d{4})(?=\d\d:)",
            r"(?<=\d)(?=(?i:yrs?|years?)\b)",
        )
    )
)
_LONG = re.compile(r"[^\W\d_]{4}")
"""A line without a word of so many letters has only abbreviations in capitals."""
_CAPITALS = re.compile(r"(?<![^\W_])[^\W\d_]{5,}(?![^\W_])")
_FIGURES = re.compile(r"(?<![^\W_])[\dOoQDIl|SsBZz]+(?:[-/.:][\dOoQDIl|SsBZz]+)*(?![^\W_])")
_DAYS = re.compile(
    rf"(?<![^\W_])(?:[\dOoIl][\dOoIlSBZ]|[OoIlSBZ]\d)(?=[\s./-]*{_MONTH}[a-z]*[\s,./-]*\d)"
    rf"|(?<={_MONTH}\s)(?:[\dOoIl][\dOoIlSBZ]|[OoIlSBZ]\d)(?=,?\s*\d{{4}})"
)
"""The day beside a month's name."""
_ROUND = frozenset("Ool|I")
_TO_DIGIT = str.maketrans("OoQDIl|SsBZz", "000011155822")
_WORDS = re.compile(r"[^\W_]+")
_TO_LETTER = {"0": "o", "1": "l", "5": "s", "8": "b"}


@dataclass(frozen=True, slots=True)
class Form:
    """A text, and which character of the line each of its characters stands for."""

    text: str
    origin: tuple[int, ...]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the line that these stand for."""
        return self.origin[start], self.origin[end - 1] + 1


def forms(text: str) -> list[Form]:
    """The line as it was read, and with what may be wrong in it set right, where that differs."""
    plain = Form(text, tuple(range(len(text))))
    mended = mend(text)
    small = Form(_uncapped(mended.text), mended.origin)
    return [plain, small] if small.text != text else [plain]


def mend(text: str) -> Form:
    """Digits and letters put right, and spaces where words were run together."""
    same = _lettered(_figured(text.replace("_", " ")))
    parts: list[str] = []
    origin: list[int] = []
    cuts = {match.start() for match in _GAPS.finditer(same)}
    for at, char in enumerate(same):
        if at in cuts:
            parts.append(" ")
            origin.append(at - 1 if at else 0)
        parts.append(char)
        origin.append(at)
    return Form("".join(parts), tuple(origin))


def _figured(text: str) -> str:
    """With digits for the letters in what is mostly digits."""

    def put(match: re.Match[str]) -> str:
        found = match.group()
        digits = sum(char.isdigit() for char in found)
        letters = [char for char in found if char.isalpha() or char == "|"]
        # "ZD420" is a code; "447l9O2" is none.
        fewest = len(letters) * (1 if set(letters) <= _ROUND else 2)
        return found.translate(_TO_DIGIT) if letters and digits >= max(2, fewest) else found

    found = _DAYS.sub(lambda match: match.group().translate(_TO_DIGIT), _FIGURES.sub(put, text))
    # What follows letters that are no digits: MRN447l9O2.
    return re.sub(
        r"(?<=[A-Za-z]{3})\d[\dOoIl|SB]{3,}(?![^\W_])",
        lambda match: match.group().translate(_TO_DIGIT),
        found,
    )


def _lettered(text: str) -> str:
    """With letters for the digits in what is mostly letters."""

    def put(match: re.Match[str]) -> str:
        word = match.group()
        digits = [char for char in word if char.isdigit()]
        letters = len(word) - len(digits)
        if not digits or letters < 3 or letters < len(digits) or is_ordinary(word):
            return word
        if not set(digits) <= _TO_LETTER.keys() or word[-2:].isdigit() or word[:2].isdigit():
            return word
        upper = sum(char.isupper() for char in word) * 2 >= letters
        letter = {d: c.upper() if upper else c for d, c in _TO_LETTER.items()}
        first = letter.get(word[0], word[0]).upper() if word[0].isdigit() else word[0]
        return first + "".join(letter.get(char, char) for char in word[1:])

    return _WORDS.sub(put, text)


def _uncapped(text: str) -> str:
    """Words in capitals as names are written."""

    def put(match: re.Match[str]) -> str:
        word = match.group()
        small = word[0] + word[1:].lower()
        return small if word.isupper() and len(small) == len(word) else word

    return _CAPITALS.sub(put, text) if _LONG.search(text) else text
