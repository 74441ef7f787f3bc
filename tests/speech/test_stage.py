"""Spoken identifiers are gone from the sound, and nothing else of it changes."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from speech.talk import RATE_HZ, Talk, talk, together

from veilcast.errors import ModelMissingError, SettingError, TruncatedError
from veilcast.manifest import load

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Program

    from veilcast.findings import Findings
    from veilcast.pipeline import Outcome

# How sound is covered does not depend on who listens: the embedded one is the quickest.
PROFILE = "stages: [speech: {transcriber: pocketsphinx}, metadata]"
FRAME = RATE_HZ // 50


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


@pytest.fixture(scope="module")
def doctor() -> Talk:
    return talk("I will look at your knee and then we take the blood pressure.", voice="rms")


def written(path: Path, samples: NDArray[np.float64], **more: Any) -> Path:
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16", **more)
    return path


def located(program: Program, source: Path, document: str = PROFILE) -> Findings:
    (found,) = (
        f for f in program.locate(source, program.profile(document)).stages if f.stage == "speech"
    )
    return found


def covered(found: Findings, start_s: float, end_s: float) -> float:
    """The share of a stretch that is covered."""
    steps = np.linspace(start_s, end_s, 200) * 1e6
    return float(np.mean([any(s.start_us <= t < s.end_us for s in found.sounds) for t in steps]))


def likeness(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The largest correlation of 20 ms frames in which the first is loud."""
    best = 0.0
    for at in range(0, len(one) - FRAME, FRAME):
        a, b = one[at : at + FRAME], other[at : at + FRAME]
        if np.sqrt(np.mean(a**2)) > 0.02:
            a, b = a - a.mean(), b - b.mean()
            scale = np.sqrt((a @ a) * (b @ b))
            best = max(best, abs(float(a @ b)) / scale if scale > 1e-9 else 0.0)
    return best


def marks(outcome: Outcome) -> list[dict[str, Any]]:
    entries = load(outcome.manifest.read_bytes())["entries"]
    changes = [change for entry in entries for change in entry.get("changes", [])]
    return [change for change in changes if change["kind"] == "sound"]


