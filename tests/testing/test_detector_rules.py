"""Each rule for detectors stops a detector that breaks just that one."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from testing.broken import rules_broken

from veilcast.plugin import Box, Detection, VisualDetector
from veilcast.testing import (
    DETECTOR_RULES,
    DetectorCase,
    MediaMaker,
    RuleBroken,
    check_detector,
)

SCORE = 0.8
PLACE = (60, 50, 40, 30)


class Green:
    """Finds green rectangles, and does nothing wrong."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def detect(self, picture: Any) -> Any:
        return self.found(picture)

    def found(self, picture: Any, score: float = SCORE) -> list[Detection]:
        wide = picture.astype(np.int16)
        green = (wide[..., 1] - np.maximum(wide[..., 0], wide[..., 2])) > 80
        _, _, stats, _ = cv2.connectedComponentsWithStats(green.astype(np.uint8))
        boxes = [
            Box(x=float(x), y=float(y), width=float(w), height=float(h))
            for x, y, w, h, area in stats[1:]
            if area > 100
        ]
        return [Detection(box=b, score=score) for b in boxes if score >= self.context.least_score]

    def close(self) -> None:
        pass


def moved(found: list[Detection], by: float) -> list[Detection]:
    return [
        Detection(
            box=Box(x=s.box.x + by, y=s.box.y, width=s.box.width, height=s.box.height),
            score=s.score,
        )
        for s in found
    ]


class GivesAGenerator(Green):
    def detect(self, picture: Any) -> Any:
        yield from self.found(picture)


class GivesTuples(Green):
    def detect(self, picture: Any) -> Any:
        return [(s.box.x, s.box.y, s.box.width, s.box.height, s.score) for s in self.found(picture)]


class IsSurerOfSomethingElse(Green):
    def detect(self, picture: Any) -> Any:
        found = self.found(picture)
        other = Detection(box=Box(x=0.0, y=0.0, width=8.0, height=8.0), score=0.9)
        return [*found, other] if found and self.context.least_score <= 0.9 else found


class ThinksEveryPictureIsSmall(Green):
    def detect(self, picture: Any) -> Any:
        found = self.found(picture)
        return found if len(picture) == 240 else moved(found, 320 - picture.shape[1])


class SeesTheFirstOnly(Green):
    def detect(self, picture: Any) -> Any:
        return self.found(picture)[:1]


class SeesSomethingInWhite(Green):
    def detect(self, picture: Any) -> Any:
        blank = Detection(box=Box(x=1.0, y=1.0, width=9.0, height=9.0), score=0.5)
        return [blank] if picture.min() == 255 else self.found(picture)


class NeedsFourPixels(Green):
    def detect(self, picture: Any) -> Any:
        if min(picture.shape[:2]) < 4:
            raise ValueError("too small")
        return self.found(picture)


class RunsOutOfMemory(Green):
    def detect(self, picture: Any) -> Any:
        if len(picture) > 4000:
            raise MemoryError
        return self.found(picture)


class NeedsColour(Green):
    def detect(self, picture: Any) -> Any:
        if (picture == picture[..., :1]).all() and picture.std() > 0:
            raise ZeroDivisionError
        return self.found(picture)


class ReadsTheBuffer(Green):
    def detect(self, picture: Any) -> Any:
        whole = picture if picture.base is None else picture.base
        return self.found(whole)


class DrawsIntoThePicture(Green):
    def detect(self, picture: Any) -> Any:
        found = self.found(picture)
        if picture.flags.writeable:
            picture[:1, :1] = 77
        return found


class KnowsNoLeastScore(Green):
    def found(self, picture: Any, score: float = SCORE) -> list[Detection]:
        self.context = type("Context", (), {"least_score": 0.0})
        return super().found(picture, score)


class LeavesOutWhatIsSure(Green):
    def detect(self, picture: Any) -> Any:
        return self.found(picture) if self.context.least_score < 0.75 else []


