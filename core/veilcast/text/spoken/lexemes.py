"""Tokens taken apart into lexemes: words without punctuation, hyphenated numbers in parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.text.spoken.lexicon import (
    DIGITS,
    FILLER_PHRASES,
    FILLERS,
    ORDINALS,
    SCALES,
    TEENS,
    TENS,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_EDGES = re.compile(r"([\W_]*)(.*?)([\W_]*)\Z", re.DOTALL)
_NUMBER_PARTS = frozenset({*DIGITS, "oh", *TEENS, *TENS, *SCALES, *ORDINALS, "and"})
_SPELLED = re.compile(r"[A-Za-z](?:[-.][A-Za-z]){2,}\Z")
_YEAR_OLD = re.compile(r"-(?:years?|months?|weeks?|days?)(?:-olds?)?\Z")
# Punctuation that people's pauses become; anything else at a word's edge means something.
_PAUSES = frozenset(",.;:-–—…")
_MOST_FILLERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexeme:
    """A word of a token.

    Attributes:
        core: without punctuation at its edges, lower-case.
        raw: as it is written, with everything.
        lead: punctuation before it.
        trail: punctuation after it.
        token: whose it is.
        pause: a turn or long pause lies before it.
        inner: it goes on the token of the lexeme before.
    """

    core: str
    raw: str
    lead: str = ""
    trail: str = ""
    token: int
    pause: bool = False
    inner: bool = False


def lexemes_of(tokens: Sequence[str], breaks: Collection[int]) -> list[Lexeme]:
    """The lexemes of tokens; a token without visible characters has none."""
    pauses = frozenset(breaks)
    found: list[Lexeme] = []
    waiting = False
    for at, token in enumerate(tokens):
        waiting = waiting or at in pauses
        text = " ".join(token.split())
        if not text:
            continue
        found.extend(_parts(text, at, pause=waiting and bool(found)))
        waiting = False
    return found


def _parts(text: str, token: int, *, pause: bool) -> list[Lexeme]:
    edges = _EDGES.match(text)
    lead, core, trail = edges.groups() if edges else ("", text, "")
    whole = Lexeme(
        core=core.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"),
        raw=text, lead=lead, trail=trail, token=token, pause=pause,
    )  # fmt: skip
    if "-" not in core:
        return [whole]
    old = _YEAR_OLD.search(core.lower())
    head = core[: old.start()] if old else core
    words = head.split("-")
    if not all(word.lower() in _NUMBER_PARTS for word in words) and not _SPELLED.match(core):
        return [whole]
    if _SPELLED.match(core):
        words = re.split("[-.]", core)
    tail = [core[old.start() :]] if old else []
    parts = [*words, *tail]
    return [
        Lexeme(
            core=word.lower(),
            raw=(lead if n == 0 else "") + word + (trail if n == len(parts) - 1 else ""),
            lead=lead if n == 0 else "",
            trail=trail if n == len(parts) - 1 else "",
            token=token,
            pause=pause and n == 0,
            inner=n > 0,
        )
        for n, word in enumerate(parts)
    ]


def tight(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether lexeme `at` exists and follows the one before without punctuation or pause."""
    return (
        0 < at < len(lexemes)
        and not lexemes[at - 1].trail
        and not lexemes[at].lead
        and not lexemes[at].pause
    )


def near(lexemes: Sequence[Lexeme], at: int) -> bool:
    """As `tight`, but a comma or another pause in writing may lie between."""
    return (
        0 < at < len(lexemes)
        and not lexemes[at].pause
        and not lexemes[at].lead
        and all(mark in _PAUSES for mark in lexemes[at - 1].trail)
    )


def core_at(lexemes: Sequence[Lexeme], at: int) -> str:
    """The word of lexeme `at`, or "" outside."""
    return lexemes[at].core if 0 <= at < len(lexemes) else ""


def after_fillers(lexemes: Sequence[Lexeme], at: int) -> int:
    """The lexeme after the fillers that begin at `at`, or `at` itself where there are none."""
    start = at
    while at < len(lexemes) and at - start < _MOST_FILLERS:
        if not lexemes[at].core or lexemes[at].core in FILLERS:
            step = 1
        elif (lexemes[at].core, core_at(lexemes, at + 1)) in FILLER_PHRASES:
            step = 2
        elif tuple(core_at(lexemes, at + n) for n in range(3)) in FILLER_PHRASES:
            step = 3
        else:
            break
        at += step
    return at
