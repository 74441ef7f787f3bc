"""Which channels and tracks are covered, with what, and spans that are cut out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ffmpeg
import numpy as np
import pytest
from pipeline.decoded import facts, heard, packets
from pipeline.listening import CLICKS, SECONDS, Form, click_at, record, start, trace_db, voices
from testmedia.tools import encode

from veilcast.errors import SettingError, UnsupportedError
from veilcast.manifest import load

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Program
    from testmedia import Corpus

    from veilcast.pipeline import Outcome

STAGES = "stages: [regions, metadata]"
SPAN = (0.5, 0.9)
WEBM = {"c:v": "libvpx", "deadline": "realtime", "c:a": "libopus"}
VORBIS = {"c:a": "libvorbis"}
ADPCM = {"c:a": "adpcm_ima_wav"}
STEREO = [
    Form(name="s16.wav", rate_hz=16000, channels=2),
    Form(name="aac.m4a", rate_hz=48000, channels=2, options={"b:a": "96k"}),
    Form(name="lame.mp3", rate_hz=44100, channels=2, options={"joint_stereo": 1}),
    Form(name="opus.opus", rate_hz=48000, channels=2),
    Form(name="ac3.mkv", rate_hz=48000, channels=2, options={"c:a": "ac3"}),
]


def run(program: Program, source: Path, **span: Any) -> Path:
    return outcome(program, source, **span).output


def outcome(program: Program, source: Path, **span: Any) -> Outcome:
    said = {"from": SPAN[0], "to": SPAN[1], "treatment": "beep", **span}
    keys = ", ".join(f"{key}: {value}" for key, value in said.items())
    return program.run(source, program.profile(STAGES, f"mute: [{{{keys}}}]"))


def inside(samples: NDArray[Any], rate_hz: int) -> NDArray[Any]:
    return samples[round(SPAN[0] * rate_hz) : round(SPAN[1] * rate_hz)]


def in_span(path: Path, track: int) -> NDArray[Any]:
    """The first channel of a track during the span, wherever in the file the track begins."""
    found = heard(path, track)
    late = round((float(found.time) - start(path)) * found.rate_hz)
    return inside(np.pad(found.samples[:, 0], (late, 0)), found.rate_hz)


def tone(samples: NDArray[Any], rate_hz: int) -> float:
    """How loud 1 kHz is in the middle of the span; of one channel, 1 is a tone of peak 1."""
    part = inside(samples, rate_hz)[rate_hz // 20 : -rate_hz // 20].astype(np.float64)
    if samples.dtype.kind == "i":
        part /= 2 ** (8 * samples.dtype.itemsize - 1)
    wave = np.exp(-2j * np.pi * 1000 * np.arange(len(part)) / rate_hz)
    return float(2 * abs((part * np.hanning(len(part)) * wave).sum()) / np.hanning(len(part)).sum())


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("form", STEREO, ids=str)
def test_one_channel_of_a_call_is_covered_and_the_other_stays(
    form: Form, program: Program, tmp_path: Path
) -> None:
    sound = voices(form.rate_hz, 2)
    # As calls are: each hears a little of the other.
    sound[:, 1] += 0.3 * sound[:, 0]
    source = record(tmp_path / form.name, form, sound)
    done = outcome(program, source, channels=[0])
    before, after = heard(source), heard(done.output)
    rate = form.rate_hz
    was, now = (inside(t.samples[: len(before.samples)], rate) for t in (before, after))
    assert trace_db(was[:, 0], now[:, 0], rate) < -40
    assert tone(after.samples[:, 0], rate) == pytest.approx(0.1, rel=0.05)
    # The other channel is the same, with nothing of the tone and no more of the voice than before.
    assert np.corrcoef(was[:, 1], now[:, 1])[0, 1] > 0.99
    added = abs(tone(after.samples[:, 1], rate) - tone(before.samples[:, 1], rate))
    assert added < 0.002
    if form.name.endswith(".wav"):
        assert np.array_equal(before.samples[:, 1], after.samples[:, 1])
    manifest = load(done.manifest.read_bytes())
    (change,) = (c for c in manifest["entries"][0]["changes"] if c["kind"] == "sound")
    assert change["where"] == {"streams": None, "channels": [0]}


@pytest.mark.release
def test_of_six_channels_only_those_named_are_touched(program: Program, tmp_path: Path) -> None:
    form = Form(name="s24.wav", rate_hz=48000, channels=6, options={"c:a": "pcm_s24le"})
    source = record(tmp_path / form.name, form, voices(48000, 6))
    after = heard(run(program, source, channels=[2, 5], treatment="mute")).samples
    before = heard(source).samples
    assert np.array_equal(after[:, [0, 1, 3, 4]], before[:, [0, 1, 3, 4]])
    assert not inside(after, 48000)[:, [2, 5]].any()


@pytest.mark.release
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("aac.mp4", {}),
        pytest.param("two.mkv", {"c:a:0": "ac3", "c:a:1": "flac"}, marks=pytest.mark.release),
        pytest.param("two.mov", {"c:a": "pcm_s24le"}, marks=pytest.mark.release),
        pytest.param("two.webm", WEBM, marks=pytest.mark.release),
    ],
)
def test_the_same_voice_on_two_tracks(
    name: str, options: dict[str, str], program: Program, tmp_path: Path
) -> None:
    form = Form(name=name, rate_hz=48000, channels=1, options=options, picture=True)
    sound = voices(48000, 1)
    source = record(tmp_path / name, form, sound, 0.5 * sound)
    everywhere = run(program, source)
    for track in range(2):
        was, now = (in_span(path, track) for path in (source, everywhere))
        assert trace_db(was, now, 48000) < -40
    only = run(program, source, streams=[2])
    was, now = (in_span(path, 1) for path in (source, only))
    assert trace_db(was, now, 48000) < -40
    # The track that is not named goes over packet for packet, but for the encoder's name in the
    # first of AAC's.
    mine, theirs = ([p.data for p in packets(path, 0)] for path in (only, source))
    assert mine[1:] == theirs[1:]
    assert len(mine[0]) == len(theirs[0])


@pytest.mark.release
@pytest.mark.parametrize("treatment", ["noise", "mute", "beep"])
@pytest.mark.parametrize("form", [STEREO[0], STEREO[1]], ids=str)
def test_no_treatment_lets_anything_through(
    treatment: str, form: Form, program: Program, tmp_path: Path
) -> None:
    source = record(tmp_path / form.name, form, voices(form.rate_hz, 2))
    done = run(program, source, treatment=treatment)
    was, now = (inside(heard(path).samples, form.rate_hz) for path in (source, done))
    for channel in range(2):
        # Noise as loud as speech is like it by chance, a little.
        limit = -15 if treatment == "noise" else -40
        assert trace_db(was[:, channel], now[:, channel], form.rate_hz) < limit
    if treatment == "noise" and form.name.endswith(".wav"):
        assert run(program, source, treatment=treatment).read_bytes() == done.read_bytes()


def test_the_tone_is_as_loud_as_the_findings_say(program: Program, tmp_path: Path) -> None:
    source = record(tmp_path / "s16.wav", STEREO[0], voices(16000, 2))
    profile = program.profile(STAGES, "mute: [{from: 0.5, to: 0.9, treatment: beep}]")
    document = program.locate(source, profile)
    found = document.stages[0]
    (sound,) = found.sounds
    louder = replace(sound, options={**sound.options, "level_dbfs": -13.0})
    edited = replace(document, stages=(replace(found, sounds=(louder,)), *document.stages[1:]))
    done = program.run(source, profile, findings=edited)
    after = heard(done.output).samples[:, 0]
    assert tone(after, 16000) == pytest.approx(2**0.5 * 10 ** (-13 / 20), rel=0.01)
    changes = load(done.manifest.read_bytes())["entries"][0]["changes"]
    assert changes[0]["how"] == {"treatment": "beep", "level_dbfs": -13.0}


CUTS = """
mute:
  - {from: 0, to: 0.1, treatment: excise}
  - {from: 0.5, to: 0.8, treatment: excise, label: name, hipaa: A}
  - {from: 0.7, to: 0.9, treatment: excise}
  - {from: 0.95, to: 1, treatment: beep}
