"""Program streams: packs of picture and sound, padding, and nothing beside them."""

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
    "mpeg2": (*PICTURE, *NOISE, "-c:v", "mpeg2video", "-c:a", "mp2", "-f", "vob"),
    "ac3": (*PICTURE, *NOISE, "-c:v", "mpeg2video", "-c:a", "ac3", "-f", "vob"),
    "mpeg1": (*PICTURE, *NOISE, "-c:v", "mpeg1video", "-c:a", "mp2", "-f", "mpeg"),
    "lpcm": (*PICTURE, *NOISE, "-c:v", "mpeg2video", "-c:a", "pcm_s16be", "-f", "vob"),
}


def packet(kind: int, body: bytes) -> bytes:
    return b"\0\0\1" + bytes([kind]) + struct.pack(">H", len(body)) + body


def put(what: bytes) -> Callable[[bytes], bytes]:
    """Before the second pack."""

    def plant(data: bytes) -> bytes:
        at = data.index(b"\0\0\1\xba", 20)
        return data[:at] + what + data[at:]

    return plant


def pack_stuffing(data: bytes) -> bytes:
    out = bytearray(data)
    out[13] |= 7
    return bytes(out[:14] + b"JaneRoe" + out[14:])


HEADER = b"\x80\x81"
PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "navigation": (put(packet(0xBF, MARKER)), "private stream 2"),
    "picture subtitles": (put(packet(0xBD, b"\x80\0\0\x20" + MARKER)), "private stream 1"),
    "private data": (put(packet(0xBD, b"\x80\0\0\x10" + MARKER)), "private stream 1"),
    "padding": (put(packet(0xBE, b"\xff" * 20 + MARKER)), "packs/padding"),
    "map": (put(packet(0xBC, MARKER)), "PSM"),
    "directory": (put(packet(0xFF, MARKER)), "PSD"),
    "metadata": (put(packet(0xFC, MARKER)), "metadata"),
    "system header": (put(packet(0xBB, b"\x80\0\1\4\xe1\xff" + MARKER)), "packs/system header"),
    "header, private": (
        put(packet(0xE0, HEADER + b"\x17" + b"!1234" + b"\x80" + MARKER)),
        "packets/header",
    ),
    "header, stuffing": (put(packet(0xE0, b"\x80\0\x11" + MARKER + b"x")), "packets/header"),
    "between packs": (put(MARKER), "file"),
    "in front": (lambda data: b"<html>" + MARKER + data, "file"),
    "behind": (lambda data: data + MARKER, "file"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("mpg")
    source = ffmpeg(folder / "source.mpg", *STREAMS["mpeg2"])
    return deliver(source, folder / "delivered.mpg").read_bytes()


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_file_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.mpg", *STREAMS[name])
    parts = parts_of(deliver(source, tmp_path / "out.mpg"), "mpg")
    assert [part for part in parts if part.role == "unexpected"] == []
    assert any(part.role == "coded" for part in parts)


def test_packets_of_mpeg_1_are_understood(tmp_path: Path) -> None:
    head = b"\0\0\1\xba\x21\0\1\0\1\x80\x1b\x91"
    video = packet(0xE0, b"\xff\xff\x60\x2e\x31\0\1\0\1\x11\0\1\0\1" + b"\0\0\1\xb3" + bytes(40))
    sound = packet(0xC0, b"\xff\x40\x20\x21\0\1\0\1" + bytes(40))
    path = tmp_path / "old.mpg"
    path.write_bytes(head + video + sound + packet(0xE0, b"\x0f" + bytes(9)) + b"\0\0\1\xb9")
    assert unexpected(path, "mpg") == []


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str) -> None:
    plant, place = PLANTS[name]
    path = tmp_path / "planted.mpg"
    path.write_bytes(plant(clean))
    assert set(caught(path, "mpg")) == {place}


def test_stuffing_of_a_pack_can_hold_nothing(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "planted.mpg"
    path.write_bytes(pack_stuffing(clean))
    assert caught(path, "mpg", b"JaneRoe") == ["packs/header"]


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER * 10)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "mpg"))
