"""Names of known persons in words that a recogniser wrote: exact, alike in sound, split or joined.

"Jon Smyth" for John Smith, "be a tricep hall away" for Beatrice Holloway, "S M Y T H". Words are
compared by their letters (edit distance) and by their sound (Metaphone: Lawrence Philips, Computer
Language 7(12), 1990). An ordinary word is never taken for a name by itself; beside another part of
the name it is.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import jellyfish
from rapidfuzz.distance import Levenshtein

from veilcast.text.ordinary import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Kind = Literal["person", "place", "phrase"]

_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "’": "'"}
)
_CUES = frozenset(
    "mr mrs ms miss mister missus name name's named called i'm hi hello dear hey".split()
)
"""After one of these an ordinary word may be the name that it also is."""
_PARTICLES = frozenset(
    "de da di du del della van von der den la le el al bin ibn of the y e".split()
)
_BETWEEN = frozenset("uh um er erm uhm van von de da di du del la le el al bin".split())
_SPELLED_AS = frozenset({"as", "in", "for", "like"})


def fold(word: str) -> str:
    """A word's letters and figures without case, accents and a possessive 's."""
    lower = word.casefold().translate(_PLAIN).strip("'\"")
    lower = lower.removesuffix("'s").removesuffix("s'") if "'" in lower else lower
    return "".join(c for c in unicodedata.normalize("NFKD", lower) if c.isalnum())


@lru_cache(maxsize=20_000)
def sound(word: str) -> str:
    """How a folded word sounds: its Metaphone, the same for voiced and unvoiced consonants."""
    code = jellyfish.metaphone(word).replace(" ", "")
    return code.translate(str.maketrans("BDGVZ", "PTKFS"))


def _like(a: str, b: str) -> float:
    return Levenshtein.normalized_similarity(a, b)


_ENGLISH = (("sch", "sh"), ("cz", "ch"), ("sz", "sh"), ("w", "v"), ("j", "y"), ("ck", "k"))
"""How English ears write what other languages spell differently."""


def _respelled(word: str) -> str:
    for foreign, english in _ENGLISH:
        word = word.replace(foreign, english)
    return word


@lru_cache(maxsize=50_000)
def alike(heard: str, name: str) -> bool:
    """Whether one word may be a misheard spelling of a name: near in letters and in sound."""
    if heard == name:
        return True
    if len(name) >= 6 and any(foreign in name for foreign, _ in _ENGLISH[:3]):
        return _alike(heard, name) or _alike(_respelled(heard), _respelled(name))
    return _alike(heard, name)


def _alike(heard: str, name: str) -> bool:
    if min(len(heard), len(name)) < 3:
        return False
    letters = _like(heard, name)
    same_sound = sound(heard) == sound(name)
    if same_sound:
        return letters >= (0.6 if len(name) >= 5 else 0.7)
    if len(name) >= 6:
        return letters >= 0.8 and _like(sound(heard), sound(name)) >= 0.6
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class NameHit:
    """Words `first` up to `last` (excluded) that are a name, how sure, and why."""

    first: int
    last: int
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A word that is a part of the name: 2 by itself, 1 only beside another part."""

    at: int
    parts: frozenset[int]
    weight: int
    exact: bool


