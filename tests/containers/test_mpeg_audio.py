"""MP3: frame after frame, and no tag in front, behind or in the middle."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from containers.delivering import MARKER, NOISE, caught, deliver, ffmpeg, parts_of, unexpected

from mediascrub import StructureError, walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STREAMS = {
    "constant": (),
    "variable": ("-q:a", "4", "-ac", "2"),
    "low rate": ("-ar", "22050", "-b:a", "32k"),
    "44100": ("-ar", "44100", "-b:a", "128k"),
}
ID3 = b"ID3\4\0\0\0\0\0\x11" + MARKER


def ape(flags: int) -> bytes:
    item = struct.pack("<II", len(MARKER), 0) + b"Title\0" + MARKER
    return b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32, 1, flags) + bytes(8) + item


def after_frames(what: bytes) -> Callable[[bytes], bytes]:
    """Between two frames, somewhere in the middle; frames of constant size are 192 bytes."""
    return lambda data: data[: 192 * 20] + what + data[192 * 20 :]


def in_xing(offset: int, what: bytes = MARKER) -> Callable[[bytes], bytes]:
    def plant(data: bytes) -> bytes:
        at = data.index(b"Info") + offset
        return data[:at] + what + data[at + len(what) :]

    return plant


PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "ID3v2": (lambda data: ID3 + data, "ID3v2"),
    "ID3v2 in the middle": (after_frames(ID3), "ID3v2"),
    "ID3v1": (lambda data: data + b"TAG" + MARKER.ljust(125, b" "), "ID3v1"),
    "APE": (lambda data: data + ape(0xA0000000), "APE"),
    "Lyrics3": (lambda data: data + b"LYRICSBEGIN" + MARKER + b"000028LYRICS200", "Lyrics3"),
    "behind": (lambda data: data + MARKER * 3, "file"),
    "a page in front": (lambda data: b"<html>" + MARKER + b"</html>" + data, "file"),
    "between frames": (after_frames(MARKER), "file"),
    "name of the encoder": (in_xing(8 + 4 + 4 + 100 + 4), "frames/Xing"),
    "behind the numbers": (in_xing(8 + 4 + 4 + 100 + 4 + 36 - 7), "frames/Xing"),
    "table": (in_xing(8 + 4 + 4 + 20), "frames/Xing"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("mp3")
    source = ffmpeg(folder / "source.mp3", *NOISE)
    return deliver(source, folder / "delivered.mp3").read_bytes()


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_file_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.mp3", *NOISE, *STREAMS[name])
    parts = parts_of(deliver(source, tmp_path / "out.mp3"), "mp3")
    assert [part.role for part in parts] == ["structure", "coded"]


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str) -> None:
    plant, place = PLANTS[name]
    path = tmp_path / "planted.mp3"
    path.write_bytes(plant(clean))
    assert set(caught(path, "mp3")) == {place}


def test_frames_go_on_behind_what_is_foreign(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "planted.mp3"
    path.write_bytes(after_frames(MARKER)(clean))
    parts = parts_of(path, "mp3")
    assert sum(p.end - p.start for p in parts if p.role == "unexpected") == len(MARKER)


def test_frames_of_free_format_are_not_vouched_for(tmp_path: Path, clean: bytes) -> None:
    out = bytearray(clean)
    for at in range(0, len(out), 192):
        if out[at] == 0xFF:
            out[at + 2] &= 0x0F
    path = tmp_path / "free.mp3"
    path.write_bytes(out)
    with pytest.raises(StructureError):
        list(walk(path, "mp3"))


def test_real_tags_are_found(shared: Path) -> None:
    path = shared / "data" / "metadata" / "mat2_dirty.mp3"
    assert "ID3v2" in [part.place for part in unexpected(path, "mp3")]
