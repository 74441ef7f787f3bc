"""Whatever a TIFF can hide is gone afterwards, and the picture is what it was."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from mediascrub import DamagedError, UnsupportedError, scrub_still, still_residues

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECRET = b"Jane Roe MRN 4711"
SHORT, LONG, ASCII, BYTES = 3, 4, 2, 7
WIDTH, HEIGHT = 24, 10
PLAIN: dict[str, Any] = {"orientation": None, "common_profile": False}

Entry = tuple[int, int, int, bytes]
"""Tag, type, count, value bytes."""


def scene() -> NDArray[np.uint8]:
    picture = np.random.default_rng(2).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    picture[3:7] = 90
    return picture


def short(tag: int, *values: int) -> Entry:
    return tag, SHORT, len(values), struct.pack(f"<{len(values)}H", *values)


def long(tag: int, *values: int) -> Entry:
    return tag, LONG, len(values), struct.pack(f"<{len(values)}I", *values)


def hand_made(
    strip: bytes,
    *more: Entry,
    compression: int = 1,
    bits: tuple[int, ...] = (8, 8, 8),
    photometric: int = 2,
    pages: tuple[int, ...] = (),
    between: bytes = b"",
    width: int = WIDTH,
) -> bytes:
    """A TIFF of one strip; `pages` are the NewSubfileTypes of directories that follow."""
    body = bytearray(b"II*\0\0\0\0\0") + between
    offset = len(body)
    body += strip + bytes(len(strip) % 2)

    def directory(entries: list[Entry]) -> int:
        nonlocal body
        placed = []
        for tag, kind, count, value in sorted(entries):
            if len(value) > 4:
                placed.append((tag, kind, count, struct.pack("<I", len(body))))
                body += value + bytes(len(value) % 2)
            else:
                placed.append((tag, kind, count, value.ljust(4, b"\0")))
        at = len(body)
        body += struct.pack("<H", len(placed))
        for tag, kind, count, value in placed:
            body += struct.pack("<HHI", tag, kind, count) + value
        body += bytes(4)
        return at

    basic = [
        long(256, width),
        long(257, HEIGHT),
        short(258, *bits),
        short(259, compression),
        short(262, photometric),
        long(273, offset),
        short(277, len(bits)),
        long(278, HEIGHT),
        long(279, len(strip)),
    ]
    link = 4
    for kinds in (None, *pages):
        extra = list(more) if kinds is None else [long(254, kinds), (270, ASCII, 17, SECRET)]
        at = directory([*basic, *extra])
        struct.pack_into("<I", body, link, at)
        link = len(body) - 4
    return bytes(body)


def decoded(picture: bytes) -> NDArray[Any]:
    """By a library that is not ffmpeg."""
    with Image.open(io.BytesIO(picture)) as opened:
        return np.asarray(opened.convert("RGB"))


RGB = scene().tobytes()
DIRTY = {
    "description": hand_made(RGB, (270, ASCII, 17, SECRET)),
    "private tag": hand_made(RGB, (65000, BYTES, 17, SECRET)),
    "two resolutions": hand_made(RGB, (282, 5, 1, SECRET[:8]), (700, 1, 17, SECRET)),
    "Photoshop and IPTC": hand_made(RGB, (34377, BYTES, 17, SECRET), (33723, BYTES, 17, SECRET)),
    "thumbnail": hand_made(RGB, pages=(1,)),
    "two thumbnails": hand_made(RGB, pages=(1, 1)),
    "before the strip": hand_made(RGB, between=SECRET),
    "after the end": hand_made(RGB) + SECRET,
    "after the rows": hand_made(RGB + SECRET),
    "after the Deflate stream": hand_made(zlib.compress(RGB) + SECRET, compression=8),
    "rows that are not shown": hand_made(zlib.compress(RGB + SECRET * 9, 0), compression=8),
    "PackBits that is not shown": hand_made(
        b"".join(b"\x0f" + RGB[i : i + 16] for i in range(0, len(RGB), 16)) + b"\x10" + SECRET,
        compression=32773,
    ),
}


@pytest.mark.parametrize("place", DIRTY)
def test_nothing_is_left_and_the_picture_stays(place: str) -> None:
    dirty = DIRTY[place]
    clean = scrub_still(dirty, orientation=None, common_profile=False)
    assert SECRET not in clean
    assert SECRET[:8] not in clean
    np.testing.assert_array_equal(decoded(clean), scene())
    assert still_residues(clean) == []
    if place != "private tag":
        assert still_residues(dirty) != []


@pytest.mark.parametrize("compression", [1, 8])
def test_bits_that_fill_a_row_are_no_place_to_hide(compression: int) -> None:
    row = bytes((0b10101010, 0b11110000, 0b01011011))
    rows = row * HEIGHT
    strip = rows if compression == 1 else zlib.compress(rows)
    dirty = hand_made(strip, compression=compression, bits=(1,), photometric=1, width=20)
    clean = scrub_still(dirty, **PLAIN)
    shown = bytes((0b10101010, 0b11110000, 0b01010000)) * HEIGHT
    with Image.open(io.BytesIO(clean)) as opened:
        assert opened.tobytes() == shown
    assert still_residues(dirty) != []
    assert still_residues(clean) == []


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "packbits", "tiff_adobe_deflate"])
def test_strips_are_copied_as_they_are(compression: str) -> None:
    out = io.BytesIO()
    Image.fromarray(scene()).save(out, "TIFF", compression=compression)
    clean = scrub_still(out.getvalue(), **PLAIN)
    with Image.open(out) as opened:
        assert isinstance(opened, TiffImageFile)
        tags = opened.tag_v2
        (offset,), (count,) = tags[273], tags[279]
    assert out.getvalue()[offset : offset + count] in clean
    np.testing.assert_array_equal(decoded(clean), scene())
    assert scrub_still(clean, **PLAIN) == clean


@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_fax_pictures_stay_to_the_bit(compression: str) -> None:
    black = Image.fromarray(scene()[..., 0] > 128)
    out = io.BytesIO()
    black.save(out, "TIFF", compression=compression)
    clean = scrub_still(out.getvalue() + SECRET, **PLAIN)
    assert SECRET not in clean
    np.testing.assert_array_equal(decoded(clean), np.asarray(black.convert("RGB")))
    assert still_residues(clean) == []


def test_a_longer_lzw_picture_is_decoded_to_the_byte() -> None:
    # Long enough for codes of every width and a full table.
    rng = np.random.default_rng(3)
    picture = np.cumsum(rng.integers(-2, 3, (200, 300, 3)), axis=1).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    clean = scrub_still(out.getvalue(), **PLAIN)
    np.testing.assert_array_equal(decoded(clean), picture)
    assert still_residues(clean) == []


@pytest.mark.parametrize("value", range(1, 9))
def test_the_orientation_is_written_when_it_turns(value: int) -> None:
    clean = scrub_still(hand_made(RGB), orientation=value, common_profile=False)
    with Image.open(io.BytesIO(clean)) as opened:
        assert opened.getexif().get(274, 1) == value


@pytest.mark.parametrize(
    "dirty",
    [
        hand_made(RGB, pages=(0,)),
        hand_made(RGB, pages=(1, 2)),
        hand_made(RGB, pages=(4,)),
        hand_made(RGB, long(322, 16), long(323, 16)),
        hand_made(RGB, short(33421, 2, 2)),
        hand_made(RGB, long(254, 1)),
        hand_made(RGB, compression=7),
        hand_made(RGB, compression=50000),
        hand_made(RGB, photometric=6),
        hand_made(RGB, photometric=32803),
        hand_made(RGB, short(339, 3, 3, 3)),
        hand_made(RGB, short(266, 2)),
        b"II+\0" + bytes(40),
        b"IIU\0" + bytes(40),
    ],
)
def test_what_can_not_be_rewritten_is_refused(dirty: bytes) -> None:
    with pytest.raises(UnsupportedError):
        scrub_still(dirty, **PLAIN)


@pytest.mark.parametrize("name", DIRTY)
def test_a_tiff_that_ends_early_is_refused_or_whole(name: str) -> None:
    dirty = DIRTY[name]
    for length in range(4, len(dirty) - 1, 13):
        try:
            clean = scrub_still(dirty[:length], **PLAIN)
        except (DamagedError, UnsupportedError):
            continue
        np.testing.assert_array_equal(decoded(clean), scene())


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_is_an_error_of_ours_or_a_clean_picture(data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(sorted(DIRTY.values()))))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        clean = scrub_still(bytes(damaged), **PLAIN)
    except (DamagedError, UnsupportedError):
        return
    assert still_residues(clean) == []


def test_ffmpeg_and_others_agree_on_what_is_shown(tmp_path: Any) -> None:
    path = tmp_path / "clean.tif"
    path.write_bytes(scrub_still(DIRTY["rows that are not shown"], **PLAIN))
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    np.testing.assert_array_equal(frame.to_ndarray(), scene())
