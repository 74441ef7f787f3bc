"""The embedded transcriber understands talk, and survives what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from speech.talk import RATE_HZ, talk

from veilcast.plugin import Heard, TranscriberContext, TranscriberSettings, Transcription
from veilcast_speech.pocketsphinx_engine import Embedded
from veilcast_speech.windows import hear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def embedded() -> Iterator[Embedded]:
    context = TranscriberContext(
        settings=TranscriberSettings(), models={}, language="en", hot_words=(), threads=2
    )
    transcriber = Embedded(context)
    yield transcriber
    transcriber.close()


def texts(said: Transcription) -> list[str]:
    return [word.text for word in said.words]


def heard(embedded: Embedded, *parts: str, voice: str = "slt") -> Transcription:
    return embedded.transcribe(talk(*parts, voice=voice).samples.astype(np.float32))


@pytest.mark.parametrize(
    ("voice", "sentence"),
    [
        ("slt", "my phone number is six one seven five five five oh one nine eight"),
        ("rms", "my date of birth is the ninth of august nineteen sixty four"),
        ("awb", "his hospital number is four four seven two nine one"),
        ("rms", "my address is six hundred and twelve maple street"),
        ("awb", "it is k for kilo e for echo l for lima"),
        ("slt", "the server is at one nine two dot one six eight dot four dot twenty one"),
    ],
)
def test_numbers_dates_and_spelling_come_out_as_said(
    embedded: Embedded, voice: str, sentence: str
) -> None:
    assert texts(heard(embedded, sentence, voice=voice)) == sentence.split()


def test_a_name_that_it_does_not_know_is_heard_as_a_name(embedded: Embedded) -> None:
    said = heard(embedded, "my name is theodora okonkwo")
    assert texts(said)[:4] == ["my", "name", "is", "theodora"]
    assert len(said.words) >= 5


def test_words_are_where_they_are_said(embedded: Embedded) -> None:
    said = talk("this is the nurse", "*beatrice holloway", "is on the phone")
    words = embedded.transcribe(said.samples.astype(np.float32)).words
    [(_, start_s, end_s)] = said.identifiers
    named = [word for word in words if word.text == "beatrice"]
    assert named
    assert named[0].start_s == pytest.approx(start_s, abs=0.06)
    after = next(word for word in words if word.start_s is not None and word.start_s > end_s - 0.02)
    assert after.text == "is"


def test_the_same_sound_is_always_heard_the_same(embedded: Embedded) -> None:
    samples = talk("please call me back on monday").samples.astype(np.float32)
    assert embedded.transcribe(samples) == embedded.transcribe(samples)


@pytest.mark.release
def test_what_is_wrong_is_less_sure_than_what_is_right(embedded: Embedded) -> None:
    known = heard(embedded, "can you tell me your date of birth please")
    unknown = heard(embedded, "zyzzogeton qoph vly brzeszczot ngwena")
    assert min(word.confidence for word in known.words) > 0.5
    assert sum(word.confidence < 0.5 for word in unknown.words) >= 3


NOISE = np.random.default_rng(6)
TIMES = np.arange(RATE_HZ * 4) / RATE_HZ


@pytest.mark.release
@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0),
        np.zeros(RATE_HZ * 3),
        np.full(RATE_HZ, 0.5),
        NOISE.normal(0, 0.2, RATE_HZ // 5),
        NOISE.normal(0, 0.2, RATE_HZ * 4),
        sum(np.sin(2 * np.pi * pitch * TIMES) for pitch in (220, 277, 330)) * 0.2,
        pytest.param(np.array([np.nan, np.inf, -np.inf] * 1000), marks=pytest.mark.release),
    ],
    ids=["nothing", "silence", "constant", "short", "noise", "music", "not numbers"],
)
def test_what_is_no_speech_is_no_trouble(embedded: Embedded, samples: NDArray[np.float64]) -> None:
    said = embedded.transcribe(samples.astype(np.float32))
    assert all(isinstance(word, Heard) for word in said.words)


@pytest.mark.release
def test_clipped_speech_is_understood(embedded: Embedded) -> None:
    samples = talk("my phone number is five five five oh one nine").samples
    loud = np.clip(samples * 4, -1, 1).astype(np.float32)
    assert {"five", "oh"} <= set(texts(embedded.transcribe(loud)))


@pytest.mark.release
def test_nothing_is_printed(embedded: Embedded, capfd: pytest.CaptureFixture[str]) -> None:
    heard(embedded, "good morning")
    assert capfd.readouterr() == ("", "")


@pytest.mark.release
def test_talk_longer_than_a_window_is_heard_whole(embedded: Embedded) -> None:
    sentences = [
        "my name is beatrice holloway",
        "i live in burlington",
        "the number is five five five oh one nine eight",
        "please call me back tomorrow",
    ]
    samples = np.concatenate([talk(sentence).samples for sentence in sentences]).astype(np.float32)
    parts = (samples[first : first + 1000] for first in range(0, len(samples), 1000))
    listened = hear(embedded, parts, rate_hz=RATE_HZ, window_s=4.0, overlap_s=1.0)
    assert {"beatrice", "burlington", "nine", "tomorrow"} <= {word.text for word in listened.words}
    assert len(listened.words) == pytest.approx(sum(len(s.split()) for s in sentences), abs=3)
    starts = [word.start_s for word in listened.words if word.start_s is not None]
    assert starts == sorted(starts)
