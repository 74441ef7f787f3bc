"""What analysts get has every box of every track, and numbers frames as it says."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.errors import FindingsError, UsageError
from veilcast.findings import Findings, FindingsDocument
from veilcast.findings.advice import not_followed
from veilcast.findings.export import Frames, export
from veilcast.types import Origin, Track

NAMES = ["detected", "interpolated", "held", "flow"]


def track(
    number: int,
    times: list[int],
    boxes: list[list[float]],
    *,
    identifier: str = "face",
    scores: list[float] | None = None,
    origins: list[str] | None = None,
) -> Track:
    return Track(
        id=number,
        identifier=identifier,
        hipaa="Q" if identifier == "face" else "",
        detector="centerface+yunet",
        times_us=np.array(times, dtype=np.int64),
        boxes=np.array(boxes, dtype=np.float64),
        scores=np.array(scores or [0.5] * len(times)),
        origins=np.array(
            [Origin[name.upper()] for name in origins or ["detected"] * len(times)], dtype=np.uint8
        ),
    )


def document(**stages: list[Track]) -> FindingsDocument:
    return FindingsDocument(
        input_sha256="0" * 64,
        stages=tuple(Findings(stage=name, tracks=tuple(own)) for name, own in stages.items()),
        located_with={},
    )


def text(found: FindingsDocument, form: Any, **more: Any) -> str:
    out = io.StringIO(newline="")
    export(found, form, out, **more)
    return out.getvalue()


def table(found: FindingsDocument, **more: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(found, "csv", **more), newline="")))


def mot(found: FindingsDocument, **more: Any) -> list[list[float]]:
    return [
        [float(cell) for cell in line.split(",")] for line in text(found, "mot", **more).split()
    ]


FOUND = document(
    faces=[
        track(
            4,
            [0, 40_000, 80_000, 200_000],
            [[10, 20, 30, 40], [11.25, 20, 30, 40], [12, 21, 30, 40], [-5.5, 0, 30, 40.125]],
            scores=[0.87654, float("nan"), float("nan"), float("nan")],
            origins=NAMES,
        ),
        track(2, [40_000, 80_000], [[100, 50, 8, 9], [101, 50, 8, 9]]),
    ],
    regions=[track(4, [80_000], [[1, 2, 3, 4]], identifier="badge", scores=[float("nan")])],
    metadata=[],
)
TIMES = np.array([0, 40_000, 80_000, 120_000, 160_000, 200_000], dtype=np.int64)


def test_table() -> None:
    lines = table(FOUND)
    assert len(lines) == 7
    assert lines[0] == {
        "stage": "faces",
        "track": "4",
        "identifier": "face",
        "time_us": "0",
        "x": "10.0",
        "y": "20.0",
        "width": "30.0",
        "height": "40.0",
        "score": "0.8765",
        "origin": "detected",
        "detector": "centerface+yunet",
    }
    assert [line["origin"] for line in lines[:4]] == NAMES
    assert [line["score"] for line in lines[1:4]] == ["", "", ""]
    assert (lines[3]["x"], lines[3]["height"]) == ("-5.5", "40.125")
    assert [line["stage"] for line in lines[-2:]] == ["faces", "regions"]


def test_one_stage() -> None:
    assert {line["stage"] for line in table(FOUND, stage="regions")} == {"regions"}
    assert table(FOUND, stage="metadata") == []
    with pytest.raises(FindingsError, match="faces, regions, metadata"):
        text(FOUND, "csv", stage="people")


def test_coco_annotations_point_at_their_frame_and_category() -> None:
    coco = json.loads(text(FOUND, "coco", frames=Frames(times_us=TIMES, size=(320, 240))))
    images = {image["id"]: image for image in coco["images"]}
    categories = {category["id"]: category["name"] for category in coco["categories"]}
    assert [image["time_us"] for image in coco["images"]] == TIMES.tolist()
    assert {(image["width"], image["height"]) for image in coco["images"]} == {(320, 240)}
    assert len({image["file_name"] for image in coco["images"]}) == 6
    assert sorted(categories.values()) == ["badge", "face"]
    notes = coco["annotations"]
    assert len({note["id"] for note in notes}) == len(notes) == 7
    told = [
        (categories[n["category_id"]], n["track_id"], images[n["image_id"]]["time_us"], n["bbox"])
        for n in notes
    ]
    assert told == [
        ("face", 4, 0, [10, 20, 30, 40]),
        ("face", 4, 40_000, [11.25, 20, 30, 40]),
        ("face", 4, 80_000, [12, 21, 30, 40]),
        ("face", 4, 200_000, [-5.5, 0, 30, 40.125]),
        ("face", 2, 40_000, [100, 50, 8, 9]),
        ("face", 2, 80_000, [101, 50, 8, 9]),
        ("badge", 4, 80_000, [1, 2, 3, 4]),
    ]
    assert [n["area"] for n in notes[-2:]] == [72, 12]
    assert [n["score"] for n in notes[:2]] == [0.8765, None]
    assert [n["origin"] for n in notes[:4]] == NAMES


def test_coco_without_the_recording_has_the_frames_in_which_something_is() -> None:
    coco = json.loads(text(FOUND, "coco"))
    assert [image["time_us"] for image in coco["images"]] == [0, 40_000, 80_000, 200_000]
    assert not {"width", "height"} & coco["images"][0].keys()


def test_mot_counts_frames_and_pixels_from_one() -> None:
    lines = mot(FOUND, stage="faces", frames=Frames(times_us=TIMES))
    assert lines == [
        [1, 4, 11, 21, 30, 40, 0.8765, 1, 1],
        [2, 2, 101, 51, 8, 9, 0.5, 1, 1],
        [2, 4, 12.25, 21, 30, 40, -1, 1, 1],
        [3, 2, 102, 51, 8, 9, 0.5, 1, 1],
        [3, 4, 13, 22, 30, 40, -1, 1, 1],
        [6, 4, -4.5, 1, 30, 40.125, -1, 1, 1],
    ]
    assert [line[0] for line in mot(FOUND, stage="faces")] == [1, 2, 2, 3, 3, 4]
    assert mot(FOUND, stage="metadata") == []


def test_mot_numbers_classes_alphabetically() -> None:
    both = document(
        regions=[track(1, [0], [[1, 1, 1, 1]]), track(2, [0], [[1, 1, 1, 1]], identifier="badge")]
    )
    assert {(line[1], line[7]) for line in mot(both)} == {(1, 2), (2, 1)}


def test_mot_has_room_for_one_stage() -> None:
    with pytest.raises(UsageError, match="faces and regions"):
        text(FOUND, "mot")


@pytest.mark.parametrize("form", ["coco", "mot"])
def test_boxes_between_frames_are_not_numbered_at_a_guess(form: str) -> None:
    with pytest.raises(FindingsError):
        text(FOUND, form, stage="faces", frames=Frames(times_us=TIMES + 1))


coordinate = st.integers(-9_000, 90_000).map(lambda n: n / 8)
side = st.integers(1, 9_000).map(lambda n: n / 8)


@given(
    rows=st.lists(
        st.tuples(
            st.integers(1, 5),
            st.integers(0, 20).map(lambda n: n * 33_333),
            st.tuples(coordinate, coordinate, side, side),
        ),
        unique_by=lambda row: row[:2],
        min_size=1,
    )
)
def test_every_format_has_every_box_once(rows: list[Any]) -> None:
    own = []
    for number in sorted({row[0] for row in rows}):
        mine = sorted(row[1:] for row in rows if row[0] == number)
        own.append(track(number, [t for t, _ in mine], [list(box) for _, box in mine]))
    found = document(faces=own)
    times = sorted({row[1] for row in rows})
    wanted = sorted((number, time, *box) for number, time, box in rows)
    sizes = ("x", "y", "width", "height")
    assert wanted == sorted(
        (int(line["track"]), int(line["time_us"]), *(float(line[key]) for key in sizes))
        for line in table(found)
    )
    coco = json.loads(text(found, "coco"))
    shown = {image["id"]: image["time_us"] for image in coco["images"]}
    assert wanted == sorted(
        (n["track_id"], shown[n["image_id"]], *n["bbox"]) for n in coco["annotations"]
    )
    assert wanted == sorted(
        (int(number), times[int(frame) - 1], x - 1, y - 1, width, height)
        for frame, number, x, y, width, height, *_ in mot(found)
    )


def test_many_tracks_that_could_not_be_followed_are_told() -> None:
    seen_once = [track(n, [0, 40_000], [[1, 1, 9, 9]] * 2, origins=NAMES[:2]) for n in range(3)]
    followed = track(9, [0, 40_000], [[1, 1, 9, 9]] * 2)
    (sentence,) = not_followed("faces", [*seen_once, followed], looks=9)
    assert "3 of 4 tracks" in sentence
    assert "faces.sample_rate" in sentence
    assert not_followed("faces", seen_once[:2], looks=9) == ()
    assert not_followed("faces", [*seen_once, *[followed] * 3], looks=9) == ()
    assert not_followed("faces", seen_once, looks=1) == ()
