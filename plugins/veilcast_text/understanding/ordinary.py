"""Whether what recognisers found is ordinary where it stands: a drug, a device, a batch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_text.understanding.vocabulary import (
    WORD,
    all_ordinary,
    is_maker,
    is_nearly_ordinary,
    ordinary_phrases,
    reads_ordinary,
)

if TYPE_CHECKING:
    from veilcast_text.understanding.spans import Span

_GUESSED = frozenset({"person", "city", "facility", "organization"})
_NUMBERS = frozenset({"id number", "device", "phone", "mrn", "account", "postcode", "plate"})
_MONTHS = frozenset(
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july "
    "august september october november december mon tue tues wed thu thur thurs fri sat sun".split()
)
_SHAPES = frozenset({"digits and letters", "a number too exact", "words around it"})
"""Reasons of numbers that nothing announced."""
_BY_FORM = "written like a name"
"""Reason of names that no list has."""
_SHORT = 2
"""Capitals that are no name by themselves."""
_ZIGZAG = re.compile(r"[mnvwlhMNVWLH\W]{4,}")
"""As what the curves of a monitor are read."""
_MODEL = 4
"""Digits of a model's number, at most."""
_MADE = re.compile(
    r"(?:^|[^\W_]\W|\W)(?:lot|batch|model|mod|type|version|ver|rev|v|build|release|firmware|software|sw|fw"
    r"|part|p/n|pn|cat|catalog|catalogue|gtin|upc|size|iso|iec|en|astm|ref)\b\W*(?:no|number|nr|code)?"
    r"\W*(?:[^\W\d_]{1,3}\W?)?$",
    re.IGNORECASE,
)
"""Before the number of a product, a batch or a norm: it is the same for many."""


def is_ordinary_there(text: str, span: Span) -> bool:
    """Whether what was found by its words alone is ordinary on screens."""
    said = text[span.start : span.end]
    words = [word.group().casefold() for word in WORD.finditer(said)]
    if span.identifier in _GUESSED:
        return _is_ordinary_guess(text, span, said, words)
    if span.identifier in _NUMBERS and not span.reason.startswith("UK"):
        first = next((word for word in WORD.finditer(said) if word.group()[0].isdigit()), None)
        before = text[: span.start + (first.start() if first else 0)]
        if _MADE.search(before):
            return True
        return span.reason in _SHAPES and _is_model(text, span)
    return False


def _is_ordinary_guess(text: str, span: Span, said: str, words: list[str]) -> bool:
    """Whether what was taken for a name by its words is none."""
    if (said.isupper() and len(said) <= _SHORT) or _ZIGZAG.fullmatch(said):
        return True  # a unit or a key, or one that was misread; or a curve
    nearly = span.reason == _BY_FORM and all(is_nearly_ordinary(word) for word in words)
    if nearly or all_ordinary(said) or reads_ordinary(said):
        return True
    if any(a <= span.start and span.end <= b for a, b in ordinary_phrases(text)):
        return True
    dated = any(char.isdigit() for char in text)
    return dated and all(word in _MONTHS or word.isdecimal() for word in words)


def _is_model(text: str, span: Span) -> bool:
    """Whether a short code stands behind the name of a device or its maker: "Zebra ZD420"."""
    before = [word.group() for word in WORD.finditer(text, 0, span.start)]
    digits = sum(char.isdigit() for char in text[span.start : span.end])
    return (
        digits <= _MODEL
        and bool(before)
        and is_maker(before[-1])
        and all_ordinary(text[: span.start])
    )
