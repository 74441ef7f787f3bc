"""Whatever a WebP can hide is gone afterwards, and its coded picture is copied."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mediascrub import DamagedError, UnsupportedError, scrub_still, still_residues

SECRET = b"Jane Roe MRN 4711"
PLAIN: dict[str, Any] = {"orientation": None, "common_profile": False}


def coded(channels: int = 3, **options: Any) -> bytes:
    """A WebP of noise."""
    picture = np.random.default_rng(1).integers(1, 256, (33, 47, channels), np.uint8)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "WEBP", **options)
    return out.getvalue()


def parts(picture: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 12
    while at < len(picture):
        (size,) = struct.unpack_from("<I", picture, at + 4)
        found.append((picture[at : at + 4], picture[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return found


def joined(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def dirty(picture: bytes) -> bytes:
    """With every kind of chunk that is no picture, and bytes after the end."""
    kept = [part for part in parts(picture) if part[0] != b"VP8X"]
    head = (b"VP8X", bytes((0x2C | 0x10 * (len(kept) > 1), 1, 2, 3)) + b"\x2e\0\0\x20\0\0")
    exif = b"MM\0*\0\0\0\x08\0\0\0\0\0\0" + SECRET
    strangers = [(b"EXIF", exif), (b"XMP ", SECRET), (b"prVt", SECRET), (b"ICCP", SECRET)]
    return joined(head, (b"JUNK", SECRET), *kept, *strangers) + SECRET


PICTURES = {
    "lossy": coded(quality=80),
    "lossless": coded(lossless=True),
    "lossy alpha": coded(4, quality=80),
    "lossless alpha": coded(4, lossless=True),
}


def decoded(picture: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(picture)) as opened:
        return np.asarray(opened.convert("RGBA"))


@pytest.mark.parametrize("kind", PICTURES)
def test_nothing_is_left_and_the_coded_picture_is_copied(kind: str) -> None:
    before = dirty(PICTURES[kind])
    clean = scrub_still(before, **PLAIN)
    assert SECRET not in clean
    wanted = [part for part in parts(PICTURES[kind]) if part[0] in (b"VP8 ", b"VP8L", b"ALPH")]
    assert [part for part in parts(clean) if part[0] != b"VP8X"] == wanted
    np.testing.assert_array_equal(decoded(clean), decoded(PICTURES[kind]))
    assert still_residues(clean) == []
    assert still_residues(before) != []
    assert scrub_still(clean, **PLAIN) == clean


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("value", range(1, 9))
def test_the_orientation_is_the_only_exif_tag(kind: str, value: int) -> None:
    clean = scrub_still(dirty(PICTURES[kind]), orientation=value, common_profile=False)
    with Image.open(io.BytesIO(clean)) as opened:
        tags = dict(opened.getexif())
        assert opened.mode == ("RGBA" if "alpha" in kind else "RGB")
    assert tags == ({} if value == 1 else {274: value})
    assert still_residues(clean) == []


def test_flags_say_what_is_there() -> None:
    for kind, picture in PICTURES.items():
        turned = dict(parts(scrub_still(dirty(picture), orientation=6, common_profile=False)))
        assert turned[b"VP8X"][:4] == bytes((0x18 if "alpha" in kind else 0x08, 0, 0, 0))


def test_more_exif_than_the_orientation_is_strange() -> None:
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x0e\0\x02\0\0\0\x04Jane\0\0\0\0"
    head = (b"VP8X", b"\x08\0\0\0\x2e\0\0\x20\0\0")
    with_name = joined(head, parts(PICTURES["lossy"])[0], (b"EXIF", exif))
    assert still_residues(with_name) == ["EXIF data besides the orientation"]


def test_an_animation_is_refused() -> None:
    frames = [Image.fromarray(np.full((20, 20, 3), n, np.uint8)) for n in (10, 200)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(UnsupportedError, match="Animated"):
        scrub_still(out.getvalue(), **PLAIN)


def test_two_pictures_are_refused() -> None:
    (picture,) = parts(PICTURES["lossy"])
    with pytest.raises(DamagedError):
        scrub_still(joined(picture, picture), **PLAIN)


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_that_ends_early_is_refused_at_any_length(kind: str) -> None:
    whole = scrub_still(dirty(PICTURES[kind]), orientation=3, common_profile=False)
    for length in range(12, len(whole) - 1, 7):
        with pytest.raises(DamagedError):
            scrub_still(whole[:length], **PLAIN)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_is_an_error_of_ours_or_a_clean_picture(data: st.DataObject) -> None:
    damaged = bytearray(dirty(data.draw(st.sampled_from(sorted(PICTURES.values())))))
    near = st.integers(0, 80) | st.integers(0, len(damaged) - 1)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(near)] = data.draw(st.integers(0, 255))
    try:
        clean = scrub_still(bytes(damaged), **PLAIN)
    except (DamagedError, UnsupportedError):
        return
    assert still_residues(clean) == []
