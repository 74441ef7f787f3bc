"""Hours of sound in bounded memory: windows cut at pauses, words joined again.

A window ends in the middle of a pause where there is one. Where there is none for the length of a
window, the next one begins a little earlier, and what both heard is joined so that no word gets
lost; a word that is there twice costs little, since it is only covered twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from veilcast_speech.activity import HOP_S, Levels, levels_of, quietest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from veilcast.plugin import Heard, LoadedTranscriber

_PAUSE_S = 0.25
_SAME_S = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """What was heard in all of a sound.

    Attributes:
        words: in order; times in seconds from the first sample.
        levels: the course of the loudness (see `activity`), one value per `HOP_S`.
        language: ISO 639-1, as the transcriber said for most windows with words.
        also: other readings of the same sound, each as whole as `words`.
    """

    words: tuple[Heard, ...]
    levels: NDArray[np.float32]
    language: str
    also: tuple[tuple[Heard, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of sound.

    Attributes:
        start_s: of its first sample.
        samples: mono, shape (samples,).
        shared_s: how much of its beginning the window before had too; 0 where a pause divides.
    """

    start_s: float
    samples: NDArray[np.float32]
    shared_s: float


def hear(
    transcriber: LoadedTranscriber,
    blocks: Iterable[NDArray[np.float32]],
    *,
    rate_hz: int,
    window_s: float,
    overlap_s: float,
) -> Listened:
    """Transcribes a sound of any length.

    Args:
        transcriber: gets one window after the other.
        blocks: the sound: mono, each block following on the one before.
        rate_hz: of the sound.
        window_s: the longest window.
        overlap_s: see the module; less than half a window.
    """
    levels = Levels(rate_hz)
    readings: list[list[Heard]] = [[]]
    languages: dict[str, int] = {}
    for window in windows(_metered(blocks, levels), rate_hz, window_s, overlap_s):
        said = transcriber.transcribe(window.samples)
        now = [said.words, *said.also]
        # A window that was read in fewer ways than others stands in all of theirs as it was read.
        readings += [list(readings[0]) for _ in range(len(now) - len(readings))]
        now += [said.words] * (len(readings) - len(now))
        readings = [
            join(
                before,
                [_later(word, window.start_s) for word in words],
                window.start_s,
                window.shared_s,
            )
            for before, words in zip(readings, now, strict=True)
        ]
        languages[said.language] = languages.get(said.language, 0) + len(said.words)
    language = max(languages, key=lambda each: languages[each]) if languages else ""
    words, *also = (tuple(reading) for reading in readings)
    return Listened(words=words, levels=levels.course(), language=language, also=tuple(also))


def _metered(
    blocks: Iterable[NDArray[np.float32]], levels: Levels
) -> Iterator[NDArray[np.float32]]:
    for block in blocks:
        levels.add(block)
        yield block


def windows(
    blocks: Iterable[NDArray[np.float32]], rate_hz: int, window_s: float, overlap_s: float
) -> Iterator[Window]:
    """Cuts a sound into windows of at most `window_s`."""
    most = round(window_s * rate_hz)
    start, shared, count = 0, 0, 0
    waiting: list[NDArray[np.float32]] = []
    for block in blocks:
        waiting.append(block)
        count += len(block)
        while count > most:
            whole = np.concatenate(waiting)
            cut = _pause(whole[:most], rate_hz)
            end = most if cut is None else cut
            yield Window(start_s=start / rate_hz, samples=whole[:end], shared_s=shared / rate_hz)
            shared = 0 if cut is not None else round(overlap_s * rate_hz)
            start += end - shared
            waiting = [whole[end - shared :]]
            count = len(waiting[0])
    if count > shared:
        whole = np.concatenate(waiting)
        yield Window(start_s=start / rate_hz, samples=whole, shared_s=shared / rate_hz)


def _pause(samples: NDArray[np.float32], rate_hz: int) -> int | None:
    """The middle of the last pause in the second half, as a sample."""
    half = len(samples) // 2
    hop = quietest(levels_of(samples[half:], rate_hz), _PAUSE_S)
    return None if hop is None else half + round(hop * HOP_S * rate_hz)


def _later(word: Heard, by_s: float) -> Heard:
    return replace(
        word,
        start_s=None if word.start_s is None else word.start_s + by_s,
        end_s=None if word.end_s is None else word.end_s + by_s,
    )


def join(
    before: Sequence[Heard], after: Sequence[Heard], start_s: float, shared_s: float
) -> list[Heard]:
    """The words of two windows that share `shared_s` seconds from `start_s` on.

    Up to a seam the first window's words count, behind it the second's: at a word that both heard,
    as near the middle as there is one, else the middle itself. A word on the other side of the seam
    stays as well when it has no times, or nothing that counts covers its middle.
    """
    if not shared_s:
        return [*before, *after]
    end_s = start_s + shared_s
    middle_s = start_s + shared_s / 2
    first = next(
        (n for n, word in enumerate(before) if word.end_s is not None and word.end_s > start_s),
        len(before),
    )
    while first and before[first - 1].start_s is None:
        first -= 1
    last = next(
        (n for n, word in enumerate(after) if word.start_s is not None and word.start_s >= end_s),
        len(after),
    )
    old, new = list(before[first:]), list(after[:last])
    seam_s = _seam(old, new, middle_s)
    kept_old = [word for word in old if _middle(word) is None or _before(word, seam_s)]
    kept_new = [word for word in new if _middle(word) is None or not _before(word, seam_s)]
    kept = [*kept_old, *kept_new]
    spared = [
        word
        for word in (*old, *new)
        if word not in kept and not any(_covers(other, word) for other in kept)
    ]
    merged = [*kept_old, *kept_new]
    for word in spared:
        _insert(merged, word)
    return [*before[:first], *merged, *after[last:]]


def _middle(word: Heard) -> float | None:
    if word.start_s is None or word.end_s is None:
        return None
    return (word.start_s + word.end_s) / 2


def _before(word: Heard, seam_s: float) -> bool:
    middle = _middle(word)
    return middle is not None and middle < seam_s


def _covers(other: Heard, word: Heard) -> bool:
    middle = _middle(word)
    if middle is None or other.start_s is None or other.end_s is None:
        return False
    return other.start_s <= middle <= other.end_s


def _seam(old: Sequence[Heard], new: Sequence[Heard], middle_s: float) -> float:
    """Just behind the first window's copy of a word that both heard, else the middle."""
    best: float | None = None
    for one in old:
        for other in new:
            a, b = _middle(one), _middle(other)
            if a is None or b is None or one.text != other.text or abs(a - b) > _SAME_S:
                continue
            seam = max(a, b) + 1e-6
            if best is None or abs(seam - middle_s) < abs(best - middle_s):
                best = seam
    return middle_s if best is None else best


def _insert(words: list[Heard], word: Heard) -> None:
    """Puts a word with times in its place."""
    at = len(words)
    while at and (words[at - 1].start_s is None or words[at - 1].start_s > word.start_s):  # type: ignore[operator]
        at -= 1
    words.insert(at, word)
