"""TIFF: the picture that is shown, what its tags point to, and nothing beside them."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import pytest
from containers.delivering import MARKER, caught, parts_of, unexpected
from PIL import Image

from mediascrub import StructureError, walk

if TYPE_CHECKING:
    from pathlib import Path

NOISE = Image.effect_noise((75, 49), 60)


def tiff(mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    NOISE.convert(mode).save(out, "tiff", **options)
    return out.getvalue()


KINDS = {
    "raw": tiff(),
    "deflate": tiff(compression="tiff_deflate"),
    "lzw": tiff(compression="tiff_lzw"),
    "jpeg": tiff(compression="jpeg"),
    "fax": tiff("1", compression="group4"),
    "palette": tiff("P"),
    "alpha": tiff("RGBA"),
    "resolution": tiff(dpi=(300, 300)),
    "big": tiff(big_tiff=True),
}


def with_maker_notes() -> bytes:
    """A picture with an EXIF directory behind it, as cameras write it."""
    data = tiff()
    (count,) = struct.unpack_from("<H", data, 8)
    at = len(data)
    exif = at + 2 + 12 * (count + 1) + 4
    entries = data[10 : 10 + 12 * count] + struct.pack("<HHII", 0x8769, 4, 1, exif)
    notes = struct.pack("<HHHIII", 1, 0x927C, 7, len(MARKER), exif + 18, 0) + MARKER
    directory = struct.pack("<H", count + 1) + entries + bytes(4)
    return data[:4] + struct.pack("<I", at) + data[8:] + directory + notes


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_picture_is_clean(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "plain.tiff"
    path.write_bytes(KINDS[kind])
    parts = parts_of(path, "tiff")
    assert [part for part in parts if part.role == "unexpected"] == []
    coded = sum(part.end - part.start for part in parts if part.role == "coded")
    assert coded > len(KINDS[kind]) * 0.6


PLANTS = {
    "description": (tiff(description=MARKER.decode()), "IFD/ImageDescription"),
    "software": (tiff(software=MARKER.decode()), "IFD/Software"),
    "author": (tiff(artist=MARKER.decode()), "IFD/Artist"),
    "copyright": (tiff(copyright=MARKER.decode()), "IFD/Copyright"),
    "private tag": (tiff(tiffinfo={65000: MARKER.decode()}), "IFD/unknown"),
    "xmp": (tiff(tiffinfo={700: MARKER}), "IFD/XMP"),
    "no profile": (tiff(icc_profile=MARKER), "IFD/ICC"),
    "maker notes": (with_maker_notes(), "EXIF/MakerNote"),
    "behind": (tiff() + MARKER, "file"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, name: str) -> None:
    data, place = PLANTS[name]
    path = tmp_path / "planted.tiff"
    path.write_bytes(data)
    assert set(caught(path, "tiff")) == {place}


def test_the_date_is_a_date(tmp_path: Path) -> None:
    path = tmp_path / "dated.tiff"
    path.write_bytes(tiff(date_time="2026:01:02 03:04:05"))
    assert [part.hipaa for part in unexpected(path, "tiff") if part.place == "IFD/DateTime"] == [
        "C"
    ]


def test_further_pages_are_foreign(tmp_path: Path) -> None:
    path = tmp_path / "pages.tiff"
    NOISE.save(path, save_all=True, append_images=[NOISE.rotate(90)])
    assert "further IFD" in {part.place for part in unexpected(path, "tiff")}


def test_what_nothing_points_to_is_foreign(tmp_path: Path) -> None:
    """Between the header and a directory that is farther back."""
    data = KINDS["raw"]
    first = struct.unpack_from("<I", data, 4)[0]
    assert first == 8
    moved = bytearray(b"II*\0" + struct.pack("<I", len(data)) + data[8:])
    moved += data[8 : 8 + 2 + 12 * struct.unpack_from("<H", data, 8)[0] + 4]
    at = 8 + 2
    moved[at : at + len(MARKER)] = MARKER
    path = tmp_path / "moved.tiff"
    path.write_bytes(moved)
    assert set(caught(path, "tiff")) == {"file"}


def test_directories_in_a_circle_end(tmp_path: Path) -> None:
    entry = struct.pack("<HHII", 256, 4, 1, 10)
    loop = struct.pack("<2sHIH", b"II", 42, 8, 1) + entry + struct.pack("<I", 8)
    path = tmp_path / "loop.tiff"
    path.write_bytes(loop)
    assert parts_of(path, "tiff")


def test_counts_that_nobody_could_keep_are_no_trouble(tmp_path: Path) -> None:
    entries = b"".join(
        struct.pack("<HHII", tag, 4, 0xFFFFFFFF, 8) for tag in (256, 273, 279, 65000)
    )
    path = tmp_path / "huge.tiff"
    path.write_bytes(struct.pack("<2sHIH", b"II", 42, 8, 4) + entries + bytes(4) + MARKER)
    assert "file" in caught(path, "tiff")


def test_real_tags_are_found(shared: Path) -> None:
    found = unexpected(shared / "data" / "metadata" / "mat2_dirty.tiff", "tiff")
    assert {"IFD/Make", "IFD/Model", "IFD/DateTime", "EXIF"} <= {part.place for part in found}


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "tiff"))
