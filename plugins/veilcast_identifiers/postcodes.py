"""Postcodes of the United Kingdom, Canada and the United States, also as they are spelled out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_identifiers.lexicon import ABBREVIATIONS
from veilcast_identifiers.reading import english, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognized, Recognizer

_UK = re.compile(
    r"\b(?P<area>[a-pr-uwyz](?:\s?[a-hk-y])?)\s?(?P<district>\d(?:\s?\d|\s?[a-hjkmnp-y](?=\s?\d))?)[\s,]*"
    r"(?:(?:um|uh|er|oh)\s+)?(?P<sector>\d)\s?(?!(?:st|nd|rd|th)\b)"
    r"(?P<unit>[abd-hjlnp-uw-z]\s?[abd-hjlnp-uw-z])\b",
    re.IGNORECASE,
)
_CANADA = re.compile(
    r"\b[abceghj-nprstvxy]\s?\d\s?[abceghj-nprstv-z][\s-]*\d\s?[abceghj-nprstv-z]\s?\d\b",
    re.IGNORECASE,
)
_ZIP_PLUS_4 = re.compile(r"(?<![\d-])(?P<code>\d{5}-\d{4})(?![\d-])")
_FIGURE = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine)"
_SPOKEN = re.compile(
    r"\b(?:post\s?code|road|street|avenue|lane|drive|place|close|park|gardens|court|way|crescent)\b[^\n]{0,40}\n?"
    rf"[^\n]{{0,50}}?\b(?P<code>[a-z]{{1,2}}\s?{_FIGURE}[a-z]?\s+(?:{_FIGURE}\s?[a-z]{{2}}|[b-hj-z]{{2}}\s?{_FIGURE}))\b",
    re.IGNORECASE,
)
_OUTWARD = re.compile(
    r"\b(?P<area>[A-Z]{2})\s?\d{1,2}\s+\d(?:\s+[^\W\d_]+)?\b(?!\s*(?:mg|times|[%./]))"
)
_STATE_ZIP = re.compile(r"\b[A-Z]{2}[,.]?\s+(?P<code>\d{5})\b(?!\s*(?:mg|dollars|%))")
_ZIP_ASKED = re.compile(
    r"\b(?:zip|postal)\s*(?:code)?\b[^\n\d]{0,60}\n?[^\n\d]{0,25}(?<![\d.,$])(?P<code>\d{5}(?:\s?\d{4})?)"
    r"(?!\d|\s*(?:dollars|pounds|%))",
    re.IGNORECASE,
)
_ZIPS = (
    (_ZIP_PLUS_4, 0.8, "ZIP+4"),
    (_ZIP_ASKED, 0.85, "cue: zip code"),
    (_STATE_ZIP, 0.75, "code after a state"),
)
_WORDS = frozenset(
    "at in on to is my as of or an so by up be am if us we me he go do no it".split()
)


def read_postcodes(content: str) -> Iterator[Recognized]:
    """Postcodes in written text."""
    for match in _UK.finditer(content):
        if match["area"].lower() in _WORDS and match["unit"].islower():
            continue
        if match["unit"].lower() in _WORDS | {"mg"} and match["unit"].islower():
            continue
        yield found(match.span(), "postcode", 0.85, "UK postcode")
    for match in _CANADA.finditer(content):
        if set(re.sub(r"[^a-z]", "", match.group().lower())) <= set("clst"):
            continue  # vertebrae: L2 L3 L4
        yield found(match.span(), "postcode", 0.85, "Canadian postcode")
    for match in _SPOKEN.finditer(content):
        if not _WORDS & set(re.findall("[a-z]+", match["code"].lower())):
            yield found(match.span("code"), "postcode", 0.75, "code after a street")
    for match in _OUTWARD.finditer(content):
        if match["area"].lower() not in ABBREVIATIONS:
            yield found(match.span(), "postcode", 0.6, "the beginning of a UK postcode")
    for pattern, score, reason in _ZIPS:
        for match in pattern.finditer(content):
            yield found(match.span("code"), "postcode", score, reason)


def describe() -> Recognizer:
    """The recogniser `postcodes`."""
    return english("postcodes", {"postcode": "B"}, "UK, Canadian and US postcodes", read_postcodes)
