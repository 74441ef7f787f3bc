"""Words that are spelled out: "T A I T", "B as in bravo, O as in ...", "mike papa sierra".

What is spelled in a conversation is nearly always a name. Abbreviations that everybody says letter
by letter (ECG, MRI, NHS) are none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_identifiers.lexicon import ABBREVIATIONS, FILLERS
from veilcast_identifiers.reading import english, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognized, Recognizer

_NATO = frozenset(
    """
    alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike
    november oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray x-ray
    yankee zulu
    """.split()
)
_SOUNDS = {"double", "triple", "capital", "apostrophe", "hyphen", "dash", "space", "then", "and"}
_DIGITS = frozenset(
    "zero oh one two three four five six seven eight nine to too for ate won".split()
)
"""What a code has between its letters."""
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|\n|[?!]")
_HYPHENATED = re.compile(r"(?<![\w-])[^\W\d_](?:[-.][^\W\d_]){2,}(?![\w-])")
_AS_IN = re.compile(
    r"(?<![\w'’])(?P<letter>[^\W\d_])[\s,]+(?P<how>as\s+in|for|like|is\s+for)\s+(?:the\s+)?(?P<word>[^\W\d_]+)",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:spell|spells|spelled|spelt|spelling|letters)\b[^\n]*\n?[^\n]{0,40}$", re.IGNORECASE
)
_LEAD_IN = re.compile(
    r"\b(?:name|names|that's|that\s+is|it's|it\s+is|so|yes|yeah|is|as)[\s,.:]+(?:um[\s,]+|uh[\s,]+)?$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b(?:an?|the|my|your|his|her|their|some|any|no)[\s,]+$", re.IGNORECASE)


def read_spelled(content: str) -> Iterator[Recognized]:
    """Spelled words in text as it was said."""
    for match in _HYPHENATED.finditer(content):
        letters = re.sub(r"[-.]", "", match.group()).lower()
        before = content[max(0, match.start() - 160) : match.start()]
        if _CUE.search(before) or _is_name(letters, before, spoken_for=False):
            yield found(match.span(), "person", 0.85, "spelled out")
    yield from _as_in(content)
    run: list[re.Match[str]] = []
    for token in _TOKEN.finditer(content):
        text = token.group().lower()
        if _is_letter(token.group(), run) or text in _NATO:
            run.append(token)
        elif not (run and (text in _SOUNDS or text in FILLERS or text in _DIGITS)):
            yield from _spelled(content, run)
            run = []
    yield from _spelled(content, run)


def _is_letter(text: str, run: list[re.Match[str]]) -> bool:
    if len(text) != 1 or not text.isalpha():
        return False
    return bool(run) or text not in {"a", "I"}


def _spelled(content: str, run: list[re.Match[str]]) -> Iterator[Recognized]:
    while run and run[-1].group() in {"a", "I", "i"} and len(run) > 1:
        following = content[run[-1].end() : run[-1].end() + 3]
        if not following[:1].isspace() or not following[1:2].isalnum():
            break
        run = run[:-1]
    if not run:
        return
    letters = "".join(token.group()[0] for token in run).lower()
    before = content[max(0, run[0].start() - 160) : run[0].start()]
    announced = bool(_CUE.search(before))
    words = {token.group().lower() for token in run if len(token.group()) > 1}
    if not (_is_name(letters, before, spoken_for=bool(words)) if not announced else len(run) > 1):
        return
    if words and len(run) < 3:
        return
    score = 0.9 if announced else 0.8
    yield found((run[0].start(), run[-1].end()), "person", score, "spelled out")


def _is_name(letters: str, before: str, *, spoken_for: bool) -> bool:
    """Whether letters that nobody asked for are a name rather than an abbreviation."""
    if spoken_for:
        return len(letters) > 2
    if _only_abbreviations(letters) or _ARTICLE.search(before):
        return False
    if not set(letters) & set("aeiouy"):
        return False
    return len(letters) > 3 or (len(letters) == 3 and bool(_LEAD_IN.search(before)))


def _only_abbreviations(letters: str) -> bool:
    """Whether abbreviations in a row explain the letters."""
    return letters in ABBREVIATIONS or any(
        letters[:cut] in ABBREVIATIONS and _only_abbreviations(letters[cut:])
        for cut in range(2, len(letters) - 1)
    )


def _as_in(content: str) -> Iterator[Recognized]:
    """Letters with a word for each: all from the first to the last, and what lies between."""
    # A letter beside its word is often misheard: "t as in bravo".
    marks = [
        match
        for match in _AS_IN.finditer(content)
        if match["word"][0].lower() == match["letter"].lower() or match["word"].lower() in _NATO
    ]
    start = 0
    while start < len(marks):
        end = start
        while end + 1 < len(marks) and marks[end + 1].start() - marks[end].end() <= 24:
            end += 1
        if start == end and not marks[start]["how"].lower().startswith("as"):
            start += 1
            continue
        first = _before(content, marks[start].start())
        last = _behind(content, marks[end].end())
        yield found((first, last), "person", 0.85, "spelled out")
        start = end + 1


def _before(content: str, start: int) -> int:
    match = re.search(r"(?:\b[^\W\d_][\s,]+)+$", content[max(0, start - 24) : start])
    return start if match is None else max(0, start - 24) + match.start()


def _behind(content: str, end: int) -> int:
    match = re.match(
        r"(?:[\s,]+(?:then\s+|and\s+|double\s+)?[^\W\d_](?=[\s,.]|$))+", content[end : end + 40]
    )
    return end if match is None else end + match.end()


def describe() -> Recognizer:
    """The recogniser `spelled`."""
    return english(
        "spelled", {"person": "A"}, "Words that are spelled out", read_spelled, forms=("spoken",)
    )
