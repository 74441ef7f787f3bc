from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redaction.covering import SHAPES, TREATMENTS, track
from redaction.pictures import component, noise

from veilcast.errors import SettingError
from veilcast.redaction.covers import TrackCovers
from veilcast.redaction.planes import apply_covers
from veilcast.settings import CoverSettings, DetectSettings
from veilcast.types import Box


def contains(outer: Box, inner: Box) -> bool:
    slack = 1e-6
    return (
        outer.x <= inner.x + slack
        and outer.y <= inner.y + slack
        and outer.right >= inner.right - slack
        and outer.bottom >= inner.bottom - slack
    )


numbers = st.floats(-20, 60, allow_nan=False)
sizes = st.floats(0.3, 40, allow_nan=False)
boxes = st.tuples(numbers, numbers, sizes, sizes)


@given(
    box=boxes,
    padding=st.floats(0, 1),
    shape=st.sampled_from(SHAPES),
    pix_fmt=st.sampled_from(["gray16le", "yuv420p16le", "yuv411p"]),
)
def test_no_pixel_of_the_marked_box_is_ever_left(
    box: tuple[float, float, float, float], padding: float, shape: str, pix_fmt: str
) -> None:
    settings = CoverSettings(padding=padding, shape=shape, treatment="fill", fill_colour="#0a141e")
    cover = TrackCovers(track([0], [box]), settings).at(0)
    assert cover is not None
    frame = noise(pix_fmt, 63, 47)
    apply_covers(frame, [cover], TREATMENTS)
    x, y, width, height = box
    for index in range(len(frame.format.components)):
        samples = component(frame, index)
        across, down = -(-63 // samples.shape[1]), -(-47 // samples.shape[0])
        # Any pixel that shares more than a billionth of its side with the box.
        left, top = max(int(np.floor(x + 1e-9)), 0), max(int(np.floor(y + 1e-9)), 0)
        right = min(int(np.ceil(x + width - 1e-9)), 63)
        bottom = min(int(np.ceil(y + height - 1e-9)), 47)
        if left < right and top < bottom:
            part = samples[top // down : -(-bottom // down), left // across : -(-right // across)]
            assert len(np.unique(part)) == 1


@given(box=boxes, padding=st.floats(0, 1))
def test_padding_grows_each_side(box: tuple[float, float, float, float], padding: float) -> None:
    x, y, width, height = box
    cover = TrackCovers(track([0], [box]), CoverSettings(padding=padding, shape="rectangle")).at(0)
    assert cover is not None
    assert cover.box.x == pytest.approx(x - padding * width, abs=1e-6)
    assert cover.box.bottom == pytest.approx(y + height + padding * height, abs=1e-6)
    assert cover.box.width == pytest.approx(width * (1 + 2 * padding))


def test_exactly_the_frames_of_the_track_are_covered() -> None:
    times = [40_000, 80_000, 200_000]
    covers = TrackCovers(
        track(times, [(0, 0, 10, 10), (10, 0, 10, 10), (40, 0, 20, 20)]),
        CoverSettings(padding=0, shape="rectangle"),
    )
    assert covers.at(39_999) is None
    assert covers.at(200_001) is None
    found = [covers.at(time_us) for time_us in times]
    assert [cover.box.x for cover in found if cover] == [0, 10, 40]
    assert (covers.start_us, covers.end_us) == (40_000, 200_000)


@given(
    times=st.lists(st.integers(0, 10**9), min_size=2, max_size=20, unique=True),
    share=st.floats(0, 1),
    data=st.data(),
)
def test_no_frame_within_a_track_is_bare(
    times: list[int], share: float, data: st.DataObject
) -> None:
    times = sorted(times)
    given_boxes = data.draw(st.lists(boxes, min_size=len(times), max_size=len(times)))
    covers = TrackCovers(track(times, given_boxes), CoverSettings())
    moment = times[0] + int((times[-1] - times[0]) * share)
    cover = covers.at(moment)
    assert cover is not None
    after = next(i for i, time_us in enumerate(times) if time_us >= moment)
    for index in (after,) if times[after] == moment else (after - 1, after):
        x, y, width, height = given_boxes[index]
        assert contains(cover.box, Box(x=x, y=y, width=width, height=height))


def test_blocks_are_relative_to_the_widest_box_and_keep_their_size() -> None:
    boxes_ = [(0.0, 0.0, 100.0, 900.0), (0.0, 0.0, 601.0, 90.0)]
    covers = TrackCovers(track([0, 1], boxes_), CoverSettings(pixel_size=16, blocks_across=8))
    found = [covers.at(time_us) for time_us in (0, 1)]
    assert [cover.params["block_px"] for cover in found if cover] == [76, 76]
    small = TrackCovers(track([0], [(0, 0, 60, 60)]), CoverSettings()).at(0)
    assert small is not None
    assert small.params["block_px"] == 16


def test_a_tracks_own_options_come_first() -> None:
    settings = DetectSettings(padding=0.1, pixel_size=8, fill_colour="#ffffff", hold=3)
    covers = TrackCovers(
        track(
            [0],
            [(0, 0, 40, 40)],
            padding=0.5,
            shape="rectangle",
            treatment="fill",
            fill_colour="#0102ff",
            blur_sigma=0.5,
        ),
        settings,
    )
    cover = covers.at(0)
    assert cover is not None
    assert (cover.shape, cover.treatment, cover.box.width) == ("rectangle", "fill", 80)
    assert cover.params == {"block_px": 10, "sigma_px": 20.0, "rgb": (1, 2, 255)}


def test_peekingducks_ways_go_before_the_others() -> None:
    settings = CoverSettings(blocks_across=4, blur_sigma=0.5, mosaic_level=7, blur_level=7.5)
    covers = TrackCovers(track([0], [(0, 0, 200, 200)]), settings)
    assert covers.params["mosaic_level"] == 7
    assert covers.params["sigma_px"] == 7.5
    assert "mosaic_level" not in TrackCovers(track([0], [(0, 0, 9, 9)]), CoverSettings()).params


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ({}, {"block_px": 50}),
        ({"mosaic_level": 7}, {"mosaic_level": 7}),
        ({"treatment": "blur"}, {"sigma_px": 30.0}),
        ({"treatment": "blur", "blur_level": 7}, {"sigma_px": 7.0}),
        ({"treatment": "fill", "fill_colour": "#abcdef"}, {"fill_colour": "#abcdef"}),
        ({"treatment": "emoji", "feather": 0.05}, {"feather_px": 10.0}),
        ({"treatment": "glow", "shape": "rounded", "padding": 0.5}, {}),
    ],
)
def test_the_manifest_says_how_and_how_strongly(
    options: dict[str, object], how: dict[str, object]
) -> None:
    one = track([0], [(0, 0, 200, 300)], **options)
    covers = TrackCovers(one, CoverSettings(padding=0.25))
    common = {"treatment": "mosaic", "shape": "ellipse", "padding": 0.25}
    told = {name: value for name, value in options.items() if name in common}
    assert covers.described() == {**common, **told, **how}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"padding": 1.5}, "padding"),
        ({"shape": "star"}, "shape"),
        ({"fill_colour": "red", "pixel_size": 2}, "fill_colour, pixel_size"),
        ({"mosaic_level": 0, "feather": -0.1, "blur_level": 0}, "blur_level, feather, mosaic_leve"),
        ({"picture": "/no/such/red.png"}, "picture"),
        ({"jane doe": 1}, "unknown"),
    ],
)
def test_wrong_options_are_errors_that_name_the_setting(
    options: dict[str, object], words: str
) -> None:
    with pytest.raises(SettingError, match=words) as caught:
        TrackCovers(track([0], [(0, 0, 1, 1)], **options), CoverSettings())
    assert "jane" not in str(caught.value)
    assert "red" not in str(caught.value).replace("fill_colour", "")


def test_a_treatment_that_is_not_there_is_found_early() -> None:
    covers = TrackCovers(track([0], [(0, 0, 1, 1)], treatment="glow"), CoverSettings())
    with pytest.raises(SettingError, match="mosaic"):
        covers.validate(TREATMENTS)
    TrackCovers(track([0], [(0, 0, 1, 1)]), CoverSettings()).validate(TREATMENTS)
