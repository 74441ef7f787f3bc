"""How long an LZW strip is, told in two ways that know nothing of each other."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from mediascrub import DamagedError
from mediascrub.stills.tiff_picture import LZW
from mediascrub.stills.tiff_strips import lzw_extent, unpacked


def strip_of(samples: bytes) -> bytes:
    """One LZW strip, coded by libtiff."""
    out = io.BytesIO()
    picture = Image.frombytes("L", (len(samples), 1), samples)
    picture.save(out, "TIFF", compression="tiff_lzw")
    with Image.open(out) as opened:
        assert isinstance(opened, TiffImageFile)
        (offset,), (count,) = opened.tag_v2[273], opened.tag_v2[279]
    return out.getvalue()[offset : offset + count]


@pytest.mark.parametrize("colours", [1, 2, 20, 256])
@pytest.mark.parametrize("length", [1, 2, 255, 4000, 60_000])
def test_the_length_is_that_of_the_samples(colours: int, length: int) -> None:
    samples = np.random.default_rng(1).integers(0, colours, length, np.uint8).tobytes()
    strip = strip_of(samples)
    assert unpacked(strip, LZW, length + 1) == (samples, len(strip))
    assert lzw_extent(strip, length + 1) == (length, len(strip))
    assert lzw_extent(strip + b"Jane Roe", length + 1) == (length, len(strip))


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=600), st.integers(1, 2000))
def test_both_agree_on_noise(noise: bytes, most: int) -> None:
    try:
        samples, used = unpacked(b"\x80" + noise, LZW, most)
    except DamagedError:
        with pytest.raises(DamagedError):
            lzw_extent(b"\x80" + noise, 1 << 30)
        return
    try:
        length, extent = lzw_extent(b"\x80" + noise, most)
    except DamagedError:
        return  # what comes after `most` samples is not looked at by the other
    assert min(length, most) == len(samples)
    if length < most:
        assert extent == used
