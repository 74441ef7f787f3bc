"""Every registered transcriber that can run here keeps the rules of the testing kit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from speech.talk import talk

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast.testing import TRANSCRIBER_RULES, TranscriberCase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.testing import Rule

HOST = Host()
NAMES = sorted(HOST.transcribers)


@pytest.fixture(scope="module", params=NAMES)
def case(request: pytest.FixtureRequest) -> Iterator[TranscriberCase]:
    """A transcriber with the first of its variants whose models are here."""
    transcriber = HOST.transcriber(request.param)
    said = talk("the pain is worse in the evening and the water is warm", at_s=2.0)
    # The models of the others here are not made to be right.
    words = ("pain", "worse", "evening", "water") if transcriber.reduced else ()
    for variant in transcriber.variants:
        own = transcriber.settings.model_validate(variant)
        try:
            models = {one: find(HOST.model(one)) for one in transcriber.models(own)}
        except ModelMissingError:
            continue
        with TranscriberCase(transcriber, said.samples, words, models=models, settings=own) as one:
            yield one
        return
    pytest.skip(f"no model of {request.param} is on this machine")


@pytest.mark.quick(every=6)
@pytest.mark.parametrize("rule", TRANSCRIBER_RULES, ids=str)
def test_it_keeps_the_rule(
    case: TranscriberCase, rule: Rule[TranscriberCase], request: pytest.FixtureRequest
) -> None:
    if case.transcriber.name == "whisper" and not request.config.getoption("--release"):
        pytest.skip("takes Whisper long: part of the release set")
    rule.check(case)


def test_what_was_said_is_heard_in_its_place(case: TranscriberCase) -> None:
    if not case.words:
        pytest.skip("the model of this one is not made to be right")
    words = case.transcribe(case.samples).words
    starts = [word.start_s for word in words if word.start_s is not None]
    assert min(starts) == pytest.approx(2.4, abs=0.15)
