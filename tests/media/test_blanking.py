"""Boxes that FFmpeg's muxer copies beside the streams are free space in what is delivered."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import planting
import pytest

from mediascrub import walk
from veilcast.media.blanking import blank_boxes
from veilcast.media.container import remux
from veilcast.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path


def hashes(path: Path) -> str:
    """What ffmpeg shows of every frame, and when."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "framemd5", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", ["mp4 protection system's data", "mp4 colour profile"])
def test_what_delivery_leaves_of_it_is_room(tmp_path: Path, name: str) -> None:
    planted = planting.plant(name, tmp_path)
    out = tmp_path / "out.mp4"
    remux(planted.path, out, probe(planted.path), progress=lambda activity, done, total: None)
    parts = list(walk(out, "mp4"))
    assert [part for part in parts if part.role == "unexpected"] == []
    assert any(part.kind == "free space" for part in parts)
    assert planting.WORD.encode() not in out.read_bytes()
    assert hashes(out) == hashes(planted.path)


def test_nothing_else_is_touched(tmp_path: Path) -> None:
    """A colour description by numbers stays, and so does every byte of the file."""
    planted = planting.plant("mp4 protection system's data", tmp_path)
    path = tmp_path / "numbers.mp4"
    colours = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
    source = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x48:d=0.2"]
    subprocess.run([*source, *colours, "-movflags", "+write_colr", str(path)], check=True)
    before = path.read_bytes()
    assert b"nclx" in before
    blank_boxes(path)
    assert path.read_bytes() == before

    blank_boxes(planted.path)
    boxes = planted.path.read_bytes()
    assert b"pssh" not in boxes
    assert planting.WORD.encode() not in boxes
