"""One log of edits decides what is covered: whoever made them, in whatever order they came."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.errors import FindingsError
from veilcast.findings import FindingsDocument, document_from_bytes, document_to_bytes
from veilcast.findings.document import Findings
from veilcast.findings.edits import Add, Change, Drop, Edit, Undo, effective
from veilcast.findings.schema import schema
from veilcast.redaction.selection import Selection, select
from veilcast.settings import TranscribeSettings
from veilcast.settings.detect import DetectSettings
from veilcast.types import Sound, Track

if TYPE_CHECKING:
    from collections.abc import Sequence

FRAMES = np.arange(0, 2_000_000, 100_000, dtype=np.int64)
BY: dict[str, Any] = {"stage": "faces", "author": "person"}


def track(number: int, first: int = 0, last: int = 1_900_000) -> Track:
    times = np.arange(first, last + 1, 100_000, dtype=np.int64)
    return Track(
        id=number,
        identifier="face",
        hipaa="Q",
        detector="test",
        times_us=times,
        boxes=np.tile(np.array([20.0, 20, 10, 10]), (len(times), 1)),
        scores=np.full(len(times), 0.9),
        origins=np.zeros(len(times), dtype=np.uint8),
    )


def sound(number: int, start_us: int, end_us: int) -> Sound:
    return Sound(
        id=number,
        identifier="person",
        hipaa="A",
        detector="test",
        start_us=start_us,
        end_us=end_us,
        score=0.9,
        streams=None,
    )


FACES = Findings(stage="faces", tracks=(track(1), track(2)))
SPEECH = Findings(stage="speech", sounds=(sound(1, 100, 200), sound(2, 300, 500)))


def covered(log: Sequence[Edit], settings: dict[str, Any] | None = None) -> dict[int, list[int]]:
    """By track, the times of the frames that are covered."""
    read = DetectSettings.model_validate({"padding": 0, **(settings or {})})
    chosen = select(effective(FACES, log), read, FRAMES, 200, 100)
    return {
        part.id: [int(t) for t in FRAMES if covers.at(int(t)) is not None]
        for part, covers in chosen.covered
    }


def heard(log: Sequence[Edit]) -> Selection:
    return select(effective(SPEECH, log), TranscribeSettings())


def spans(chosen: Selection) -> list[tuple[int, int]]:
    return [(one.start_us, one.end_us) for one in chosen.sounds]


ALL = FRAMES.tolist()


def test_without_edits_all_is_covered() -> None:
    assert covered([]) == {1: ALL, 2: ALL}
    assert spans(heard([])) == [(100, 200), (300, 500)]


def test_a_person_leaves_a_track_uncovered_for_a_time() -> None:
    """Only frames that are shown wholly within the time: in doubt a frame is covered."""
    left = covered([Drop(**BY, thing="track", id=2, spans_us=((450_000, 890_000),))])
    assert left == {1: ALL, 2: [t for t in ALL if t not in (500_000, 600_000, 700_000)]}


def test_a_drop_is_told_with_whose_it_is_and_not_in_their_words() -> None:
    edits = [Drop(**BY, reason="that is Margaret", thing="track", id=2)]
    chosen = select(effective(FACES, edits), DetectSettings(), FRAMES, 200, 100)
    assert [(one.track.id, one.why) for one in chosen.uncovered] == [(2, ("reviewed",))]
    assert chosen.edits == {"person": {"dropped": 1}}
    assert "Margaret" not in repr(chosen.warnings)


def test_what_a_person_adds_is_covered_and_settings_speak_of_it_too() -> None:
    added = Add(**BY, tracks=(track(7, 300_000, 600_000),))
    there = [300_000, 400_000, 500_000, 600_000]
    assert covered([added]) == {1: ALL, 2: ALL, 7: there}
    assert covered([added], {"keep": [1, 2]}) == {7: there}
    assert covered([added], {"keep": [7]}) == {1: ALL, 2: ALL}


def test_a_change_says_how_one_thing_is_covered() -> None:
    edits = [Change(**BY, thing="track", id=1, options={"treatment": "fill"})]
    chosen = select(effective(FACES, edits), DetectSettings(), FRAMES, 200, 100)
    assert [covers.described()["treatment"] for _, covers in chosen.covered] == ["fill", "mosaic"]


def test_a_sound_is_left_wholly_or_in_part() -> None:
    whole = Drop(stage="speech", author="person", thing="sound", id=1)
    part = Drop(stage="speech", author="person", thing="sound", id=2, spans_us=((350, 400),))
    chosen = heard([whole, part])
    assert spans(chosen) == [(300, 350), (400, 500)]
    left = [(u.sound.start_us, u.sound.end_us, u.why) for u in chosen.uncovered_sounds]
    assert left == [(100, 200, ("reviewed",)), (350, 400, ("reviewed",))]


def test_undo_is_an_edit_and_so_is_taking_that_back() -> None:
    drop = Drop(**BY, thing="track", id=1)
    assert covered([drop]) == {2: ALL}
    assert covered([drop, Undo(**BY, edit=1)]) == {1: ALL, 2: ALL}
    assert covered([drop, Undo(**BY, edit=1), Undo(**BY, edit=2)]) == {2: ALL}


@pytest.mark.parametrize(
    "log",
    [
        [Drop(**BY, thing="track", id=9)],
        [Change(**BY, thing="sound", id=1, options={})],
        [Add(**BY, tracks=(track(2),))],
        [Undo(**BY, edit=1)],
        [Drop(**BY, thing="track", id=1), Undo(**BY, edit=3)],
    ],
    ids=["no such track", "no such sound", "a number twice", "itself", "a later one"],
)
def test_an_edit_of_what_is_not_there_stops_the_run(log: list[Edit]) -> None:
    with pytest.raises(FindingsError):
        effective(FACES, log)


DROPS = st.builds(
    lambda number, bounds: Drop(**BY, thing="track", id=number, spans_us=(bounds,)),
    st.sampled_from([1, 2]),
    st.tuples(st.integers(0, 1_000_000), st.integers(1_000_001, 2_000_000)),
)


@given(st.lists(DROPS, max_size=5), st.randoms())
def test_the_order_of_independent_edits_does_not_matter(drops: list[Edit], chance: Any) -> None:
    log: list[Edit] = [*drops, Add(**BY, tracks=(track(7),))]
    other = list(log)
    chance.shuffle(other)
    assert covered(other) == covered(log)


@given(st.lists(DROPS, max_size=4), st.lists(DROPS, max_size=4))
def test_a_cover_that_nobody_dropped_stays(first: list[Edit], later: list[Edit]) -> None:
    """More edits that drop other things, add or are taken back uncover nothing."""
    before = covered(first)
    others: list[Edit] = [edit for edit in later if isinstance(edit, Drop) and edit.id == 2]
    taken_back = [Undo(**BY, edit=len(first) + number) for number in range(1, len(later) + 1)]
    assert covered([*first, *others]).get(1) == before.get(1)
    assert covered([*first, *later, *taken_back]) == before


EDITS = (
    Add(**BY, reason="seen by hand", tracks=(track(7),)),
    Change(**BY, thing="track", id=7, options={"treatment": "fill"}),
    Drop(**BY, thing="track", id=1, spans_us=((0, 500_000),)),
    Drop(stage="speech", author="link", thing="sound", id=2),
    Undo(**BY, edit=3),
)


def document(edits: tuple[Edit, ...]) -> FindingsDocument:
    return FindingsDocument(
        input_sha256="0" * 64, stages=(FACES, SPEECH), located_with={}, edits=edits
    )


def test_edits_come_back_from_a_file_as_they_were() -> None:
    data = document_to_bytes(document(EDITS))
    jsonschema.validate(json.loads(data), schema())
    back = document_from_bytes(data)
    assert document_to_bytes(back) == data
    assert [type(edit) for edit in back.edits] == [type(edit) for edit in EDITS]
    assert effective(FACES, back.edits).counts == effective(FACES, EDITS).counts


def test_a_file_without_edits_is_what_it_always_was() -> None:
    data = document_to_bytes(document(()))
    assert b'"edits"' not in data
    assert document_from_bytes(data).edits == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"edit": "drop", "stage": "faces", "author": "settings", "thing": "track", "id": 1},
        {"edit": "drop", "stage": "faces", "author": "person", "thing": "word", "id": 1},
        {"edit": "drop", "stage": "faces", "author": "person", "thing": "track"},
        {
            "edit": "drop",
            "stage": "faces",
            "author": "person",
            "thing": "track",
            "id": 1,
            "spans_us": [[5, 5]],
        },
        {"edit": "paint", "stage": "faces", "author": "person"},
        {"edit": "undo", "stage": "faces", "author": "person", "of": "Margaret"},
    ],
)
def test_a_malformed_edit_is_refused_and_not_repeated(wrong: dict[str, Any]) -> None:
    value = json.loads(document_to_bytes(document(())))
    value["edits"] = [wrong]
    with pytest.raises(FindingsError, match="edits are malformed") as caught:
        document_from_bytes(json.dumps(value).encode())
    assert "Margaret" not in str(caught.value)
