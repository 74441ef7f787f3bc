"""Stills come out with the same pixels and nothing else."""

from __future__ import annotations

import struct
import subprocess
import zlib
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediascrub import DamagedError, UnsupportedError, scrub_still, still_residues
from mediascrub.stills.icc_profile import rebuilt
from veilcast.media import exif

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = b"Jane Roe MRN 4711"


def decoded(picture: bytes, folder: Path) -> list[np.ndarray]:
    path = folder / "decoded"
    path.write_bytes(picture)
    form = "png_pipe" if picture.startswith(b"\x89PNG") else "jpeg_pipe"
    with av.open(str(path), format=form) as container:
        # What follows the picture is no picture.
        frame = next(container.decode(video=0))
        # A palette is a plane without lines.
        return [np.frombuffer(memoryview(plane), np.uint8) for plane in frame.planes]


def same_picture(first: bytes, second: bytes, folder: Path) -> bool:
    planes = zip(decoded(first, folder), decoded(second, folder), strict=True)
    return all(np.array_equal(a, b) for a, b in planes)


def ffmpeg_still(folder: Path, name: str, *options: str) -> bytes:
    path = folder / name
    subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=75x49:d=1",
            "-frames:v",
            "1",
            *options,
            str(path),
        ],
        check=True,
    )
    return path.read_bytes()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def dirty_png(folder: Path, pix_fmt: str = "rgb24") -> bytes:
    clean = ffmpeg_still(folder, "clean.png", "-pix_fmt", pix_fmt)
    at = clean.index(b"IDAT") - 4
    extra = (
        chunk(b"gAMA", struct.pack(">I", 45455))
        + chunk(b"tEXt", b"Author\0" + SECRET)
        + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(SECRET))
        + chunk(b"iTXt", b"Title\0\0\0\0\0" + SECRET)
        + chunk(b"tIME", bytes([7, 230, 1, 2, 3, 4, 5]))
        + chunk(b"prVt", SECRET)
    )
    return clean[:at] + extra + clean[at:] + SECRET


def dirty_jpeg(folder: Path, *options: str) -> bytes:
    clean = ffmpeg_still(folder, "clean.jpg", *options)
    extra = (
        segment(0xFE, SECRET)
        + segment(0xE0, b"JFXX\0\x13" + SECRET)
        + segment(0xE4, b"WARD\0" + SECRET)
        + segment(0xEB, SECRET)
        + segment(0xEF, SECRET)
        + segment(0xEE, b"Adobe\0d\0\0\0\0\1" + SECRET)
        + b"\xff"  # a fill byte before the next marker
    )
    return clean[:2] + extra + clean[2:] + SECRET


@pytest.mark.parametrize("pix_fmt", ["rgb24", "rgba", "gray", "pal8", "rgb48be", "monob"])
def test_png_loses_everything_but_the_picture(tmp_path: Path, pix_fmt: str) -> None:
    dirty = dirty_png(tmp_path, pix_fmt)
    clean = scrub_still(dirty, orientation=None, common_profile=False)
    assert SECRET not in clean
    assert b"prVt" not in clean
    assert b"gAMA" in clean
    assert same_picture(dirty, clean, tmp_path)
    assert still_residues(clean) == []


@pytest.mark.parametrize("options", [(), ("-pix_fmt", "yuvj444p"), ("-pix_fmt", "gray")])
def test_jpeg_loses_everything_but_the_picture(tmp_path: Path, options: tuple[str, ...]) -> None:
    dirty = dirty_jpeg(tmp_path, *options)
    clean = scrub_still(dirty, orientation=None, common_profile=False)
    assert SECRET not in clean
    assert same_picture(dirty, clean, tmp_path)
    assert still_residues(clean) == []


@pytest.mark.parametrize("flag", ["IMWRITE_JPEG_PROGRESSIVE", "IMWRITE_JPEG_RST_INTERVAL"])
def test_progressive_and_restart_markers_survive(tmp_path: Path, flag: str) -> None:
    import cv2

    rng = np.random.default_rng(5)
    noise = rng.integers(0, 256, (61, 83, 3), dtype=np.uint8)
    _, coded = cv2.imencode(".jpg", noise, [getattr(cv2, flag), 1])
    dirty = coded.tobytes()[:2] + segment(0xFE, SECRET) + coded.tobytes()[2:]
    clean = scrub_still(dirty, orientation=None, common_profile=False)
    assert SECRET not in clean
    assert same_picture(dirty, clean, tmp_path)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("make", [dirty_png, dirty_jpeg])
