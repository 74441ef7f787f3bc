"""NUT: headers of numbers, frames that fill the space between them, and nothing else."""

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
    "ffv1": (*PICTURE, *NOISE, "-c:v", "ffv1", "-c:a", "pcm_s16le"),
    "h264": (*PICTURE, *NOISE, "-c:v", "libx264", "-c:a", "aac"),
    "vorbis": (*PICTURE, *NOISE, "-c:v", "libvpx-vp9", "-c:a", "libvorbis"),
    "raw": (*PICTURE, "-c:v", "rawvideo", "-pix_fmt", "nv12"),
    "sound": (*NOISE, "-c:a", "pcm_s24le"),
}
SYNC, INDEX = b"NK\xe4\xad\xee\xca\x45\x69", b"NX\xdd\x67\x2f\x23\xe6\x4e"
INFO = b"NI\xab\x68\xb5\x96\xba\x78"


def crc(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value >> 31 else value << 1
    return value


def packet(code: bytes, body: bytes) -> bytes:
    return code + bytes([len(body) + 4]) + body + struct.pack(">I", crc(body))


def info(name: bytes, value: bytes, chapter: int = 0) -> bytes:
    item = bytes([len(name)]) + name + b"\x02" + bytes([len(value)]) + value
    return packet(INFO, bytes([1, chapter, 0, 0, 1]) + item)


def before(code: bytes, what: bytes, number: int = 1) -> Callable[[bytes], bytes]:
    def plant(data: bytes) -> bytes:
        at = 0
        for _ in range(number):
            at = data.index(code, at + 1)
        return data[:at] + what + data[at:]

    return plant


PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "title": (before(SYNC, info(b"Title", MARKER)), "info"),
    "a name as a name": (before(SYNC, info(MARKER, b"x")), "info"),
    "no frame rate": (before(SYNC, info(b"r_frame_rate", MARKER)), "info"),
    "chapter": (before(SYNC, info(b"Title", MARKER, chapter=2)), "info"),
    "behind": (lambda data: data + MARKER, "file"),
    "another packet behind": (lambda data: data + info(b"Title", MARKER), "file"),
    "between frames": (before(INDEX, MARKER), "frames"),
    "in a syncpoint": (before(SYNC, packet(SYNC, b"\x01\x00" + MARKER)), "syncpoint"),
    "an index of text": (before(INDEX, packet(INDEX, MARKER)), "index"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("nut")
    source = ffmpeg(folder / "source.nut", *STREAMS["ffv1"])
    return deliver(source, folder / "delivered.nut").read_bytes()


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_file_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.nut", *STREAMS[name])
    parts = parts_of(deliver(source, tmp_path / "out.nut"), "nut")
    assert [part for part in parts if part.role == "unexpected"] == []
    assert any(part.role == "coded" for part in parts)


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str) -> None:
    plant, place = PLANTS[name]
    path = tmp_path / "planted.nut"
    path.write_bytes(plant(clean))
    assert place in caught(path, "nut")


def test_tags_of_other_programs_are_found(tmp_path: Path) -> None:
    path = ffmpeg(
        tmp_path / "tagged.nut", *STREAMS["sound"], "-metadata", "title=Jane Roe MRN 4711"
    )
    assert caught(path, "nut") == ["info"]
    assert "info" in [part.place for part in unexpected(path, "nut")]


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER * 10)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "nut"))
