"""Names that a title, a degree, a room or the marks of a meeting give away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_text.understanding.values import name_value
from veilcast_text.understanding.vocabulary import WORD, is_ordinary

if TYPE_CHECKING:
    from collections.abc import Iterator

SCORE = 0.85
_ROOM = re.compile(
    r"(?<![^\W_])(?:rm|room|bed|bay|cubicle|cot|chair|pod|bedspace|ward)\s*[-.:]?\s*\d{1,4}[a-z]?"
    r"(?![^\W_])[\s:.,-]*(?=[^\W\d_])",
    re.IGNORECASE,
)
_TITLES = re.compile(
    r"(?<![^\W_])(?:(?P<sure>mr|mrs|ms|miss|mx|dr|prof|professor|dame|rev|sra?|mme|hr|fr)\b\.?"
    r"|(?P<role>doctor|nurse|sister|matron|consultant|surgeon|sir|lady|midwife|physician"
    r"|registrar|captain|officer|sergeant|father|staff\s+nurse|charge\s+nurse|rn|md))"
    r"\s*[.:]?\s*(?P<at>)(?=[^\W\d_])",
    re.IGNORECASE,
)
_NO_NAME = frozenset(
    "in on at of to for with the a an and or is are was who what by from my your our no not "
    "call round rounds led line name names signature only station notes".split()
)
_CREDENTIALS = re.compile(
    r"(?<![^\W_])(?P<name>(?:[^\W\d_][\w'’.-]*[,\s]+){1,4}?)[(]?(?P<mark>RN|R\.N\.|MD|M\.D\.|RGN|RMN|RSCN|LPN"
    r"|LVN|CNA|HCA|ARNP|APRN|CRNA|DNP|FNP|NP|PA-C|PhD|Ph\.D\.|FRCS|FRCP|FRCA|MRCP|MRCS|MBBS"
    r"|MBChB|MB ChB|BSN|MSN|DDS|DMD|PharmD|RPh|RRT|RDMS|RT|LCSW|Jr|Sr|Esq|SpR|ST\d|FY\d|CT\d"
    r"|SHO)\b"
)
_TAG = re.compile(
    r"(?<![^\W_])(?P<name>[^\W\d_][^()\[\]|:;<>]{1,40}?)\s*(?:[(\[]\s*(?:host|you|me|co-?host|guest|hôte|unverified|external"
    r"|presenter|organizer|organiser|he|she|they|him|her|i)\b[^)\]]{0,20}[)\]]|['’]s\s+(?:i?phone|ipad"
    r"|macbook|mac|laptop|computer|pc|screen|galaxy|android|meeting|personal|zoom)\b"
    r"|\s(?:is\s+(?:speaking|typing|talking|presenting|sharing|calling)|has\s+(?:joined|left|started|entered)|joined\s+the\s+\w+|left\s+the\s+(?:meeting|call|room))\b)",
    re.IGNORECASE,
)


def people_in(text: str) -> Iterator[tuple[int, int, float, str]]:
    """Names beside a title, a degree, a room or a mark of meetings: from, to, score and reason."""
    for start, end in _titled(text):
        yield start, end, SCORE, "cue: title"
    for start, end in _with_degree(text):
        yield start, end, SCORE, "cue: degree"
    for match in _TAG.finditer(text):
        words = list(WORD.finditer(match["name"]))
        if words and not all(is_ordinary(word.group()) for word in words):
            at = match.start("name")
            yield at + words[0].start(), at + words[-1].end(), SCORE, "cue: name tag"
    for match in _ROOM.finditer(text):
        value = name_value(text, match.end(), len(text), marked=False)
        if value is not None:
            yield value.start, value.end, SCORE, "cue: room"


def _titled(text: str) -> Iterator[tuple[int, int]]:
    for match in _TITLES.finditer(text):
        first = WORD.match(text, match.end())
        if first is None or (len(first.group()) > 1 and first.group().casefold() in _NO_NAME):
            continue
        role, ordinary = match["role"] is not None, is_ordinary(first.group())
        small = not first.group()[0].isupper() and match.group().strip()[0].isupper()
        if small or (role and ordinary and len(first.group()) > 1):
            continue
        value = name_value(text, match.end(), len(text), marked=not role)
        if value is not None:
            yield value.start, value.end


def _with_degree(text: str) -> Iterator[tuple[int, int]]:
    for match in _CREDENTIALS.finditer(text):
        at, words = match.start("name"), list(WORD.finditer(match["name"]))
        if all(is_ordinary(word.group()) for word in words) or words[-1].group()[0].islower():
            continue
        # "Seen by Rose Okonkwo RN": the word beside a name may be one that is ordinary elsewhere.
        while len(words) > 2 and is_ordinary(words[0].group()) and len(words[0].group()) > 1:
            words = words[1:]
        yield at + words[0].start(), at + words[-1].end()
