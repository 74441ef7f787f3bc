"""Each rule for text readers stops a reader that breaks just that one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from testing.broken import rules_broken

from veilcast.plugin import Box, LineReading, TextReader
from veilcast.testing import (
    TEXT_READER_RULES,
    MediaMaker,
    RuleBroken,
    TextReaderCase,
    check_text_reader,
)
from veilcast.testing.text_reader_case import area_of, corners_of, is_at, level

RED, GREEN = (220, 20, 30), (10, 220, 20)
FIRST, SECOND = (30, 40, 120, 24), (180, 150, 90, 30)
LINES = [("red line", FIRST), (None, SECOND)]


class Bars:
    """Finds red and green bars, reads their colour, and does nothing wrong."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def find(self, picture: Any) -> Any:
        return self.found(picture)

    def found(self, picture: Any) -> list[Any]:
        return [
            corners_of((float(x), float(y), float(width), float(height)))
            if width >= height
            else np.roll(corners_of((float(x), float(y), float(width), float(height))), -1, axis=0)
            for x, y, width, height, area in parts(picture)
            if area > 100 and area < picture.shape[0] * picture.shape[1] / 2
        ]

    def read(self, picture: Any) -> Any:
        return self.said(picture)

    def said(self, picture: Any) -> LineReading:
        colours = [
            word
            for word, number in (("RED", 0), ("GREEN", 1))
            if coloured(picture)[..., number].any()
        ]
        text = f"{colours[0]}LINE" if colours else ""
        middles = tuple((at + 0.5) / len(text) for at in range(len(text)))
        return LineReading(text=text, confidences=(0.9,) * len(text), middles=middles)

    def close(self) -> None:
        pass


def coloured(picture: Any) -> Any:
    """Where each of red and green is far above the other."""
    wide = picture.astype(np.int16)
    difference = wide[..., 0] - wide[..., 1]
    return np.stack((difference > 100, difference < -100), axis=2)


def parts(picture: Any) -> list[list[int]]:
    mask: Any = coloured(picture).any(axis=2).astype(np.uint8)
    if not mask.size:
        return []
    mask[1:-1, 1:-1] = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))[1:-1, 1:-1]
    found: list[list[int]] = cv2.connectedComponentsWithStats(mask)[2][1:].tolist()
    return found


def is_whole(picture: Any) -> bool:
    return bool(picture.shape[:2] == (240, 320))


class GivesAGenerator(Bars):
    def find(self, picture: Any) -> Any:
        yield from self.found(picture)


class FindsTheFirstOnly(Bars):
    def find(self, picture: Any) -> Any:
        return self.found(picture)[:1] if is_whole(picture) else self.found(picture)


class GoesTheOtherWayRound(Bars):
    def find(self, picture: Any) -> Any:
        return [one[[1, 0, 3, 2]] for one in self.found(picture)]


class StartsAtTheSide(Bars):
    def find(self, picture: Any) -> Any:
        return [np.roll(one, 1, axis=0) for one in self.found(picture)]


class CountsWords(Bars):
    def read(self, picture: Any) -> Any:
        said = self.said(picture)
        return replace(said, confidences=(0.9,)) if is_whole(picture) else said


class ReadsBackwards(Bars):
    def read(self, picture: Any) -> Any:
        said = self.said(picture)
        return replace(said, middles=said.middles[::-1]) if is_whole(picture) else said


class ReadsAnotherColour(Bars):
    def read(self, picture: Any) -> Any:
        said = self.said(picture)
        return replace(said, text=said.text.replace("RED", "BED"))


class ThinksEveryPictureIsSmall(Bars):
    def find(self, picture: Any) -> Any:
        moved = picture.shape[1] > 400
        return [one + moved * (320 - picture.shape[1]) / 2 for one in self.found(picture)]


class SeesLevelLinesOnly(Bars):
    def find(self, picture: Any) -> Any:
        return [one for one in self.found(picture) if one[1, 0] > one[0, 0]]


class ReadsWhite(Bars):
    def find(self, picture: Any) -> Any:
        blank = picture.size > 200_000 and picture.min() == 255
        return [corners_of((1.0, 1.0, 90.0, 40.0))] if blank else self.found(picture)

    def read(self, picture: Any) -> Any:
        blank = picture.size > 0 and picture.min() == 255
        return (
            LineReading(text="I", confidences=(0.3,), middles=(0.5,))
            if blank
            else self.said(picture)
        )


class NeedsAPixelToFind(Bars):
    def find(self, picture: Any) -> Any:
        picture.max()
        return self.found(picture)


class NeedsAPixelToRead(Bars):
    def read(self, picture: Any) -> Any:
        picture.max()
        return self.said(picture)


class DrawsWhatItFinds(Bars):
    def find(self, picture: Any) -> Any:
        found = self.found(picture)
        if picture.flags.writeable:
            picture[:1, :1] = 77
        return found


class StretchesWhatItReads(Bars):
    def read(self, picture: Any) -> Any:
        said = self.said(picture)
        if picture.flags.writeable:
            picture //= 2
        return said


class ReadsTheBuffer(Bars):
    def read(self, picture: Any) -> Any:
        said = self.said(picture)
        sure = 0.9 if picture.flags.c_contiguous else 0.8
        return replace(said, confidences=(sure,) * len(said.text))


class Tires(Bars):
    times = 0

    def read(self, picture: Any) -> Any:
        said = self.said(picture)
        self.times += 1
        # Its answer depends on how often it was asked.
        return replace(said, confidences=(0.9 / self.times,) * len(said.text))


class ClosesOnce(Bars):
    closed = False

    def close(self) -> None:
        assert not self.closed
        self.closed = True


