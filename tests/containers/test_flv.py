"""FLV: tags of picture and sound, and numbers about them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from containers.delivering import (
    MARKER,
    NOISE,
    PICTURE,
    caught,
    deliver,
    ffmpeg,
    parts_of,
    unexpected,
)

from mediascrub import StructureError, walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STREAMS = {
    "h264": (*PICTURE, *NOISE, "-c:v", "libx264", "-c:a", "aac"),
    "flv1": (*PICTURE, *NOISE, "-c:v", "flv", "-c:a", "mp3", "-ar", "44100"),
    "sound": (*NOISE, "-c:a", "aac"),
}


def tag(kind: int, data: bytes, stream: bytes = b"\0\0\0") -> bytes:
    head = bytes([kind]) + len(data).to_bytes(3) + bytes(4) + stream
    return head + data + struct.pack(">I", len(data) + 11)


def script(name: bytes, value: bytes) -> bytes:
    member = struct.pack(">H", len(name)) + name + value
    return tag(18, b"\x02\0\x0aonMetaData\x08\0\0\0\1" + member + b"\0\0\x09")


TEXT = b"\x02" + struct.pack(">H", len(MARKER)) + MARKER
PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "encoder": (lambda data: data + script(b"encoder", TEXT), "script data"),
    "text for a number": (lambda data: data + script(b"width", TEXT), "script data"),
    "name of a number": (lambda data: data + script(MARKER, b"\0" + bytes(8)), "script data"),
    "cue point": (lambda data: data + tag(18, b"\x02\0\x0aonCuePoint" + TEXT), "script data"),
    "command": (lambda data: data + tag(9, b"\x52" + MARKER), "video/command"),
    "private": (lambda data: data + tag(15, MARKER), "unknown"),
    "encrypted": (lambda data: data + tag(8 | 0x20, MARKER), "unknown"),
    "behind": (lambda data: data + MARKER, "file"),
    "between tags": (lambda data: data[:13] + MARKER + data[13:], "file"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("flv")
    source = ffmpeg(folder / "source.flv", *STREAMS["h264"])
    return deliver(source, folder / "delivered.flv").read_bytes()


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_file_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.flv", *STREAMS[name])
    parts = parts_of(deliver(source, tmp_path / "out.flv"), "flv")
    assert [part.role for part in parts] == ["structure", "structure", "coded"]


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str) -> None:
    plant, place = PLANTS[name]
    path = tmp_path / "planted.flv"
    path.write_bytes(plant(clean))
    assert set(caught(path, "flv")) == {place}


def test_a_stream_number_says_nothing(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "planted.flv"
    path.write_bytes(clean + tag(8, b"\xaf\1" + bytes(20), stream=b"JRo"))
    assert [part.place for part in unexpected(path, "flv")] == ["tag"]


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "flv"))
