"""JPEG: rows below the picture, and bytes behind the last block, that no decoder shows."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from containers.delivering import MARKER, unexpected
from PIL import Image

from mediascrub import (
    DamagedError,
    LibraryMissingError,
    StructureError,
    UnsupportedError,
    scrub_still,
    walk,
)
from mediascrub.stills import jpeg_scans
from mediascrub.stills.icc_profile import rebuilt

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NOISE = Image.fromarray(
    np.random.default_rng(7).normal(128, 60, (97, 150)).clip(0, 255).astype(np.uint8)
)
READ_AHEAD = 6
"""Bytes before a restart marker of which libjpeg-turbo may say nothing."""
KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "plain": ("RGB", {}),
    "progressive": ("RGB", {"progressive": True}),
    "restarts": ("RGB", {"restart_marker_rows": 1}),
    "full colour": ("RGB", {"subsampling": 0}),
    "grey": ("L", {}),
    "cmyk": ("CMYK", {}),
    "red, green, blue": ("RGB", {"keep_rgb": True}),
}
SHOWN = 32


def jpeg(kind: str) -> bytes:
    mode, options = KINDS[kind]
    out = io.BytesIO()
    NOISE.convert(mode).save(out, "jpeg", **options)
    return out.getvalue()


def frame(picture: bytes) -> int:
    """Where the frame header's height is."""
    return max(picture.find(b"\xff\xc0\0"), picture.find(b"\xff\xc2\0")) + 5


def of_height(picture: bytes, rows: int) -> bytes:
    at = frame(picture)
    return picture[:at] + struct.pack(">H", rows) + picture[at + 2 :]


def pixels(picture: bytes) -> NDArray[np.uint8]:
    image = Image.open(io.BytesIO(picture))
    return np.asarray(image)


def clean(picture: bytes) -> bytes:
    return scrub_still(picture, orientation=None, common_profile=False)


def before(picture: bytes, marker: bytes, planted: bytes) -> bytes:
    """With bytes before the first such marker that stands behind the first scan's header."""
    at = picture.index(marker, picture.index(b"\xff\xda"))
    return picture[:at] + planted + picture[at:]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_below_the_picture_are_found_and_do_not_come_back(tmp_path: Path, kind: str) -> None:
    picture = jpeg(kind)
    lowered = of_height(picture, SHOWN)
    path = tmp_path / "lowered.jpg"
    path.write_bytes(lowered)
    assert {part.kind for part in unexpected(path, "jpeg")} == {"picture data that is not shown"}

    delivered = clean(lowered)
    path.write_bytes(delivered)
    assert unexpected(path, "jpeg") == []
    assert np.array_equal(pixels(delivered), pixels(lowered))
    assert len(delivered) < len(picture) * 0.6
    assert clean(delivered) == delivered
    with pytest.raises((DamagedError, OSError)):
        clean(of_height(delivered, NOISE.height))


@pytest.mark.parametrize(
    ("kind", "marker"),
    [
        ("plain", b"\xff\xd9"),
        ("restarts", b"\xff\xd0"),
        ("restarts", b"\xff\xd3"),
        ("progressive", b"\xff\xc4"),
        ("progressive", b"\xff\xd9"),
    ],
)
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, len(MARKER)])
def test_bytes_behind_the_last_block_are_gone(
    tmp_path: Path, kind: str, marker: bytes, count: int
) -> None:
    if kind == "restarts":
        count += READ_AHEAD
    picture = jpeg(kind)
    dirty = before(picture, marker, MARKER[:count])
    path = tmp_path / "dirty.jpg"
    path.write_bytes(dirty)
    assert {part.kind for part in unexpected(path, "jpeg")} == {"picture data that is not shown"}

    delivered = clean(dirty)
    assert count < 5 or MARKER[:count] not in delivered
    assert np.array_equal(pixels(delivered), pixels(picture))
    path.write_bytes(delivered)
    assert unexpected(path, "jpeg") == []


