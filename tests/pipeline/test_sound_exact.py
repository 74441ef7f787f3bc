"""Covered sound in every format: all the rest is where it was, and as it was where it can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from pipeline.decoded import Heard, facts, heard
from pipeline.listening import CLICKS, LFE, Form, click_at, record, start, trace_db, voices
from testmedia.seen import time_of

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.program import Program

pytestmark = pytest.mark.quick(every=8)

STAGES = "stages: [regions, metadata]"
SPAN = (0.5001, 0.9002)
SPANS = "mute: [{from: 0.5001, to: 0.9002, treatment: beep}]"

EXACT = [
    Form(name="u8.wav", rate_hz=8000, channels=1, options={"c:a": "pcm_u8"}),
    Form(name="s16.wav", rate_hz=44100, channels=2, options={"c:a": "pcm_s16le"}),
    Form(name="s24.wav", rate_hz=96000, channels=6, options={"c:a": "pcm_s24le"}),
    Form(name="s32.wav", rate_hz=48000, channels=1, options={"c:a": "pcm_s32le"}),
    Form(name="f32.wav", rate_hz=48000, channels=2, options={"c:a": "pcm_f32le"}),
    Form(name="f64.wav", rate_hz=16000, channels=6, options={"c:a": "pcm_f64le"}),
    Form(name="alaw.wav", rate_hz=8000, channels=2, options={"c:a": "pcm_alaw"}),
    Form(name="s24.w64", rate_hz=44100, channels=2, options={"c:a": "pcm_s24le"}),
    Form(name="s24.aiff", rate_hz=44100, channels=2, options={"c:a": "pcm_s24be"}),
    Form(name="f32.aiff", rate_hz=48000, channels=1, options={"c:a": "pcm_f32be"}),
    Form(name="s16.flac", rate_hz=44100, channels=2, options={"sample_fmt": "s16"}),
    Form(name="s24.flac", rate_hz=96000, channels=6, options={"sample_fmt": "s32"}),
    Form(name="s24.m4a", rate_hz=48000, channels=2, options={"c:a": "alac", "sample_fmt": "s32p"}),
    Form(name="flac.mkv", rate_hz=48000, channels=6, options={"c:a": "flac"}, picture=True),
    Form(
        name="late.mov",
        rate_hz=48000,
        channels=2,
        options={"c:a": "pcm_s24le", "c:v": "libx264"},
        picture=True,
        late_s=0.2,
    ),
]
_WEBM = {"c:v": "libvpx", "deadline": "realtime", "c:a": "libopus"}
_TS = {"c:v": "mpeg2video"}
LOSSY = [
    Form(name="aac.m4a", rate_hz=8000, channels=1, options={"b:a": "24k"}),
    Form(name="aac.mp4", rate_hz=44100, channels=2, options={"b:a": "96k"}, picture=True),
    Form(name="aac.m4a", rate_hz=48000, channels=8, options={"b:a": "384k"}),
    Form(name="aac.mp4", rate_hz=96000, channels=6, options={"b:a": "256k"}, picture=True),
    Form(name="aac.mkv", rate_hz=48000, channels=2, options={"c:a": "aac", "b:a": "256k"}),
    Form(name="aac.ts", rate_hz=48000, channels=1, options={**_TS, "c:a": "aac"}, picture=True),
    Form(name="bare.aac", rate_hz=44100, channels=2, options={"c:a": "aac", "b:a": "128k"}),
    Form(name="opus.opus", rate_hz=16000, channels=1, options={"b:a": "24k"}),
    Form(name="opus.webm", rate_hz=48000, channels=2, options={**_WEBM, "b:a": "256k"}),
    Form(name="opus.webm", rate_hz=48000, channels=6, options=_WEBM, picture=True),
    Form(name="lame.mp3", rate_hz=8000, channels=1, options={"b:a": "16k"}),
    Form(name="lame.mp3", rate_hz=44100, channels=2, options={"b:a": "320k"}),
    Form(name="ac3.mkv", rate_hz=48000, channels=2, options={"c:a": "ac3"}, picture=True),
    Form(name="ac3.mkv", rate_hz=44100, channels=6, options={"c:a": "ac3"}, picture=True),
    Form(name="eac3.mkv", rate_hz=48000, channels=6, options={"c:a": "eac3"}, picture=True),
    Form(name="ac3.ts", rate_hz=48000, channels=2, options={**_TS, "c:a": "ac3"}, picture=True),
    Form(name="mp2.mpg", rate_hz=48000, channels=2, options=_TS, picture=True),
    Form(name="mp2.ts", rate_hz=16000, channels=2, options=_TS, picture=True),
    Form(name="late.mp4", rate_hz=48000, channels=2, picture=True, late_s=0.2),
    Form(name="late.webm", rate_hz=48000, channels=1, options=_WEBM, picture=True, late_s=0.2),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A recording and what is delivered of it, with when they start and what is heard of each."""

    form: Form
    source: Path
    delivered: Path
    before: Heard
    after: Heard
    starts: tuple[float, float]

    @property
    def span(self) -> slice:
        """The samples that are covered, to the sample."""
        late = float(self.before.time) - self.starts[0]
        first, last = ((at - late) * self.before.rate_hz for at in SPAN)
        return slice(int(np.floor(first + 1e-6)), int(np.ceil(last - 1e-6)))


