"""When a delivered picture is looked at again, by whom, and how what is seen is told."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import ffmpeg
import numpy as np
import pytest
from checks.looked_at import examined, marks_clip, marks_left, milliseconds
from testmedia.tools import encode, tone, turn
from visual.marks import Marks, detector, frame, mark, write

from veilcast.checks.picture_check import MOST_TOLD
from veilcast.errors import SettingError
from veilcast.extensions import Treated
from veilcast.plugin import Box
from veilcast.visual.sampling import Between, Ticks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.plugin import Detection, DetectorContext


class Noting(Marks):
    """Remembers what it was shown."""

    shown: dict[str, list[tuple[int, ...]]]
    name: str

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        self.shown.setdefault(self.name, []).append(picture.shape)
        return super().detect(picture)


def noting(shown: dict[str, list[tuple[int, ...]]], name: str, **facts: Any) -> Any:
    def load(context: DetectorContext) -> Noting:
        loaded = Noting(context)
        loaded.shown, loaded.name = shown, name
        return loaded

    return detector(load, name=name, **facts)


def test_another_detector_looks_and_the_first_only_at_what_it_saw(tmp_path: Path) -> None:
    shown: dict[str, list[tuple[int, ...]]] = {}
    both = [noting(shown, name) for name in ("marks", "other")]
    times = milliseconds(12)
    nothing = marks_clip(tmp_path / "nothing.mkv", times, lambda number: ())
    assert marks_left(nothing, *both) == []
    assert set(shown) == {"other"}
    assert 4 <= len(shown["other"]) <= 8
    shown.clear()
    box = Box(x=90, y=80, width=44, height=44)
    bare = marks_clip(tmp_path / "bare.mkv", times, lambda number: [box])
    assert len(marks_left(bare, *both)) == 1
    assert set(shown) == {"marks", "other"}


def test_alone_it_looks_at_pictures_of_another_size(tmp_path: Path) -> None:
    shown: dict[str, list[tuple[int, ...]]] = {}
    alone = noting(shown, "marks")
    path = marks_clip(tmp_path / "clip.mkv", milliseconds(9), lambda number: ())
    assert marks_left(path, alone) == []
    assert all(max(shape[:2]) != 320 for shape in shown["marks"])


def test_a_thing_that_only_one_of_two_sees_is_not_told(tmp_path: Path) -> None:
    class Blind(Marks):
        def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
            return []

    box = Box(x=90, y=80, width=44, height=44)
    path = marks_clip(tmp_path / "clip.mkv", milliseconds(9), lambda number: [box])
    assert marks_left(path, detector(), detector(Blind, name="other", smallest=30)) == []


def test_what_can_not_look_is_an_error(tmp_path: Path) -> None:
    path = marks_clip(tmp_path / "clip.mkv", [0], lambda number: ())
    with pytest.raises(SettingError, match="no detector 'missing'"):
        marks_left(path, located=("missing",))


# When


def walking(number: int) -> Box:
    return Box(x=60 + 2 * number, y=90, width=44, height=44)


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("rate", [60, 30, 8, 2])
def test_three_frames_are_never_passed_over(rate: float, tmp_path: Path) -> None:
    times = milliseconds(24, rate)
    for first in (0, 1, 2, 10, 21):

        def shown(number: int, first: int = first) -> list[Box]:
            return [walking(number)] if first <= number < first + 3 else []

        path = marks_clip(tmp_path / f"{first}.mkv", times, shown)
        (problem,) = marks_left(path)
        assert problem.from_us is not None
        assert problem.to_us is not None
        assert 1000 * times[first] <= problem.from_us < problem.to_us
        end = times[first + 3] if first + 3 < len(times) else times[-1] + 1000 / rate
        assert problem.to_us <= 1000 * (end + 1)


def looks(times_us: Sequence[int], rate_hz: float | str = 8.0) -> list[int]:
    between = Between([rate_hz])
    found = [
        number
        for number, (now, later) in enumerate(pairwise(times_us))
        if between.due(now, later, afresh=False)
    ]
    return [*found, len(times_us) - 1]


@pytest.mark.parametrize("rate", [1, 5, 12.5, 24, 25, 30, 50, 60, 120, 240])
def test_looks_are_near_each_other_and_seldom_where_they_were(rate: float) -> None:
    times = [round(1e6 * number / rate) for number in range(400)]
    numbers = looks(times)
    assert numbers[0] == 0
    apart = [b - a for a, b in pairwise(numbers)]
    if rate <= 60:
        assert max(apart) <= 3
    if rate >= 12:
        assert (
            max(times[b] - times[a] for a, b in pairwise(numbers))
            <= max(50_000, 3_000_000 / rate) + 2
        )
    ticks = Ticks(8.0)
    before = {number for number, time in enumerate(times) if ticks.due(time)}
    if rate >= 24:
        assert len(before & set(numbers)) <= 0.1 * len(before) + 2


def test_a_glimpse_at_a_cut_is_seen(tmp_path: Path) -> None:
    """One frame of another scene, wherever it is."""
    times = milliseconds(14)
    for glimpse in (4, 5, 6):
        pictures = [frame(None, seed=1) for _ in times]
        pictures[glimpse] = np.asarray(255 - frame(None, seed=3) // 2, np.uint8) - 60
        mark(pictures[glimpse], walking(0))
        (problem,) = marks_left(write(tmp_path / f"{glimpse}.mkv", pictures, times))
        assert problem.from_us == 1000 * times[glimpse]


# What is told


def test_looks_that_follow_each_other_are_one_problem_and_a_pause_makes_two(
    tmp_path: Path,
) -> None:
    times = milliseconds(50)
    there = [*range(3, 15), *range(35, 44)]
    path = marks_clip(tmp_path / "clip.mkv", times, lambda n: [walking(n)] if n in there else [])
    first, second = marks_left(path)
    for problem, (low, high) in ((first, (3, 15)), (second, (35, 44))):
        assert problem.from_us is not None
        assert problem.to_us is not None
        assert 1000 * times[low] <= problem.from_us <= 1000 * times[low + 2]
        assert 1000 * times[high - 2] <= problem.to_us <= 1000 * times[high]


@pytest.mark.release
def test_many_are_summed_up(tmp_path: Path) -> None:
    boxes = [
        Box(x=20 + 68 * column, y=10 + 66 * row, width=44, height=44)
        for row in range(7)
        for column in range(9)
    ]
    path = marks_clip(tmp_path / "clip.mkv", milliseconds(4), lambda number: boxes, size=(640, 480))
    problems = marks_left(path)
    assert len(problems) == MOST_TOLD + 1
    assert str(len(boxes) - MOST_TOLD) in problems[-1].sentence
    assert problems[-1].box is None
    assert {problem.kind for problem in problems} == {"residual"}


def test_boxes_are_displayed_pixels(tmp_path: Path) -> None:
    box = Box(x=250, y=20, width=40, height=40)
    marks_clip(tmp_path / "plain.mkv", milliseconds(6), lambda number: [box])
    encode(tmp_path / "plain.mp4", ffmpeg.input(str(tmp_path / "plain.mkv")), c="copy")
    turn(tmp_path / "plain.mp4", tmp_path / "turned.mp4", 90)
    (problem,) = marks_left(tmp_path / "turned.mp4")
    assert problem.box is not None
    # Counter-clockwise: what was at the right is at the top.
    assert problem.box.iou(Box(x=20, y=320 - 290, width=40, height=40)) > 0.7


def test_there_is_nothing_to_do_without_a_picture_or_a_stage_that_detects(tmp_path: Path) -> None:
    encode(tmp_path / "tone.wav", tone(440, 0.3))
    assert marks_left(tmp_path / "tone.wav") == []
    box = Box(x=90, y=80, width=44, height=44)
    path = marks_clip(tmp_path / "clip.mkv", milliseconds(3), lambda number: [box])
    assert examined(path, [], {}) == []
    other = Treated(stage="metadata", settings=object())
    assert examined(path, [other], {"marks": detector()}) == []
