"""Words of several channels in the order of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast_speech.refine import UNSURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast_speech.placing import Placed

MOMENT_US = 150_000
"""A pause this long ends what is said in one breath."""
LOST = 0.15
"""Words of less confidence were surely misheard."""
PAUSE_US = 700_000
"""A pause this long ends a turn: longer than those between the groups of a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Words in order of the turns they were said in.

    Attributes:
        words: every word of every channel.
        breaks: the words that begin a turn, but for the first.
        unsure: the words that were perhaps misheard.
        lost: those that surely were.
        pauses: the words before which nobody speaks for a moment.
    """

    words: tuple[Placed, ...]
    breaks: tuple[int, ...]
    unsure: tuple[int, ...]
    lost: tuple[int, ...]
    pauses: tuple[int, ...]


def conversation(channels: Sequence[Sequence[Placed]]) -> Conversation:
    """One conversation from what was heard on each channel.

    A turn stays whole: where two talk at once, the words of one are not put between the other's.
    """
    turns: list[list[Placed]] = []
    for words in channels:
        for number, word in enumerate(words):
            if not number or word.word.start_us - words[number - 1].word.end_us > PAUSE_US:
                turns.append([])
            turns[-1].append(word)
    turns.sort(key=lambda turn: (turn[0].word.start_us, turn[0].word.channel or 0))
    ordered = [word for turn in turns for word in turn]
    breaks, at = [], 0
    for turn in turns[:-1]:
        at += len(turn)
        breaks.append(at)
    return Conversation(
        words=tuple(ordered),
        breaks=tuple(breaks),
        unsure=tuple(n for n, word in enumerate(ordered) if word.word.confidence < UNSURE),
        pauses=tuple(
            n
            for n, word in enumerate(ordered)
            if n and word.word.start_us - ordered[n - 1].word.end_us > MOMENT_US
        ),
        lost=tuple(n for n, word in enumerate(ordered) if word.word.confidence < LOST),
    )
