"""PNG: chunks for showing the picture, and a stream that holds the picture only."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from containers.delivering import MARKER, caught, ffmpeg, parts_of, unexpected
from PIL import Image, ImageCms

from mediascrub import StructureError, scrub_still, walk

if TYPE_CHECKING:
    from pathlib import Path

NOISE = Image.effect_noise((75, 49), 60)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    NOISE.convert(mode).save(out, "png", **options)
    return out.getvalue()


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
KINDS = {
    "rgb": png(),
    "rgba": png("RGBA"),
    "palette": png("P"),
    "bits": png("1"),
    "deep": png("I;16"),
    "transparent": png("P", transparency=3),
    "profile": png(icc_profile=PROFILE),
}
PLANTS = {
    "text": (chunk(b"tEXt", b"Author\0" + MARKER), "tEXt"),
    "international text": (chunk(b"iTXt", b"Title\0\0\0\0\0" + MARKER), "iTXt"),
    "private": (chunk(b"prVt", MARKER), "unknown"),
    "exif": (chunk(b"eXIf", b"II*\0" + MARKER), "eXIf"),
    "profile": (chunk(b"iCCP", MARKER + b"\0\0" + zlib.compress(PROFILE)), "iCCP"),
    "suggested palette": (chunk(b"sPLT", MARKER + b"\0\x08"), "sPLT"),
    "animation": (chunk(b"fdAT", MARKER), "fdAT"),
    "long gamma": (chunk(b"gAMA", MARKER), "gAMA"),
    "long palette": (chunk(b"PLTE", MARKER), "PLTE"),
    "palette of no use": (chunk(b"PLTE", MARKER.ljust(768, b"\0")), "PLTE"),
    "second header": (chunk(b"IHDR", MARKER), "IHDR"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", [None, 8])
def test_a_delivered_picture_is_clean(tmp_path: Path, kind: str, orientation: int | None) -> None:
    path = tmp_path / "clean.png"
    path.write_bytes(scrub_still(KINDS[kind], orientation=orientation, common_profile=True))
    parts = parts_of(path, "png")
    assert [part for part in parts if part.role == "unexpected"] == []
    assert any(part.role == "coded" for part in parts)


def test_deep_colours_are_counted_right(tmp_path: Path) -> None:
    source = ("-f", "lavfi", "-i", "testsrc2=s=75x49:d=1", "-frames:v", "1")
    path = ffmpeg(tmp_path / "deep.png", *source, "-pix_fmt", "rgba64be")
    assert unexpected(path, "png") == []


def interlaced() -> bytes:
    """A grey picture of 3 x 2 in Adam7: passes of 1, 0, 0, 1 + 1, 0, 1 and 3 samples."""
    rows = b"\0\x10" + b"\0\x20" + b"\0\x30" + b"\0\x40\x50\x60"
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 1))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_interlaced_pictures_are_counted_right(tmp_path: Path) -> None:
    path = tmp_path / "interlaced.png"
    path.write_bytes(interlaced())
    with Image.open(path) as picture:
        assert picture.size == (3, 2)
        picture.load()
    assert unexpected(path, "png") == []


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, name: str) -> None:
    planted, place = PLANTS[name]
    data = KINDS["rgb"]
    at = data.index(b"IDAT") - 4
    path = tmp_path / "planted.png"
    path.write_bytes(data[:at] + planted + data[at:])
    assert caught(path, "png") == [place]


def test_the_date_of_the_last_change_is_a_date(tmp_path: Path) -> None:
    data = KINDS["rgb"]
    at = data.index(b"IDAT") - 4
    path = tmp_path / "planted.png"
    path.write_bytes(data[:at] + chunk(b"tIME", bytes([7, 230, 1, 2, 3, 4, 5])) + data[at:])
    assert [(part.place, part.hipaa) for part in unexpected(path, "png")] == [("tIME", "C")]


def with_stream(data: bytes, stream: bytes) -> bytes:
    at = data.index(b"IDAT") - 4
    return data[:at] + chunk(b"IDAT", stream) + chunk(b"IEND", b"")


def samples(data: bytes) -> bytes:
    at, packed = 8, b""
    while at < len(data):
        size = struct.unpack_from(">I", data, at)[0]
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + size]
        at += 12 + size
    return zlib.decompress(packed)


def test_what_is_behind_the_samples_is_found(tmp_path: Path) -> None:
    data = KINDS["rgb"]
    path = tmp_path / "planted.png"
    # Behind the compressed stream, and as further rows that no viewer shows.
    path.write_bytes(with_stream(data, zlib.compress(samples(data)) + MARKER))
    assert caught(path, "png") == ["IDAT"]
    path.write_bytes(with_stream(data, zlib.compress(samples(data) + MARKER, 0)))
    assert caught(path, "png") == ["IDAT"]
    path.write_bytes(with_stream(data, zlib.compress(samples(data), 0)))
    assert unexpected(path, "png") == []


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(with_stream(KINDS["rgb"], zlib.compress(bytes(1 << 26))))
    assert [part.place for part in unexpected(path, "png")] == ["IDAT"]


def test_a_wrong_checksum_is_noticed(tmp_path: Path) -> None:
    out = bytearray(KINDS["rgb"])
    out[29] ^= 1
    path = tmp_path / "damaged.png"
    path.write_bytes(out)
    assert "IHDR" in [part.place for part in unexpected(path, "png")]


def test_what_is_behind_the_picture_is_found(tmp_path: Path) -> None:
    path = tmp_path / "planted.png"
    path.write_bytes(KINDS["rgb"] + b"PK\3\4" + MARKER)
    assert caught(path, "png") == ["file"]


def test_real_text_is_found(shared: Path) -> None:
    path = shared / "data" / "metadata" / "mat2_dirty.png"
    assert {"tIME", "iTXt"} <= {part.place for part in unexpected(path, "png")}


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "png"))
