"""Known numbers, dates and addresses as regular expressions over written or spoken text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_FILLER = (
    r"(?:uh+m?|um+|er+m?|ah+|sorry|then|and|dash|hyphen|slash|space|stroke|oh|well|wait|no"
    r"|i\s+mean)"
)
_GAP = rf"(?:[\W_]|\b{_FILLER}\b)*"
"""What may stand between the digits of one number."""
_DATE_GAP = rf"(?:[\W_]|\b(?:{_FILLER}|of|the|in|on|year|day|month|zero|nought)\b)*"
_NUMBER = re.compile(rf"\d(?:{_GAP}\d)*", re.IGNORECASE)
_LAST = re.compile(
    r"\b(?:last|ending|ends|end|final|finishes|finishing)\b(?:\W+\w+){0,8}?\W+$", re.IGNORECASE
)
_MONTHS = (
    "january|jan", "february|feb", "march|mar", "april|apr", "may", "june|jun", "july|jul",
    "august|aug", "september|sept|sep", "october|oct", "november|nov", "december|dec",
)  # fmt: skip
_SIGNS = {
    "@": r"(?:@|\bat(?:\s+sign)?\b)",
    ".": r"(?:\.|\b(?:dot|point|period|full\s+stop)\b)",
    "_": r"(?:_|\bunder\s*score\b)",
    "-": r"(?:-|\b(?:dash|hyphen|minus)\b)",
    "+": r"(?:\+|\bplus\b)",
    "/": r"(?:/|\b(?:forward\s+)?(?:slash|stroke)\b)",
    ":": r"(?::|\bcolon\b)",
}


class KnownNumber:
    """A number (digits and letters), found in any grouping, with a digit wrong, or by its end."""

    def __init__(self, written: str) -> None:
        self.code = "".join(char for char in written.casefold() if char.isalnum())
        self._digits = self.code if self.code.isdecimal() else ""
        forms = [self.code]
        if self._digits and len(self.code) >= 9:
            forms += _national(written)
        self._patterns = [_spread(form) for form in dict.fromkeys(forms)]

    def find(self, content: str) -> Iterator[tuple[int, int, float, str]]:
        """Start, end, score and reason of each place in a text."""
        for pattern in self._patterns:
            for match in pattern.finditer(content):
                yield *match.span(), 1.0, "known number"
        if len(self._digits) >= 5:
            yield from self._nearly(content)

    def _nearly(self, content: str) -> Iterator[tuple[int, int, float, str]]:
        from rapidfuzz.distance import Levenshtein

        significant = self._digits.lstrip("0")
        wrong = 0 if len(self._digits) < 6 else 1 if len(self._digits) < 9 else 2
        for match in _NUMBER.finditer(content):
            run = "".join(char for char in match.group() if char.isdecimal())
            if wrong and Levenshtein.distance(run.lstrip("0"), significant) <= wrong:
                yield *match.span(), 0.85, "nearly a known number"
            elif 4 <= len(run) < len(self._digits) and self._digits.endswith(run):
                before = content[max(0, match.start() - 60) : match.start()]
                if len(run) >= 6 or _LAST.search(before):
                    yield *match.span(), 0.9, "the end of a known number"


def _national(written: str) -> list[str]:
    """A telephone number as it is dialled inside its country and inside its town."""
    import phonenumbers

    try:
        number = phonenumbers.parse(written, None if written.strip().startswith("+") else "US")
    except phonenumbers.NumberParseException:
        return []
    national = str(number.national_number)
    forms = [national, f"0{national}"]
    if len(national) == 10:
        forms.append(national[3:])
    return forms


def _spread(code: str) -> re.Pattern[str]:
    """A pattern for digits and letters with anything that is neither in between."""
    body = _GAP.join(re.escape(char) for char in code)
    edge = r"[^\W_]" if len(code) < 6 or not code.isdecimal() else r"[^\W\d_]"
    return re.compile(rf"(?<!{edge}){body}(?!{edge})", re.IGNORECASE)


class KnownDate:
    """A date, in every order and spelling."""

    def __init__(self, day: date) -> None:
        d, m, y = rf"0?{day.day}(?:st|nd|rd|th)?", rf"(?:{_MONTHS[day.month - 1]})\b\.?", _year(day)
        mm = rf"0?{day.month}(?:st|nd|rd|th)?"
        nth = rf"0?{day.day}(?:st|nd|rd|th)"
        g = _DATE_GAP
        compact = {
            day.strftime(form)
            for form in ("%d%m%Y", "%m%d%Y", "%d%m%y", "%m%d%y", "%Y%m%d", "%y%m%d")
        }
        forms = [
            rf"{d}{g}{m}(?:{g}{y})?", rf"{m}{g}{d}(?:{g}{y})?", rf"{y}{g}{m}{g}{d}",
            rf"{d}{g}{mm}{g}{y}", rf"{mm}{g}{d}{g}{y}", rf"{y}{g}{mm}{g}{d}",
            rf"{nth}{g}{mm}", rf"{m}{g}{y}",
            *(_GAP.join(form) for form in sorted(compact)),
        ]  # fmt: skip
        self._patterns = [
            re.compile(rf"(?<![^\W_])(?:{form})(?![^\W_])", re.IGNORECASE) for form in forms
        ]

    def find(self, content: str) -> Iterator[tuple[int, int, float, str]]:
        """Start, end, score and reason of each place in a text."""
        for pattern in self._patterns:
            for match in pattern.finditer(content):
                yield *match.span(), 1.0, "known date"


def _year(day: date) -> str:
    century, rest = divmod(day.year, 100)
    return rf"(?:{century:02d}\s*{rest:02d}|['’]?{rest:02d})"


class KnownWord:
    """Text that is found letter for letter, with its signs written or spoken."""

    def __init__(self, written: str) -> None:
        parts = []
        for char in written.strip():
            if char.isalnum():
                parts.append(re.escape(char))
            elif char.isspace():
                parts.append(r"[\W_]+")
            else:
                parts.append(_SIGNS.get(char, rf"{re.escape(char)}?"))
        # Letters may have been spelled: a space after each.
        self._pattern = re.compile(
            r"(?<![^\W_])" + r"\s*".join(parts) + r"(?![^\W_])", re.IGNORECASE
        )

    def find(self, content: str) -> Iterator[tuple[int, int, float, str]]:
        """Start, end, score and reason of each place in a text."""
        for match in self._pattern.finditer(content):
            yield *match.span(), 1.0, "known text"


_STREET = (
    "street|st", "road|rd", "avenue|ave", "drive|dr", "lane|ln", "boulevard|blvd", "court|ct",
    "place|pl", "square|sq", "terrace|ter", "crescent|cres", "highway|hwy", "parkway|pkwy",
    "circle|cir", "close", "way", "row", "walk", "hill", "park", "gardens", "grove", "mews",
)  # fmt: skip
_FLAT = "apartment|apt|flat|unit|suite|ste|number|no"


class KnownAddress:
    """A postal address: any line of it, and its street with or without the house number."""

    def __init__(self, written: str) -> None:
        lines = [line.strip() for line in re.split(r"[,;\n]", written) if line.strip()]
        self._patterns = [pattern for line in lines if (pattern := _line(line))]
        self.streets = [street for line in lines if (street := _street(line))]
        """The names of streets, without house numbers."""

    def find(self, content: str) -> Iterator[tuple[int, int, float, str]]:
        """Start, end, score and reason of each place in a text."""
        for pattern in self._patterns:
            for match in pattern.finditer(content):
                yield *match.span(), 1.0, "known address"


def _street(line: str) -> str:
    words = [word for word in line.split() if not any(char.isdigit() for char in word)]
    suffixes = {form for forms in _STREET for form in forms.split("|")}
    return (
        " ".join(words) if len(words) > 1 and words[-1].casefold().rstrip(".") in suffixes else ""
    )


def _line(line: str) -> re.Pattern[str] | None:
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", line)
    first = next((n for n, word in enumerate(words) if not any(c.isdigit() for c in word)), None)
    if first is None:
        return _spread("".join(words)) if sum(len(word) for word in words) >= 4 else None
    if any(char.isdigit() for word in words[first:] for char in word):
        # A flat, or a postcode with its town.
        return re.compile(
            rf"(?<![^\W_]){_GAP.join(_word(word) for word in words)}(?![^\W_])", re.IGNORECASE
        )
    number = "".join(rf"(?:{_GAP.join(word)}{_GAP})?" for word in words[:first])
    name = _GAP.join(_word(word) for word in words[first:])
    if len(words) - first == 1 and not first and len(words[0]) < 4:
        return None
    return re.compile(rf"(?<![^\W_]){number}{name}(?![^\W_])", re.IGNORECASE)


def _word(word: str) -> str:
    for forms in (*_STREET, _FLAT):
        if word.casefold() in forms.split("|"):
            return rf"(?:{forms})"
    if any(char.isdigit() for char in word):
        return _GAP.join(re.escape(char) for char in word)
    return re.escape(word).replace("'", "['’]?")
