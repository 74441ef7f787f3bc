"""What a recording holds but does not show is not in what is delivered."""

from __future__ import annotations

import struct
import subprocess
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from veilcast.errors import UnsupportedError
from veilcast.manifest import load

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Program

pytestmark = pytest.mark.release

COPYING = "stages:\n  - metadata\n"
X264 = ["-c:v", "libx264", "-preset", "ultrafast"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=none"]
FILTERS = {"h264": "h264_metadata", "hevc": "hevc_metadata"}


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)


def recorded(path: Path, size: str, *options: str) -> Path:
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=0.4", *options, str(path))
    return path


def cropped(folder: Path, codec: str, crop: str, suffix: str = ".mp4") -> Path:
    """A recording of 320 x 160 that shows less of it, by its parameter sets."""
    stream = folder / "stream.ts"
    recorded(stream, "320x160", *(X264 if codec == "h264" else X265))
    part = folder / f"part{suffix}"
    ffmpeg("-i", str(stream), "-c", "copy", "-bsf:v", f"{FILTERS[codec]}={crop}", str(part))
    return part


def size_of(path: Path) -> tuple[int, int]:
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        return frame.width, frame.height


def picture(path: Path) -> NDArray[np.int16]:
    """The luma of the first frame."""
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="gray").astype(np.int16)


def uncropped(path: Path, codec: str, folder: Path) -> tuple[int, int]:
    """What anybody can have shown again."""
    whole = folder / "whole.mkv"
    crop = f"{FILTERS[codec]}=crop_left=0:crop_right=0:crop_top=0:crop_bottom=0"
    ffmpeg("-i", str(path), "-map", "0:v", "-c", "copy", "-bsf:v", crop, str(whole))
    return size_of(whole)


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@pytest.mark.quick(every=6)
@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
@pytest.mark.parametrize(
    ("codec", "crop", "shown"),
    [
        ("h264", "crop_right=160", (160, 160)),
        ("h264", "crop_bottom=64", (320, 96)),
        ("hevc", "crop_right=160", (160, 160)),
    ],
)
def test_hidden_margins_are_gone(
    program: Program, tmp_path: Path, codec: str, crop: str, shown: tuple[int, int], suffix: str
) -> None:
    source = cropped(tmp_path, codec, crop, suffix)
    assert size_of(source) == shown
    assert uncropped(source, codec, tmp_path) == (320, 160)
    delivered = program.run(source, program.profile(COPYING)).output
    assert size_of(delivered) == shown
    assert uncropped(delivered, codec, tmp_path) == shown


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("columns", [8, 80])
def test_a_margin_at_the_left_is_gone_to_the_column(
    program: Program, tmp_path: Path, columns: int
) -> None:
    """FFmpeg by itself shows a part of what is cropped there."""
    source = cropped(tmp_path, "h264", f"crop_left={columns}")
    outcome = program.run(source, program.profile(COPYING))
    (said,) = load(outcome.manifest.read_bytes())["input"]["conformed"]
    assert said["rule"] == "decoded"
    assert size_of(outcome.output) == (320 - columns, 160)
    assert uncropped(outcome.output, "h264", tmp_path) == (320 - columns, 160)
    whole = picture(recorded(tmp_path / "again.ts", "320x160", *X264))
    assert abs(picture(outcome.output) - whole[:, columns:]).mean() < 2


def test_a_margin_that_begins_later_is_gone(program: Program, tmp_path: Path) -> None:
    """Both parts show as much, so that nothing else of the recording changes."""
    plain = recorded(tmp_path / "plain.ts", "160x160", *X264)
    source = tmp_path / "both.ts"
    for _ in range(5):  # beyond what is looked at before copying begins
        with source.open("ab") as both:
            both.write(plain.read_bytes())
    with source.open("ab") as both:
        both.write(cropped(tmp_path, "h264", "crop_right=160", ".ts").read_bytes())
    fixed = tmp_path / "fixed.mkv"
    ffmpeg("-i", f"concat:{source}", "-c", "copy", "-bsf:v", "setts=ts=N*40", str(fixed))
    delivered = program.run(fixed, program.profile(COPYING)).output
    assert uncropped(delivered, "h264", tmp_path) == (160, 160)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    ("size", "options"),
    [
        ("1920x1080", X264),
        ("1920x1080", [*X264, "-flags", "+ildct+ilme", "-x264-params", "tff=1"]),
        ("1920x1080", X265),
        ("322x178", X264),
        ("322x178", X265),
    ],
)
def test_margins_of_blocks_are_no_reason_to_encode(
    program: Program, tmp_path: Path, size: str, options: list[str]
) -> None:
    source = recorded(tmp_path / "plain.mp4", size, *options)
    delivered = program.run(source, program.profile(COPYING)).output
    before, after = packets(source), packets(delivered)
    assert after[1:] == before[1:]  # the first one has the encoder's settings in it


def test_cropping_by_matroska_is_refused(program: Program, tmp_path: Path) -> None:
    source = recorded(tmp_path / "plain.mkv", "320x160", *X264)
    edit = ["--edit", "track:v1", "--set", "pixel-crop-right=100"]
    subprocess.run(["mkvpropedit", "-q", str(source), *edit], check=True)
    with pytest.raises(UnsupportedError, match="not to be shown"):
        program.run(source, program.profile(COPYING))


@pytest.mark.parametrize(("width", "refused"), [(702, False), (600, True)])
def test_a_clean_aperture_that_hides_much_is_refused(
    program: Program, tmp_path: Path, width: int, refused: bool
) -> None:
    """Television's margins are no secret: 702 of 720 columns are the picture (ITU-R BT.601)."""
    source = recorded(tmp_path / "plain.mov", "720x160", *X264)
    aperture = struct.pack(">I4s8I", 40, b"clap", width, 1, 160, 1, 0, 1, 0, 1)
    data = bytearray(source.read_bytes())
    end = data.index(b"avc1") - 4
    end += int.from_bytes(data[end : end + 4])
    data[end:end] = aperture
    for code in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"):
        at = data.index(code) - 4
        size = int.from_bytes(data[at : at + 4]) + len(aperture)
        data[at : at + 4] = size.to_bytes(4)
    source.write_bytes(data)
    profile = program.profile(COPYING)
    if refused:
        with pytest.raises(UnsupportedError, match="not to be shown"):
            program.run(source, profile)
    else:
        assert size_of(program.run(source, profile).output) == (720, 160)
