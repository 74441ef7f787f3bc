"""What holds of every registered transcriber that can run here."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from speech.talk import talk

from veilcast.errors import ModelMissingError
from veilcast.findings.document import TOOL
from veilcast.host import Host
from veilcast.models import find
from veilcast.plugin import TranscriberContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from veilcast.plugin import Transcription

HOST = Host()
NAMES = sorted(HOST.transcribers)
RATE_HZ = 16_000


@pytest.fixture(scope="module", params=NAMES)
def heard(request: pytest.FixtureRequest) -> Iterator[Callable[..., Transcription]]:
    """What a transcriber hears in samples at `RATE_HZ`."""
    transcriber = HOST.transcriber(request.param)
    for variant in transcriber.variants:
        own = transcriber.settings.model_validate(variant)
        try:
            models = {one: find(HOST.model(one)) for one in transcriber.models(own)}
        except ModelMissingError:
            continue
        context = TranscriberContext(
            settings=own, models=models, language="en", hot_words=(), threads=2
        )
        with closing(transcriber.load(context)) as loaded:
            yield lambda samples, said=loaded: said.transcribe(samples.astype(np.float32))
        return
    pytest.skip(f"no model of {request.param} is on this machine")


def checked(said: Transcription, seconds: float) -> None:
    assert said.language == "en"
    for word in said.words:
        assert word.text.strip() == word.text != ""
        assert not any(c.isspace() for c in word.text)
        assert 0 <= word.confidence <= 1
        for time in (word.start_s, word.end_s):
            assert time is None or -0.1 <= time <= seconds + 0.1


@pytest.mark.parametrize("name", NAMES)
def test_it_describes_itself(name: str) -> None:
    transcriber = HOST.transcriber(name)
    assert TOOL.match(name)
    assert transcriber.summary
    assert 0 < transcriber.overlap_s < transcriber.window_s / 2


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.2, 3.0])
def test_silence_and_scraps_of_sound_are_no_error(
    heard: Callable[..., Transcription], seconds: float
) -> None:
    count = round(seconds * RATE_HZ)
    checked(heard(np.zeros(count)), seconds)
    noise = np.random.default_rng(1).normal(0, 0.02, count)
    checked(heard(noise), seconds)
    checked(heard(np.clip(noise * 1000, -1, 1)), seconds)


def test_what_was_said_is_heard_in_its_place_and_the_same_again(
    heard: Callable[..., Transcription], request: pytest.FixtureRequest
) -> None:
    said = talk("the pain is worse in the evening and the water is warm", at_s=2.0)
    first = heard(said.samples)
    checked(first, said.seconds)
    heard(said.samples[::-1])
    assert first == heard(said.samples)
    if HOST.transcriber(request.node.callspec.params["heard"]).reduced:
        # The others' models here are not made to be right.
        words = [word.text for word in first.words]
        assert {"pain", "worse", "evening", "water"} <= set(words)
        starts = [word.start_s for word in first.words if word.start_s is not None]
        assert min(starts) == pytest.approx(2.4, abs=0.15)
