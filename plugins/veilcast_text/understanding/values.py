"""What stands beside a label, a title or after a name, and how far it reaches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast_text.understanding.vocabulary import WORD, is_ordinary

if TYPE_CHECKING:
    from veilcast_text.understanding.labels import Kind

_PLACEHOLDERS = frozenset(
    """
    unknown none na nil tbc tbd adult adults paediatric pediatric neonatal neonate infant male
    female new edit view select search all empty vacant blank optional required not recorded enter
    here list lists details information info demographics no monitor mode type default test
    """.split()
)
"""What stands where a name would, and is none."""
_NAME_END = re.compile(r"\d|[|;(\[<>]|\s{3,}|\s[-\u2013\u2014]\s|\s/\s|$")
_NAME_WORDS = 5
_CODE = re.compile(r"[^\W_]*\d[^\W_]*(?:[\s./+()#_-]*[^\W_]*\d[^\W_]*)*")
_LETTERED = re.compile(r"[^\W_][^\W_/.-]*")
_DATE = re.compile(
    r"(?:[^\W\d_]{3,9}\.?,?\s*)?[\dOoIl]{1,4}(?:st|nd|rd|th)?(?:[\s./,'-]*(?:of\s+)?"
    r"(?:[\dOoIlSB]{1,4}\b|[^\W\d_]{3,9}\b\.?)){1,2}",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?|hrs?|h)?", re.IGNORECASE)
_CELL_PHONE = re.compile(r"[+(]?[\dOolI][\dOolI\s().+-]{3,}")
_FEWEST = {"room": 1, "phone": 4, "plate": 1, "id number": 3}
"""Digits of a number by its class, where it is not 3."""
_AGE = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class Value:
    """Characters of a text, and what is known of the class: an age is over 89 or under."""

    start: int
    end: int
    identifier: str


def value_of(
    text: str,
    start: int,
    stop: int,
    kind: Kind,
    identifier: str,
    *,
    marked: bool,
    sure: bool = True,
) -> Value | None:
    """The value between two places of a text.

    Args:
        text: the line.
        start: where it may begin.
        stop: where the next label begins, or the text ends.
        kind: what such values are like.
        identifier: their class.
        marked: whether a colon, or the form of a table, says that here is one.
        sure: whether the label can have no other meaning: what follows "Subject:" may be a title.
    """
    start += len(text[start:stop]) - len(text[start:stop].lstrip(" \t.:;#=-"))
    if kind == "name":
        title = not sure and _is_title(text[start:stop])
        return None if title else name_value(text, start, stop, marked=marked)
    if kind == "age":
        age = _AGE.match(text, start, stop)
        old = age is not None and 90 <= int(age.group()) <= 125
        return Value(*age.span(), "age" if old else "age under 90") if age else None
    if kind == "text":
        end = start + len(text[start:stop].rstrip(" .,;|"))
        said = text[start:end]
        empty = not marked or not WORD.search(said) or _is_placeholder(said)
        return None if empty else Value(start, end, identifier)
    if kind == "date":
        span = _date(text, start, stop)
    else:
        span = _number(text, start, stop, identifier, marked=marked)
    return Value(*span, identifier) if span else None


def name_value(text: str, start: int, stop: int, *, marked: bool) -> Value | None:
    """A name at a place of a text; where nothing marks it, no words that are ordinary."""
    ends = _NAME_END.search(text, start, stop)
    end = ends.start() if ends else stop
    words = list(WORD.finditer(text, start, end))[: _NAME_WORDS + 1]
    # A hyphen or an apostrophe joins two to one.
    spoken = [word for word in words if any(char.isalpha() for char in word.group())]
    if not spoken or spoken[0].start() - start > 2:
        return None
    if all(word.group().casefold() in _PLACEHOLDERS for word in spoken):
        return None
    if not marked and all(is_ordinary(word.group()) for word in spoken):
        return None
    first = spoken[0].group()
    sentence = not first[0].isupper() or "," not in text[start:end]
    if not marked and is_ordinary(first) and len(first) > 1 and sentence:
        return None
    last = 1
    while last < len(spoken) and not _goes_on_ordinarily(text, spoken, last):
        last += 1
    return Value(spoken[0].start(), spoken[last - 1].end(), "person")


def _goes_on_ordinarily(text: str, words: list[re.Match[str]], at: int) -> bool:
    """Whether the name has ended before this word: all that follows is ordinary."""
    gap = text[words[at - 1].end() : words[at].start()]
    if "," in gap or "-" in gap or len(words[at].group()) == 1:
        return False
    return at > 1 and all(
        is_ordinary(word.group()) and len(word.group()) > 1 for word in words[at:]
    )


def _is_title(said: str) -> bool:
    """Whether several ordinary words follow, none of which is an initial."""
    words = [word.group() for word in WORD.finditer(said)]
    plain = all(is_ordinary(word) and len(word) > 1 for word in words)
    return len(words) > 1 and plain and "," not in said


def _is_placeholder(said: str) -> bool:
    return all(word.group().casefold() in _PLACEHOLDERS for word in WORD.finditer(said))


def _date(text: str, start: int, stop: int) -> tuple[int, int] | None:
    """A date, in whatever form; a time alone is none."""
    time = _TIME.match(text, start, stop)
    if time and not re.match(r"[.\d]", text[time.end() : time.end() + 1]):
        rest = _DATE.match(text, time.end() + 1, stop)
        if rest is None or sum(char.isdigit() for char in rest.group()) < 3:
            return None
    date = _DATE.match(text, start, stop)
    if date is not None and sum(char.isdigit() for char in date.group()) > 1:
        return date.span()
    run = _CODE.match(text, start, stop)
    if run is not None and sum(char.isdigit() for char in run.group()) >= 4:
        return run.span()
    return None


def _number(
    text: str, start: int, stop: int, identifier: str, *, marked: bool
) -> tuple[int, int] | None:
    if identifier == "phone" and (phone := _CELL_PHONE.match(text, start, stop)):
        return phone.start(), start + len(phone.group().rstrip(" -.(+"))
    code = _CODE.search(text, start, stop)
    if code is not None and len(WORD.findall(text[start : code.start()])) < 2:
        digits = sum(char.isdigit() for char in code.group())
        if digits >= _FEWEST.get(identifier, 3):
            return min(start, code.start()) if marked else code.start(), code.end()
    word = _LETTERED.match(text, start, stop)
    if not marked or word is None or _is_placeholder(word.group()):
        return None
    said = word.group()
    strange = not is_ordinary(said) or any(char.isdigit() for char in said)
    return word.span() if strange or identifier == "room" else None
