"""Frames as they are looked at, and the closer look at places in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from testmedia.scene import place_face, texture
from visual.marks import BRIGHT, frame, mark, wall, write

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.media.frames import read_frames
from veilcast.media.probe import probe
from veilcast.models import find
from veilcast.plugin import Box, Detection, DetectorContext
from veilcast.visual.pictures import Pictures
from veilcast.visual.second_look import look_again

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.plugin import LoadedDetector


def pictures_of(path: Path) -> Pictures:
    """The first frame of a file."""
    media = probe(path)
    assert media.video is not None
    time_us, decoded = next(iter(read_frames(path, media)))
    return Pictures(time_us, decoded, media.video, VideoReformatter())


def still(path: Path, picture: NDArray[np.uint8]) -> Pictures:
    cv2.imwrite(str(path / "still.png"), picture[..., ::-1])
    return pictures_of(path / "still.png")


class Rims:
    """Finds the bright rims in a sheet, and says that they are somewhat aside of where they are."""

    def __init__(self, aside: tuple[float, float] = (0, 0), score: float = 0.8) -> None:
        self.aside, self.score = aside, score
        self.sheets: list[tuple[int, ...]] = []

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        self.sheets.append(picture.shape)
        lit = (picture.min(axis=2) >= BRIGHT - 60).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(lit, connectivity=8)
        return [
            Detection(
                box=Box(
                    x=x + self.aside[0] * width,
                    y=y + self.aside[1] * height,
                    width=width,
                    height=height,
                ),
                score=self.score,
            )
            for x, y, width, height, area in stats[1:].tolist()
            if area > 60
        ]

    def close(self) -> None: ...


BOXES = {
    "in the middle": Box(x=300, y=200, width=40, height=40),
    "an odd size": Box(x=301, y=203, width=37, height=53),
    "wide": Box(x=200, y=150, width=150, height=90),
    "small": Box(x=77, y=300, width=24, height=24),
    "in the first corner": Box(x=0, y=0, width=40, height=48),
    "in the last corner": Box(x=641 - 40, y=479 - 48, width=40, height=48),
    "at the right": Box(x=641 - 60, y=200, width=60, height=60),
    "nearly all of it": Box(x=5, y=3, width=630, height=470),
}


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("where", BOXES)
def test_a_place_is_found_where_it_is(where: str, tmp_path: Path) -> None:
    """A box aside by half its width overlaps by a third and counts; one farther off does not."""
    box = BOXES[where]
    picture = wall(641, 479).copy()
    mark(picture, box)
    pictures = still(tmp_path, picture)
    for aside, heard in ((0.5, True), (-0.5, True), (0.6, False), (-0.6, False)):
        for towards in ((aside, 0.0), (0.0, aside)):
            (answer,) = look_again(pictures, [box], [Rims(towards)], (641, 479))
            assert answer == ({0: 0.8} if heard else {})


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("count", [1, 4, 5, 15, 16, 45])
def test_each_place_has_an_answer_of_its_own(count: int, tmp_path: Path) -> None:
    picture = wall(1601, 1001).copy()
    boxes = [
        Box(x=40 + 155 * (n % 10), y=30 + 190 * (n // 10), width=40, height=40)
        for n in range(count)
    ]
    marked = {n for n in range(count) if n % 3 != 1}
    for n in marked:
        mark(picture, boxes[n])
    first, second = Rims(), Rims(score=0.6)
    answers = look_again(still(tmp_path, picture), boxes, [first, second], (1601, 1001))
    assert answers == [{0: 0.8, 1: 0.6} if n in marked else {} for n in range(count)]
    assert len(set(first.sheets)) == 1, "a detector prepares itself for each size that it meets"


def test_more_than_can_be_looked_at_is_left_unanswered_and_nothing_asks_nothing(
    tmp_path: Path,
) -> None:
    pictures = still(tmp_path, frame(None))
    box = Box(x=20, y=20, width=30, height=30)
    assert look_again(pictures, [box] * 200, [Rims()], (320, 240)) == [{}] * 200
    rims = Rims()
    assert look_again(pictures, [], [rims], (320, 240)) == []
    assert rims.sheets == []


@pytest.fixture(scope="module")
def detectors() -> Sequence[LoadedDetector]:
    host = Host()
    loaded = []
    for name in ("yunet", "centerface"):
        described = host.detector(name)
        try:
            models = {model: find(host.model(model)) for model in described.models}
        except ModelMissingError as missing:
            pytest.skip(str(missing))
        context = DetectorContext(
            settings=described.settings(), least_score=described.faint, models=models, threads=1
        )
        loaded.append(described.load(context))
    return loaded


def test_a_small_face_is_surer_at_a_closer_look(
    detectors: Sequence[LoadedDetector], tmp_path: Path
) -> None:
    picture = texture(1920, 1080)
    placed = place_face(picture, (1403, 611), 30)
    face = Box(x=placed.x, y=placed.y, width=placed.width, height=placed.height)
    bare = Box(x=300, y=700, width=24, height=30)
    pictures = still(tmp_path, picture)
    small = pictures.colour(640)
    answers, nothing = look_again(pictures, [face, bare], detectors, (1920, 1080))
    assert nothing == {}
    for number, detector in enumerate(detectors):
        at_first = [
            seen.score
            for seen in detector.detect(small)
            if Box(
                x=seen.box.x * 3,
                y=seen.box.y * 3,
                width=seen.box.width * 3,
                height=seen.box.height * 3,
            ).iou(face)
            > 0.2
        ]
        assert answers[number] > max(at_first, default=0.0)
        assert answers[number] >= 0.6


# Frames


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p", "yuv420p10le", "gray", "gray10le"])
def test_grey_is_the_same_whatever_was_made_before(pix_fmt: str, tmp_path: Path) -> None:
    """Flow goes from frames that were looked at to frames that were not."""
    path = tmp_path / "clip.mkv"
    picture = frame(Box(x=100, y=80, width=60, height=60), size=(900, 500))
    write(path, [picture], [0], pix_fmt=pix_fmt, codec="ffv1")
    fresh = pictures_of(path).grey().picture.astype(int)
    looked_at = pictures_of(path)
    looked_at.colour(640)
    again = looked_at.grey().picture.astype(int)
    assert fresh.shape == again.shape == (356, 640)
    assert np.abs(fresh - again).max() <= 3
    assert abs(fresh.mean() - picture.mean()) < 3


@pytest.mark.parametrize(
    ("size", "side", "shape"),
    [
        ((1920, 1080), 640, (360, 640, 3)),
        ((1080, 1921), 640, (640, 360, 3)),
        ((320, 241), 640, (482, 640, 3)),
        ((700, 2), 350, (1, 350, 3)),
        ((2, 2), 64, (64, 64, 3)),
    ],
)
def test_pictures_have_the_side_that_is_asked_for(
    size: tuple[int, int], side: int, shape: tuple[int, ...], tmp_path: Path
) -> None:
    pictures = still(tmp_path, wall(*size))
    made = pictures.colour(side)
    assert made.shape == shape
    assert made.dtype == np.uint8
    assert made.flags.c_contiguous
    assert pictures.colour(side) is made, "once"