class Drifts(Green):
    times = 0

    def detect(self, picture: Any) -> Any:
        self.times += 1
        return moved(self.found(picture), 1e-6 * self.times)


class CountsThreads(Green):
    def detect(self, picture: Any) -> Any:
        return moved(self.found(picture), float(self.context.threads - 1))


class ClosesOnce(Green):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True


BREAKS = {
    GivesAGenerator: ["gives-detections"],
    IsSurerOfSomethingElse: ["finds-the-thing"],
    ThinksEveryPictureIsSmall: ["any-shape"],
    SeesTheFirstOnly: ["every-one"],
    SeesSomethingInWhite: ["nothing-on-nothing"],
    NeedsFourPixels: ["tiny-pictures"],
    RunsOutOfMemory: ["huge-pictures"],
    NeedsColour: ["grey-pictures"],
    ReadsTheBuffer: ["parts-of-pictures"],
    DrawsIntoThePicture: ["leaves-the-picture"],
    KnowsNoLeastScore: ["least-score"],
    LeavesOutWhatIsSure: ["least-score"],
    CountsThreads: ["any-threads"],
    ClosesOnce: ["closes"],
}


def describe(load: Any, **more: Any) -> VisualDetector:
    said = {"name": "green", "identifier": "wristband", "hipaa": "R", "summary": "Green"}
    return VisualDetector(**{**said, "load": load, **more})


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Any:
    maker = MediaMaker(tmp_path_factory.mktemp("pictures"))
    return maker.picture(things=[((0, 255, 0), PLACE)])


def test_one_that_does_nothing_wrong_passes(picture: Any) -> None:
    check_detector(describe(Green), picture, [PLACE])
    check_detector(describe(Green), picture, [Box(x=60, y=50, width=40, height=30)])


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("load", BREAKS)
def test_one_that_breaks_a_rule_breaks_just_that_one(load: Any, picture: Any) -> None:
    with DetectorCase(describe(load), picture, [PLACE]) as case:
        broken = rules_broken(DETECTOR_RULES, case)
        if load is ClosesOnce:
            case._loaded.clear()
    assert broken == BREAKS[load]


def test_one_that_drifts_is_noticed(picture: Any) -> None:
    with DetectorCase(describe(Drifts), picture, [PLACE]) as case:
        assert "same-again" in rules_broken(DETECTOR_RULES, case)


@pytest.mark.parametrize(
    "said",
    [
        {"name": "green band"},
        {"identifier": "The Band"},
        {"hipaa": "Z"},
        {"hipaa": "QR"},
        {"summary": ""},
        {"summary": "two\nlines"},
        {"faint": 0.9},
        {"confidence": 1.2},
        {"smallest": 640},
    ],
    ids=str,
)
def test_one_that_says_something_wrong_of_itself(said: Any, picture: Any) -> None:
    with DetectorCase(describe(Green, **said), picture, [PLACE]) as case:
        assert "says-what-it-is" in rules_broken(DETECTOR_RULES[:1], case)


def test_nothing_at_the_place_is_not_found(picture: Any) -> None:
    with pytest.raises(RuleBroken, match="nothing was seen at") as caught:
        check_detector(describe(Green), picture, [(10, 10, 40, 30)])
    assert caught.value.rule == "finds-the-thing"


def test_the_first_broken_rule_is_told_in_a_sentence_and_with_its_cause(picture: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        check_detector(describe(GivesTuples), picture, [PLACE])
    assert "'green'" in str(caught.value)
    assert "gives-detections" in str(caught.value)
    assert "a tuple among its detections" in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(AssertionError) as raising:
        check_detector(describe(NeedsFourPixels), picture, [PLACE])
    assert isinstance(raising.value.__cause__, ValueError)


def test_a_model_that_is_needed_has_to_be_given(picture: Any) -> None:
    with pytest.raises(RuleBroken) as caught:
        check_detector(describe(Green, models=("green-net",)), picture, [PLACE])
    assert "green-net" in str(caught.value.__cause__)