class Name:
    """A name, as its parts."""

    def __init__(self, written: str, extra: Iterable[str] = (), kind: Kind = "person") -> None:
        """Take a name apart.

        Args:
            written: given names and surnames, or the words of a place or phrase.
            extra: other words for a given name, such as short forms.
            kind: of a ``person`` each part counts, and ordinary words do where they stand side by
                side; of a ``place`` the parts that are no ordinary words; a ``phrase`` counts as a
                whole.
        """
        self._kind = kind
        parts = [fold(word) for piece in written.split() for word in piece.split("-")]
        self.parts = [part for part in parts if len(part) > 1 and part not in _PARTICLES]
        self.initials = frozenset(part[0] for part in parts if part)
        self.extra = [fold(word) for word in extra]

    def find(self, words: Sequence[str]) -> Iterator[NameHit]:
        """Where the name stands among words.

        Args:
            words: folded with `fold`.
        """
        yield from self._run_together(words)
        if self._kind != "phrase":
            yield from self._by_parts(words)
        if self._kind == "person":
            yield from self._spelled(words)

    def _by_parts(self, words: Sequence[str]) -> Iterator[NameHit]:
        marks = [mark for at, word in enumerate(words) if (mark := self._part(at, word))]
        start = 0
        while start < len(marks):
            end = start
            while end + 1 < len(marks) and self._beside(words, marks[end].at, marks[end + 1].at):
                end += 1
            group = marks[start : end + 1]
            start = end + 1
            different = len({part for mark in group for part in mark.parts}) > 1
            if len(group) > 1 and different and self._together(group):
                exact = all(mark.exact for mark in group)
                yield self._hit(words, group[0].at, group[-1].at + 1, 1.0 if exact else 0.9, exact)
                continue
            for mark in group:
                announced = mark.exact and bool(
                    _CUES.intersection(words[max(0, mark.at - 2) : mark.at])
                )
                if mark.weight == 2 or announced:
                    score = 0.95 if mark.exact else 0.8
                    yield self._hit(words, mark.at, mark.at + 1, score, mark.exact)

    def _together(self, group: Sequence[_Part]) -> bool:
        """Whether parts side by side are the name: not two ordinary words that only sound so."""
        exact = self._kind == "person"
        return any(mark.weight == 2 or (exact and mark.exact) for mark in group)

    @staticmethod
    def _beside(words: Sequence[str], a: int, b: int) -> bool:
        between = words[a + 1 : b]
        return len(between) <= 2 and all(len(w) <= 1 or w in _BETWEEN for w in between)

    def _part(self, at: int, word: str) -> _Part | None:
        if len(word) < 2:
            return None
        exact = {n for n, part in enumerate(self.parts) if part == word}
        if word in self.extra:
            exact.add(0)
        near = exact or {n for n, part in enumerate(self.parts) if alike(word, part)}
        weight = 1 if word in ORDINARY or (len(word) < 3 and word not in self.parts) else 2
        if not near and weight == 2 and len(word) >= 5:
            near = {n for n, part in enumerate(self.parts) if _like(word, part) >= 0.5}
            weight = 1
        return _Part(at, frozenset(near), weight, bool(exact)) if near else None

    def _hit(
        self, words: Sequence[str], first: int, last: int, score: float, exact: bool
    ) -> NameHit:
        if first and len(words[first - 1]) == 1 and words[first - 1] in self.initials - {"a", "i"}:
            first -= 1
        reason = "known name" if exact else "sounds like a known name"
        return NameHit(first=first, last=last, score=score, reason=reason)

    def _run_together(self, words: Sequence[str]) -> Iterator[NameHit]:
        """Names that were heard as other words than they have: split, joined, or both."""
        whole = "".join(self.parts)
        if len(whole) >= 9 and len(self.parts) > 1:
            yield from self._windows(words, whole, 2 * len(self.parts) + 3, 0.9)
        for part in self.parts if self._kind != "phrase" else ():
            if len(part) >= 6 and part not in ORDINARY:
                yield from self._windows(words, part, 3, 0.75)

    @staticmethod
    def _windows(words: Sequence[str], name: str, most: int, score: float) -> Iterator[NameHit]:
        best: NameHit | None = None
        best_like = 0.0
        code = sound(name)
        for first in range(len(words)):
            joined = ""
            for last in range(first + 1, min(first + most, len(words)) + 1):
                joined += words[last - 1]
                if len(joined) > len(name) + 3:
                    break
                if len(joined) < len(name) - 3 or (last == first + 1 and score < 0.9):
                    continue
                likeness = _likeness(joined, name, code, whole=score >= 0.9)
                if not likeness or all(len(w) == 1 for w in words[first:last]):
                    continue
                if best is not None and first < best.last:
                    if likeness > best_like:
                        best, best_like = _heard(first, last, score), likeness
                    continue
                if best is not None:
                    yield best
                best, best_like = _heard(first, last, score), likeness
        if best is not None:
            yield best

    def _spelled(self, words: Sequence[str]) -> Iterator[NameHit]:
        """Letters one by one, with or without a word for each."""
        run: list[tuple[str, int, int]] = []
        at = 0
        while at <= len(words):
            word = words[at] if at < len(words) else ""
            if len(word) == 1 and word.isalpha():
                end = at + 1
                while end < len(words) and words[end] in _SPELLED_AS and end < at + 3:
                    end += 1
                end = end + 1 if end > at + 1 else end
                run.append((word, at, end))
                at = end
                continue
            if word in {"double", "triple"} and at + 1 < len(words) and len(words[at + 1]) == 1:
                run.append((words[at + 1] * (2 if word == "double" else 3), at, at + 2))
                at += 2
                continue
            letters = "".join(letter for letter, _, _ in run)
            if any(_is_spelling(letters, part) for part in self.parts):
                yield NameHit(
                    first=run[0][1],
                    last=min(run[-1][2], len(words)),
                    score=0.95,
                    reason="a known name, spelled",
                )
            run = []
            at += 1


def _heard(first: int, last: int, score: float) -> NameHit:
    return NameHit(first=first, last=last, score=score, reason="sounds like a known name")


def _likeness(joined: str, name: str, code: str, *, whole: bool) -> float:
    """How alike words run together are to a name; 0 where not enough."""
    letters = _like(joined, name)
    if whole:
        enough = letters >= 0.78 or (letters >= 0.62 and _like(sound(joined), code) >= 0.8)
    else:
        enough = letters >= 0.75 and sound(joined) == code
    return letters if enough else 0.0


def _is_spelling(letters: str, part: str) -> bool:
    if len(letters) < 3:
        return False
    if len(part) >= 3 and part in letters:
        return True
    return len(part) >= 4 and len(letters) >= 4 and _like(letters, part) >= 0.75
