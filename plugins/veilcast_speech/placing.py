"""Words in their place in the recording, and where the sound of some of them is covered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor
from typing import TYPE_CHECKING

from veilcast.plugin import UNHEARD, SpokenWord
from veilcast_speech.activity import speaking
from veilcast_speech.refine import padded, unheard, word_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.plugin import Heard
    from veilcast_speech.hearing import Hearing


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A word, and the stretch of sound that stands for it, which may be wider than its times."""

    word: SpokenWord
    start_s: float
    end_s: float


def placed(hearing: Hearing) -> list[Placed]:
    """Every word, and `UNHEARD` for speech without words, in the order in which they begin."""
    listened = hearing.listened
    spans = word_spans(listened.words, listened.levels)
    words = [
        _placed(hearing, word.text, word.confidence, _times(word, span), span)
        for word, span in zip(listened.words, spans, strict=True)
    ]
    for span in unheard(spans, speaking(listened.levels)):
        words.append(_placed(hearing, UNHEARD, 0.0, span, span))
    return sorted(words, key=lambda each: each.word.start_us)


def _times(word: Heard, span: tuple[float, float]) -> tuple[float, float]:
    """What the transcriber says, or else the stretch that stands for the word."""
    if word.start_s is None or word.end_s is None or word.end_s <= word.start_s:
        return span
    return word.start_s, word.end_s


def _placed(
    hearing: Hearing,
    text: str,
    confidence: float,
    times: tuple[float, float],
    span: tuple[float, float],
) -> Placed:
    start_us = _floor(times[0])
    word = SpokenWord(
        text=text,
        start_us=start_us,
        end_us=max(start_us + 1, _ceil(times[1])),
        confidence=confidence,
        stream=hearing.source.audio.index,
        channel=hearing.source.channel,
    )
    return Placed(word=word, start_s=span[0], end_s=span[1])


def _floor(seconds: float) -> int:
    return max(0, floor(seconds * 1_000_000))


def _ceil(seconds: float) -> int:
    return ceil(seconds * 1_000_000)


class Edges:
    """Where the sound of words is covered, on each channel that they were heard on."""

    def __init__(self, hearings: Sequence[Hearing], padding_s: float) -> None:
        """Keep where there is speech.

        Args:
            hearings: one for each channel, or one for all.
            padding_s: how much is covered before and after the words.
        """
        self._padding_s = padding_s
        self._loud = {h.source.channel: speaking(h.listened.levels) for h in hearings}

    def around(self, words: Sequence[Placed]) -> Iterator[tuple[int | None, int, int]]:
        """The channel (None: all together), start and end in microseconds, for each channel."""
        by_channel = sorted(words, key=lambda each: (each.word.channel or 0, each.start_s))
        for channel, said in groupby(by_channel, key=lambda each: each.word.channel):
            spoken = list(said)
            start_s, end_s = padded(
                min(each.start_s for each in spoken),
                max(each.end_s for each in spoken),
                self._loud[channel],
                self._padding_s,
            )
            yield channel, _floor(start_s), _ceil(end_s)
