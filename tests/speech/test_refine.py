"""Edges of words go outward to where the sound ends, never inward; every word has a place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.plugin import Heard
from veilcast_speech.activity import HOP_S, levels_of, speaking
from veilcast_speech.refine import padded, unheard, word_spans

RATE_HZ = 16_000


def sound(*spoken: tuple[float, float], seconds: float = 12.0) -> np.ndarray:
    noise = np.random.default_rng(7)
    samples = noise.normal(0, 1e-3, round(seconds * RATE_HZ))
    for start_s, end_s in spoken:
        first, end = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
        samples[first:end] += noise.normal(0, 0.1, end - first)
    return levels_of(samples.astype(np.float32), RATE_HZ)


def word(text: str, start_s: float | None, end_s: float | None, confidence: float = 0.9) -> Heard:
    return Heard(text=text, start_s=start_s, end_s=end_s, confidence=confidence)


def test_an_edge_within_speech_goes_out_to_its_end() -> None:
    [(start_s, end_s)] = word_spans([word("name", 2.08, 2.9)], sound((2.0, 3.0)))
    assert start_s == pytest.approx(2.0, abs=0.03)
    assert end_s == pytest.approx(3.0, abs=0.03)


def test_an_edge_in_silence_stays() -> None:
    [(start_s, end_s)] = word_spans([word("name", 1.9, 3.1)], sound((2.0, 3.0)))
    assert (start_s, end_s) == (1.9, 3.1)


def test_a_word_without_times_takes_what_is_between_its_neighbours() -> None:
    words = [word("is", 1.0, 1.5), word("smith", None, None), word("and", 4.0, 4.4)]
    spans = word_spans(words, sound((1.0, 1.5), (2.0, 2.4), (4.0, 4.4)))
    assert spans[1][0] <= 1.5 + HOP_S
    assert spans[1][1] >= 4.0 - HOP_S


def test_a_word_at_the_end_without_times_takes_all_that_is_left() -> None:
    spans = word_spans([word("is", 1.0, 1.5), word("smith", 3.0, 3.0)], sound((1.0, 1.5)))
    assert spans[1][0] <= 1.51
    assert spans[1][1] == pytest.approx(12.0)


def test_an_unsure_word_takes_what_is_between_pauses() -> None:
    words = [word("is", 1.0, 1.5), word("smith", 4.2, 4.4, 0.1), word("and", 8.0, 8.4)]
    spans = word_spans(words, sound((1.0, 1.5), (4.0, 4.6), (8.0, 8.4)))
    assert spans[1][0] == pytest.approx(4.0, abs=0.05)
    assert spans[1][1] == pytest.approx(4.6, abs=0.05)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(0, 12)),
            st.one_of(st.none(), st.floats(0, 12)),
            st.floats(0, 1),
        ),
        max_size=12,
    )
)
def test_no_word_loses_sound_that_is_its_own(
    times: list[tuple[float | None, float | None, float]],
) -> None:
    levels = sound((1.0, 3.0), (3.1, 5.0), (8.0, 9.0))
    words = [word("w", start_s, end_s, sure) for start_s, end_s, sure in times]
    spans = word_spans(words, levels)
    assert len(spans) == len(words)
    for one, (start_s, end_s) in zip(words, spans, strict=True):
        assert end_s > start_s
        if one.start_s is not None and one.end_s is not None and 0 < one.end_s - one.start_s <= 3:
            assert start_s <= one.start_s
            assert end_s >= one.end_s


def test_padding_stops_where_other_speech_begins() -> None:
    loud = speaking(sound((2.0, 3.0), (3.05, 4.0)))
    start_s, end_s = padded(2.0, 3.0, loud, 0.08)
    assert start_s == pytest.approx(1.92)
    assert 3.0 < end_s <= 3.06


def test_padding_is_whole_where_nothing_divides_the_words() -> None:
    loud = speaking(sound((2.0, 4.0)))
    assert padded(2.5, 3.0, loud, 0.08) == pytest.approx((2.42, 3.08))
    assert padded(0.02, 0.5, loud, 0.08)[0] == 0.0


def test_speech_that_no_word_stands_for_is_told() -> None:
    loud = speaking(sound((2.0, 3.0), (5.0, 6.5)))
    [(start_s, end_s)] = unheard([(1.95, 3.02)], loud)
    assert start_s == pytest.approx(5.0, abs=0.05)
    assert end_s == pytest.approx(6.5, abs=0.05)
