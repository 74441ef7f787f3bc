"""What one reading only guesses and another is sure of: ordinary words are no name."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from veilcast.text.ordinary import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.plugin import Sound, SpokenWord

SURE = 0.6
GUESSES = ("words around it", "not understood", "cue: answer", "cue: greeting")
"""Reasons of what nothing but a word's neighbours or its being misheard speaks for."""


class Denial:
    """The words of the reading that is trusted most."""

    def __init__(self, words: Sequence[SpokenWord]) -> None:
        """Keep them; they are in order."""
        self._words = words
        self._starts = [word.start_us for word in words]
        self._longest_us = max((word.end_us - word.start_us for word in words), default=0)

    def applies(self, sound: Sound) -> bool:
        """Whether a guess of another reading was read here as ordinary words, all of them surely.

        Words count that lie in the span by half and more.
        """
        if not any(guess in str(sound.options["reason"]) for guess in GUESSES):
            return False
        inside = [word for word in self._near(sound) if _mostly_in(word, sound)]
        return bool(inside) and all(
            word.confidence >= SURE and _plain(word.text) in ORDINARY for word in inside
        )

    def _near(self, sound: Sound) -> Sequence[SpokenWord]:
        first = bisect_left(self._starts, sound.start_us - self._longest_us)
        return self._words[first : bisect_left(self._starts, sound.end_us)]


def _mostly_in(word: SpokenWord, sound: Sound) -> bool:
    shared = min(word.end_us, sound.end_us) - max(word.start_us, sound.start_us)
    return 2 * shared >= word.end_us - word.start_us


def _plain(text: str) -> str:
    return text.casefold().strip(".,?!;:\"'-")
