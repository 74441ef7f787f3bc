"""Names as they stand in pictures: no sentence is around them, and often no list has them.

"HOLLOWAY, MARGARET", "Amara N.", "J. Okonkwo-Reyes", "HOLLOWAYMARGARET", and a line that is nothing
but words that no list has. What is ordinary where it stands (devices, drugs, menus) is for the
reader of the picture to tell: here too much is taken for a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast_identifiers.names.lexicon import load_lexicon
from veilcast_identifiers.names.rules import Person, is_eponym
from veilcast_identifiers.names.words import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast_identifiers.names.tokens import Token

SCREEN = "screen"
_NEVER = word_set("never") | word_set("no name")
_MONTHS = word_set("months") | frozenset("jan feb mar apr jun jul aug sep sept oct nov dec".split())
_DASHES = frozenset("-\N{EN DASH}\N{EM DASH}")
_VOWELS = frozenset("aeiouyäëïöüáéíóúàèìòùâêîôûåæøœãõąęıőű")
_GLUED = 9
"""So many letters have two names at least that are written as one word."""
_GIVEN, _SURNAME = 4, 6
"""Letters of a given name, and of what stands behind it in the same word and no list has."""
_SHORTEST = 3
_STRANGE = 4
"""Letters of a word that no list has and that may be a name by itself."""


def screen_names(tokens: Sequence[Token]) -> list[Person]:
    """Persons in lines that are no sentences; they may overlap what others find."""
    found: list[Person] = []
    first = 0
    for end in range(len(tokens) + 1):
        if end == len(tokens) or tokens[end].is_turn:
            found += _in_line(tokens, first, end)
            first = end + 1
    return found


def _in_line(tokens: Sequence[Token], first: int, end: int) -> Iterator[Person]:
    words = [at for at in range(first, end) if tokens[at].is_word]
    lower = all(tokens[at].text.islower() for at in words)
    runs = list(_runs(tokens, first, end, lower=lower))
    for run in runs:
        start, stop = _column(tokens, first, end, run)
        whole = all(
            run.start <= at < run.stop or tokens[at].lower in _MONTHS or len(tokens[at].lower) < 2
            for at in words
            if start <= at < stop
        )
        score = _weight(tokens, run, whole=whole)
        if score:
            yield Person(run.start, run.stop - 1, score, "written like a name")
    for behind in runs:
        comma = behind.start - 1
        if comma <= first or tokens[comma].lower != ",":
            continue
        before = next((run for run in runs if run.stop == comma), range(comma - 1, comma))
        written = tokens[before.start].is_word and tokens[before.start].text[0].isupper()
        if written and (_bears(tokens, before) or _bears(tokens, behind)):
            yield Person(before.start, behind.stop - 1, 0.8, "surname, given name")
    for at in words:
        if _is_two_names(tokens[at]):
            yield Person(at, at, 0.7, "two names in one word")


def _column(tokens: Sequence[Token], first: int, end: int, run: range) -> tuple[int, int]:
    """The part of a line, between dashes or bars, that a run lies in."""
    start = next((n + 1 for n in range(run.start - 1, first, -1) if _parts(tokens, n)), first)
    return start, next((n for n in range(run.stop, end) if _parts(tokens, n)), end)


def _parts(tokens: Sequence[Token], at: int) -> bool:
    """Whether a mark parts two things: a bar, or a dash that joins no words."""
    joins = at > 0 and tokens[at - 1].end == tokens[at].start
    return tokens[at].lower in {"|", ";"} or (tokens[at].lower in _DASHES and not joins)


def _runs(tokens: Sequence[Token], first: int, end: int, *, lower: bool) -> Iterator[range]:
    """Stretches of words that could each be a part of a name, with points and hyphens in them."""
    start = at = first
    while at <= end:
        if at == end or not _may_be_part(tokens, at, lower=lower):
            last = at
            while last > start and not tokens[last - 1].is_word:
                last -= 1
            if last > start:
                yield range(start, last)
            start = at + 1
        elif not tokens[at].is_word and at == start:
            start = at + 1
        at += 1


def _may_be_part(tokens: Sequence[Token], at: int, *, lower: bool) -> bool:
    token = tokens[at]
    if not token.is_word:
        beside = at > 0 and tokens[at - 1].end == token.start and tokens[at - 1].is_word
        initial = beside and len(tokens[at - 1].lower) == 1
        return beside and (token.lower in {"-", "'", "’"} or (token.lower == "." and initial))
    if len(token.lower) == 1:
        return token.text.isupper()
    if not (token.text[0].isupper() or lower) or token.lower in _NEVER or token.lower in _MONTHS:
        return False
    return token.is_listed or _is_strange(token)


def _is_strange(token: Token) -> bool:
    """Whether no list has the word, and it can be spoken."""
    strange = not token.code or token.is_proper
    return (
        strange
        and "g" not in token.code
        and len(token.lower) >= _SHORTEST
        and not _VOWELS.isdisjoint(token.lower)
    )


def _is_surely_listed(token: Token) -> bool:
    return (
        token.is_listed
        and (token.is_sure or token.is_mixed)
        and not token.is_ordinary
        and len(token.lower) >= _SHORTEST
    )


def _bears(tokens: Sequence[Token], run: range) -> bool:
    """Whether something in it is a name, or what no list has."""
    return any(_is_surely_listed(tokens[at]) or _is_strange(tokens[at]) for at in run)


def _weight(tokens: Sequence[Token], run: range, *, whole: bool) -> float:
    """How sure it is that a run is a name; 0 where nothing speaks for it."""
    words = [tokens[at] for at in run if tokens[at].is_word]
    if is_eponym(tokens, run.stop - 1):
        return 0.0
    long = [word for word in words if len(word.lower) > 1]
    sure = sum(map(_is_surely_listed, long))
    strange = sum(map(_is_strange, long))
    initials = len(words) - len(long)
    if sure:
        return 0.75 if len(words) > 1 else 0.6
    if strange and (initials or len(long) > strange):
        return 0.65
    if strange > 1:
        return 0.55
    if strange and whole and len(long[0].lower) >= _STRANGE:
        return 0.5
    given = any(word.is_first for word in long) and any(word.is_last for word in long)
    return 0.55 if whole and 1 < len(long) < 4 and given else 0.0


def _is_two_names(token: Token) -> bool:
    """Whether a given name and a surname were read as one word."""
    if token.code or len(token.lower) < _GLUED:
        return False
    codes = load_lexicon().codes
    for cut in range(_SHORTEST, len(token.lower) - _SHORTEST + 1):
        pair = codes.get(token.lower[:cut], ""), codes.get(token.lower[cut:], "")
        given = "f" in pair[0] and "a" in pair[0] and cut >= _GIVEN
        if given and not pair[1] and len(token.lower) - cut >= _SURNAME:
            return True
        if all("a" in code and ("f" in code or "l" in code) for code in pair) and any(
            "f" in code for code in pair
        ):
            return True
    return False


__all__ = ["SCREEN", "screen_names"]
