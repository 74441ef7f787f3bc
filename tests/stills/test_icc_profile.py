"""A colour profile anew from its numbers: the same colours, and no word of whoever made it."""

from __future__ import annotations

import io
import json
import struct
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediascrub.stills.icc_profile import rebuilt
from mediascrub.stills.still_metadata import is_plain_profile

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NUMBERS = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
WHITE = (0.9642, 1.0, 0.8249)
GAMMA = struct.pack(">4s4xIH", b"curv", 1, round(2.2 * 256))
TABLE = struct.pack(">4s4xI5H", b"curv", 5, 0, 3000, 13_000, 33_000, 65_535)
FORMULA = struct.pack(
    ">4s4xHxx5i", b"para", 3, *(round(v * 65536) for v in (2.4, 0.9, 0.1, 0.08, 0.04))
)
WORDS = b"Zorblatt's scanner, ward 4"
TAGS = [
    *("RedMatrixColumn", "GreenMatrixColumn", "BlueMatrixColumn", "MediaWhitePoint", "RedTRC"),
    *("GreenTRC", "BlueTRC", "GrayTRC", "ChromaticAdaptation", "RenderingIntent"),
]


def xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))


def profile(version: int = 2, curve: bytes = GAMMA, space: bytes = b"RGB ", **more: bytes) -> bytes:
    """As a scanner writes one: with its owner's words, a date, a private tag and an identity."""
    if space == b"RGB ":
        colours = {f"{c}XYZ": xyz(n) for c, n in zip("rgb", NUMBERS, strict=True)}
        colours |= {f"{c}TRC": curve for c in "rgb"}
    else:
        colours = {"kTRC": curve}
    text = b"text\0\0\0\0" + WORDS + b"\0"
    elements = {"desc": text, "cprt": text, "wtpt": xyz(WHITE), "PrIv": text, **colours, **more}
    start = 128 + 4 + 12 * len(elements)
    table, body = b"", b""
    for name, element in elements.items():
        table += struct.pack(">4sII", name.encode(), start + len(body), len(element))
        body += element + bytes(-len(element) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"Lino", version << 24, b"mntr", space, b"XYZ "
    )
    head += struct.pack(">6H", 2026, 11, 30, 1, 2, 3) + b"acspMSFT" + bytes(4) + b"Zorbward"
    head += bytes(8) + struct.pack(">I", 1) + xyz(WHITE)[8:] + b"Zorb" + b"identity".ljust(44, b"!")
    return head + struct.pack(">I", len(elements)) + table + body


def told(data: bytes, folder: Path) -> dict[str, Any]:
    """What ExifTool says of it."""
    path = folder / "colours.icc"
    path.write_bytes(data)
    done = subprocess.run(
        ["exiftool", "-j", "-b", "-struct", path], check=True, capture_output=True
    )
    (tags,) = json.loads(done.stdout)
    return dict(tags)


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("version", [2, 4])
@pytest.mark.parametrize("curve", [GAMMA, TABLE, FORMULA], ids=["gamma", "table", "formula"])
@pytest.mark.parametrize("space", [b"RGB ", b"GRAY"], ids=["colour", "grey"])
def test_the_same_colours_and_no_word(
    version: int, curve: bytes, space: bytes, tmp_path: Path
) -> None:
    before = profile(version, curve, space)
    after = rebuilt(before)
    assert after is not None
    mine, theirs = told(after, tmp_path), told(before, tmp_path)
    assert {tag: mine.get(tag) for tag in TAGS} == {tag: theirs.get(tag) for tag in TAGS}
    assert len({tag for tag in TAGS if tag in mine}) >= 3
    assert "Warning" not in mine
    assert mine["ProfileDescription"] == ("sRGB" if space == b"RGB " else "Gray")
    for word in (b"Zorb", b"ward", b"scanner", b"identity", b"PrIv", b"Lino"):
        assert word not in after
        assert word.decode().encode("utf-16-be") not in after
    assert is_plain_profile(after)
    assert rebuilt(after) == after


@pytest.mark.parametrize("curve", [GAMMA, TABLE, FORMULA], ids=["gamma", "table", "formula"])
def test_a_colour_engine_shows_the_same(curve: bytes) -> None:
    """Little CMS, with which programs show pictures, gives the same values through both."""
    from PIL import Image, ImageCms

    noise = np.random.default_rng(7).integers(0, 256, (64, 64, 3), np.uint8)
    whole = ImageCms.createProfile("LAB")

    def shown(data: bytes) -> NDArray[Any]:
        own = ImageCms.ImageCmsProfile(io.BytesIO(data))
        turned = ImageCms.profileToProfile(Image.fromarray(noise), own, whole, outputMode="LAB")
        assert turned is not None
        return np.asarray(turned)

    before = profile(4, curve)
    after = rebuilt(before)
    assert after is not None
    assert np.array_equal(shown(after), shown(before))


def test_how_it_was_adapted_is_kept(tmp_path: Path) -> None:
    adapted = struct.pack(">4s4x9i", b"sf32", *range(65_000, 65_009))
    after = rebuilt(profile(4, chad=adapted))
    assert after is not None
    assert told(after, tmp_path)["ChromaticAdaptation"]


@pytest.mark.parametrize(
    "other",
    [
        profile(A2B0=b"mft2" + bytes(48)),
        profile(space=b"CMYK"),
        profile(version=5),
        profile(curve=b"curv\0\0\0\0" + struct.pack(">I3H", 3, 9, 5, 7)),
        profile(curve=b"curv\0\0\0\0" + struct.pack(">I", 60_000)),
        profile(rXYZ=b"text\0\0\0\0" + WORDS),
        profile(chad=b"sf32\0\0\0\0"),
        profile()[:200],
        profile()[:128],
        b"",
    ],
    ids=["tables", "inks", "version", "falling", "long", "no number", "short", "cut", "head", ""],
)
def test_what_is_of_another_kind_is_not_rebuilt(other: bytes) -> None:
    assert rebuilt(other) is None


@given(st.binary(max_size=64), st.integers(0, 700))
def test_damage_is_refused_or_gives_a_plain_profile(noise: bytes, at: int) -> None:
    whole = profile(4, TABLE)
    after = rebuilt(whole[:at] + noise + whole[at + len(noise) :])
    assert after is None or is_plain_profile(after)
