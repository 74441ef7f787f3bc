"""Where words begin and end in the sound: a transcriber's times, corrected outward by the signal.

Nothing here moves an edge inward past speech: what is covered may grow, never shrink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast_speech.activity import HOP_S, speaking, stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.plugin import Heard

UNSURE = 0.5
"""Words of less confidence are more likely wrong than right, and so are their times."""

_LONGEST_WORD_S = 3.0  # what lasts longer has no believable times
_PAUSE_S = 0.3  # divides words that are not sure from those before and after
_REACH_S = 0.15  # how far outward an edge is looked for
_VALLEY_S = 0.05  # the same where there is no silence
_GAP_S = 0.03  # silence this long divides words; less is within a stop like t or k


def word_spans(words: Sequence[Heard], levels: NDArray[np.float32]) -> list[tuple[float, float]]:
    """The stretch of sound that stands for each word, seconds; one for every word, in order.

    A word with sure times takes what its transcriber says, outward to where its sound ends. One
    without times, or of low confidence, takes all between its sure neighbours, or between pauses
    where those are closer and it has times.

    Args:
        words: in order, with times in seconds from the first level.
        levels: the course of the loudness, one value per `HOP_S` (see `activity`).
    """
    loud = speaking(levels)
    whole_s = len(levels) * HOP_S
    spans: list[tuple[float, float]] = []
    for number, word in enumerate(words):
        timed = _times(word)
        if timed is not None and word.confidence >= UNSURE:
            start_s, end_s = timed
        else:
            start_s = _end_before(words, number)
            end_s = _start_after(words, number, whole_s)
            if timed is not None:
                pause_before, pause_after = _pauses_around(loud, timed)
                start_s = min(timed[0], max(start_s, pause_before))
                end_s = max(timed[1], min(end_s, pause_after))
        start_s, end_s = min(start_s, end_s), max(start_s, end_s, start_s + HOP_S)
        spans.append(_outward(start_s, end_s, loud, levels))
    return spans


def _times(word: Heard) -> tuple[float, float] | None:
    """Its times when they can be believed."""
    if word.start_s is None or word.end_s is None:
        return None
    if not 0 < word.end_s - word.start_s <= _LONGEST_WORD_S:
        return None
    return word.start_s, word.end_s


def _end_before(words: Sequence[Heard], number: int) -> float:
    for word in reversed(words[:number]):
        times = _times(word)
        if times is not None and word.confidence >= UNSURE:
            return times[1]
    return 0.0


def _start_after(words: Sequence[Heard], number: int, whole_s: float) -> float:
    for word in words[number + 1 :]:
        times = _times(word)
        if times is not None and word.confidence >= UNSURE:
            return times[0]
    return whole_s


def _pauses_around(loud: NDArray[np.bool_], times: tuple[float, float]) -> tuple[float, float]:
    """The end of the last pause before a word, and the start of the first one behind it."""
    middle = round((times[0] + times[1]) / 2 / HOP_S)
    least = round(_PAUSE_S / HOP_S)
    first = _run_of_silence(loud[:middle][::-1], least)
    behind = _run_of_silence(loud[middle:], least)
    return (middle - first) * HOP_S, (middle + behind) * HOP_S


def _run_of_silence(loud: NDArray[np.bool_], least: int) -> int:
    """How many hops before the first `least` quiet ones in a row; all of them without such."""
    # Words follow each other within seconds, and a pause with them.
    near = loud[: round(60 / HOP_S)]
    for first, end in stretches(~near, bridge_s=0.0, least_s=0.0):
        if end - first >= least:
            return first
    return len(near)


def _outward(
    start_s: float, end_s: float, loud: NDArray[np.bool_], levels: NDArray[np.float32]
) -> tuple[float, float]:
    first = min(max(int(start_s / HOP_S), 0), len(loud))
    end = min(max(int(np.ceil(end_s / HOP_S - 1e-6)), first), len(loud))
    earlier = _reach(loud[:first][::-1], levels[:first][::-1])
    later = _reach(loud[end:], levels[end:])
    return min(start_s, (first - earlier) * HOP_S), max(end_s, (end + later) * HOP_S)


def _reach(loud: NDArray[np.bool_], levels: NDArray[np.float32]) -> int:
    """How many hops further the sound at an edge goes on: to silence, else to a quiet moment."""
    reach = round(_REACH_S / HOP_S)
    quiet = np.flatnonzero(~loud[:reach])
    if len(quiet):
        return int(quiet[0])
    valley = levels[: round(_VALLEY_S / HOP_S)]
    return int(np.argmin(valley)) if len(valley) else 0


def padded(
    start_s: float, end_s: float, loud: NDArray[np.bool_], padding_s: float
) -> tuple[float, float]:
    """A span with padding, which ends where other speech surely begins.

    That is sure when silence of 30 ms and more lies between the span and that speech; then the
    padding fills the silence and no more.

    Args:
        start_s: of the span.
        end_s: of the span.
        loud: which hops are speech (`activity.speaking`).
        padding_s: how much is added on either side at most.
    """
    first = min(max(int(start_s / HOP_S), 0), len(loud))
    end = min(max(int(np.ceil(end_s / HOP_S - 1e-6)), first), len(loud))
    before = _room(loud[:first][::-1], padding_s)
    after = _room(loud[end:], padding_s)
    return max(0.0, min(start_s, start_s - before)), max(end_s, end_s + after)


def _room(loud: NDArray[np.bool_], padding_s: float) -> float:
    silent = 0
    for number, speech in enumerate(loud[: int(np.ceil(padding_s / HOP_S))].tolist()):
        if speech and silent * HOP_S >= _GAP_S:
            return number * HOP_S
        silent = 0 if speech else silent + 1
    return padding_s


def unheard(
    spans: Sequence[tuple[float, float]], loud: NDArray[np.bool_], *, least_s: float = 0.4
) -> list[tuple[float, float]]:
    """Speech, or something as loud, that no word stands for: stretches in seconds.

    Args:
        spans: of the words (`word_spans`).
        loud: which hops are speech (`activity.speaking`).
        least_s: shorter ones are left out: breaths, clicks, the ends of words.
    """
    left = loud.copy()
    for start_s, end_s in spans:
        left[max(0, int(start_s / HOP_S) - 5) : int(np.ceil(end_s / HOP_S)) + 5] = False
    return [
        (first * HOP_S, end * HOP_S)
        for first, end in stretches(left, bridge_s=0.1, least_s=least_s)
    ]
