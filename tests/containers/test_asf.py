"""ASF: objects of numbers, packets of picture and sound, and zeros."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING
from uuid import UUID

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
    "wmv2": (*PICTURE, *NOISE, "-c:v", "wmv2", "-c:a", "wmav2"),
    "msmpeg4": (*PICTURE, *NOISE, "-c:v", "msmpeg4", "-c:a", "wmav1"),
    "h264": (*PICTURE, *NOISE, "-c:v", "libx264", "-c:a", "mp3"),
    "sound": (*NOISE, "-c:a", "wmav2"),
}
TEXT = MARKER.decode().encode("utf-16-le")


def thing(guid: str, data: bytes) -> bytes:
    return UUID(guid).bytes_le + struct.pack("<Q", 24 + len(data)) + data


def in_header(what: bytes) -> Callable[[bytes], bytes]:
    """As the last object of the header."""

    def plant(data: bytes) -> bytes:
        size, count = struct.unpack_from("<QI", data, 16)
        head = data[:16] + struct.pack("<QI", size + len(what), count + 1) + data[28:size]
        return head + what + data[size:]

    return plant


EXTENSION = UUID("5FBF03B5-A92E-11CF-8EE3-00C00C205365").bytes_le


def in_extension(what: bytes) -> Callable[[bytes], bytes]:
    """Inside the header extension."""

    def plant(data: bytes) -> bytes:
        at = data.index(EXTENSION)
        size = struct.unpack_from("<Q", data, at + 16)[0]
        inner = struct.unpack_from("<I", data, at + 42)[0]
        out = bytearray(data)
        struct.pack_into("<Q", out, at + 16, size + len(what))
        struct.pack_into("<I", out, at + 42, inner + len(what))
        whole = struct.unpack_from("<Q", out, 16)[0]
        struct.pack_into("<Q", out, 16, whole + len(what))
        return bytes(out[: at + size] + what + out[at + size :])

    return plant


def overwritten(guid: str, offset: int, what: bytes = MARKER) -> Callable[[bytes], bytes]:
    def plant(data: bytes) -> bytes:
        at = data.index(UUID(guid).bytes_le) + offset
        return data[:at] + what + data[at + len(what) :]

    return plant


def in_packet_padding(data: bytes) -> bytes:
    """The last packet is not full."""
    index = data.index(UUID("33000890-E5B1-11CF-89F4-00A0C90349CB").bytes_le)
    assert not any(data[index - 60 : index])
    return data[: index - 60] + MARKER + data[index - 60 + len(MARKER) :]


def other_stream(data: bytes) -> bytes:
    """A data packet for a stream that nothing describes."""
    at = data.index(UUID("75B22636-668E-11CF-A6D9-00AA0062CE6C").bytes_le)
    size = struct.unpack_from("<Q", data, at + 16)[0]
    body = b"\x82\0\0\x10\x5d" + struct.pack("<H", 3200 - 300) + bytes(6) + b"\x09\0"
    packet = (body + bytes(4) + b"\x08" + bytes(8) + MARKER).ljust(3200, b"\0")
    out = bytearray(data)
    struct.pack_into("<Q", out, at + 16, size + 3200)
    return bytes(out[: at + size] + packet + out[at + size :])


FILE = "8CABDCA1-A947-11CF-8EE4-00C00C205365"
PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "title": (
        in_header(thing("75B22633-668E-11CF-A6D9-00AA0062CE6C", bytes(10) + MARKER)),
        "Header/Content_Description",
    ),
    "tags": (
        in_header(thing("D2D0A440-E307-11D2-97F0-00A0C95EA850", MARKER)),
        "Header/Extended_Content_Description",
    ),
    "script": (
        in_header(thing("1EFB1A30-0B62-11D0-A39B-00A0C90348F6", MARKER)),
        "Header/Script_Command",
    ),
    "markers": (
        in_header(thing("F487CD01-A951-11CF-8EE6-00C00C205365", MARKER)),
        "Header/Marker",
    ),
    "padding": (
        in_header(thing("1806D474-CADF-4509-A4BA-9AABCB96AAE8", bytes(9) + MARKER)),
        "Header/Padding",
    ),
    "private": (in_header(thing("4A616E65-2052-6F65-204D-524E34373131", MARKER)), "Header/unknown"),
    "library": (
        in_extension(thing("44231C94-9498-49D1-A141-1D134E457054", MARKER)),
        "Header/Header_Extension/Metadata_Library",
    ),
    "metadata": (
        in_extension(thing("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA", MARKER)),
        "Header/Header_Extension/Metadata",
    ),
    "stream names": (
        in_extension(thing("14E6A5CB-C672-4332-8399-A96952065B5A", MARKER)),
        "Header/Header_Extension/Extended_Stream_Properties",
    ),
    "room in the extension": (
        in_extension(thing("1806D474-CADF-4509-A4BA-9AABCB96AAE8", MARKER)),
        "Header/Header_Extension/Padding",
    ),
    "padding of a packet": (in_packet_padding, "Data/packets"),
    "packet of no stream": (other_stream, "Data/packets"),
    "index": (overwritten("33000890-E5B1-11CF-89F4-00A0C90349CB", 60), "Simple_Index"),
    "other index": (
        lambda data: data + thing("D6E229D3-35DA-11D1-9034-00A0C90349BE", MARKER),
        "file/Index",
    ),
    "behind": (lambda data: data + MARKER * 3, "file"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("asf")
    source = ffmpeg(folder / "source.wmv", *STREAMS["wmv2"])
    return deliver(source, folder / "delivered.wmv").read_bytes()


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_file_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.wmv", *STREAMS[name])
    assert unexpected(deliver(source, tmp_path / "out.wmv"), "wmv") == []


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str) -> None:
    plant, place = PLANTS[name]
    path = tmp_path / "planted.wmv"
    path.write_bytes(plant(clean))
    assert set(caught(path, "wmv")) == {place}


def test_names_of_codecs_can_be_no_other_names(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "planted.wmv"
    name = "Windows Media Audio V8".encode("utf-16-le")
    other = "Jane Roe, MRN 47110000".encode("utf-16-le")
    path.write_bytes(clean.replace(name, other))
    assert caught(path, "wmv", other) == ["Header/Codec_List"]


def test_identifier_and_date_of_the_file_are_told_apart(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "planted.wmv"
    dated = overwritten(FILE, 48, struct.pack("<Q", 133_000_000_000_000_000))(clean)
    path.write_bytes(overwritten(FILE, 24, b"JaneRoe471100000")(dated))
    found = unexpected(path, "wmv")
    assert [part.place for part in found] == [
        "Header/File_Properties/File_ID",
        "Header/File_Properties/date",
    ]
    assert [part.hipaa for part in found] == ["", "C"]


def test_real_tags_are_found(shared: Path) -> None:
    path = shared / "data" / "metadata" / "mat2_dirty.wmv"
    assert "Header/Extended_Content_Description" in [part.place for part in unexpected(path, "wmv")]


def test_the_sound_of_a_dirty_file_is_not_accused(tmp_path: Path) -> None:
    path = ffmpeg(tmp_path / "source.wmv", *STREAMS["wmv2"], "-metadata", "title=Jane Roe MRN 4711")
    description = "Header/Content_Description", "Header/Extended_Content_Description"
    assert set(caught(path, "wmv", TEXT)) == set(description)
    assert any(part.role == "coded" for part in parts_of(path, "wmv"))


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER * 10)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "wmv"))
