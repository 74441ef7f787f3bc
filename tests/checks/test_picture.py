"""Faces that were left uncovered for three frames are told, and covers and walls are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import pytest
from checks.looked_at import SIZE, by_frame, clip, face_at, faces_left, padded, us, with_faces
from testmedia.scene import texture

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast_faces import FacesSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.plugin import Box

FRAMES = 15
NEEDED = ("yunet", "centerface", "blazeface-full")


@pytest.fixture(autouse=True)
def face_models() -> None:
    try:
        for name in NEEDED:
            find(Host().model(name))
    except ModelMissingError as missing:
        pytest.skip(str(missing))


def one(number: int) -> list[Box]:
    return [face_at(number)]


# Faces: what is covered


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("treatment", ["mosaic", "blur", "fill"])
def test_covers_are_no_faces(treatment: str, tmp_path: Path) -> None:
    """Whether it is known where they are, or not."""
    path = clip(tmp_path / "clip.mp4", FRAMES, one, treatment=treatment)
    settings = FacesSettings(treatment=treatment)
    assert faces_left(path, settings=settings) == []
    assert faces_left(path, settings=settings, covers=padded(one)) == []


def test_a_face_that_is_shown_as_a_cover_is_believed_where_it_is_known(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", 9, one, treatment="emoji")
    settings = FacesSettings(treatment="emoji")
    assert faces_left(path, settings=settings, covers=padded(one)) == []
    assert faces_left(path, settings=settings) != []


def test_a_wall_has_no_face(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", 12, lambda number: ())
    assert faces_left(path) == []


# Faces: what is not


def test_a_face_that_is_bare_for_three_frames_is_told(tmp_path: Path) -> None:
    """At the start, at the end and between, also where a cover was said to be."""
    frames, starts = 60, (0, 14, 28, 43, 57)
    bare = {first + number for first in starts for number in range(3)}
    path = clip(tmp_path / "clip.mp4", frames, one, bare=lambda number, face: number in bare)

    def honest(number: int) -> Sequence[Box]:
        return [] if number in bare else one(number)

    for covered in (honest, one):
        problems = faces_left(path, covers=padded(covered))
        assert [(p.kind, p.identifier) for p in problems] == [("residual", "face")] * len(starts)
        for problem, first in zip(problems, starts, strict=True):
            assert problem.from_us is not None
            assert problem.to_us is not None
            assert us(first) <= problem.from_us < problem.to_us <= us(first + 3)
            assert problem.score is not None
            assert 0.2 <= problem.score <= 1
            box = problem.box
            assert box is not None
            assert box.iou(face_at(first + 1)) > 0.4
            assert all(edge == int(edge) for edge in (box.x, box.y, box.width, box.height))


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(("height", "size"), [(29, (640, 360)), (29, (1280, 720)), (250, SIZE)])
def test_small_and_large_faces_are_told(
    height: float, size: tuple[int, int], tmp_path: Path
) -> None:
    """29 px from hairline to chin is a face 24 px wide."""

    def place(number: int) -> list[Box]:
        return [face_at(number, height, x=200)]

    path = clip(tmp_path / "clip.mp4", 9, place, size=size, bare=lambda n, face: 3 <= n < 6)
    (problem,) = faces_left(path, covers=padded(place))
    assert problem.box is not None
    assert problem.box.iou(place(4)[0]) > 0.3


@pytest.mark.release
def test_a_second_person_who_was_never_covered_is_one_problem(tmp_path: Path) -> None:
    def two(number: int) -> list[Box]:
        return [face_at(number), face_at(-number, 54, x=380)]

    path = clip(tmp_path / "clip.mp4", FRAMES, two, bare=lambda number, face: face == 1)
    (problem,) = faces_left(path, covers=padded(one))
    assert problem.box is not None
    assert max(problem.box.iou(two(number)[1]) for number in range(FRAMES)) > 0.5
    assert problem.from_us == 0
    assert problem.to_us == us(FRAMES)


@pytest.mark.release
def test_who_was_spared_is_not_told_but_who_comes_by_is(tmp_path: Path) -> None:
    def two(number: int) -> list[Box]:
        return [face_at(number), face_at(-number, 54, x=380)]

    path = clip(tmp_path / "clip.mp4", 15, two, bare=lambda number, face: True)
    both = faces_left(path, spared=by_frame(two))
    assert both == []
    (problem,) = faces_left(path, spared=by_frame(one))
    assert problem.box is not None
    assert problem.box.iou(two(7)[1]) > 0.3


@pytest.mark.release
def test_times_and_places_that_were_not_to_be_covered_are_not_told(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", 15, one, bare=lambda number, face: True)
    elsewhere: tuple[dict[str, Any], ...] = (
        {"outside": [[0, 0, 300, 270]]},
        {"within": [[400, 0, 80, 270]]},
        {"start": 10.0},
    )
    for said in elsewhere:
        assert faces_left(path, settings=FacesSettings(**_by_alias(said))) == []
    assert faces_left(path, settings=FacesSettings(outside=[[0, 0, 130, 270]])) != []
    (late,) = faces_left(path, settings=FacesSettings(**_by_alias({"start": 0.3})))
    assert late.from_us is not None
    assert 300_000 <= late.from_us < 450_000


def _by_alias(said: dict[str, Any]) -> dict[str, Any]:
    return {{"start": "from"}.get(name, name): value for name, value in said.items()}


@pytest.mark.release
def test_a_still_is_looked_at_too(tmp_path: Path) -> None:
    bare = with_faces(one(5))
    cv2.imwrite(str(tmp_path / "bare.png"), bare[..., ::-1])
    cv2.imwrite(str(tmp_path / "wall.png"), texture(*SIZE)[..., ::-1])
    (problem,) = faces_left(tmp_path / "bare.png")
    assert problem.from_us == 0
    assert problem.box is not None
    assert problem.box.iou(face_at(5)) > 0.4
    assert faces_left(tmp_path / "wall.png") == []


# Which detectors look


@pytest.mark.release
def test_it_looks_with_what_is_there(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", 6, one, bare=lambda number, face: True)
    others = ("blazeface-full", "blazeface-short", "mtcnn-pnet")
    assert len(faces_left(path, missing=others)) == 1
    assert len(faces_left(path, missing=("yunet", "centerface"))) == 1
    everything = (*others, "yunet", "centerface")
    with pytest.raises(ModelMissingError):
        faces_left(path, missing=everything)