def take(form: Form, program: Program, folder: Path) -> Take:
    source = record(folder / form.name, form, voices(form.rate_hz, form.channels))
    return taken(form, source, program)


def taken(form: Form, source: Path, program: Program) -> Take:
    delivered = program.run(source, program.profile(STAGES, SPANS)).output
    return Take(
        form=form,
        source=source,
        delivered=delivered,
        before=heard(source),
        after=heard(delivered),
        starts=(start(source), start(delivered)),
    )


@pytest.fixture(scope="module", params=EXACT, ids=str)
def exact(
    request: pytest.FixtureRequest, program: Program, tmp_path_factory: pytest.TempPathFactory
) -> Take:
    """Each form without loss; made once for all tests of it."""
    return take(request.param, program, tmp_path_factory.mktemp("exact"))


@pytest.fixture(scope="module", params=LOSSY, ids=str)
def lossy(
    request: pytest.FixtureRequest, program: Program, tmp_path_factory: pytest.TempPathFactory
) -> Take:
    """Each lossy form; made once for all tests of it."""
    return take(request.param, program, tmp_path_factory.mktemp("lossy"))


def octets_per_second(path: Path) -> float:
    """Outside of the span: a tone takes next to nothing."""
    octets, seconds = 0, 0.0
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.audio[0]):
            if packet.size and not SPAN[0] - 0.1 < float(time_of(packet)) < SPAN[1]:
                octets += packet.size
                assert packet.duration is not None
                seconds += float(packet.duration * packet.time_base)
    return octets / seconds


def speakers(path: Path) -> tuple[int, int, int]:
    """What a WAV file says: which kind of samples, how many bits, for which speakers."""
    data = path.read_bytes()
    at = data.index(b"fmt ") + 8
    kind, channels = (int.from_bytes(data[at + n : at + n + 2], "little") for n in (0, 2))
    bits = int.from_bytes(data[at + 14 : at + 16], "little")
    if kind != 0xFFFE:
        # The short form means the usual speakers.
        return kind, bits, {1: 0x4, 2: 0x3}[channels]
    mask = int.from_bytes(data[at + 20 : at + 24], "little")
    return int.from_bytes(data[at + 24 : at + 26], "little"), bits, mask


def test_uncompressed_sound_differs_inside_the_span_only(exact: Take) -> None:
    before, after = exact.before, exact.after
    source, delivered = exact.source, exact.delivered
    moved = float(after.time - before.time) - exact.starts[1] + exact.starts[0]
    assert moved == pytest.approx(0, abs=1e-6)
    assert (after.samples.shape, after.samples.dtype) == (
        before.samples.shape,
        before.samples.dtype,
    )
    changed = np.flatnonzero((before.samples != after.samples).any(axis=1))
    # A sample can be by chance what the tone is, but not many times.
    assert exact.span.start <= changed[0] <= exact.span.start + 3
    assert exact.span.stop - 4 <= changed[-1] < exact.span.stop
    assert len(changed) > 0.9 * (exact.span.stop - exact.span.start)
    kept = ("codec_name", "sample_fmt", "bits_per_raw_sample", "bits_per_sample", "channels")
    old, new = (facts(path)["sounds"][0] for path in (source, delivered))
    assert {key: new.get(key) for key in kept} == {key: old.get(key) for key in kept}
    if source.suffix == ".wav":
        assert speakers(delivered) == speakers(source)
    else:
        assert new.get("channel_layout") == old.get("channel_layout")


