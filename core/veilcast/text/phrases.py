"""Lists of words and phrases, found whatever their case and punctuation."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def plain(word: str) -> str:
    """A word without case, accents, punctuation and a possessive 's."""
    folded = unicodedata.normalize(
        "NFKD", word.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    bare = "".join(c for c in folded.removesuffix("'s") if c.isalnum())
    return bare or folded


class Phrases:
    """A list of phrases."""

    def __init__(self, phrases: Sequence[str]) -> None:
        """Args: phrases: words that are separated by white space."""
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            if words := tuple(plain(word) for word in phrase.split()):
                self._by_first.setdefault(words[0], []).append(words)

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where one of the phrases stands: its first word, and one after its last."""
        if not self._by_first:
            return
        bare = [plain(word) for word in words]
        for at, word in enumerate(bare):
            for phrase in self._by_first.get(word, ()):
                if tuple(bare[at : at + len(phrase)]) == phrase:
                    yield at, at + len(phrase)

    def cover(self, words: Sequence[str], first: int, last: int) -> bool:
        """Whether words `first` to `last` lie wholly within such phrases."""
        if not self._by_first:
            return False
        longest = max(len(p) for phrases in self._by_first.values() for p in phrases)
        start = max(0, first - longest)
        inside = set[int]()
        for begin, end in self.find(words[start : last + longest]):
            inside.update(range(start + begin, start + end))
        return inside.issuperset(range(first, last))
