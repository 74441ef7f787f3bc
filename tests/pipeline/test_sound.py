"""Sound that is muted or beeped by hand: gone inside the spans, untouched outside them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pipeline.decoded import Heard, facts, heard, packets, pictures, tracks

import veilcast
from veilcast.manifest import load

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pipeline.program import Program
    from testmedia import Corpus

STAGES = "stages: [regions, metadata]"
SPANS = """
mute:
  - {from: 0.5, to: 0.75, treatment: beep}
  - {from: "00:00:00.800", to: 0.95, treatment: mute}
"""
BEEP, MUTE = (0.5, 0.75), (0.8, 0.95)

EXACT = ["speech.wav", "speech24.wav", "speech.flac", "yuv422.mov"]
LOSSY = [
    "speech.mp3",
    "speech.m4a",
    "cover_art.m4a",
    "speech.opus",
    "plain.mp4",
    "opus.mkv",
    "late_video.mp4",
    "late_audio.mkv",
    "bframes_edit.mp4",
    "ts_offset.ts",
    "interlaced.mpg",
    "avi_mpeg4.avi",
    "negative_start.webm",
]


Marked = Callable[[str], Path]


@pytest.fixture(scope="module")
def marked(media: Corpus, program: Program) -> Marked:
    """Gives the delivered file for a source's name; each is made once."""
    return cache(lambda name: program.run(media[name], program.profile(STAGES, SPANS)).output)


def _start(path: Path) -> float:
    """The presentation start, seconds: of the picture or the sound, whichever is first."""
    starts = [float(heard(path, track).time) for track in range(tracks(path))]
    return min([*starts, *_first_frame(path)])


def _first_frame(path: Path) -> list[float]:
    return [float(next(pictures(path)).time)] if facts(path)["picture"] else []


def _start_now(source: Path, delivered: Path) -> float:
    """The same instant in the delivered file, by its picture where there is one."""
    for before, now in zip(_first_frame(source), _first_frame(delivered), strict=True):
        return _start(source) + now - before
    return _start(delivered)


def _span(track: Heard, start: float, span: tuple[float, float], grown: float = 0) -> slice:
    """The samples of a span of seconds from the presentation start."""
    late = float(track.time) - start
    first, last = ((span[0] - late - grown), (span[1] - late + grown))
    count = len(track.samples)
    return slice(*(min(count, max(0, round(t * track.rate_hz))) for t in (first, last)))


