"""The stage on stills: what it covers of a form, by its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from text_stage.drawn import EMBEDDED, covered, sheet, tracks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from text_stage.drawn import Picture, Place

    from veilcast.findings import FindingsDocument

    Located = Callable[..., FindingsDocument]

LABELS = {"Patient name:": 80, "Date of birth:": 130, "Record number:": 180}
VALUES = {"Margaret Holloway": 80, "12 March 1961": 130, "4471902": 180}
ORDINARY = {"Ward round notes": 20, "Infusion pump running": 300}
SENTENCE = {"Seen by Margaret Holloway before breakfast": 430}


@pytest.fixture(scope="module")
def places() -> dict[str, Place]:
    """Where each line of the form is."""
    return dict(zip([text for text, *_ in _lines()], sheet(_lines(), (760, 500))[1], strict=True))


def _lines() -> list[tuple[str, int, int]]:
    left = {**dict.fromkeys((*LABELS, *ORDINARY, *SENTENCE), 30), **dict.fromkeys(VALUES, 260)}
    tops = {**LABELS, **VALUES, **ORDINARY, **SENTENCE}
    return [(text, left[text], top) for text, top in tops.items()]


@pytest.fixture(scope="module")
def form(still: Callable[[Picture], Path]) -> Path:
    return still(sheet(_lines(), (760, 500))[0])


@pytest.fixture(scope="module")
def found(form: Path, locate: Located) -> FindingsDocument:
    return locate(form)


def test_values_are_covered_and_ordinary_lines_are_not(
    found: FindingsDocument, places: dict[str, Place]
) -> None:
    shares = {text: covered(found, place) for text, place in places.items()}
    assert all(shares[text] == 1 for text in (*VALUES, *SENTENCE)), shares
    assert all(shares[text] == 0 for text in (*LABELS, *ORDINARY)), shares


def test_a_cover_says_of_which_class_it_is(found: FindingsDocument) -> None:
    named = {(track.identifier, track.hipaa) for track in tracks(found)}
    assert named == {("person", "A"), ("date", "C"), ("mrn", "H")}


@pytest.mark.release
def test_of_a_sentence_only_the_words_that_identify_may_be_covered(
    form: Path, locate: Located, places: dict[str, Place]
) -> None:
    found = locate(form, "cover: word")
    (sentence,) = SENTENCE
    left, top, right, bottom = places[sentence]
    assert covered(found, (left, top, left + 60, bottom)) == 0, "Seen"
    assert covered(found, (right - 110, top, right, bottom)) == 0, "breakfast"
    assert 0.3 < covered(found, places[sentence]) < 0.6
    assert all(covered(found, places[value]) == 1 for value in VALUES)


@pytest.mark.release
def test_a_whole_block_is_covered_and_no_other(
    form: Path, locate: Located, places: dict[str, Place]
) -> None:
    found = locate(form, "cover: block")
    assert all(covered(found, places[text]) == 1 for text in (*LABELS, *VALUES))
    assert covered(found, places["Infusion pump running"]) == 0


@pytest.mark.release
def test_all_but_what_is_allowed_is_covered(
    form: Path, locate: Located, places: dict[str, Place]
) -> None:
    found = locate(form, "mode: all_but, allow: [WARD  round notes, Margaret Holloway]")
    shares = {text: covered(found, place) for text, place in places.items()}
    assert shares.pop("Ward round notes") == 0
    assert shares.pop("Margaret Holloway") == 0, "allowed is allowed"
    assert set(shares.values()) == {1.0}, shares


@pytest.mark.release
def test_all_text_is_covered(form: Path, locate: Located, places: dict[str, Place]) -> None:
    found = locate(form, "mode: all")
    assert {covered(found, place) for place in places.values()} == {1.0}
    assert {track.identifier for track in tracks(found)} == {"text"}


@pytest.mark.release
@pytest.mark.parametrize("choice", ["cover", "leave"])
def test_what_can_not_be_read_is_covered_or_told_of(
    choice: str, still: Callable[[Picture], Path], locate: Located
) -> None:
    sharp, (place,) = sheet([("Quixby Vantongeren", 60, 60)], (480, 160), 30)
    found = locate(still(np.asarray(cv2.GaussianBlur(sharp, (0, 0), 5))), f"unreadable: {choice}")
    (stage,) = found.stages
    if choice == "cover":
        assert (covered(found, place), stage.warnings) == (1, ())
        assert [track.identifier for track in stage.tracks] == ["unreadable text"]
    else:
        assert stage.tracks == ()
        assert "could not be read" in stage.warnings[0]


@pytest.mark.parametrize("turns", [1, pytest.param(2, marks=pytest.mark.release)])
def test_text_that_stands_on_its_side_or_head_is_read(
    turns: int, still: Callable[[Picture], Path], locate: Located
) -> None:
    upright, (place, other) = sheet(
        [("Patient: Margaret Holloway", 40, 40), ("Infusion pump running", 40, 120)], (480, 200)
    )
    found = locate(still(np.rot90(upright, turns).copy()), reading=EMBEDDED)
    assert covered(found, _turned(place, upright.shape, turns)) == 1
    assert covered(found, _turned(other, upright.shape, turns)) == 0


def _turned(place: Place, shape: Any, turns: int) -> Place:
    """Where a rectangle is after turning to the left."""
    mask = np.zeros(shape[:2], dtype=bool)
    left, top, right, bottom = map(round, place)
    mask[top:bottom, left:right] = True
    rows, columns = np.nonzero(np.rot90(mask, turns))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize(
    ("size", "letters_px", "top"),
    [((1920, 1080), 270, 250), ((8000, 600), 10, 300)],
    ids=["letters as high as a hand", "fine print of a large photo"],
)
def test_letters_of_any_size_are_covered(
    size: tuple[int, int],
    letters_px: int,
    top: int,
    still: Callable[[Picture], Path],
    locate: Located,
) -> None:
    picture, (place,) = sheet([("MRN 4471902", 40, top)], size, letters_px)
    assert covered(locate(still(picture)), place) == 1
