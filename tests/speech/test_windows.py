"""Long sounds are heard window by window, and no word gets lost between two windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.plugin import Heard, Transcription
from veilcast_speech.activity import levels_of, speech_activity, utterances
from veilcast_speech.windows import hear, join, windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

RATE_HZ = 1000
"""Enough for sounds that nobody listens to."""


def blocks(samples: NDArray[np.float32], sizes: int = 700) -> Iterator[NDArray[np.float32]]:
    for first in range(0, len(samples), sizes):
        yield samples[first : first + sizes]


@dataclass(frozen=True)
class Spoken:
    """Words that are in a sound: one sample says which, so that a window knows its words."""

    samples: NDArray[np.float32]
    words: tuple[tuple[str, float, float], ...]


def spoken(lengths_ms: list[int], gaps_ms: list[int]) -> Spoken:
    """Words as noise with silence between them; the amplitude of the first sample is the number."""
    noise = np.random.default_rng(1)
    parts, words, at = [], [], 0
    for number, (length, gap) in enumerate(zip(lengths_ms, gaps_ms, strict=True)):
        parts += [
            noise.normal(0, 0.1, length).astype(np.float32),
            noise.normal(0, 1e-4, gap).astype(np.float32),
        ]
        words.append((f"w{number}", at / RATE_HZ, (at + length) / RATE_HZ))
        at += length + gap
    return Spoken(samples=np.concatenate(parts), words=tuple(words))


class Listener:
    """Knows the words of a sound, and hears those that are whole in a window.

    What a window cuts is heard as something else, and times are a little off, as with transcribers.
    """

    def __init__(self, spoken: Spoken, off_s: float) -> None:
        self._spoken, self._off_s = spoken, off_s
        self.longest = 0

    def transcribe(self, samples: NDArray[np.float32]) -> Transcription:
        self.longest = max(self.longest, len(samples))
        start = self._place(samples)
        end_s = (start + len(samples)) / RATE_HZ
        heard = []
        for number, (text, first_s, last_s) in enumerate(self._spoken.words):
            if last_s <= start / RATE_HZ or first_s >= end_s:
                continue
            whole = first_s >= start / RATE_HZ and last_s <= end_s
            off_s = self._off_s * (-1) ** (number + start)
            heard.append(
                Heard(
                    text=text if whole else "garbled",
                    start_s=max(first_s, start / RATE_HZ) - start / RATE_HZ + off_s,
                    end_s=min(last_s, end_s) - start / RATE_HZ + off_s,
                    confidence=0.9,
                )
            )
        return Transcription(words=tuple(heard), language="en")

    def _place(self, samples: NDArray[np.float32]) -> int:
        key = samples[:32].tobytes()
        return self._spoken.samples.tobytes().index(key) // samples.itemsize

    def close(self) -> None:
        """Nothing to let go of."""


@given(
    lengths=st.lists(st.integers(120, 600), min_size=5, max_size=60),
    data=st.data(),
    off_ms=st.integers(0, 40),
)
def test_no_word_is_lost_and_their_order_is_kept(
    lengths: list[int], data: st.DataObject, off_ms: int
) -> None:
    gaps = data.draw(
        st.lists(
            st.sampled_from((0, 0, 0, 20, 150, 400)), min_size=len(lengths), max_size=len(lengths)
        )
    )
    said = spoken(lengths, gaps)
    listener = Listener(said, off_ms / 1000)
    listened = hear(listener, blocks(said.samples), rate_hz=RATE_HZ, window_s=6.0, overlap_s=2.0)
    texts = [word.text for word in listened.words]
    wanted = [text for text, _, _ in said.words]
    assert set(wanted) <= set(texts)
    firsts = [texts.index(text) for text in wanted]
    assert firsts == sorted(firsts)
    assert listener.longest <= 6.0 * RATE_HZ
    for word in listened.words:
        if word.text in wanted:
            _, start_s, end_s = said.words[wanted.index(word.text)]
            assert word.start_s == pytest.approx(start_s, abs=0.05)
            assert word.end_s == pytest.approx(end_s, abs=0.05)


@given(st.lists(st.integers(0, 5000), max_size=20), st.integers(0, 1))
def test_windows_hold_every_sample(sizes: list[int], loud: int) -> None:
    noise = np.random.default_rng(2)
    sound = [noise.normal(0, 0.1 * loud, size).astype(np.float32) for size in sizes]
    whole = np.concatenate([*sound, np.zeros(0, np.float32)])
    at = 0
    for window in windows(iter(sound), RATE_HZ, 4.0, 1.0):
        first = round(window.start_s * RATE_HZ)
        assert first == at - round(window.shared_s * RATE_HZ)
        assert 0 < len(window.samples) <= 4 * RATE_HZ
        at = first + len(window.samples)
        np.testing.assert_array_equal(window.samples, whole[first:at])
    assert at == len(whole)


def test_a_window_ends_in_a_pause() -> None:
    said = spoken([900] * 8, [100, 100, 500, 100, 100, 500, 100, 100])
    ends = [
        window.start_s + len(window.samples) / RATE_HZ
        for window in windows(blocks(said.samples), RATE_HZ, 5.0, 1.0)
    ]
    assert 2.9 + 0.0 < ends[0] - 0.0 < 3.4
    assert all(window.shared_s == 0 for window in windows(blocks(said.samples), RATE_HZ, 5.0, 1.0))


def test_words_without_times_stay_on_both_sides_of_a_seam() -> None:
    before = [
        Heard(text="one", start_s=8.0, end_s=8.5, confidence=0.9),
        Heard(text="lost", start_s=None, end_s=None, confidence=0.9),
        Heard(text="two", start_s=9.0, end_s=9.5, confidence=0.9),
    ]
    after = [
        Heard(text="two", start_s=9.05, end_s=9.5, confidence=0.9),
        Heard(text="other", start_s=None, end_s=None, confidence=0.9),
        Heard(text="three", start_s=10.5, end_s=11.0, confidence=0.9),
    ]
    texts = [word.text for word in join(before, after, start_s=8.0, shared_s=2.0)]
    assert texts == ["one", "lost", "two", "other", "three"]


def test_silence_has_no_utterances_and_speech_is_not_cut() -> None:
    assert utterances(np.zeros(16_000, np.float32), 16_000, longest_s=20) == []
    assert utterances(np.zeros(0, np.float32), 16_000, longest_s=20) == []
    noise = np.random.default_rng(3).normal(0, 0.1, 16_000 * 50).astype(np.float32)
    envelope = np.repeat(np.random.default_rng(4).uniform(0.3, 1, 500), 1600).astype(np.float32)
    quiet = np.zeros(16_000 * 2, np.float32)
    sound = np.concatenate((quiet, noise * envelope, quiet))
    pieces = utterances(sound, 16_000, longest_s=20)
    assert all(end - first <= 20 * 16_000 for first, end in pieces)
    assert [end for _, end in pieces[:-1]] == [first for first, _ in pieces[1:]]
    assert pieces[0][0] <= 2 * 16_000
    assert pieces[-1][1] >= 52 * 16_000


def test_speech_is_found_above_noise() -> None:
    noise = np.random.default_rng(5)
    sound = noise.normal(0, 0.003, 16_000 * 12).astype(np.float32)
    for start_s in (2, 5, 9):
        sound[start_s * 16_000 : (start_s + 1) * 16_000] += noise.normal(0, 0.1, 16_000).astype(
            np.float32
        )
    found = speech_activity(levels_of(sound, 16_000))
    assert [round(start_s) for start_s, _ in found] == [2, 5, 9]
    for (first_s, last_s), wanted in zip(found, (2, 5, 9), strict=True):
        assert first_s <= wanted + 0.01
        assert last_s >= wanted + 0.99


class Twice:
    """Reads each window in one way, and those that are not silent in another as well."""

    def transcribe(self, samples: NDArray[np.float32]) -> Transcription:
        second = (Heard(text="other", start_s=0.1, end_s=0.2, confidence=1),)
        return Transcription(
            words=(Heard(text="one", start_s=0.1, end_s=0.2, confidence=1),),
            language="en",
            also=(second,) if np.abs(samples).max() > 0.5 else (),
        )

    def close(self) -> None: ...


def test_every_reading_is_whole() -> None:
    """A window that was read in one way only is in all readings."""
    quiet, loud = np.zeros(RATE_HZ, np.float32), np.ones(RATE_HZ, np.float32)
    listened = hear(Twice(), [quiet, loud, quiet], rate_hz=RATE_HZ, window_s=1.0, overlap_s=0.0)
    (other,) = listened.also
    assert {word.text for word in listened.words} == {"one"}
    assert other[0].text == "one"
    assert "other" in [word.text for word in other]
    assert [word.start_s for word in other] == [word.start_s for word in listened.words]