@pytest.mark.release
def test_a_spoken_name_and_number_are_gone_and_all_else_is_as_it_was(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    source = written(tmp_path / "visit.wav", patient.samples)
    found = located(program, source)
    outcome = program.run(source, program.profile(PROFILE))
    before, _ = soundfile.read(source, dtype="int16")
    after, rate_hz = soundfile.read(outcome.output, dtype="int16")
    assert (len(after), rate_hz) == (len(before), RATE_HZ)
    inside = np.zeros(len(before), bool)
    for sound in found.sounds:
        first, last = sound.start_us * RATE_HZ // 1_000_000, -(-sound.end_us * RATE_HZ // 1_000_000)
        inside[first:last] = True
    assert np.array_equal(before[~inside], after[~inside])
    for _, start_s, end_s in patient.identifiers:
        assert covered(found, start_s, end_s) > 0.97
        one, other = (x[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] for x in (before, after))
        assert likeness(one / 32768, other / 32768) < 0.6
    assert inside.mean() < 0.75
    assert {change["what"] for change in marks(outcome)} >= {"person", "mrn"}


@pytest.mark.release
def test_what_was_heard_is_in_no_manifest_and_its_transcript_has_labels(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    source = written(tmp_path / "visit.wav", patient.samples)
    profile = program.profile(f"{PROFILE}\ndeliver: {{transcript: vtt}}")
    outcome = program.run(source, profile)
    # Hashes and microseconds have digits of all kinds in them.
    manifest = re.sub(r"\b[0-9a-f]{64}\b|_us\": \d+", "", outcome.manifest.read_text().lower())
    (transcript,) = outcome.output.parent.glob("*.transcript.vtt")
    text = transcript.read_text()
    assert "[PERSON]" in text
    assert "[MRN]" in text
    for word in ("margaret", "holloway", "four", "seven", "447"):
        assert word not in manifest
        assert word not in text.lower()
    assert "worse in the evening" in text


@pytest.mark.release
def test_a_transcriber_that_finds_less_says_so_in_the_manifest(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    source = written(tmp_path / "visit.wav", patient.samples)
    found = located(program, source, "stages: [speech: {transcriber: pocketsphinx}]")
    assert any("misses words" in warning for warning in found.warnings)
    profile = program.profile(PROFILE)
    for findings in (None, program.locate(source, profile)):
        outcome = program.run(source, profile, findings=findings)
        assert "misses words" in outcome.manifest.read_text()


@pytest.mark.release
@pytest.mark.parametrize("cover", ["speaker", "all"])
def test_each_side_of_a_call_is_heard_alone(
    program: Program, patient: Talk, doctor: Talk, tmp_path: Path, cover: str
) -> None:
    source = written(tmp_path / "call.wav", together(doctor, patient))
    profile = f"stages: [speech: {{cover: {cover}}}, metadata]"
    found = located(program, source, profile)
    assert {tuple(sound.options["channels"]) for sound in found.sounds} == {(1,)}
    for _, start_s, end_s in patient.identifiers:
        assert covered(found, start_s, end_s) > 0.95
    after, _ = soundfile.read(program.run(source, program.profile(profile)).output, dtype="int16")
    before, _ = soundfile.read(source, dtype="int16")
    assert np.array_equal(before[:, 0], after[:, 0]) == (cover == "speaker")
    assert not np.array_equal(before[:, 1], after[:, 1])


@pytest.mark.release
def test_a_name_on_one_of_two_tracks_is_covered_on_both(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    first = written(tmp_path / "first.wav", patient.samples)
    source = tmp_path / "two.mkv"
    ffmpeg("-i", first, "-i", first, "-map", "0", "-map", "1", "-c", "flac", source)
    outcome = program.run(source, program.profile(PROFILE))
    for track in (0, 1):
        after = tmp_path / f"after{track}.wav"
        ffmpeg("-i", outcome.output, "-map", f"0:a:{track}", after)
        samples, _ = soundfile.read(after)
        for _, start_s, end_s in patient.identifiers:
            a, b = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
            assert likeness(patient.samples[a:b], samples[a:b]) < 0.6


@pytest.mark.release
def test_sound_that_starts_late_is_covered_where_it_is_heard(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    first = written(tmp_path / "first.wav", patient.samples)
    source = tmp_path / "late.mkv"
    picture = ("-f", "lavfi", "-i", "color=s=64x64:r=10:d=12")
    ffmpeg(*picture, "-itsoffset", "1.5", "-i", first, "-c:v", "ffv1", "-c:a", "flac", source)
    found = located(program, source)
    for _, start_s, end_s in patient.identifiers:
        assert covered(found, start_s + 1.5, end_s + 1.5) > 0.95


def test_what_is_known_of_the_person_is_found_by_its_sound(
    program: Program, tmp_path: Path
) -> None:
    said = talk("the ramp near", "*Siobhan Kavanagh", "is where she waits every day")
    source = written(tmp_path / "visit.wav", said.samples)
    known = tmp_path / "known.yaml"
    known.write_text("names: [Siobhan Kavanagh]\n")
    profile = f"stages: [speech: {{transcriber: pocketsphinx, known: '{known}'}}]"
    (_, start_s, end_s) = said.identifiers[0]
    assert covered(located(program, source, profile), start_s, end_s) > 0.9


def test_a_file_without_sound_has_nothing_to_do(program: Program, tmp_path: Path) -> None:
    source = tmp_path / "mute.mkv"
    ffmpeg("-f", "lavfi", "-i", "color=s=64x64:r=10:d=1", "-c:v", "ffv1", source)
    assert located(program, source).nothing_to_do == "the input has no sound"


@pytest.mark.release
@pytest.mark.parametrize(
    "sound",
    [
        "anoisesrc=r=48000:d=3:a=0.05:seed=1",
        "anullsrc=r=16000:d=3",
        "sine=f=440:r=44100:d=3",
        "sine=f=200:d=0.02",
        "sine=f=300:d=0.2",
    ],
)
def test_where_nobody_speaks_nothing_is_covered(
    program: Program, tmp_path: Path, sound: str
) -> None:
    source = tmp_path / "quiet.flac"
    ffmpeg("-f", "lavfi", "-i", sound, source)
    outcome = program.run(source, program.profile(PROFILE))
    assert marks(outcome) == []
    assert decoded(outcome.output) == decoded(source)


@pytest.mark.release
def test_speech_that_is_clipped_beyond_understanding_is_told(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    source = written(tmp_path / "loud.wav", np.clip(patient.samples * 8, -1, 1))
    found = located(program, source)
    assert any("perhaps misheard" in warning for warning in found.warnings)


@pytest.mark.release
def test_very_soft_speech_is_heard(program: Program, patient: Talk, tmp_path: Path) -> None:
    source = tmp_path / "soft.wav"
    soundfile.write(source, patient.samples * 0.002, RATE_HZ, subtype="PCM_24")
    found = located(program, source)
    for _, start_s, end_s in patient.identifiers:
        assert covered(found, start_s, end_s) > 0.9


@pytest.mark.release
@pytest.mark.parametrize("layout", ["5.1", "stereo"])
def test_speech_whose_channels_cancel_each_other_out_is_heard(
    program: Program, patient: Talk, tmp_path: Path, layout: str
) -> None:
    first = written(tmp_path / "first.wav", patient.samples)
    source = tmp_path / "poles.flac"
    quiet = "|FC=0*c0|LFE=0*c0|BL=0*c0|BR=0*c0" if layout == "5.1" else ""
    ffmpeg("-i", first, "-af", f"pan={layout}|FL=c0|FR=-1*c0{quiet}", source)
    found = located(program, source)
    for _, start_s, end_s in patient.identifiers:
        assert covered(found, start_s, end_s) > 0.95


def test_sound_that_is_broken_in_the_middle_stops_the_run(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    whole = written(tmp_path / "visit.wav", patient.samples)
    source = tmp_path / "broken.flac"
    ffmpeg("-i", whole, source)
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    source.write_bytes(data)
    with pytest.raises(TruncatedError):
        located(program, source)


def test_a_language_that_the_transcriber_does_not_know_is_refused(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingError, match="'pocketsphinx' does not understand the language 'fr'"):
        program.profile("stages: [speech: {transcriber: pocketsphinx, language: fr}]")
    monkeypatch.setenv("VEILCAST_MODEL_CACHE", str(tmp_path))
    with pytest.raises(ModelMissingError):
        program.profile("stages: [speech: {language: fr}]")


@pytest.mark.release
def test_what_is_said_need_not_be_heard_again_for_another_policy(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    from pipeline.program import Quiet

    from veilcast.pipeline import located as locate

    source = written(tmp_path / "visit.wav", patient.samples)
    heard = []

    class Listening(Quiet):
        def stage(self, name: str) -> Any:
            return lambda activity, done, total: heard.append(activity)

    for policy in ("hipaa-safe-harbor", "names-only"):
        heard.clear()
        profile = program.profile(f"stages: [speech: {{policy: {policy}}}]")
        document = locate(program.host, source, profile, tmp_path / "work", Listening())
    assert heard == []
    assert {s.identifier for s in document.stages[0].sounds} <= {"person", "unintelligible"}


def ffmpeg(*arguments: object) -> None:
    command = ["ffmpeg", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def decoded(path: Path) -> str:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "md5", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.release
def test_findings_can_be_written_and_read_with_their_words(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    from veilcast.findings import document_from_bytes, document_to_bytes

    source = written(tmp_path / "visit.wav", patient.samples)
    document = program.locate(source, program.profile(PROFILE))
    data = document_to_bytes(document)
    assert document_to_bytes(document_from_bytes(data)) == data
    (words,) = (s["words"] for s in json.loads(data)["stages"] if s["stage"] == "speech")
    assert [row[0] for row in words if row[6] == "person"]


@pytest.mark.release
def test_sound_with_a_hole_in_it_is_listened_to_around_the_hole(
    program: Program, patient: Talk, tmp_path: Path
) -> None:
    first = written(tmp_path / "first.wav", patient.samples)
    source = tmp_path / "hole.m4a"
    later = "if(gt(T,4.5),PTS+2/TB,PTS)"
    ffmpeg("-i", first, "-af", f"asetpts='{later}'", "-c:a", "aac", "-b:a", "96k", source)
    found = located(program, source)
    _, start_s, end_s = patient.identifiers[0]
    assert covered(found, start_s, end_s) > 0.95
    _, start_s, end_s = patient.identifiers[1]
    assert covered(found, start_s + 2, end_s + 2) > 0.9