def _outside(track: Heard, start: float, grown: float) -> NDArray[np.bool_]:
    outside = np.ones(len(track.samples), dtype=bool)
    for span in (BEEP, MUTE):
        outside[_span(track, start, span, grown)] = False
    return outside


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Correlation, and 0 with silence."""
    if not one.std() or not other.std():
        return 0.0
    return abs(float(np.corrcoef(one, other)[0, 1]))


def _mono(track: Heard) -> NDArray[np.float64]:
    mixed = track.samples.astype(np.float64).mean(axis=1)
    if track.samples.dtype.kind == "i":
        mixed /= 2 ** (8 * track.samples.dtype.itemsize - 1)
    return np.asarray(mixed)


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", EXACT)
def test_uncompressed_sound_is_the_same_to_the_sample_outside_the_spans(
    name: str, media: Corpus, marked: Marked
) -> None:
    source, delivered = media[name], marked(name)
    before, after = heard(source), heard(delivered)
    assert after.time == before.time
    assert after.samples.shape == before.samples.shape
    assert after.samples.dtype == before.samples.dtype
    outside = _outside(before, _start(source), 0)
    np.testing.assert_array_equal(after.samples[outside], before.samples[outside])
    # To the sample at the edges too: the first and the last of the mute are silent.
    muted = after.samples[_span(before, _start(source), MUTE)]
    assert not muted.any()
    assert facts(delivered)["sounds"][0]["codec_name"] == facts(source)["sounds"][0]["codec_name"]


@pytest.mark.quick(every=18)
@pytest.mark.parametrize("name", [*EXACT, *LOSSY])
def test_inside_nothing_of_the_original_is_left(name: str, media: Corpus, marked: Marked) -> None:
    source, delivered = media[name], marked(name)
    before, after = heard(source), heard(delivered)
    start, now = _start(source), _start_now(source, delivered)
    old, new = _mono(before), _mono(after)
    beep = new[_span(after, now, BEEP)]
    was = old[_span(before, start, BEEP)]
    shared = min(len(was), len(beep))
    assert _alike(was[:shared], beep[:shared]) < 0.06
    power = np.abs(np.fft.rfft(beep)) ** 2
    hertz = np.fft.rfftfreq(len(beep), 1 / after.rate_hz)
    assert power[np.abs(hertz - 1000) < 30].sum() > 0.97 * power.sum()
    # A lossy codec smears a little over the edges of what it was given, on either side.
    mute = new[_span(after, now, MUTE, -0.03)]
    assert np.abs(mute).max() < 0.01


@pytest.mark.release
@pytest.mark.parametrize("name", LOSSY)
def test_lossy_sound_keeps_its_place_length_and_codec(
    name: str, media: Corpus, marked: Marked
) -> None:
    source, delivered = media[name], marked(name)
    start, now = _start(source), _start_now(source, delivered)
    for track in range(tracks(source)):
        before, after = heard(source, track), heard(delivered, track)
        late = round((float(after.time) - now - float(before.time) + start) * before.rate_hz)
        # A program stream can't hide an encoder's delay: the packet that has it is left out, and
        # with it the part of a packet that would be heard.
        assert abs(late) <= (0.0011 * before.rate_hz if name != "interlaced.mpg" else 1152)
        assert abs(len(after.samples) - len(before.samples)) <= 2048
        assert after.rate_hz == before.rate_hz
        assert after.samples.shape[1] == before.samples.shape[1]
        # Encoded once more and yet the same: nothing has moved by as much as a quarter period.
        old, new = _mono(before)[max(late, 0) :], _mono(after)
        outside = _outside(before, start, 0.05)[max(late, 0) :]
        shared = min(len(old), len(new))
        assert _alike(old[:shared][outside[:shared]], new[:shared][outside[:shared]]) > 0.97
    kinds = [[s["codec_name"] for s in facts(p)["sounds"]] for p in (source, delivered)]
    assert kinds[0] == kinds[1]


def test_the_picture_is_copied_when_only_sound_is_marked(media: Corpus, marked: Marked) -> None:
    source = media["plain.mp4"]
    delivered = marked("plain.mp4")
    for one, other in zip(pictures(source), pictures(delivered), strict=True):
        assert one.time == other.time
        for mine, theirs in zip(one.components, other.components, strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.release
def test_every_track_is_destroyed_and_each_in_its_own_codec(media: Corpus, marked: Marked) -> None:
    source, delivered = media["two_audio.mkv"], marked("two_audio.mkv")
    assert [s["codec_name"] for s in facts(delivered)["sounds"]] == ["aac", "flac"]
    for track, hertz in enumerate((440, 880)):
        after = heard(delivered, track)
        inside = _mono(after)[_span(after, _start_now(source, delivered), BEEP)]
        power = np.abs(np.fft.rfft(inside)) ** 2
        tone = np.abs(np.fft.rfftfreq(len(inside), 1 / after.rate_hz) - hertz) < 30
        assert power[tone].sum() < 0.01 * power.sum()
        before = heard(source, track)
        assert len(after.samples) - len(before.samples) in range(2048)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    ("name", "codec"), [("speech.ogg", "opus"), ("vp8.webm", "opus"), ("wmv.wmv", "aac")]
)
def test_sound_that_nothing_here_writes_gets_a_successor(
    name: str, codec: str, media: Corpus, tmp_path: Path
) -> None:
    """Vorbis and Windows Media Audio: in step, silent where it is to be, and said."""
    source = Path(shutil.copy(media[name], tmp_path / name))
    marks, profile = tmp_path / "marks.yaml", tmp_path / "light.yaml"
    marks.write_text("mute: [{from: 0.5, to: 0.9}]")
    profile.write_text("stages: [regions, metadata]")
    result = veilcast.run(source, profile=profile, regions=marks, work=tmp_path / "work")
    assert any("the sound is delivered as" in warning.lower() for warning in result.warnings)
    (sound,) = facts(result.output)["sounds"]
    assert sound["codec_name"] == codec
    before, after = heard(source), heard(result.output)
    inside = _mono(after)[_span(after, _start(result.output), (0.55, 0.85))]
    assert np.abs(inside).max() < 0.01
    lasts, lasted = (len(one.samples) / one.rate_hz for one in (after, before))
    assert abs(lasts - lasted) < 0.1


def test_a_sound_file_without_marks_is_copied_and_the_manifest_says_why(
    media: Corpus, program: Program
) -> None:
    source = media["speech.ogg"]
    outcome = program.run(source, program.profile("stages: [faces, regions, metadata]"))
    before, after = packets(source, 0), packets(outcome.output, 0)
    assert [p.data for p in after] == [p.data for p in before]
    entries = {e["stage"]: e for e in load(outcome.manifest.read_bytes())["entries"]}
    assert "no picture" in entries["faces"]["nothing_to_do"]
    assert entries["regions"]["nothing_to_do"]


def test_spans_of_a_clip_without_sound_are_said_to_be_nothing_to_do(
    media: Corpus, program: Program
) -> None:
    outcome = program.run(media["no_audio.mp4"], program.profile(STAGES, SPANS))
    entries = {e["stage"]: e for e in load(outcome.manifest.read_bytes())["entries"]}
    assert "no sound" in entries["regions"]["nothing_to_do"]