@pytest.mark.parametrize("orientation", [None, *range(1, 9)])
def test_orientation_is_the_only_exif_tag(
    tmp_path: Path, make: Callable[[Path], bytes], orientation: int | None
) -> None:
    path = tmp_path / "out"
    path.write_bytes(scrub_still(make(tmp_path), orientation=orientation, common_profile=False))
    assert (exif.orientation(path) or 1) == (orientation or 1)
    names = {tag.name for tag in exif.list_tags(path) if tag.group0 == "EXIF"}
    assert names <= {"Orientation"}
    assert still_residues(path.read_bytes()) == []


@pytest.mark.parametrize("make", [dirty_png, dirty_jpeg])
def test_colours_stay_and_the_words_of_their_profile_go(
    tmp_path: Path, make: Callable[[Path], bytes]
) -> None:
    from PIL import Image, ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    source = tmp_path / ("in.png" if make is dirty_png else "in.jpg")
    source.write_bytes(make(tmp_path))
    (tmp_path / "icc").write_bytes(profile)
    command = ["exiftool", "-q", "-m", "-overwrite_original", f"-icc_profile<={tmp_path / 'icc'}"]
    subprocess.run([*command, str(source)], check=True)
    out = tmp_path / "out"
    out.write_bytes(scrub_still(source.read_bytes(), orientation=None, common_profile=True))
    values = {tag.name: found for tag, found in exif.list_values(out)}
    assert values["ProfileDescription"] == ("sRGB",)
    assert values["ProfileCopyright"] == ("CC0",)
    assert values["ProfileDateTime"] == ("0000:00:00 00:00:00",)
    with Image.open(out) as picture:
        assert picture.info["icc_profile"] == rebuilt(bytes(profile))
    assert same_picture(source.read_bytes(), out.read_bytes(), tmp_path)


@pytest.mark.parametrize("make", [dirty_png, dirty_jpeg])
def test_the_result_is_stable(tmp_path: Path, make: Callable[[Path], bytes]) -> None:
    once = scrub_still(make(tmp_path), orientation=6, common_profile=True)
    assert scrub_still(once, orientation=6, common_profile=True) == once


@pytest.mark.parametrize("make", [dirty_png, dirty_jpeg])
def test_strange_parts_are_seen(tmp_path: Path, make: Callable[[Path], bytes]) -> None:
    found = still_residues(make(tmp_path))
    assert "data after the end of the picture" in found
    assert len(set(found)) == 2
    assert SECRET.decode() not in str(found)


@pytest.mark.parametrize("make", [dirty_png, dirty_jpeg])
def test_a_picture_that_ends_early_is_refused_at_any_length(
    tmp_path: Path, make: Callable[[Path], bytes]
) -> None:
    whole = scrub_still(make(tmp_path), orientation=3, common_profile=False)
    for length in range(8, len(whole) - 1, 7):
        with pytest.raises(DamagedError):
            scrub_still(whole[:length], orientation=None, common_profile=False)


@settings(max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b""]))
def test_noise_is_an_error_of_ours_or_a_picture_without_strangers(tail: bytes, head: bytes) -> None:
    try:
        out = scrub_still(head + tail, orientation=None, common_profile=True)
    except (DamagedError, UnsupportedError):
        return
    assert still_residues(out) == []


def _with_table(picture: bytes, marker: int, table: bytes, before: bytes) -> bytes:
    """The picture with one more table in front of the first segment of a kind."""
    at = picture.index(before)
    segment = struct.pack(">BBH", 0xFF, marker, 2 + len(table)) + table
    return picture[:at] + segment + picture[at:]


@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_tables_that_nothing_uses_are_dropped(tmp_path: Path, progressive: bool) -> None:
    """One of no component, one that is defined anew before the scan, and one behind it."""
    noise = np.random.default_rng(7).integers(0, 255, (48, 64, 3), np.uint8)
    options = [cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)]
    picture = cv2.imencode(".jpg", noise, options)[1].tobytes()
    clean = scrub_still(picture, orientation=1, common_profile=False)
    assert still_residues(clean) == []
    text = SECRET.ljust(64, b" ")
    counts = bytes((0,) * 7 + (len(SECRET),) + (0,) * 8)
    for dirty in (
        _with_table(picture, 0xDB, b"\x03" + text, b"\xff\xda"),
        _with_table(picture, 0xDB, b"\x00" + text, b"\xff\xdb"),
        _with_table(picture, 0xDB, b"\x00" + text, b"\xff\xd9"),
        _with_table(picture, 0xC4, b"\x13" + counts + SECRET, b"\xff\xda"),
        _with_table(picture, 0xC4, b"\x00" + counts + SECRET, b"\xff\xc4"),
    ):
        assert "a JPEG table that nothing uses" in still_residues(dirty)
        out = scrub_still(dirty, orientation=1, common_profile=False)
        assert SECRET not in out
        assert same_picture(dirty, out, tmp_path)
        assert out == clean
