"""What is wholly transparent hides nothing: neither where it was erased, nor in a palette."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from av import VideoFrame
from PIL import Image

from mediascrub import scrub_still, still_residues
from mediascrub.stills.tiff_writing import tiff_of

RNG = np.random.default_rng(3)
COLOURS = RNG.integers(1, 256, (12, 16, 3), np.uint8).repeat(4, 0).repeat(4, 1)
ALPHA = np.full((48, 64, 1), 255, np.uint8)
ALPHA[8:30, 10:40] = 0
ALPHA[:4] = 90
ERASED = np.dstack([COLOURS, ALPHA])
SAVED: dict[str, dict[str, Any]] = {
    "png": {"format": "png"},
    "interlaced": {"format": "png"},
    "webp": {"format": "webp", "lossless": True, "exact": True},
    "lossy webp": {"format": "webp", "quality": 80, "exact": True},
    "tiff": {"format": "tiff", "compression": "raw"},
    "packed tiff": {"format": "tiff", "compression": "tiff_adobe_deflate"},
}


def saved(kind: str, samples: np.ndarray[Any, Any]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(samples).save(out, **SAVED[kind])
    return out.getvalue()


def shown(data: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGBA"))


@pytest.mark.parametrize("kind", SAVED)
def test_what_an_eraser_left_is_gone_and_what_is_seen_stays(kind: str) -> None:
    source = saved(kind, ERASED)
    before = shown(source)
    hidden = before[..., 3] == 0
    assert before[hidden][:, :3].any(), "the source hides something"
    delivered = scrub_still(source, orientation=None, common_profile=False)
    after = shown(delivered)
    if "webp" in kind:
        # Its encoder carries on there with what is seen beside it: as from black as from colours.
        other = before.copy()
        other[hidden] = 77
        other[..., 3] = before[..., 3]
        same = scrub_still(saved("webp", other), orientation=None, common_profile=False)
        assert np.array_equal(after, shown(same))
    else:
        assert not after[hidden][:, :3].any()
    assert np.array_equal(after[~hidden], before[~hidden])
    assert np.array_equal(after[..., 3], before[..., 3])
    assert still_residues(delivered) == []
    assert scrub_still(delivered, orientation=None, common_profile=False) == delivered


def test_a_coarse_picture_under_a_lossy_one_is_noticed_too() -> None:
    """Each block has one colour; side by side they show who was there."""
    coarse = COLOURS[::8, ::8].repeat(32, 0).repeat(32, 1)
    alpha = np.full((*coarse.shape[:2], 1), 255, np.uint8)
    alpha[32:, 32:] = 0
    source = saved("lossy webp", np.dstack([coarse, alpha]))
    delivered = scrub_still(source, orientation=None, common_profile=False)
    assert delivered != source
    assert still_residues(delivered) == []


def test_what_encoders_make_of_hidden_parts_hides_nothing() -> None:
    out = io.BytesIO()
    smooth = np.dstack([COLOURS.repeat(4, 0).repeat(4, 1), ALPHA.repeat(4, 0).repeat(4, 1)])
    Image.fromarray(smooth).save(out, "webp", quality=80)
    source = out.getvalue()
    assert scrub_still(source, orientation=None, common_profile=False) == source


@pytest.mark.parametrize("kind", SAVED)
def test_a_picture_that_hides_nothing_is_coded_as_it_was(kind: str) -> None:
    clear = ERASED.copy()
    clear[ALPHA[..., 0] == 0] = 0
    source = saved(kind, clear)
    if kind == "lossy webp":
        return  # its decoder gives colours under alpha back as it likes
    delivered = scrub_still(source, orientation=None, common_profile=False)
    assert source[600:700] in delivered


@pytest.mark.parametrize("kind", ["png", "webp", "lossy webp"])
def test_what_is_left_there_is_noticed(kind: str) -> None:
    assert "colours under what is wholly transparent" in still_residues(saved(kind, ERASED))


def test_what_is_left_in_a_tiff_is_noticed() -> None:
    hiding = tiff_of(VideoFrame.from_ndarray(ERASED, format="rgba"))
    assert still_residues(hiding) == ["colours under what is wholly transparent"]


def test_sixteen_bits_and_grey() -> None:
    import cv2

    deep = (ERASED.astype(np.uint16) << 8) + 7
    deep[ALPHA[..., 0] == 0, 3] = 0
    _, coded = cv2.imencode(".png", deep)
    delivered = scrub_still(coded.tobytes(), orientation=None, common_profile=False)
    after = cv2.imdecode(np.frombuffer(delivered, np.uint8), cv2.IMREAD_UNCHANGED)
    assert after is not None
    assert after.dtype == np.uint16
    assert not after[ALPHA[..., 0] == 0].any()
    assert np.array_equal(after[ALPHA[..., 0] > 0], deep[ALPHA[..., 0] > 0])
    out = io.BytesIO()
    Image.fromarray(ERASED[..., 2:].copy(), "LA").save(out, "png")
    grey = shown(scrub_still(out.getvalue(), orientation=None, common_profile=False))
    assert not grey[ALPHA[..., 0] == 0][:, :3].any()
    assert np.array_equal(grey[ALPHA[..., 0] > 0][:, 0], COLOURS[..., 2][ALPHA[..., 0] > 0])


def test_colours_of_a_palette_that_are_transparent_go() -> None:
    picture = Image.fromarray(RNG.integers(0, 4, (16, 16), np.uint8), "P")
    picture.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120])
    out = io.BytesIO()
    picture.save(out, "png", transparency=bytes((255, 0, 128, 0)))
    delivered = scrub_still(out.getvalue(), orientation=None, common_profile=False)
    with Image.open(io.BytesIO(delivered)) as after:
        palette = after.getpalette()
    assert palette is not None
    assert palette[:12] == [10, 20, 30, 0, 0, 0, 70, 80, 90, 0, 0, 0]
    assert np.array_equal(shown(delivered)[..., 3], shown(out.getvalue())[..., 3])
