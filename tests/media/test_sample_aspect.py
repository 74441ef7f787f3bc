"""Pixels that are not square stay so in a copy, or it is not made."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from veilcast.errors import UnsupportedError
from veilcast.media.container import remux
from veilcast.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4"]
NARROW = ["-vf", "setsar=12/11"]


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress is of no interest here."""


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)


def aspects(source: Path, folder: Path) -> list[Fraction]:
    out = folder / f"out{source.suffix}"
    remux(source, out, probe(source), progress=silent)
    videos = [probe(path).video for path in (source, out)]
    return [video.sample_aspect for video in videos if video is not None]


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("h264.mkv", "libx264"),
        ("h264.mp4", "libx264"),
        ("part2.avi", "mpeg4"),
        ("mjpeg.mov", "mjpeg"),
        ("prores.mov", "prores_ks"),
    ],
)
def test_pixels_keep_their_shape(tmp_path: Path, name: str, codec: str) -> None:
    source = tmp_path / name
    ffmpeg(*PICTURE, *NARROW, "-c:v", codec, str(source))
    assert aspects(source, tmp_path) == [Fraction(12, 11)] * 2


def test_a_shape_that_only_the_container_tells_is_kept_in_mp4(tmp_path: Path) -> None:
    square, source = tmp_path / "square.mp4", tmp_path / "told.mp4"
    ffmpeg(*PICTURE, "-c:v", "libx264", str(square))
    ffmpeg("-i", str(square), "-c", "copy", "-aspect", "2:1", str(source))
    assert aspects(source, tmp_path) == [Fraction(3, 2)] * 2


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "ffv1"), ("a.webm", "libvpx"), ("a.avi", "huffyuv")]
)
def test_a_shape_that_a_muxer_is_not_told_is_no_fault(
    tmp_path: Path, name: str, codec: str
) -> None:
    source = tmp_path / name
    ffmpeg(*PICTURE, *NARROW, "-c:v", codec, str(source))
    with pytest.raises(UnsupportedError, match="setsar=1"):
        remux(source, tmp_path / f"out{source.suffix}", probe(source), progress=silent)