def test_bytes_before_any_restart_are_told() -> None:
    picture = jpeg("restarts")
    start, at = picture.index(b"\xff\xda"), len(picture)
    for _ in range(picture.count(b"\xff\xd0") + picture.count(b"\xff\xd1")):
        at = max(picture.rfind(bytes((0xFF, number)), start, at) for number in range(0xD0, 0xD8))
        for count in (READ_AHEAD + 1, 8, len(MARKER)):
            dirty = picture[:at] + MARKER[:count] + picture[at:]
            shown = jpeg_scans.shown(dirty)
            assert shown is not None
            assert np.array_equal(pixels(shown), pixels(picture))


def scans(picture: bytes) -> list[bytes]:
    """Each with the tables in front of it; the first with all that begins the picture."""
    found, at = [], 0
    while (start := picture.find(b"\xff\xda", at)) >= 0:
        end = start + 2
        while picture[end] != 0xFF or not picture[end + 1] or 0xD0 <= picture[end + 1] <= 0xD7:
            end += 1
        found.append(picture[at:end])
        at = end
    return found


def test_scans_that_later_ones_write_over_are_refused(tmp_path: Path) -> None:
    """Of another picture, they would be one that nobody sees; decoders differ in what they show."""
    parts = scans(jpeg("progressive"))
    dc, refined = parts[0], next(one for one in parts[1:] if b"\xff\xda\0\x0c\3" in one)
    tables = dc[dc.index(b"\xff\xc4") :]
    twice = b"".join((*parts, tables, refined, b"\xff\xd9"))
    with pytest.raises(UnsupportedError, match="not shown"):
        clean(twice)
    path = tmp_path / "twice.jpg"
    path.write_bytes(twice)
    with pytest.raises(StructureError):
        list(walk(path, "jpeg"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_picture_stays_byte_for_byte(kind: str) -> None:
    picture = jpeg(kind)
    assert jpeg_scans.shown(picture) is None
    assert clean(picture)[-500:] == picture[-500:]


def test_a_turned_picture_keeps_its_orientation_and_its_profile_of_colours(tmp_path: Path) -> None:
    from PIL import ImageCms

    out = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    NOISE.convert("RGB").save(out, "jpeg", icc_profile=profile)
    lowered = of_height(out.getvalue(), SHOWN)
    delivered = scrub_still(lowered, orientation=6, common_profile=True)
    image = Image.open(io.BytesIO(delivered))
    assert image.getexif() == {0x0112: 6}
    assert image.info["icc_profile"] == rebuilt(profile)
    assert np.array_equal(pixels(delivered), pixels(lowered))


def test_coded_data_that_ends_early_is_damage(tmp_path: Path) -> None:
    picture = of_height(jpeg("plain"), 2 * NOISE.height)
    with pytest.raises(DamagedError):
        clean(picture)
    path = tmp_path / "short.jpg"
    path.write_bytes(picture)
    with pytest.raises(StructureError):
        list(walk(path, "jpeg"))


def test_a_size_without_data_for_it_costs_nothing() -> None:
    at = frame(jpeg("plain"))
    picture = jpeg("plain")
    huge = picture[:at] + b"\xff\xff\xff\xff" + picture[at + 4 :]
    with pytest.raises(DamagedError):
        clean(huge)


def test_a_kind_that_nothing_reads_is_refused() -> None:
    picture = jpeg("plain")
    at = picture.index(b"\xff\xc0")
    lossless = picture[:at] + b"\xff\xc3" + picture[at + 2 :]
    with pytest.raises(UnsupportedError, match="PNG"):
        clean(lossless)


def test_without_the_library_nothing_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg_scans, "LIBRARY", "libturbojpeg-not-there.so.0")
    jpeg_scans._reader.cache_clear()
    try:
        with pytest.raises(LibraryMissingError, match="libturbojpeg0"):
            clean(jpeg("plain"))
    finally:
        jpeg_scans._reader.cache_clear()
