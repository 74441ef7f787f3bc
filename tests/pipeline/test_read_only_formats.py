"""Formats that are only read: each is delivered as the nearest that people can play."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

import veilcast

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast import RunResult

LENGTHS_MS = (100, 300, 200)


def delivered(source: Path, *marks: str) -> RunResult:
    profile, regions = source.with_name("light.yaml"), source.with_name("marks.yaml")
    profile.write_text("stages: [regions, metadata]")
    regions.write_text("\n".join(marks))
    return veilcast.run(
        source,
        profile=profile,
        regions=regions if marks else None,
        work=source.with_name("work"),
    )


def drawn(at: int, mode: str = "RGB") -> Image.Image:
    """A light square that wanders over a dark picture, or over nothing."""
    ground = (30, 40, 90) if mode == "RGB" else (0, 0, 0, 0)
    picture = Image.new(mode, (96, 64), ground)
    square = (230, 210, 60) if mode == "RGB" else (230, 210, 60, 255)
    ImageDraw.Draw(picture).rectangle((8 + 24 * at, 16, 31 + 24 * at, 47), fill=square)
    return picture


def shown(path: Path) -> list[tuple[int, NDArray[np.int16]]]:
    """When each frame is shown (ms), and its colours."""
    with av.open(str(path)) as container:
        return [
            (round(1000 * (frame.time or 0)), frame.to_ndarray(format="rgb24").astype(np.int16))
            for frame in container.decode(video=0)
        ]


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_an_animation_is_delivered_as_a_video(name: str, tmp_path: Path) -> None:
    """Every frame, when it was shown, with its mark covered."""
    source = tmp_path / name
    frames = [drawn(at) for at in range(3)]
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "loop": 0}
    frames[0].save(source, duration=list(LENGTHS_MS), **options)
    box = "regions: [{label: badge, box: [0, 0, 16, 16], treatment: fill}]"
    result = delivered(source, box)
    assert (result.verdict, result.output.suffix) == ("clean", ".mp4")
    assert any("animation" in warning for warning in result.warnings)
    seen = shown(result.output)
    assert [time for time, _ in seen] == [0, 100, 400]
    for (_, colours), frame in zip(seen, frames, strict=True):
        wanted = np.asarray(frame).astype(np.int16)
        assert np.abs(colours[18:, 18:] - wanted[18:, 18:]).mean() < 8
        assert colours[2:14, 2:14].max() < 40


@pytest.mark.parametrize("name", ["b.gif", "b.webp"])
def test_what_an_animation_hides_is_black(name: str, tmp_path: Path) -> None:
    source = tmp_path / name
    frames = [drawn(at, "RGBA") for at in range(3)]
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=100, disposal=2)
    for _, colours in shown(delivered(source).output):
        assert colours[56:].max() < 12


@pytest.mark.parametrize("name", ["c.bmp", "c.gif"])
def test_a_still_that_is_only_read_becomes_png(name: str, tmp_path: Path) -> None:
    source = tmp_path / name
    drawn(1).save(source)
    result = delivered(source)
    assert (result.verdict, result.output.suffix) == ("clean", ".png")
    with Image.open(result.output) as picture:
        assert np.array_equal(np.asarray(picture.convert("RGB")), np.asarray(drawn(1)))


VIDEO = ["-f", "lavfi", "-i", "testsrc2=s=128x96:r=25:d=1"]
SOUND = ["-f", "lavfi", "-i", "sine=f=440:d=1:r=48000"]
SMALL = [*SOUND, "-ac", "1", "-ar", "8000"]


@pytest.mark.quick(every=12)
@pytest.mark.parametrize(
    ("name", "command", "ending", "codecs"),
    [
        ("a.caf", [*SOUND, "-c:a", "pcm_s16be"], ".wav", ["pcm_s16le"]),
        ("b.caf", [*SOUND, "-c:a", "alac"], ".m4a", ["alac"]),
        ("a.au", [*SMALL, "-c:a", "pcm_mulaw"], ".wav", ["pcm_mulaw"]),
        ("g.wav", [*SMALL, "-c:a", "adpcm_ima_wav"], ".wav", ["pcm_s16le"]),
        ("a.wma", [*SOUND, "-c:a", "wmav2"], ".m4a", ["aac"]),
        ("a.h264", [*VIDEO, "-c:v", "libx264", "-bf", "2"], ".mp4", ["h264"]),
        ("a.hevc", [*VIDEO, "-c:v", "libx265", "-x265-params", "log-level=0"], ".mp4", ["hevc"]),
        ("a.ivf", [*VIDEO, "-c:v", "libvpx"], ".webm", ["vp8"]),
        ("a.mxf", [*VIDEO, *SOUND, "-c:v", "mpeg2video"], ".mov", ["mpeg2video", "pcm_s16le"]),
        ("a.dv", [*VIDEO, *SOUND, "-target", "pal-dv"], ".mp4", ["h264", "aac"]),
        ("a.ogv", [*VIDEO, *SOUND, "-c:v", "libtheora"], ".mp4", ["h264", "aac"]),
        ("m.avi", [*VIDEO, *SMALL, "-c:v", "msmpeg4", "-c:a", "adpcm_ms"], ".mp4", ["h264", "aac"]),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[1:] else "",
)
def test_it_is_delivered_in_what_people_can_play(
    name: str, command: list[str], ending: str, codecs: list[str], tmp_path: Path
) -> None:
    source = tmp_path / name
    subprocess.run(["ffmpeg", "-v", "error", *command, str(source)], check=True)
    pictures = "-c:v" in command or "-target" in command
    box = "regions: [{label: badge, box: [0, 0, 64, 48], treatment: fill}]"
    silent = "mute: [{from: 0.4, to: 0.6}]"
    marks = [box] * pictures + [silent] * ("sine" in " ".join(command))
    result = delivered(source, *marks)
    assert (result.verdict, result.output.suffix) == ("clean", ending)
    with av.open(str(result.output)) as container:
        assert [s.codec_context.codec.canonical_name for s in container.streams] == codecs
    if pictures:
        frames = shown(result.output)
        assert 24 <= len(frames) <= 25
        step = np.diff([time for time, _ in frames])
        assert abs(step - 40).max() <= 1
        for _, colours in frames:
            height, width = colours.shape[0] * 40 // 96, colours.shape[1] * 56 // 128
            assert ".dv" in name or colours[:height, :width].max() < 60
    if silent in marks:
        heard = [
            "ffmpeg",
            "-v",
            "error",
            "-i",
            str(result.output),
            "-vn",
            "-ac",
            "1",
            "-f",
            "s16le",
        ]
        raw = subprocess.run([*heard, "-ar", "8000", "-"], check=True, capture_output=True).stdout
        samples = np.frombuffer(raw, np.int16).astype(float)
        loud = [np.abs(samples[first : first + 800]).max() for first in (800, 3400, 6000)]
        assert loud[1] < 0.05 * min(loud[0], loud[2])
        assert abs(len(samples) - 8000) < 600


def test_what_is_heard_with_a_flash_in_wmv_still_is(tmp_path: Path) -> None:
    """A click is covered at its time, and another stays with the flash that it came with."""
    source, rate = tmp_path / "clap.wmv", 48_000
    light, sound = np.zeros((75, 96, 128), np.uint8), np.zeros(3 * rate, np.int16)
    for second in (1, 2):
        light[25 * second] = 255
        sound[second * rate : second * rate + 2] = (30_000, -30_000)
    (tmp_path / "light.raw").write_bytes(light.tobytes())
    (tmp_path / "sound.raw").write_bytes(sound.tobytes())
    picture = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "128x96", "-r", "25", "-i", "light.raw"]
    clicks = ["-f", "s16le", "-ar", "48000", "-ac", "1", "-i", "sound.raw"]
    kinds = ["-c:v", "wmv2", "-c:a", "wmav2", "-b:a", "128k", source.name]
    command = ["ffmpeg", "-v", "error", *picture, *clicks, *kinds]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = delivered(source, "mute: [{from: 0.98, to: 1.02}]").output
    flashes = [time for time, colours in shown(done) if colours.mean() > 100]
    with av.open(str(done)) as container:
        blocks = [(frame.time or 0, frame.to_ndarray()[0]) for frame in container.decode(audio=0)]
    loud = [time + np.argmax(abs(x)) / rate for time, x in blocks if abs(x).max() > 0.2]
    assert len(flashes) == 2
    assert [round(1000 * at) for at in loud] == [pytest.approx(flashes[1], abs=20)]
