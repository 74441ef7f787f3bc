from __future__ import annotations

import itertools
import subprocess
import sys
import time
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.extensions import PixelTreatment, Plane, SoundTreatment
from veilcast.media.orientation import Orientation
from veilcast.redaction.treatments import veilcast_treatments
from veilcast.types import Box

PIXEL = {t.name: t for t in veilcast_treatments() if isinstance(t, PixelTreatment)}
SOUND = {t.name: t for t in veilcast_treatments() if isinstance(t, SoundTreatment)}
PLANE: dict[str, Any] = {
    "role": "luma",
    "component": 0,
    "depth": 8,
    "full_range": False,
    "step_x": 1,
    "step_y": 1,
    "matrix": "bt709",
    "box": Box(x=0, y=0, width=1, height=1),
    "orientation": Orientation(),
}


def plane(**changes: Any) -> Plane:
    return Plane(**{**PLANE, **changes})


def noise(shape: tuple[int, ...], dtype: str = "u1", seed: int = 0) -> np.ndarray:
    top = np.iinfo(np.dtype(dtype)).max
    return np.random.default_rng(seed).integers(0, top + 1, shape).astype(dtype)


def test_names_and_which_is_weak() -> None:
    assert set(PIXEL) == {"mosaic", "blur", "fill", "picture", "emoji"}
    assert set(SOUND) == {"beep", "mute", "noise", "excise"}
    assert [t.name for t in SOUND.values() if t.cuts] == ["excise"]
    assert [t.name for t in PIXEL.values() if t.weak] == ["blur"]


