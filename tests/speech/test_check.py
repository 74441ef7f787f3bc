"""The delivered sound is listened to again: what was left is told, what was covered is not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from speech.talk import RATE_HZ, Talk, talk, together

from veilcast.extensions import CheckContext, Heard, Problem, Transcriber, Transcription, Treated
from veilcast.host import Host
from veilcast.media.probe import probe
from veilcast.models import find_all
from veilcast.pipeline.recognizer_models import reading_models
from veilcast.profile import load_profile
from veilcast.redaction.spans import SampleSpan, apply_spans
from veilcast.types import Sound
from veilcast_speech.check import examine
from veilcast_speech.covers import covers_heard

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

MARGIN_S = 0.08


@pytest.fixture(scope="module")
def host() -> Host:
    return Host()


@pytest.fixture(scope="module")
def patient() -> Talk:
    return talk(
        "Good morning.",
        "My name is",
        "*Margaret Holloway",
        "and my record number is",
        "*four four seven one nine zero two",
        "the pain is worse in the evening",
    )


def spans_of(said: Talk, *left: int) -> list[tuple[float, float]]:
    """What is to be covered: all that identifies but for some."""
    return [
        (start_s - MARGIN_S, end_s + MARGIN_S)
        for number, (_, start_s, end_s) in enumerate(said.identifiers)
        if number not in left
    ]


def covered(
    host: Host, samples: Samples, spans: list[tuple[float, float]], treatment: str = "beep"
) -> Samples:
    wide = samples.reshape(len(samples), -1)
    marks = [
        SampleSpan(start=round(a * RATE_HZ), end=round(b * RATE_HZ), treatment=treatment)
        for a, b in spans
    ]
    return apply_spans(wide, 0, RATE_HZ, marks, host.sound_treatments).reshape(samples.shape)


def found(
    host: Host,
    folder: Path,
    samples: Samples,
    *sounds: Sound,
    settings: str = "transcriber: pocketsphinx",
    transcribers: dict[str, Transcriber] | None = None,
) -> list[Problem]:
    path = folder / "delivered.wav"
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")
    (folder / "profile.yaml").write_text(f"stages: [speech: {{{settings}}}]")
    planned = load_profile(host, str(folder / "profile.yaml")).stages[0]
    return examine(
        CheckContext(
            delivered=path,
            delivered_media=probe(path),
            source=None,
            source_media=None,
            source_frames=None,
            progress=lambda *_: None,
            treated=(Treated(stage="speech", settings=planned.settings, sounds=sounds),),
            recognizers=host.recognizers,
            transcribers=transcribers or {"pocketsphinx": host.transcribers["pocketsphinx"]},
            models=lambda names: find_all(host.model(name) for name in names),
            reading_models=partial(reading_models, host),
        )
    )


def sounds_of(spans: list[tuple[float, float]], **more: Any) -> list[Sound]:
    return [
        Sound(
            id=number,
            identifier="person",
            hipaa="A",
            detector="names",
            start_us=round(start_s * 1e6),
            end_us=round(end_s * 1e6),
            **more,
        )
        for number, (start_s, end_s) in enumerate(spans, 1)
    ]


def told_at(problems: list[Problem], said: Talk, number: int) -> set[str]:
    """The classes that are told where something that identifies is said."""
    _, start_s, end_s = said.identifiers[number]
    return {
        problem.identifier
        for problem in problems
        if (problem.from_us or 0) < end_s * 1e6 and (problem.to_us or 0) > start_s * 1e6
    }


@pytest.mark.release
def test_what_was_covered_is_not_told(host: Host, patient: Talk, tmp_path: Path) -> None:
    spans = spans_of(patient)
    sound = covered(host, patient.samples, spans)
    assert found(host, tmp_path, sound, *sounds_of(spans)) == []


@pytest.mark.release
@pytest.mark.parametrize(("number", "identifier"), [(0, "person"), (1, "mrn")])
def test_one_that_was_left_among_others_is_told_by_time_and_class(
    host: Host, patient: Talk, tmp_path: Path, number: int, identifier: str
) -> None:
    spans = spans_of(patient, number)
    problems = found(host, tmp_path, covered(host, patient.samples, spans), *sounds_of(spans))
    assert told_at(problems, patient, number) >= {identifier}
    assert told_at(problems, patient, 1 - number) == set()
    for problem in problems:
        assert problem.kind == "residual"
        assert 0 < (problem.score or 0) <= 1
        for word in ("margaret", "holloway", "four", "447"):
            assert word not in problem.sentence.lower()


@pytest.mark.release
@pytest.mark.parametrize("treatment", ["beep", "mute", "noise"])
def test_a_cover_is_known_by_its_sound_where_nothing_else_is_known(
    host: Host, patient: Talk, tmp_path: Path, treatment: str
) -> None:
    spans = spans_of(patient)
    assert found(host, tmp_path, covered(host, patient.samples, spans, treatment)) == []
    some = covered(host, patient.samples, spans_of(patient, 0), treatment)
    assert "person" in told_at(found(host, tmp_path, some), patient, 0)


@pytest.mark.release
def test_what_the_policy_leaves_is_not_told(host: Host, patient: Talk, tmp_path: Path) -> None:
    spans = spans_of(patient, 1)
    sound = covered(host, patient.samples, spans)
    assert (
        found(
            host,
            tmp_path,
            sound,
            *sounds_of(spans),
            settings="transcriber: pocketsphinx, policy: names-only",
        )
        == []
    )


@pytest.mark.release
def test_a_cover_on_one_side_of_a_call_hides_nothing_on_the_other(
    host: Host, patient: Talk, tmp_path: Path
) -> None:
    doctor = talk("I will look at your knee and then we take the blood pressure.", voice="rms")
    both = together(doctor, patient)
    spans = spans_of(patient)
    sound = both.copy()
    sound[:, 1] = covered(host, both[:, 1], spans)
    assert found(host, tmp_path, sound, *sounds_of(spans, options={"channels": [1]})) == []
    sound = both.copy()
    sound[:, 0] = covered(host, both[:, 0], spans)  # the wrong side
    problems = found(host, tmp_path, sound, *sounds_of(spans, options={"channels": [0]}))
    assert told_at(problems, patient, 0)
    assert told_at(problems, patient, 1)


class _Other:
    """Hears the same in all sound, and says how long the sound was that it was given."""

    def __init__(self, heard: list[int]) -> None:
        self._heard = heard

    def transcribe(self, samples: NDArray[np.float32]) -> Transcription:
        self._heard.append(len(samples))
        said = "my name is Margaret Holloway".split()
        words = [
            Heard(text=w, start_s=n, end_s=n + 0.9, confidence=0.9) for n, w in enumerate(said)
        ]
        return Transcription(words=tuple(words), language="en")

    def close(self) -> None: ...


def test_another_transcriber_listens_where_there_is_one(host: Host, tmp_path: Path) -> None:
    heard: list[int] = []
    embedded = host.transcribers["pocketsphinx"]
    other = Transcriber(name="other", summary="Another", load=lambda context: _Other(heard))
    hum = 0.05 * np.sin(np.arange(6 * RATE_HZ) / 20)
    both = {"pocketsphinx": embedded, "other": other}
    (problem,) = found(host, tmp_path, hum, settings="transcriber: pocketsphinx", transcribers=both)
    assert problem.identifier == "person"
    assert heard == [6 * RATE_HZ]
    absent = replace(other, models=lambda settings: ("whisper-large-v3",))
    both["other"] = absent
    assert found(host, tmp_path, hum, settings="transcriber: pocketsphinx", transcribers=both) == []


@pytest.mark.release
def test_whisper_listens_again_where_it_listened(host: Host, patient: Talk, tmp_path: Path) -> None:
    """In windows cut elsewhere; the one that listened beside it could tell nothing new."""
    listeners = {name: host.transcribers[name] for name in ("whisper", "pocketsphinx")}
    settings = "transcriber: whisper"
    clean = covered(host, patient.samples, spans_of(patient))
    told = partial(found, host, tmp_path, settings=settings, transcribers=listeners)
    assert told(clean, *sounds_of(spans_of(patient))) == []
    left = covered(host, patient.samples, spans_of(patient, 0))
    assert "person" in told_at(told(left, *sounds_of(spans_of(patient, 0))), patient, 0)


@pytest.mark.release
def test_sound_without_words_passes(host: Host, tmp_path: Path) -> None:
    for samples in (
        np.zeros(RATE_HZ),
        np.zeros(10),
        np.random.default_rng(1).normal(0, 0.1, RATE_HZ),
    ):
        assert found(host, tmp_path, samples) == []


@pytest.mark.parametrize("treatment", ["beep", "mute", "noise"])
def test_covers_are_found_by_ear_where_they_are(host: Host, patient: Talk, treatment: str) -> None:
    hiss = np.random.default_rng(3).normal(0, 0.002, len(patient.samples))
    spans = spans_of(patient)
    sound = covered(host, patient.samples + hiss, spans, treatment).astype(np.float32)
    heard = covers_heard(np.array_split(sound, 7), RATE_HZ)
    assert len(heard) == len(spans)
    for (start_s, end_s), (first_s, last_s) in zip(spans, heard, strict=True):
        assert first_s == pytest.approx(start_s, abs=0.06)
        assert last_s == pytest.approx(end_s, abs=0.06)


def test_speech_in_loud_noise_is_no_cover(patient: Talk) -> None:
    noise = np.random.default_rng(4).normal(0, 0.03, len(patient.samples))
    assert covers_heard([(patient.samples + noise).astype(np.float32)], RATE_HZ) == []
