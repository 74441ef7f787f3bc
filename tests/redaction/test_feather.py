"""A cover that fades: only outside, and only as far as it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redaction.covering import (
    FORMATS,
    HEIGHT,
    SHAPES,
    TREATMENTS,
    WIDTH,
    box,
    cover,
    touched,
    track,
)
from redaction.pictures import component, components, noise, per_sample

from veilcast.media.orientation import Orientation
from veilcast.redaction.covers import TrackCovers
from veilcast.redaction.planes import apply_covers
from veilcast.settings import CoverSettings

if TYPE_CHECKING:
    from testmedia import Corpus

    from veilcast.types import Box, Cover


def covered(pix_fmt: str, one: Cover, orientation: Orientation | None = None) -> list[np.ndarray]:
    frame = noise(pix_fmt, WIDTH, HEIGHT)
    apply_covers(frame, [one], TREATMENTS, orientation or Orientation())
    return components(frame)


def fading(area: Box, shape: str, treatment: str, feather: float, **params: object) -> Cover:
    return replace(cover(area, shape, treatment, **params), feather_px=feather)


@settings(deadline=None)
@given(
    x=st.floats(-30, 60),
    y=st.floats(-30, 44),
    width=st.floats(1, 60),
    height=st.floats(1, 60),
    shape=st.sampled_from(SHAPES),
    treatment=st.sampled_from(["mosaic", "blur", "fill", "emoji"]),
    feather=st.floats(0.01, 40),
    pix_fmt=st.sampled_from(["yuv420p", "yuv422p10le", "yuv411p", "p010le", "gray16le", "rgb24"]),
    turned=st.booleans(),
)
def test_feathering_never_thins_the_cover(
    x: float,
    y: float,
    width: float,
    height: float,
    shape: str,
    treatment: str,
    feather: float,
    pix_fmt: str,
    turned: bool,
) -> None:
    """Everything that is covered without a feather is covered with it, in the very same way."""
    area, orientation = box(x, y, width, height), Orientation(transposed=turned)
    size = orientation.displayed_size(WIDTH, HEIGHT)
    sharp = covered(pix_fmt, cover(area, shape, treatment), orientation)
    soft = covered(pix_fmt, fading(area, shape, treatment, feather), orientation)
    inside = touched(area, shape, *size)
    near = touched(area, shape, *size, slack=feather + 1)
    # Axes change places in the stored picture, which is all that this orientation does.
    inside, near = (mask.T if turned else mask for mask in (inside, near))
    before = components(noise(pix_fmt, WIDTH, HEIGHT))
    for old, one, other in zip(before, sharp, soft, strict=True):
        kept = per_sample(inside, one.shape)
        assert np.array_equal(one[kept], other[kept])
        # Whatever else was covered, because covers are rounded outward, stays covered.
        changed = old != one
        assert np.array_equal(one[changed], other[changed])
        far = ~per_sample(near, one.shape)
        assert np.array_equal(old[far], other[far])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("height", [1, 2, 3, 11])
@pytest.mark.parametrize("top", [20, 21, 22, 23])
def test_nor_in_either_field_of_an_interlaced_picture(
    shape: str, top: int, height: int, media: Corpus
) -> None:
    results = []
    for feather in (0.0, 9.0):
        with av.open(str(media["interlaced.mp4"])) as source:
            frame = next(source.decode(video=0))
        assert frame.interlaced_frame
        before = components(frame)
        one = fading(box(30, top, 50, height), shape, "fill", feather, rgb=(255, 0, 255))
        apply_covers(frame, [one], TREATMENTS)
        results.append(components(frame))
    for old, sharp, soft in zip(before, *results, strict=True):
        changed = old != sharp
        assert changed.any()
        assert np.array_equal(sharp[changed], soft[changed])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_every_format_fades_from_the_cover_into_what_was_there(pix_fmt: str, shape: str) -> None:
    area = box(22.0, 14.0, 20.0, 18.0)
    before = components(noise(pix_fmt, WIDTH, HEIGHT))
    sharp = covered(pix_fmt, cover(area, shape))
    soft = covered(pix_fmt, fading(area, shape, "fill", 10))
    inside = touched(area, shape, WIDTH, HEIGHT)
    near = touched(area, shape, WIDTH, HEIGHT, slack=10.5)
    colours = sum(not part.is_alpha for part in noise(pix_fmt, 64, 48).format.components)
    for index, (old, one, other) in enumerate(zip(before, sharp, soft, strict=True)):
        if index >= colours:
            assert np.array_equal(old, other), "alpha is left alone"
            continue
        kept, around = per_sample(inside, old.shape), per_sample(near, old.shape)
        assert np.array_equal(one[kept], other[kept])
        assert np.array_equal(old[~around], other[~around])
        # In between each sample lies between what was there and what covers it.
        fill, between = int(one[kept][0]), around & ~kept
        low, high = np.minimum(old[between], fill), np.maximum(old[between], fill)
        assert (low <= other[between]).all()
        assert (other[between] <= high).all()
        assert (other[between] != old[between]).mean() > 0.3


@pytest.mark.parametrize("shape", SHAPES)
def test_it_fades_evenly_over_the_given_distance(shape: str) -> None:
    frame = noise("gray", 200, 200)
    component(frame, 0)[...] = 250
    area = box(80, 60, 40, 80)
    apply_covers(frame, [fading(area, shape, "fill", 25.0, rgb=(0, 0, 0))], TREATMENTS)
    samples = component(frame, 0).astype(int)
    for ray in (samples[100, 119:], samples[100, 80::-1], samples[139:, 100], samples[60::-1, 100]):
        assert ray[0] == 0
        assert ray[1:27].tolist() == pytest.approx([250 * n / 25 for n in range(26)], abs=11)
        assert (np.diff(ray) >= 0).all()
        assert (ray[27:] == 250).all()
    # The same distance off the corner of the box: what is there is at least as far from the shape.
    assert samples[160, 140] >= samples[160, 100]


def test_what_fades_over_another_cover_shows_nothing_of_what_that_covers() -> None:
    first = box(5, 5, 25, 35)
    second = fading(box(33, 5, 20, 35), "rectangle", "mosaic", 20)
    results = []
    for seed in (1, 2):
        frame = noise("yuv420p", WIDTH, HEIGHT, seed=3)
        under = touched(first, "rectangle", WIDTH, HEIGHT)
        for index in range(3):
            # Two pictures that differ under the first cover only.
            samples = component(frame, index)
            mask = per_sample(under, samples.shape)
            rng = np.random.default_rng(seed)
            samples[mask] = rng.integers(0, 256, int(mask.sum()), dtype=np.uint8)
        apply_covers(frame, [cover(first), second], TREATMENTS)
        results.append(components(frame))
    for one, other in zip(*results, strict=True):
        assert np.array_equal(one, other)


def test_the_distance_is_a_share_of_the_widest_box_of_the_track() -> None:
    widening = track([0, 40_000], [(0, 0, 40, 60), (0, 0, 80, 60)])
    covers = TrackCovers(widening, CoverSettings(feather=0.25))
    found = [covers.at(time) for time in (0, 40_000)]
    assert [cover.feather_px for cover in found if cover] == [20, 20]
    assert covers.described()["feather_px"] == 20
    plain = TrackCovers(widening, CoverSettings()).at(0)
    assert plain is not None
    assert plain.feather_px == 0