def test_listing_the_treatments_loads_nothing_heavy() -> None:
    code = (
        "import sys, veilcast.redaction.treatments as t; list(t.veilcast_treatments());"
        "print([m for m in ('numpy', 'cv2', 'pydub', 'av') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"


def blocks(samples: np.ndarray, result: np.ndarray) -> list[tuple[slice, slice]]:
    """The blocks of a mosaic, checked: a grid of rectangles, each the average of what was there."""
    rows = [0, *(np.flatnonzero((np.diff(result, axis=0) != 0).any(axis=1)) + 1), len(result)]
    columns = [
        0,
        *(np.flatnonzero((np.diff(result, axis=1) != 0).any(axis=0)) + 1),
        result.shape[1],
    ]
    found = [
        np.s_[top:bottom, left:right]
        for top, bottom in itertools.pairwise(map(int, rows))
        for left, right in itertools.pairwise(map(int, columns))
    ]
    for block in found:
        mean = samples[block].astype(np.float64).mean()
        assert (result[block] == int(np.floor(mean + 0.5))).all()
    return found


@given(
    left=st.floats(-90, 0),
    top=st.floats(-90, 0),
    rows=st.integers(1, 60),
    columns=st.integers(1, 60),
    beyond=st.floats(0, 90),
    strength=st.one_of(
        st.builds(dict, block_px=st.integers(4, 40)),
        st.builds(dict, block_px=st.just(4), mosaic_level=st.integers(1, 64)),
    ),
    steps=st.sampled_from([(1, 1), (2, 2), (2, 1), (4, 1), (1, 2)]),
    dtype=st.sampled_from(["u1", "u2", ">u2"]),
)
def test_no_block_is_smaller_than_asked(
    left: float,
    top: float,
    rows: int,
    columns: int,
    beyond: float,
    strength: dict[str, int],
    steps: tuple[int, int],
    dtype: str,
) -> None:
    # What is inside the picture of a cover that reaches beyond it on all sides.
    samples = noise((rows, columns), dtype)
    whole = Box(x=left, y=top, width=columns - left + beyond, height=rows - top + beyond)
    where = plane(step_x=steps[0], step_y=steps[1], depth=8 * samples.dtype.itemsize, box=whole)
    result = PIXEL["mosaic"].apply(samples, where, strength)
    assert (result.shape, result.dtype) == (samples.shape, samples.dtype)
    across, down = strength["block_px"] / steps[0], strength["block_px"] / steps[1]
    if level := strength.get("mosaic_level"):
        across, down = max(whole.width / level, across), max(whole.height / level, down)
    for block in blocks(samples, result):
        # A line lies between samples, so it can be half a sample from where it should be.
        height, width = result[block].shape
        assert height > min(rows, down - 1) - 0.001
        assert width > min(columns, across - 1) - 0.001


@pytest.mark.parametrize("level", [1, 2, 7, 25])
@pytest.mark.parametrize("steps", [(1, 1), (2, 2), (2, 1)])
def test_mosaic_level_is_the_number_of_rows_and_columns(level: int, steps: tuple[int, int]) -> None:
    samples = noise((173, 231))
    whole = Box(x=0.3, y=0.4, width=230.2, height=172.5)
    where = plane(step_x=steps[0], step_y=steps[1], box=whole)
    result = PIXEL["mosaic"].apply(samples, where, {"block_px": 30, "mosaic_level": level})
    assert len(blocks(samples, result)) == level**2


def test_a_mosaic_stays_on_what_it_covers_while_that_leaves_the_picture() -> None:
    """What is still visible looks as before, so more frames show no more of it."""
    thing = noise((96, 96))
    params = {"block_px": 12}
    before = PIXEL["mosaic"].apply(thing, plane(box=Box(x=0, y=0, width=96, height=96)), params)
    for gone in (1, 5, 12, 29, 50):
        visible = np.ascontiguousarray(thing[gone:, gone:])
        outside = Box(x=-gone, y=-gone, width=96, height=96)
        after = PIXEL["mosaic"].apply(visible, plane(box=outside), params)
        # The block at the edge is of what is left of it.
        whole = -(-gone // 12) * 12 - gone + 12
        assert np.array_equal(after[whole:, whole:], before[gone + whole :, gone + whole :])


def test_a_mosaic_grows_by_whole_blocks_from_the_middle() -> None:
    """A box that pulses does not push the lines to and fro over what is covered."""
    thing = noise((140, 140))
    middle = np.s_[34:106, 34:106]
    seen = []
    for inset in (0, 2, 7, 10):
        part = np.ascontiguousarray(thing[inset : 140 - inset, inset : 140 - inset])
        side = 140 - 2 * inset
        result = np.zeros_like(thing)
        result[inset : 140 - inset, inset : 140 - inset] = PIXEL["mosaic"].apply(
            part, plane(box=Box(x=0, y=0, width=side, height=side)), {"block_px": 12}
        )
        seen.append(result[middle])
    assert all(np.array_equal(one, seen[0]) for one in seen)


def test_mosaic_sums_do_not_overflow() -> None:
    samples = np.full((2000, 1500), 65535, dtype=np.uint16)
    whole = Box(x=0, y=0, width=1500, height=2000)
    result = PIXEL["mosaic"].apply(samples, plane(depth=16, box=whole), {"block_px": 4000})
    assert (result == 65535).all()


@pytest.mark.parametrize(("sigma", "tolerance"), [(3.0, 6), (12.5, 6), (40.0, 6)])
def test_blur_is_almost_a_gaussian(sigma: float, tolerance: int) -> None:
    samples = np.zeros((200, 260), np.uint8)
    samples[60:140, 90:170] = 255
    result = PIXEL["blur"].apply(samples, plane(), {"sigma_px": sigma})
    wanted = cv2.GaussianBlur(samples, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    assert abs(result.astype(int) - wanted).max() <= tolerance


@given(
    sigma=st.floats(0.01, 500),
    dtype=st.sampled_from(["u1", "u2"]),
    value=st.integers(0, 255),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_blur_of_one_colour_is_that_colour(
    sigma: float, dtype: str, value: int, shape: tuple[int, int]
) -> None:
    samples = np.full(shape, value * (257 if dtype == "u2" else 1), dtype=dtype)
    result = PIXEL["blur"].apply(samples, plane(), {"sigma_px": sigma})
    assert result.dtype == samples.dtype
    assert np.array_equal(result, samples)


@pytest.mark.parametrize("sigma", [0.01, 0.3, 1.0])
def test_the_least_blur_still_destroys(sigma: float) -> None:
    samples = noise((50, 50))
    result = PIXEL["blur"].apply(samples, plane(step_x=2), {"sigma_px": sigma})
    assert result.std() < samples.std() / 2


def test_blur_does_not_wrap_or_saturate_at_16_bits() -> None:
    samples = noise((300, 300), "u2")
    result = PIXEL["blur"].apply(samples, plane(depth=16), {"sigma_px": 60.0})
    assert abs(result.mean() - samples.mean()) < 800
    assert samples.min() < result.min() <= result.max() < samples.max()


def test_a_strong_blur_of_a_large_face_is_quick() -> None:
    samples = noise((600, 600))
    PIXEL["blur"].apply(samples, plane(), {"sigma_px": 90.0})
    times = []
    for _ in range(5):
        start = time.perf_counter()
        PIXEL["blur"].apply(samples, plane(), {"sigma_px": 90.0})
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1


@pytest.mark.parametrize(
    ("changes", "rgb", "expected"),
    [
        ({}, (0, 0, 0), 16),
        ({}, (255, 255, 255), 235),
        ({"full_range": True}, (255, 255, 255), 255),
        ({"depth": 10}, (255, 255, 255), 940),
        ({"depth": 10, "full_range": True}, (255, 255, 255), 1023),
        ({"role": "chroma", "component": 1}, (0, 0, 0), 128),
        ({"role": "chroma", "component": 1}, (0, 0, 255), 240),
        ({"role": "chroma", "component": 2}, (255, 0, 0), 240),
        ({"role": "chroma", "component": 2, "depth": 10}, (255, 0, 0), 960),
        ({"role": "chroma", "component": 2, "full_range": True}, (255, 0, 0), 255),
        ({"role": "rgb", "component": 1}, (1, 77, 3), 77),
        ({"role": "rgb", "component": 2, "depth": 16}, (0, 0, 255), 65535),
        # BT.709 green: 16 + 219 * 0.7152
        ({}, (0, 255, 0), 173),
        ({"matrix": "bt601"}, (0, 255, 0), 145),
    ],
)
def test_fill_values_of_the_standards(
    changes: dict[str, object], rgb: tuple[int, ...], expected: int
) -> None:
    samples = noise((3, 4), "u2" if changes.get("depth", 8) != 8 else "u1")
    result = PIXEL["fill"].apply(samples, plane(**changes), {"rgb": list(rgb)})
    assert (result.shape, result.dtype) == (samples.shape, samples.dtype)
    assert (result == expected).all()
