"""Electronic addresses as they are said, where they could not be written out; and user names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_identifiers.lexicon import FILLERS
from veilcast_identifiers.reading import english, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognized, Recognizer

# Everything is bounded, and a word is no sign: else a run of "dot dot dot" would take for ever.
_SIGN = r"(?:dot|period|point|underscore|dash|hyphen|slash|at)\b"
_W = rf"(?!{_SIGN})[^\W_]{{1,40}}(?:['’-][^\W_]{{1,40}}){{0,3}}"
_S = r"[\s,]{1,3}"
_JOIN = r"(?:dot|period|point|underscore|under\s+score|dash|hyphen|minus|\.|_|-|plus)"
_TLD = (
    r"(?:com|net|org|edu|gov|info|biz|co|uk|us|ca|ie|au|nz|de|fr|eu|io|ai|me|tv|nhs|ac|health"
    r"|clinic|care)\b"
)
_DOT = r"(?:dot|\.|period)"
_LABEL = rf"{_W}(?:{_S}{_W}){{0,2}}?"
_DOMAIN = rf"{_LABEL}(?:{_S}{_DOT}{_S}{_W}){{0,2}}?{_S}{_DOT}{_S}{_TLD}"
_TAIL = rf"(?:{_S}(?:dot|\.){_S}{_TLD}){{0,2}}"
_LOCAL = rf"(?P<local>\b{_W}(?:{_S}{_JOIN}{_S}{_W}){{0,4}}(?:{_S}\d{{1,4}})?){_S}"
_EMAIL = re.compile(rf"{_LOCAL}(?:at(?:{_S}sign)?|@){_S}{_DOMAIN}{_TAIL}", re.IGNORECASE)
_PROVIDER = re.compile(
    rf"{_LOCAL}(?:at|@){_S}(?:gmail|g\s+mail|hotmail|yahoo|outlook|icloud|aol|protonmail"
    r"|proton\s+mail|btinternet|comcast|verizon)\b",
    re.IGNORECASE,
)
_PATH = (
    rf"(?:{_S}(?:forward\s+)?slash{_S}{_W}(?:{_S}(?:dash|hyphen|underscore){_S}{_W}){{0,3}}){{0,4}}"
)
_WWW = r"(?:www|w\s+w\s+w|dub\s+dub\s+dub|double\s+u\s+double\s+u\s+double\s+u)"
_URL = re.compile(
    rf"\b(?:{_WWW}{_S}{_DOT}{_S}{_LABEL}(?:{_S}{_DOT}{_S}{_W}){{1,3}}"
    rf"|{_W}(?:{_S}(?:dot|period){_S}{_LABEL}){{0,3}}?{_S}(?:dot|period){_S}{_TLD}){_TAIL}{_PATH}",
    re.IGNORECASE,
)
_IP = re.compile(rf"\b\d{{1,3}}(?:{_S}(?:dot|point|\.){_S}\d{{1,3}}){{3}}\b", re.IGNORECASE)
_HANDLE = re.compile(
    r"(?:\b(?:user\s?name|log\s?in(?:\s+name)?|screen\s+name|handle|gamer\s?tag|skype(?:\s+name)?|nickname"
    r"|(?:instagram|insta|twitter|facebook|tiktok|snapchat|snap|reddit)(?:\s+(?:handle|account|name|page))?"
    r"|password|pass\s+phrase)\s*(?:is|:|=|'s)\s+(?:it's\s+)?(?P<value>@?[^\s,.?!]+(?:\.\w+)*(?:\s+(?:underscore|dash|dot)"
    r"\s+[^\s,.?!]+|\s+\d+)*))|(?<!\w)(?P<at>@[^\W\d_]\w{2,})\b(?!\.\w)",
    re.IGNORECASE,
)
_WRITTEN_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
_EMAIL_CUE = re.compile(
    r"\be[\s-]?mail(?:\s+(?:address|is|it's|still|me|it|at|to|um|uh|would|be|that's))*\s+(?=[^\n]*$)"
    r"(?!(?:address|is|it's|still|me|it|at|to|um|uh|would|be|that's)\b)"
    r"(?=(?:[^\s]+\s+){1,6}$)",
    re.IGNORECASE,
)
_WRITTEN_URL = re.compile(rf"\b[^\s@,]{{1,60}}\.{_TLD}(?![\w@])", re.IGNORECASE)
_URL_JOINED = re.compile(
    rf"(?:\bhttps?\s+(?:colon\s+)?(?:(?:forward\s+)?slash\s+){{0,2}}(?:{_W}\s+)??)?"
    rf"(?:\b{_W}\s+(?:dash|hyphen|dot|underscore)\s+){{0,3}}$",
    re.IGNORECASE,
)
_URL_CUE = re.compile(
    r"\b(?:go\s+to|visit|(?:web)?site(?:\s+is)?|see|log\s*in\s+(?:at|to)|look\s+(?:on|at)|under|from|portal(?:\s+is)?"
    rf"|page\s+is)\s+(?:https?\s+colon\s+(?:slash\s+){{1,2}})?(?P<words>(?:{_W}\s+){{1,2}})$",
    re.IGNORECASE,
)
_NO_VALUE = frozenset(
    "the a an my your his her not in on at this that what it something for very".split()
)
_CUE = re.compile(
    r"\b(?:e[\s-]?mail(?:\s+address)?(?:\s+is|\s+it\s+to|\s+me\s+at)?|address\s+is|it's|its|it\s+is|that's|is|at|to)"
    r"(?:[\s,]+(?:uh|um|er|yes|yeah))*[\s,]+$",
    re.IGNORECASE,
)


def read_contacts(content: str) -> Iterator[Recognized]:
    """Addresses and names in networks."""
    for pattern in (_EMAIL, _PROVIDER):
        for match in pattern.finditer(content):
            start = _local_start(content, match.start("local"))
            yield found((start, match.end()), "email", 0.8, "said as an e-mail address")
    for match in _WRITTEN_EMAIL.finditer(content):
        start = _after_cue(content, match.start())
        if start < match.start():
            yield found((start, match.end()), "email", 0.8, "cue: e-mail")
    for match in _WRITTEN_URL.finditer(content):
        start = _url_start(content, match.start())
        if start < match.start():
            yield found((start, match.end()), "url", 0.7, "words before a web address")
    for match in _URL.finditer(content):
        start = _url_start(content, match.start())
        yield found((start, match.end()), "url", 0.75, "said as a web address")
    for match in _IP.finditer(content):
        yield found(match.span(), "ip", 0.85, "said as an IP address")
    for match in _HANDLE.finditer(content):
        group = "value" if match["value"] else "at"
        if match[group].lower() not in _NO_VALUE | FILLERS:
            yield found(match.span(group), "username", 0.85, "cue: user name")


def _after_cue(content: str, start: int) -> int:
    """Where an e-mail address begins of which only the end could be written out."""
    cue = _EMAIL_CUE.search(content[max(0, start - 60) : start])
    return start if cue is None else max(0, start - 60) + cue.end()


def _url_start(content: str, start: int) -> int:
    """Where a web address begins of which only the end could be written out."""
    low = max(content.rfind("\n", 0, start) + 1, start - 80)
    before = content[low:start]
    joined = _URL_JOINED.search(before)
    announced = _URL_CUE.search(before)
    starts = [low + joined.start()] if joined is not None else []
    if announced is not None and not set(announced["words"].lower().split()) & (_NO_VALUE - {"my"}):
        starts.append(low + announced.start("words"))
    return min([start, *starts])


def _local_start(content: str, start: int) -> int:
    """Where the part before "at" begins: letters and figures that stand alone belong to it."""
    line = content.rfind("\n", 0, start) + 1
    words = list(re.finditer(r"[^\s,]+", content[max(line, start - 60) : start]))
    offset = max(line, start - 60)
    first = start
    for word in reversed(words):
        text = word.group().lower()
        single = len(text) == 1 and text not in "ai"
        if not (single or text.isdecimal()):
            break
        first = offset + word.start()
    for count in (1, 2, 3):
        if len(words) >= count and _CUE.search(content[: offset + words[-count].start()]):
            candidate = words[-count:]
            if all(
                word.group().lower() not in _NO_VALUE | FILLERS | {"is", "it's"}
                for word in candidate
            ):
                first = min(first, offset + candidate[0].start())
                break
    return first


def describe() -> Recognizer:
    """The recogniser `contacts`."""
    return english(
        "contacts",
        {"email": "F", "url": "N", "ip": "O", "username": "R"},
        "E-mail, web and IP addresses as they are said, and user names",
        read_contacts,
    )
