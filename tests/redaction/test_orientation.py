from __future__ import annotations

import subprocess
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redaction.pictures import component, noise

from veilcast.errors import UnsupportedError
from veilcast.media.orientation import Orientation
from veilcast.types import Box

if TYPE_CHECKING:
    from pathlib import Path

ALL = [
    Orientation(transposed=t, mirrored_across=a, mirrored_down=d)
    for t, a, d in product((False, True), repeat=3)
]
ONE = 1 << 16


@pytest.mark.parametrize("orientation", ALL, ids=str)
def test_ffmpeg_displays_it_the_same_way(orientation: Orientation, tmp_path: Path) -> None:
    path = tmp_path / "turned.mp4"
    stored = noise("gray", 64, 48)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
        stream.options = {"qp": "0"}
        stream.set_display_matrix(orientation.matrix())
        frame = av.VideoFrame(64, 48, "yuv444p")
        for index in range(3):
            component(frame, index)[...] = component(stored, 0)
        frame.pts = 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    shown = subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1"),
            *("-f", "rawvideo", "-pix_fmt", "yuv444p", "-"),
        ],
        check=True,
        capture_output=True,
    ).stdout
    width, height = orientation.displayed_size(64, 48)
    luma = np.frombuffer(shown, np.uint8)[: width * height].reshape(height, width)
    assert np.array_equal(orientation.to_displayed(component(stored, 0)), luma)


def test_a_phone_held_upright_is_turned_clockwise() -> None:
    phone = Orientation.from_matrix([0, ONE, 0, -ONE, 0, 0, 1080 * ONE, 0, 1 << 30])
    assert phone.displayed_size(1920, 1080) == (1080, 1920)
    assert phone.to_displayed(np.array([[1, 2], [3, 4]])).tolist() == [[3, 1], [4, 2]]


@pytest.mark.parametrize("orientation", ALL, ids=str)
def test_matrix_and_back(orientation: Orientation) -> None:
    assert Orientation.from_matrix(orientation.matrix()) == orientation


def test_no_matrix_is_upright() -> None:
    assert Orientation.from_matrix(None) == Orientation()
    assert Orientation().is_identity
    assert not any(one.is_identity for one in ALL[1:])


def test_scale_and_rounding_do_not_count() -> None:
    half_turn = Orientation(mirrored_across=True, mirrored_down=True)
    assert Orientation.from_matrix([-2 * ONE, 3, 0, -3, -ONE, 0, 9, 9, 1 << 30]) == half_turn


@pytest.mark.parametrize(
    "matrix",
    [
        [46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30],
        [65000, 8000, 0, -8000, 65000, 0, 0, 0, 1 << 30],
        [ONE, 0, 5, 0, ONE, 0, 0, 0, 1 << 30],
        [ONE, 0, 0, 0, 0, 0, 0, 0, 1 << 30],
        [0] * 9,
        [ONE, 0, 0, ONE],
        [],
    ],
)
def test_other_matrices_are_refused(matrix: list[int]) -> None:
    with pytest.raises(UnsupportedError, match=r"^[A-Z][^.]*\.$"):
        Orientation.from_matrix(matrix)


@given(
    orientation=st.sampled_from(ALL),
    x=st.integers(0, 20),
    y=st.integers(0, 20),
    width=st.integers(1, 12),
    height=st.integers(1, 12),
)
def test_a_box_marks_the_same_pixels_stored_and_displayed(
    orientation: Orientation, x: int, y: int, width: int, height: int
) -> None:
    stored = np.zeros((32, 40), dtype=bool)
    displayed_width, displayed_height = orientation.displayed_size(40, 32)
    x, y = min(x, displayed_width - width), min(y, displayed_height - height)
    box = orientation.box_to_stored(
        Box(x=x, y=y, width=width, height=height), displayed_width, displayed_height
    )
    stored[int(box.y) : int(box.bottom), int(box.x) : int(box.right)] = True
    displayed = np.zeros((displayed_height, displayed_width), dtype=bool)
    displayed[y : y + height, x : x + width] = True
    assert np.array_equal(orientation.to_displayed(stored), displayed)