def test_lossy_sound_stays_at_its_place(lossy: Take) -> None:
    before, after, form = lossy.before, lossy.after, lossy.form
    rate = before.rate_hz
    assert (after.rate_hz, after.samples.shape[1]) == (rate, before.samples.shape[1])
    # Matroska's clock has milliseconds; the others tell the start to the sample.
    tick = 0.0011 if lossy.source.suffix in (".mkv", ".webm") else 1.01 / rate
    moved = float(after.time - before.time) - lossy.starts[1] + lossy.starts[0]
    assert abs(moved) <= tick
    assert 0 <= len(after.samples) - len(before.samples) <= 1536
    for channel in range(form.channels):
        if channel == LFE:
            continue  # of this one codecs keep the lowest tones only
        for click in CLICKS:
            at = form.late_s + click - float(before.time) + lossy.starts[0]
            was, now = (click_at(t.samples[:, channel], rate, at) for t in (before, after))
            assert abs(now - was) <= 1


def test_lossy_sound_keeps_its_codec_and_bit_rate(lossy: Take) -> None:
    assert octets_per_second(lossy.delivered) >= 0.95 * octets_per_second(lossy.source)
    old, new = (facts(path)["sounds"][0] for path in (lossy.source, lossy.delivered))
    assert new["codec_name"] == old["codec_name"]
    assert new.get("channel_layout") == old.get("channel_layout")


def loudest_trace_db(take: Take) -> float:
    """Of what was on a channel, in the same one and its neighbour, which codecs may join."""
    worst = -999.0
    for channel in range(take.form.channels):
        if channel == LFE:
            continue
        covered = take.before.samples[take.span, channel]
        assert trace_db(covered, covered, take.before.rate_hz) > -1
        for other in {channel, (channel + 1) % take.form.channels}:
            now = take.after.samples[take.span, other]
            worst = max(worst, trace_db(covered, now, take.before.rate_hz))
    return worst


def test_nothing_of_what_was_covered_is_left_in_uncompressed_sound(exact: Take) -> None:
    assert loudest_trace_db(exact) < -50


def test_nothing_of_what_was_covered_is_left_in_lossy_sound(lossy: Take) -> None:
    assert loudest_trace_db(lossy) < -40


def test_flac_of_32_bits_keeps_them_all(program: Program, tmp_path: Path) -> None:
    source = tmp_path / "deep.flac"
    sound = (voices(44100, 1)[:, 0] * 2**31).astype(np.int32).reshape(1, -1) | 1
    options = {"strict": "experimental", "bits_per_raw_sample": "32"}
    with av.open(str(source), "w") as out:
        stream = out.add_stream("flac", rate=44100, options=options)
        stream.codec_context.layout, stream.codec_context.format = "mono", "s32"
        frame = av.AudioFrame.from_ndarray(sound, format="s32", layout="mono")
        frame.sample_rate, frame.pts = 44100, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    done = taken(EXACT[0], source, program)
    for part in (slice(0, done.span.start), slice(done.span.stop, None)):
        assert np.array_equal(done.before.samples[part, 0], sound[0, part])
        assert np.array_equal(done.after.samples[part, 0], sound[0, part])


@pytest.mark.release
def test_channels_for_no_speaker_get_none(program: Program, tmp_path: Path) -> None:
    """Four microphones are not four loudspeakers, and players would mix them as such."""
    source = record(tmp_path / "s16.wav", EXACT[1], voices(44100, 4).reshape(-1, 2))
    data = bytearray(source.read_bytes())
    at = data.index(b"fmt ") + 8
    data[at + 2], data[at + 12] = 4, 8
    data[at + 8 : at + 12] = (44100 * 8).to_bytes(4, "little")
    source.write_bytes(data)
    done = taken(EXACT[1], source, program)
    assert done.before.samples.shape == done.after.samples.shape == (len(voices(44100, 1)), 4)
    assert facts(done.delivered)["sounds"][0].get("channel_layout") is None
