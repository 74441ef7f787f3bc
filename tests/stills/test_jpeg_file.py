"""JPEG: tables and scans, and nothing before, between or behind."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import pytest
from containers.delivering import MARKER, caught, parts_of, unexpected
from PIL import Image, ImageCms

from mediascrub import StructureError, scrub_still, walk

if TYPE_CHECKING:
    from pathlib import Path

NOISE = Image.effect_noise((75, 49), 60)


def jpeg(mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    NOISE.convert(mode).save(out, "jpeg", **options)
    return out.getvalue()


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
KINDS = {
    "plain": jpeg(),
    "progressive": jpeg(progressive=True),
    "grey": jpeg("L"),
    "cmyk": jpeg("CMYK"),
    "restarts": jpeg(restart_marker_blocks=2),
    "profile": jpeg(icc_profile=PROFILE),
}
EXIF = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\x12\0\0\0\x1a\0\0\0\0\0\0\0" + MARKER + b"\0"
PLANTS = {
    "comment": (segment(0xFE, MARKER), "COM"),
    "thumbnail": (segment(0xE0, b"JFXX\0\x13" + MARKER), "APP0/JFXX"),
    "second JFIF": (segment(0xE0, b"JFIF\0" + MARKER), "APP0/JFIF"),
    "exif": (segment(0xE1, EXIF), "APP1/EXIF"),
    "xmp": (segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + MARKER), "APP1/XMP"),
    "further pictures": (segment(0xE2, b"MPF\0" + MARKER), "APP2/MPF"),
    "flashpix": (segment(0xE2, b"FPXR\0" + MARKER), "APP2/FPXR"),
    "no profile": (segment(0xE2, b"ICC_PROFILE\0\1\1" + MARKER), "APP2/ICC"),
    "private": (segment(0xE4, b"WARD\0" + MARKER), "APP4"),
    "iptc": (segment(0xED, b"Photoshop 3.0\0" + MARKER), "APP13/IPTC"),
    "long adobe": (segment(0xEE, b"Adobe\0d\0\0\0\0\1" + MARKER), "APP14/Adobe"),
    "huffman": (segment(0xC4, b"\0" + MARKER), "tables"),
    "quantisation": (segment(0xDB, b"\0" + MARKER), "tables"),
    "reserved": (segment(0xF5, MARKER), "unknown"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", [None, 6])
def test_a_delivered_picture_is_clean(tmp_path: Path, kind: str, orientation: int | None) -> None:
    path = tmp_path / "clean.jpg"
    path.write_bytes(scrub_still(KINDS[kind], orientation=orientation, common_profile=True))
    parts = parts_of(path, "jpeg")
    assert [part for part in parts if part.role == "unexpected"] == []
    assert ("APP2/ICC" in [part.place for part in parts]) == (kind == "profile")


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, name: str) -> None:
    planted, place = PLANTS[name]
    path = tmp_path / "planted.jpg"
    path.write_bytes(KINDS["plain"][:20] + planted + KINDS["plain"][20:])
    assert caught(path, "jpeg") == [place]


@pytest.mark.parametrize(
    ("behind", "kind"),
    [
        (MARKER, "data behind the end"),
        (b"PK\3\4" + MARKER, "data behind the end"),
        (jpeg() + MARKER, "a second picture"),
    ],
)
def test_what_is_behind_the_picture_is_found(tmp_path: Path, behind: bytes, kind: str) -> None:
    path = tmp_path / "planted.jpg"
    path.write_bytes(KINDS["plain"] + behind)
    assert caught(path, "jpeg") == ["file"]
    assert [part.kind for part in unexpected(path, "jpeg")] == [kind]


def test_a_page_in_front_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "planted.jpg"
    path.write_bytes(b"<html>" + MARKER + b"</html>" + KINDS["plain"])
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "jpeg"))


@pytest.mark.parametrize(
    "change",
    [
        (b"s\0R\0G\0B\0 \0b\0u\0i\0l\0t", b"J\0a\0n\0e\0 \0R\0o\0e\0 \0"),
        (b"acspAPPL", b"acspAPPLJane"),
    ],
)
def test_a_profile_that_says_more_than_colours_is_foreign(
    tmp_path: Path, change: tuple[bytes, bytes]
) -> None:
    wanted, other = change
    data = KINDS["profile"]
    at = data.index(wanted)
    changed = data[:at] + other + data[at + len(other) :]
    path = tmp_path / "planted.jpg"
    path.write_bytes(changed)
    assert "APP2/ICC" in [part.place for part in unexpected(path, "jpeg")]


def test_the_date_of_a_profile_is_foreign(tmp_path: Path) -> None:
    path = tmp_path / "dated.jpg"
    path.write_bytes(KINDS["profile"])
    assert [part.place for part in unexpected(path, "jpeg")] == ["APP2/ICC"]


def test_a_profile_in_pieces_is_read_as_a_whole(tmp_path: Path) -> None:
    clean = scrub_still(KINDS["profile"], orientation=None, common_profile=True)
    at = clean.index(b"\xff\xe2")
    size = struct.unpack_from(">H", clean, at + 2)[0]
    profile = clean[at + 18 : at + 2 + size]
    halves = profile[:300], profile[300:]
    pieces = b"".join(
        segment(0xE2, b"ICC_PROFILE\0" + bytes((number, 2)) + half)
        for number, half in enumerate(halves, 1)
    )
    path = tmp_path / "pieces.jpg"
    path.write_bytes(clean[:at] + pieces + clean[at + 2 + size :])
    assert unexpected(path, "jpeg") == []


def test_real_comments_are_found(shared: Path) -> None:
    path = shared / "data" / "metadata" / "mat2_dirty.jpg"
    assert "COM" in [part.place for part in unexpected(path, "jpeg")]
