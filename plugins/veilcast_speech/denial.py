"""What one reading only guesses and another is sure of: ordinary words are no name."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from veilcast.text.ordinary import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from veilcast.plugin import Sound, SpokenWord
    from veilcast_speech.turns import Conversation

SURE = 0.5
MARGIN_US = 120_000
"""So much of a word beside a name is covered with it: no engine tells edges better than that."""
GUESSES = ("words around it", "not understood", "cue: answer", "cue: greeting")
"""Reasons of what nothing but a word's neighbours or its being misheard speaks for."""
TOGETHER = 2
"""So many ordinary words between two parts of a guess are none of it."""
LOST = 0.5
"""Who is unsure of a larger share of the words misheard most of them."""


def is_guess(sound: Sound) -> bool:
    """Whether it is by a word's neighbours or its being misheard alone."""
    return any(guess in str(sound.options["reason"]) for guess in GUESSES)


def believed(sounds: Iterable[Sound], talk: Conversation) -> Iterator[Sound]:
    """What counts of what another heard: where it misheard most words, nothing that it guesses."""
    lost = len(talk.unsure) > LOST * len(talk.words)
    return (sound for sound in sounds if not (lost and is_guess(sound)))


class Denial:
    """The words of the reading that is trusted most."""

    def __init__(self, words: Sequence[SpokenWord]) -> None:
        """Keep them; they are in order."""
        self._words = words
        self._starts = [word.start_us for word in words]
        self._longest_us = max((word.end_us - word.start_us for word in words), default=0)

    def left_of(self, sound: Sound) -> Iterator[Sound]:
        """What is left of a guess of another reading where this one is sure of ordinary words.

        They are taken off at both ends, and out of the middle where several stand together, so
        that there may be nothing left, or several pieces. What was announced, is known or has a
        form of its own, as numbers have, is no guess.
        """
        inside = [word for word in self._near(sound) if _mostly_in(word, sound)]
        if not inside or not is_guess(sound):
            yield sound
            return
        for first, end in _open_runs([not _is_plain(word) for word in inside]):
            start_us, end_us = sound.start_us, sound.end_us
            if first > 0:
                start_us = max(start_us, inside[first].start_us - MARGIN_US)
            if end < len(inside):
                end_us = min(end_us, inside[end - 1].end_us + MARGIN_US)
            yield replace(sound, start_us=start_us, end_us=end_us)

    def _near(self, sound: Sound) -> Sequence[SpokenWord]:
        """The words about there, of the channels that it was heard on."""
        first = bisect_left(self._starts, sound.start_us - self._longest_us)
        near = self._words[first : bisect_left(self._starts, sound.end_us)]
        channels = sound.options.get("channels")
        return [word for word in near if channels is None or word.channel in channels]


def _open_runs(open_: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Runs of words, first and end, over gaps of fewer than `TOGETHER`."""
    first = end = None
    for number in (n for n, is_open in enumerate(open_) if is_open):
        if first is not None and end is not None and number - end >= TOGETHER:
            yield first, end
            first = None
        first, end = number if first is None else first, number + 1
    if first is not None and end is not None:
        yield first, end


def _mostly_in(word: SpokenWord, sound: Sound) -> bool:
    shared = min(word.end_us, sound.end_us) - max(word.start_us, sound.start_us)
    return 2 * shared >= word.end_us - word.start_us


def _is_plain(word: SpokenWord) -> bool:
    """Whether it is surely a common word, and not written like a name.

    Where a sentence begins a capital says little, but "Grace" and "Will" are common words too.
    """
    text = word.text.strip(".,?!;:\"'-")
    return word.confidence >= SURE and text.islower() and text in ORDINARY