BREAKS = {
    GivesAGenerator: "gives-corners",
    FindsTheFirstOnly: "finds",
    GoesTheOtherWayRound: "corners-in-order",
    StartsAtTheSide: "corners-in-order",
    CountsWords: "gives-readings",
    ReadsBackwards: "gives-readings",
    ReadsAnotherColour: "reads",
    ThinksEveryPictureIsSmall: "any-shape",
    SeesLevelLinesOnly: "turned-lines",
    ReadsWhite: "nothing-on-nothing",
    NeedsAPixelToFind: "scraps",
    NeedsAPixelToRead: "scraps",
    DrawsWhatItFinds: "leaves-the-picture",
    StretchesWhatItReads: "leaves-the-picture",
    ReadsTheBuffer: "parts-of-pictures",
    ClosesOnce: "closes",
}


def describe(load: Any, **more: Any) -> TextReader:
    return TextReader(**{"name": "bars", "summary": "Bars", "load": load, **more})


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Any:
    maker = MediaMaker(tmp_path_factory.mktemp("pictures"))
    return maker.picture(things=[(RED, FIRST), (GREEN, SECOND)])


def test_one_that_does_nothing_wrong_passes(picture: Any) -> None:
    check_text_reader(describe(Bars), picture, LINES)
    box = Box(x=30, y=40, width=120, height=24)
    check_text_reader(
        describe(Bars), picture, [("Red Line", box), ("green line", corners_of(SECOND))]
    )


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("load", BREAKS)
def test_one_that_breaks_a_rule_breaks_just_that_one(load: Any, picture: Any) -> None:
    case = TextReaderCase(describe(load), picture, LINES)
    assert rules_broken(TEXT_READER_RULES, case) == [BREAKS[load]]


def test_one_that_tires_is_noticed(picture: Any) -> None:
    case = TextReaderCase(describe(Tires), picture, LINES)
    assert "same-again" in rules_broken(TEXT_READER_RULES, case)


@pytest.mark.parametrize(
    "said",
    [
        {"name": "the bars"},
        {"summary": ""},
        {"summary": "two\nlines"},
        {"smallest": 0},
        {"languages": ("English!",)},
        {"languages": "en"},
        {"settings": dict},
        {"models": ()},
    ],
    ids=str,
)
def test_one_that_says_something_wrong_of_itself(said: Any, picture: Any) -> None:
    case = TextReaderCase(describe(Bars, **said), picture, LINES)
    assert rules_broken(TEXT_READER_RULES[:1], case) == ["says-what-it-is"]


@pytest.mark.parametrize(
    "corners",
    [
        np.zeros((4, 3)),
        np.zeros(8),
        np.full((4, 2), np.nan),
        corners_of((900.0, 10.0, 50.0, 20.0)),
        corners_of((10.0, -400.0, 50.0, 20.0)),
        np.full((4, 2), "here"),
    ],
    ids=lambda corners: f"{corners.shape}-{corners.flat[0]}",
)
def test_corners_have_to_be_possible(corners: Any, picture: Any) -> None:
    class Impossible(Bars):
        def find(self, picture: Any) -> Any:
            return [corners]

    case = TextReaderCase(describe(Impossible), picture, ())
    assert "gives-corners" in rules_broken(TEXT_READER_RULES[:2], case)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "RED"},
        {"text": "RED\nLINE"},
        {"confidences": (1.1,) * 7},
        {"confidences": (1,) * 7},
        {"middles": (float("nan"),) * 7},
        {"middles": (-0.1,) * 7},
        {"middles": ()},
    ],
    ids=str,
)
def test_readings_have_to_be_possible(wrong: Any, picture: Any) -> None:
    class Impossible(Bars):
        def read(self, picture: Any) -> Any:
            return replace(self.said(picture), **wrong)

    case = TextReaderCase(describe(Impossible), picture, LINES)
    (rule,) = (rule for rule in TEXT_READER_RULES if rule.name == "gives-readings")
    assert rules_broken([rule], case) == ["gives-readings"]


def test_a_line_that_is_not_found_is_told_with_its_place(picture: Any) -> None:
    with pytest.raises(RuleBroken, match=r"no line was found at \(10, 200\)") as caught:
        check_text_reader(describe(Bars), picture, [(None, (10, 200, 60, 20))])
    assert caught.value.rule == "finds"
    with pytest.raises(RuleBroken, match="'blue line' was not read"):
        check_text_reader(describe(Bars), picture, [("blue line", FIRST)])


def test_a_model_that_is_needed_has_to_be_given(picture: Any) -> None:
    reader = describe(Bars, models=lambda settings: ("bar-net",))
    with pytest.raises(RuleBroken) as caught:
        check_text_reader(reader, picture, LINES)
    assert "bar-net" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("found", "there"),
    [
        ((30, 40, 120, 24), True),
        ((24, 36, 132, 36), True),
        ((10, 30, 160, 60), True),
        ((0, 0, 320, 240), False),
        ((30, 40, 50, 24), False),
        ((30, 80, 120, 24), False),
    ],
)
def test_a_line_counts_where_it_is_and_not_in_all_of_the_picture(found: Any, there: bool) -> None:
    assert is_at(corners_of(found), corners_of(FIRST)) is there


def test_a_line_is_cut_out_level(picture: Any) -> None:
    place = corners_of(FIRST)
    assert area_of(place) == 120 * 24
    cut = level(picture, place)
    assert cut.shape == (24, 120, 3)
    assert (cut == RED).all()
    upright = level(
        np.ascontiguousarray(np.rot90(picture, -1)),
        np.stack((240 - place[:, 1], place[:, 0]), axis=1),
    )
    assert upright.shape == (24, 120, 3)
