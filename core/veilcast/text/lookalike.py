"""Known names and numbers in text that was read in a picture: alike in look.

"H0LL0WAY" and "HOLLOWAYMARGARET" for Margaret Holloway, "447l9O2" for 4471902. Words are compared
by a skeleton in which what looks alike is the same, and spaces do not count; of a long name or
number one character may be another altogether.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz.distance import Levenshtein

from veilcast.text.ordinary import ORDINARY
from veilcast.text.soundalike import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "8": "b", "2": "z"})
_STROKES = (("rn", "m"), ("vv", "w"))
_TOKEN = re.compile(r"[^\W_]+|\|")
_SHORTEST = 4
"""Letters of a part of a name that is found by itself."""
_GLUED = 6
"""So long is a part of a name that is found within a longer word."""
_INEXACT = 6
"""So long is a name or a number of which one character may be wrong."""

Hit = tuple[int, int, float, str]
"""First word, one after the last, score and reason."""


def skeleton(text: str) -> str:
    """Letters and digits, those that look alike as one."""
    return _skeleton(text)[0]


def _skeleton(text: str) -> tuple[str, list[int]]:
    """The same, and from which character of the text each is."""
    chars: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        for part in unicodedata.normalize("NFKD", char.casefold()):
            same = part.translate(_ALIKE)
            if not same.isalnum():
                continue
            for pair, one in _STROKES:
                if chars and chars[-1] + same == pair:
                    chars[-1] = one
                    break
            else:
                chars.append(same)
                places.append(at)
    return "".join(chars), places


@dataclass(frozen=True, slots=True)
class _Token:
    """Letters and digits that stand together, from one word to the next mark."""

    word: int
    text: str
    bones: str


class Seen:
    """Words that were read, ready to be compared with many known values."""

    def __init__(self, words: Sequence[str]) -> None:
        self.tokens = [
            _Token(number, match.group(), skeleton(match.group()))
            for number, word in enumerate(words)
            for match in _TOKEN.finditer(word)
        ]


class LookAlike:
    """A known name or number, found by its look."""

    def __init__(self, written: str, *, is_number: bool) -> None:
        self._is_number = is_number
        words = [written] if is_number else re.split(r"[\s-]+", written)
        parts = [bones for word in words if (bones := skeleton(word))]
        long = [word for word in words if len(skeleton(word)) >= _SHORTEST]
        self._parts = [skeleton(w) for w in long if is_number or fold(w) not in ORDINARY]
        self._alone = frozenset(fold(word) for word in long if fold(word) in ORDINARY)
        """Parts that are words of every day too: they count where nothing else is on the line."""
        whole, turned = "".join(parts), "".join([*parts[1:], *parts[:1]])
        last_first = "".join([*parts[-1:], *parts[:-1]])
        self._wholes = list(dict.fromkeys((whole, turned, last_first))) if len(parts) > 1 else []

    def find(self, seen: Seen) -> Iterator[Hit]:
        """Where it stands among words."""
        for whole in self._wholes:
            yield from self._runs(seen, whole, 0.9)
        if len(seen.tokens) == 1 and fold(seen.tokens[0].text) in self._alone:
            yield self._hit(seen.tokens, 0, 0, 0.85, exact=True)
        for part in self._parts:
            yield from self._runs(seen, part, 0.85)
            yield from self._within(seen, part)

    def _runs(self, seen: Seen, value: str, score: float) -> Iterator[Hit]:
        """Whole tokens that together are the value, in whatever groups."""
        wrong = _errors(value)
        tokens = seen.tokens
        for first in range(len(tokens)):
            joined = ""
            for last in range(first, len(tokens)):
                joined += tokens[last].bones
                if len(joined) > len(value) + wrong:
                    break
                if len(joined) < len(value) - wrong:
                    continue
                alone = first == last
                if joined == value:
                    if alone or not self._ordinary(tokens[first : last + 1]):
                        yield self._hit(tokens, first, last, score, exact=True)
                elif Levenshtein.distance(joined, value, score_cutoff=wrong) <= wrong and (
                    not self._ordinary(tokens[first : last + 1])
                    and (alone or len(value) >= _INEXACT + 2)
                ):
                    yield self._hit(tokens, first, last, score - 0.1, exact=False)

    def _within(self, seen: Seen, value: str) -> Iterator[Hit]:
        """The value within what was read as one longer word."""
        if len(value) < (_INEXACT - 1 if self._is_number else _GLUED):
            return
        for at, token in enumerate(seen.tokens):
            if len(token.bones) <= len(value):
                continue
            place = token.bones.find(value)
            if place >= 0 and self._stands(token, place, len(value)):
                yield self._hit(seen.tokens, at, at, 0.85, exact=True)
            elif place < 0 and len(value) >= _INEXACT + 1:
                ends = (token.bones[: len(value)], token.bones[-len(value) :])
                if any(Levenshtein.distance(end, value) <= 1 for end in ends):
                    yield self._hit(seen.tokens, at, at, 0.75, exact=False)

    def _stands(self, token: _Token, place: int, length: int) -> bool:
        """Whether a number is not a part of a longer one."""
        if not self._is_number:
            return True
        _, places = _skeleton(token.text)
        edges = [places[at] for at in (place - 1, place + length) if 0 <= at < len(places)]
        return not any(token.text[edge].isdigit() for edge in edges)

    def _ordinary(self, tokens: Sequence[_Token]) -> bool:
        """Whether these are words of every day, or figures where a name is looked for."""
        if self._is_number:
            return not any(char.isdigit() for token in tokens for char in token.text)
        return all(fold(token.text) in ORDINARY or token.text.isdecimal() for token in tokens)

    @staticmethod
    def _hit(tokens: Sequence[_Token], first: int, last: int, score: float, *, exact: bool) -> Hit:
        reason = "looks like something known" if exact else "nearly looks like something known"
        return tokens[first].word, tokens[last].word + 1, score, reason


def _errors(value: str) -> int:
    """How many characters of it may have been misread."""
    return 0 if len(value) < _INEXACT else 1 if len(value) < 12 else 2
