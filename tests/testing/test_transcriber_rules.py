"""Each rule for transcribers stops a transcriber that breaks just that one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from testing.broken import rules_broken

from veilcast.plugin import Heard, Transcriber, Transcription
from veilcast.testing import TRANSCRIBER_RULES, TranscriberCase, check_transcriber

RATE_HZ = 16_000
BEEP = np.concatenate((np.zeros(8000), np.sin(np.arange(16_000) / 5) * 0.5, np.zeros(8000)))


class Beeps:
    """Hears where it is loud, and does nothing wrong."""

    word = "Beep."

    def __init__(self, context: Any) -> None:
        self.context = context

    def transcribe(self, samples: Any) -> Any:
        return self.heard(samples)

    def heard(self, samples: Any, confidence: float = 0.8) -> Transcription:
        loud = np.flatnonzero(abs(samples) > 0.1)
        if not len(loud):
            return Transcription(words=(), language="en")
        start, end = float(loud[0] / RATE_HZ), float((loud[-1] + 1) / RATE_HZ)
        word = Heard(text=self.word, start_s=start, end_s=end, confidence=confidence)
        return Transcription(words=(word,), language="en")

    def close(self) -> None:
        pass


def changed(said: Transcription, **more: Any) -> Transcription:
    return replace(said, words=tuple(replace(word, **more) for word in said.words))


class IsLate(Beeps):
    def transcribe(self, samples: Any) -> Any:
        said = self.heard(samples)
        return changed(said, end_s=70.0) if len(samples) == len(BEEP) else said


class HearsSomethingElse(Beeps):
    word = "bleep"


class NeedsSound(Beeps):
    def transcribe(self, samples: Any) -> Any:
        assert len(samples)
        return self.heard(samples)


class TurnsItDown(Beeps):
    def transcribe(self, samples: Any) -> Any:
        said = self.heard(samples)
        if samples.flags.writeable:
            samples *= 0.5
        return said


class ReadsTheBuffer(Beeps):
    def transcribe(self, samples: Any) -> Any:
        return self.heard(samples if samples.flags.c_contiguous else samples.base)


class Tires(Beeps):
    times = 0

    def transcribe(self, samples: Any) -> Any:
        self.times += len(samples) == len(BEEP)
        # Its answer depends on how often it was asked, but for the first two times.
        return self.heard(samples, 0.8 - 1e-3 * max(self.times - 5, 0))


class ClosesOnce(Beeps):
    closed = False

    def close(self) -> None:
        assert not self.closed
        self.closed = True


BREAKS = {
    IsLate: "gives-words",
    HearsSomethingElse: "hears",
    NeedsSound: "scraps",
    TurnsItDown: "leaves-the-sound",
    ReadsTheBuffer: "parts-of-sound",
    Tires: "same-again",
    ClosesOnce: "closes",
}


def describe(load: Any, **more: Any) -> Transcriber:
    return Transcriber(**{"name": "beeps", "summary": "Beeps", "load": load, **more})


def test_one_that_does_nothing_wrong_passes() -> None:
    check_transcriber(describe(Beeps), BEEP, ["beep"])


@pytest.mark.parametrize("load", BREAKS)
def test_one_that_breaks_a_rule_breaks_just_that_one(load: Any) -> None:
    case = TranscriberCase(describe(load), BEEP, ["beep"])
    assert rules_broken(TRANSCRIBER_RULES, case) == [BREAKS[load]]


@pytest.mark.parametrize(
    "said",
    [
        {"name": "the beeps"},
        {"summary": ""},
        {"overlap_s": 20.0},
        {"languages": ("de",)},
        {"settings": dict},
        {"variants": ({"model": "none"},)},
    ],
    ids=str,
)
def test_one_that_says_something_wrong_of_itself(said: Any) -> None:
    case = TranscriberCase(describe(Beeps, **said), BEEP, ["beep"])
    assert rules_broken(TRANSCRIBER_RULES[:1], case) == ["says-what-it-is"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "two words"},
        {"text": ""},
        {"confidence": 1.1},
        {"start_s": -1.0},
        {"start_s": 1.9, "end_s": 0.2},
    ],
    ids=str,
)
def test_words_have_to_be_possible(wrong: Any) -> None:
    class Impossible(Beeps):
        def transcribe(self, samples: Any) -> Any:
            return changed(self.heard(samples), **wrong)

    case = TranscriberCase(describe(Impossible), BEEP, ())
    assert "gives-words" in rules_broken(TRANSCRIBER_RULES, case)
