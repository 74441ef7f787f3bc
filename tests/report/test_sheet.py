"""Frames and sound of the report are those of the delivered file, whatever its container."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from veilcast.media.frames import read_frames
from veilcast.media.probe import probe
from veilcast.reporting.seeking import frames_at
from veilcast.reporting.waveform import COLUMNS, length_us, waveforms

if TYPE_CHECKING:
    from pathlib import Path

    from report.making import Made


def quiet(activity: str, done: int, total: int | None) -> None: ...


def samples(frame: Any) -> Any:
    return np.asarray(frame.to_ndarray(format="gray"))


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 s of small moving frames with B-frames and few key frames."""
    path = tmp_path_factory.mktemp("numbered") / "clip.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=96x64:r=25:d=30"),
            *("-c:v", "libx264", "-preset", "fast", "-g", "120", "-bf", "3", str(path)),
        ],
        check=True,
    )
    return path


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts", "nut", "avi"])
def test_a_frame_that_is_sought_is_the_one_that_comes_by_in_order(
    numbered: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"clip.{ending}"
    # An AVI has no time stamps, so it can't have B-frames that are told.
    codec = ["mpeg4", "-g", "200"] if ending == "avi" else ["copy"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(numbered), "-c:v", *codec, str(path)], check=True
    )
    media = probe(path)
    every = [(at, samples(frame)) for at, frame in read_frames(path, media)]
    wanted = [0, 1, 40, 41, 130, 380, 381, 700, 749]
    times = [every[n][0] for n in wanted]
    found = {place: samples(frame) for place, frame in frames_at(path, media, times, quiet)}
    assert sorted(found) == list(range(len(wanted)))
    for place, n in enumerate(wanted):
        assert np.array_equal(found[place], every[n][1]), n


def test_a_time_behind_the_end_gives_the_last_frame(numbered: Path) -> None:
    media = probe(numbered)
    *_, (_, last) = read_frames(numbered, media)
    ((_, found),) = frames_at(numbered, media, [99_000_000], quiet)
    assert np.array_equal(samples(found), samples(last))


def test_every_picture_is_the_delivered_frame_of_its_time(made: Made) -> None:
    media = probe(made.outcome.output)
    shown = json.loads(made.json)["sheet"]["frames"]
    data = re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", made.html)
    assert len(shown) == len(data)
    every = {at: frame.to_ndarray(format="bgr24") for at, frame in read_frames(
        made.outcome.output, media
    )}  # fmt: skip
    for frame, one in zip(shown, data, strict=True):
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(one), np.uint8), 1)
        assert picture is not None
        at = min(every, key=lambda time: abs(time - frame["at_us"]))
        whole = cv2.resize(
            every[at], (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_AREA
        )
        assert np.abs(picture.astype(int) - whole).mean() < 4


def test_the_waveform_is_that_of_the_delivered_sound(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i"),
            "aevalsrc='if(between(t,4,6),0,0.5*sin(2*PI*440*t))|0':d=12:s=48000",
            str(path),
        ],
        check=True,
    )
    media = probe(path)
    (wave,) = waveforms(path, media, media.duration_us, quiet)
    assert len(wave.lows) == len(wave.highs) == COLUMNS
    tone = slice(10, 390)
    assert set(wave.highs[tone]) <= {49, 50}
    assert set(wave.lows[tone]) <= {-50, -49}
    assert set(wave.highs[402:598]) == set(wave.lows[402:598]) == {0}
    assert set(wave.highs[610:1190]) <= {49, 50}


def test_a_waveform_of_a_moment_has_every_sample(tmp_path: Path) -> None:
    """Fewer samples than columns: each is at its place."""
    path = tmp_path / "moment.wav"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i"),
            *("aevalsrc='if(lt(t,0.01),-1,1)':d=0.02:s=8000", str(path)),
        ],
        check=True,
    )
    media = probe(path)
    (wave,) = waveforms(path, media, media.duration_us, quiet)
    assert min(wave.lows[:600]) == -100
    assert max(wave.highs[:590]) == 0
    assert max(wave.highs[601:]) == 100
    assert min(wave.lows[610:]) == 0


@pytest.mark.parametrize("ending", ["aac", "mp3", "flac", "mkv"])
def test_a_recording_is_as_long_as_it_is(tmp_path: Path, ending: str) -> None:
    """Bare frames of changing size have no length in a header."""
    path = tmp_path / f"sound.{ending}"
    vbr = ["-q:a", "9", "-write_xing", "0"] if ending == "mp3" else []
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i"),
            "aevalsrc='if(lt(t,3),0,random(0)-0.5)':d=12:s=44100",
            *(*vbr, str(path)),
        ],
        check=True,
    )
    assert length_us(path, probe(path)) == pytest.approx(12_000_000, abs=120_000)