"""
REST = ((0.1, 0.5), (0.9, SECONDS))


def rest(samples: NDArray[Any], rate_hz: int) -> NDArray[Any]:
    return np.concatenate([samples[round(a * rate_hz) : round(b * rate_hz)] for a, b in REST])


@pytest.mark.quick(every=6)
@pytest.mark.parametrize(
    "form",
    [
        *STEREO[:4],
        Form(name="s24.flac", rate_hz=96000, channels=1, options={"sample_fmt": "s32"}),
        Form(name="bare.aac", rate_hz=48000, channels=1, options={"c:a": "aac"}),
    ],
    ids=str,
)
def test_spans_are_cut_out_of_a_recording_of_sound(
    form: Form, program: Program, tmp_path: Path
) -> None:
    source = record(tmp_path / form.name, form, voices(form.rate_hz, form.channels))
    done = program.run(source, program.profile(STAGES, CUTS))
    before, after = heard(source), heard(done.output)
    rate = form.rate_hz
    late = round(float(before.time) * rate)
    wanted = rest(before.samples, rate)
    assert after.time == before.time
    quiet = slice(*(round(t * rate) for t in (0.45, 0.5)))
    if before.samples.dtype.kind == "i":
        assert after.samples.shape == wanted.shape
        same = np.ones(len(wanted), dtype=bool)
        same[quiet] = False
        assert np.array_equal(after.samples[same], wanted[same])
    else:
        assert -1 <= len(after.samples) - len(wanted) <= 2048 + late
        part = slice(round(0.55 * rate), round(0.75 * rate))
        assert np.corrcoef(after.samples[part, 0], wanted[part, 0])[0, 1] > 0.98
    changes = load(done.manifest.read_bytes())["entries"][0]["changes"]
    cuts = [(c["from_us"], c["to_us"]) for c in changes if c["how"]["treatment"] == "excise"]
    assert cuts == [(0, 100_000), (500_000, 800_000), (700_000, 900_000)]


@pytest.mark.release
def test_cuts_are_the_last_thing_that_is_done(program: Program, tmp_path: Path) -> None:
    """With a file for each stage the result is the same, and no file holds what is cut out."""
    source = record(tmp_path / "s16.wav", STEREO[0], voices(16000, 2))
    profile = program.profile(STAGES, CUTS)
    at_once = program.run(source, profile).output
    stepwise = program.run(source, profile, keep_intermediates=True)
    assert stepwise.output.read_bytes() == at_once.read_bytes()
    (kept,) = stepwise.output.parent.glob("*.nut")
    assert not inside(heard(kept).samples, 16000).any()


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("name", "options", "sounds", "error"),
    [
        ("a.mp4", {}, 1, UnsupportedError),
        ("a.mka", {"c:a": "aac"}, 2, UnsupportedError),
    ],
)
def test_only_a_single_track_of_sound_can_lose_spans(
    name: str,
    options: dict[str, str],
    sounds: int,
    error: type[Exception],
    program: Program,
    tmp_path: Path,
) -> None:
    shown = name == "a.mp4"
    form = Form(name=name, rate_hz=48000, channels=1, options=options, picture=shown)
    source = record(tmp_path / name, form, *[voices(48000, 1)] * sounds)
    with pytest.raises(error, match="beep, mute or noise"):
        run(program, source, treatment="excise")


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("span", [{"channels": [0]}, {"from": 0, "to": 99}])
def test_a_channel_or_everything_can_not_be_cut_out(
    span: dict[str, Any], program: Program, tmp_path: Path
) -> None:
    source = record(tmp_path / "s16.wav", STEREO[0], voices(16000, 2))
    with pytest.raises(SettingError, match="beep, mute or noise"):
        run(program, source, treatment="excise", **span)


def test_a_channel_that_is_not_there_is_no_reason_to_cover_nothing(
    program: Program, tmp_path: Path
) -> None:
    source = record(tmp_path / "s16.wav", STEREO[0], voices(16000, 2))
    with pytest.raises(SettingError, match="from 0 to 1"):
        run(program, source, channels=[2])


def shaped(path: Path, expression: str, seconds: float) -> Path:
    encode(path, ffmpeg.input(f"aevalsrc='{expression}':s=16000:d={seconds}", f="lavfi"))
    return path


@pytest.mark.quick(every=6)
@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("silence.wav", "0"),
        ("silence.mp3", "0"),
        ("music.m4a", "0.3*sin(2*PI*220*t)+0.3*sin(2*PI*277*t)+0.2*sin(2*PI*330*t)"),
        ("clipped.wav", "clip(9*sin(2*PI*200*t)\\,-1\\,1)"),
        ("clipped.flac", "clip(9*sin(2*PI*200*t)\\,-1\\,1)"),
    ],
)
def test_any_sound_can_be_covered(
    name: str, expression: str, program: Program, tmp_path: Path
) -> None:
    source = shaped(tmp_path / name, expression, SECONDS)
    after = heard(run(program, source))
    assert tone(after.samples[:, 0], 16000) == pytest.approx(0.1, rel=0.05)


@pytest.mark.release
@pytest.mark.parametrize(
    "name", ["short.wav", "short.mp3", "short.m4a", "short.opus", "short.flac"]
)
def test_a_fifth_of_a_second_can_be_covered(name: str, program: Program, tmp_path: Path) -> None:
    source = shaped(tmp_path / name, "0.3*sin(2*PI*440*t)", 0.2)
    done = run(program, source, **{"from": 0.05, "to": 5, "treatment": "mute"})
    before, after = heard(source), heard(done)
    assert 0 <= len(after.samples) - len(before.samples) <= 2048
    assert np.abs(after.samples[round(0.12 * before.rate_hz) :].astype(float)).max() < 0.01


@pytest.mark.release
@pytest.mark.parametrize(
    ("form", "sound", "codec"),
    [
        (Form(name="v.ogg", rate_hz=48000, channels=2, options=VORBIS), "opus", "opus"),
        (Form(name="v.ogg", rate_hz=44100, channels=2, options=VORBIS), "flac", "flac"),
        (Form(name="v.mka", rate_hz=44100, channels=1, options=VORBIS), "aac", "aac"),
        (Form(name="a.wav", rate_hz=8000, channels=1, options=ADPCM), "pcm", "pcm_s16le"),
    ],
    ids=str,
)
def test_another_codec_takes_the_place_of_one_that_can_not_be_encoded(
    form: Form, sound: str, codec: str, program: Program, tmp_path: Path
) -> None:
    rate = form.rate_hz
    source = record(tmp_path / form.name, form, voices(rate, form.channels))
    asked = program.profile(
        f"{STAGES}\ndeliver: {{sound: {sound}}}", "mute: [{from: 0.5, to: 0.9}]"
    )
    done = program.run(source, asked).output
    before, after = heard(source), heard(done)
    assert facts(done)["sounds"][0]["codec_name"] == codec
    assert after.time == before.time
    assert 0 <= len(after.samples) - len(before.samples) <= 1024
    for click in CLICKS:
        at = click - float(before.time)
        was, now = (click_at(t.samples[:, 0], rate, at) for t in (before, after))
        assert abs(now - was) <= 1
    assert trace_db(in_span(source, 0), in_span(done, 0), rate) < -40


@pytest.mark.release
def test_sound_that_is_not_covered_stays_in_its_codec(program: Program, tmp_path: Path) -> None:
    form = Form(name="v.ogg", rate_hz=48000, channels=1, options=VORBIS)
    source = record(tmp_path / form.name, form, voices(48000, 1))
    done = program.run(source, program.profile(f"{STAGES}\ndeliver: {{sound: opus}}")).output
    assert [p.data for p in packets(done, 0)] == [p.data for p in packets(source, 0)]


def test_opus_is_given_the_rate_that_it_plays_at(program: Program, tmp_path: Path) -> None:
    form = Form(name="v.ogg", rate_hz=16000, channels=1, options=VORBIS)
    source = record(tmp_path / form.name, form, voices(16000, 1))
    asked = program.profile(f"{STAGES}\ndeliver: {{sound: opus}}", "mute: [{from: 0.5, to: 0.9}]")
    done = program.run(source, asked).output
    (sound,) = facts(done)["sounds"]
    assert (sound["codec_name"], sound["sample_rate"]) == ("opus", "48000")
    assert trace_db(in_span(source, 0), in_span(done, 0)[::3], 16000) < -40
    before, after = heard(source), heard(done)
    for at in CLICKS:
        was = click_at(before.samples[:, 0], before.rate_hz, at) / before.rate_hz
        now = click_at(after.samples[:, 0], after.rate_hz, at) / after.rate_hz
        assert abs(now - was) < 0.002


def test_a_rate_that_changes_on_the_way_becomes_one(program: Program, tmp_path: Path) -> None:
    """Each second of tone is heard when it was, at its own pitch."""
    joined = tmp_path / "joined.aac"
    parts = []
    for rate in (48000, 24000):
        part = tmp_path / f"{rate}.aac"
        encode(part, ffmpeg.input(f"sine=d=1:f=500:sample_rate={rate}", f="lavfi"), ar=rate)
        parts.append(part.read_bytes())
    joined.write_bytes(b"".join(parts))
    done = heard(run(program, joined))
    assert done.rate_hz == 48000
    for first in (10_000, 60_000):
        tone = done.samples[first : first + 8_192, 0].astype(float)
        loudest = int(np.argmax(np.abs(np.fft.rfft(tone * np.hanning(len(tone))))))
        assert abs(loudest * done.rate_hz / len(tone) - 500) < 10


def test_what_is_damaged_is_silent_and_the_rest_in_its_place(
    program: Program, tmp_path: Path
) -> None:
    form = Form(name="opus.opus", rate_hz=48000, channels=1, options={"b:a": "96k"})
    source = record(tmp_path / form.name, form, np.tile(voices(48000, 1), (4, 1)))
    data = bytearray(source.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = bytes(200)
    source.write_bytes(data)
    was = record(tmp_path / "whole.opus", form, np.tile(voices(48000, 1), (4, 1)))
    result = outcome(program, source)
    (said,) = load(result.manifest.read_bytes())["input"]["conformed"]
    assert said["rule"] == "sound-gap"
    before, after = heard(was).samples[:, 0], heard(result.output).samples[:, 0]
    assert abs(len(after) - len(before)) < 4096
    last = slice(-24_000, -4_800)
    agreement = np.correlate(before[-28_800:], after[last], "valid")
    assert abs(int(np.argmax(agreement)) - 4_800) < 960


@pytest.mark.release
def test_sound_beside_what_is_covered_is_left_to_the_players(
    program: Program, media: Corpus
) -> None:
    """With marks on no track of it, a codec that can't be encoded is copied."""
    source = media["two_audio.mkv"]
    done = run(program, source, streams=[2])
    kinds = [s["codec_name"] for s in facts(done)["sounds"]]
    assert kinds == [s["codec_name"] for s in facts(source)["sounds"]]
