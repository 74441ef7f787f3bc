"""Ogg: pages with checksums, headers of numbers, comments that are empty."""

from __future__ import annotations

import struct
import subprocess
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
    "opus": (*NOISE, "-c:a", "libopus"),
    "vorbis": (*NOISE, "-c:a", "libvorbis"),
    "flac": (*NOISE, "-c:a", "flac"),
    "speex": (*NOISE, "-c:a", "libspeex", "-ar", "16000"),
    "theora": (*PICTURE, *NOISE, "-c:v", "libtheora", "-c:a", "libvorbis"),
    "vp8": (*PICTURE, *NOISE, "-c:v", "libvpx", "-c:a", "libopus"),
}


def crc(data: bytes) -> int:
    """The checksum of pages, bit by bit as in RFC 3533, 6."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value >> 31 else value << 1
    return value


def page(serial: int, number: int, *packets: bytes, flags: int = 0, position: int = 0) -> bytes:
    lacing = b"".join(b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in packets)
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, serial, number, 0, len(lacing))
    whole = head + lacing + b"".join(packets)
    return whole[:22] + struct.pack("<I", crc(whole)) + whole[26:]


def pages(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(data):
        count = data[at + 26]
        size = 27 + count + sum(data[at + 27 : at + 27 + count])
        found.append(data[at : at + size])
        at += size
    return found


def commented(data: bytes, body: bytes) -> bytes:
    """With another comment header."""
    first, _, *rest = pages(data)
    serial = struct.unpack_from("<I", first, 14)[0]
    return first + page(serial, 1, b"OpusTags" + body) + b"".join(rest)


def comments(vendor: bytes, *tags: bytes) -> bytes:
    listed = b"".join(struct.pack("<I", len(tag)) + tag for tag in tags)
    return struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(tags)) + listed


def beside(first: bytes) -> Callable[[bytes], bytes]:
    """Another stream beside the sound."""

    def plant(data: bytes) -> bytes:
        head, *rest = pages(data)
        return head + page(9, 0, first, flags=2) + page(9, 1, MARKER) + b"".join(rest)

    return plant


def after(number: int, what: bytes) -> Callable[[bytes], bytes]:
    return lambda data: b"".join([*pages(data)[:number], what, *pages(data)[number:]])


def chained(data: bytes) -> bytes:
    head = b"OpusHead\1\1" + struct.pack("<HIhB", 312, 48_000, 0, 0)
    more = page(77, 0, head, flags=2) + page(77, 1, b"OpusTags" + comments(b"", b"T=" + MARKER))
    return data + more


def of_same_stream(data: bytes) -> bytes:
    """A page with a number that was there already, which players pass over."""
    serial = struct.unpack_from("<I", data, 14)[0]
    return after(3, page(serial, 2, MARKER))(data)


PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "vendor": (lambda data: commented(data, comments(MARKER)), "page/comments"),
    "tag": (lambda data: commented(data, comments(b"ffmpeg", b"TITLE=" + MARKER)), "page/comments"),
    "behind the tags": (lambda data: commented(data, comments(b"") + MARKER), "page/comments"),
    "cover": (
        lambda data: commented(data, comments(b"", b"METADATA_BLOCK_PICTURE=" + MARKER * 1000)),
        "page/comments",
    ),
    "skeleton": (beside(b"fishead\0" + bytes(60)), "Skeleton"),
    "subtitles": (beside(b"\x80kate\0\0\0" + bytes(60)), "Kate"),
    "unheard-of stream": (beside(b"janeroe" + bytes(20)), "unknown stream"),
    "chained": (chained, "page"),
    "page of no stream": (after(3, page(4711, 0, MARKER)), "page"),
    "page again": (of_same_stream, "page"),
    "between pages": (after(3, MARKER), "file"),
    "behind": (lambda data: data + b"PK\3\4" + MARKER, "file"),
    "damaged page": (
        after(3, page(4711, 0, MARKER)[:-1] + b"?"),
        "file",
    ),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("ogg")
    source = ffmpeg(folder / "source.ogg", *STREAMS["opus"], "-page_duration", "100000")
    return deliver(source, folder / "delivered.ogg").read_bytes()


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_file_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.ogg", *STREAMS[name])
    parts = parts_of(deliver(source, tmp_path / "out.ogg"), "ogg")
    assert {part.role for part in parts} == {"coded"}


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str) -> None:
    plant, place = PLANTS[name]
    path = tmp_path / "planted.ogg"
    path.write_bytes(plant(clean))
    marker = MARKER if name != "damaged page" else MARKER[:-1]
    assert set(caught(path, "ogg", marker)) == {place}


@pytest.mark.parametrize("name", ["vorbis", "theora", "flac", "speex"])
def test_tags_of_every_codec_are_found(tmp_path: Path, name: str) -> None:
    path = tmp_path / "tagged.ogg"
    ffmpeg(path, *STREAMS[name], "-metadata", f"title={MARKER.decode()}")
    assert set(caught(path, "ogg")) == {"page/comments"}
    assert any(part.role == "coded" for part in parts_of(path, "ogg"))


def test_real_tags_are_found(shared: Path) -> None:
    path = shared / "data" / "metadata" / "mat2_dirty.ogg"
    assert [part.place for part in unexpected(path, "ogg")] == ["page/comments"]


def test_the_sound_is_what_is_not_accused(tmp_path: Path, clean: bytes) -> None:
    """Cutting all unexpected parts out leaves a file that plays."""
    path = tmp_path / "planted.ogg"
    path.write_bytes(PLANTS["between pages"][0](clean))
    data = path.read_bytes()
    kept = b"".join(data[p.start : p.end] for p in parts_of(path, "ogg") if p.role != "unexpected")
    assert kept == clean
    path.write_bytes(kept)
    subprocess.run(["ffprobe", "-v", "error", str(path)], check=True)


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(b"GIF89a" + MARKER)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "ogg"))
