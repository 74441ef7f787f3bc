"""What is left uncovered is what was asked to be, frame by frame, and in doubt it is covered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.errors import FindingsError, SettingError
from veilcast.findings import Findings
from veilcast.findings.edits import effective
from veilcast.redaction.selection import select
from veilcast.settings import DetectSettings
from veilcast.types import Origin, Track

SIZE = (200, 100)
FRAMES = np.arange(0, 2_000_000, 100_000, dtype=np.int64)
STEP = 100_000


def track(number: int, times: list[int], box: tuple[float, ...] = (20, 20, 10, 10)) -> Track:
    count = len(times)
    return Track(
        id=number,
        identifier="face",
        hipaa="Q",
        detector="test",
        times_us=np.array(times, dtype=np.int64),
        boxes=np.tile(np.array(box, dtype=np.float64), (count, 1)),
        scores=np.full(count, 0.9),
        origins=np.zeros(count, dtype=np.uint8),
    )


def bare(tracks: list[Track], **settings: Any) -> dict[int, set[int]]:
    """By track, the times of the frames in which it has no cover; checks what is told of it."""
    read = DetectSettings.model_validate(settings)
    selection = select(
        effective(Findings(stage="faces", tracks=tuple(tracks)), []), read, FRAMES, *SIZE
    )
    covers = {part.id: cover for part, cover in selection.covered}
    told = {left.track.id: left for left in selection.uncovered}
    found = {}
    for whole in tracks:
        first, last = whole.times_us[0], whole.times_us[-1]
        there = FRAMES[(first <= FRAMES) & (last >= FRAMES)].tolist()
        own = covers.get(whole.id)
        without = {t for t in there if own is None or own.at(t) is None}
        found[whole.id] = without
        assert (whole.id in told) == bool(without)
        if without:
            left = told[whole.id]
            assert (set(left.track.times_us.tolist()), left.frames) == (without, len(there))
            assert left.why
        for part, _ in selection.covered:
            if part.id == whole.id and without:
                assert set(part.times_us.tolist()) == set(there) - without
    assert bool(selection.warnings) == bool(told)
    return found


def all_of(whole: Track) -> set[int]:
    return set(whole.times_us.tolist())


A, B = track(1, FRAMES.tolist()), track(2, FRAMES[5:15].tolist())


def test_nothing_asked_nothing_left() -> None:
    assert bare([A, B]) == {1: set(), 2: set()}


def test_kept_tracks_are_left_and_others_are_not() -> None:
    assert bare([A, B], keep=[2]) == {1: set(), 2: all_of(B)}
    assert bare([A, B], only=[2]) == {1: all_of(A), 2: set()}


def test_a_frame_that_is_shown_beyond_a_span_to_keep_is_covered() -> None:
    # Frames are shown for 0.1 s: that of 0.2 s until 0.3 s.
    kept = {200_000, 300_000}
    assert bare([A], keep=[{"track": 1, "from": 0.2, "to": 0.4}])[1] == kept
    assert bare([A], keep=[{"track": 1, "from": 0.15, "to": 0.45}])[1] == kept
    assert bare([A], keep=[{"track": 1, "from": 1.8}])[1] == {1_800_000, 1_900_000}
    assert bare([A], keep=[{"track": 1, "to": 2}])[1] == all_of(A)


def test_a_frame_that_is_shown_during_a_span_to_cover_is_covered() -> None:
    covered = {100_000, 200_000, 300_000, 400_000}
    assert all_of(A) - bare([A], only={"track": 1, "from": 0.15, "to": 0.45})[1] == covered
    assert all_of(A) - bare([A], **{"from": 0.15, "to": 0.45})[1] == covered


# The cover is 20 % wider than the box on each side: 18 to 32.
PLACED = {"shape": "rectangle", "padding": 0.2}


@pytest.mark.parametrize(
    ("rectangle", "covered"),
    [
        ([31, 0, 50, 100], True),
        ([33, 0, 50, 100], False),
        ([0, 0, "9%", "100%"], False),
        ([0, 0, "10%", "100%"], True),
        ([0, 32, 200, 50], False),
    ],
)
def test_what_touches_the_rectangle_is_covered(rectangle: list[Any], covered: bool) -> None:
    left = bare([A], within=rectangle, **PLACED)[1]
    assert left == (set() if covered else all_of(A))
    # One of several is enough.
    assert bare([A], within=[rectangle, [25, 25, 1, 1]], **PLACED)[1] == set()


@pytest.mark.parametrize(
    ("rectangle", "covered"),
    [
        ([18, 18, 14, 14], False),
        ([18.1, 18, 14, 14], True),
        ([18, 18, 14, 13], True),
        ([0, 0, "16%", "32%"], False),
        ([0, 0, "15.9%", "32%"], True),
    ],
)
def test_only_what_is_wholly_in_an_excluded_rectangle_is_left(
    rectangle: list[Any], covered: bool
) -> None:
    left = bare([A], outside=rectangle, **PLACED)[1]
    assert left == (set() if covered else all_of(A))


def test_two_excluded_rectangles_do_not_make_one() -> None:
    halves = [[0, 0, 25, 100], [25, 0, 175, 100]]
    assert bare([A], outside=halves, **PLACED)[1] == set()


def test_at_the_edge_only_what_is_in_the_picture_counts() -> None:
    there = track(1, FRAMES.tolist(), (-5, -5, 20, 20))
    assert bare([there], outside=[0, 0, 19, 19], **PLACED)[1] == all_of(there)
    assert bare([there], outside=[0, 0, 18, 19], **PLACED)[1] == set()


def test_frames_between_those_of_a_sparse_track_are_told_too() -> None:
    sparse = track(1, [0, 1_900_000])
    kept = bare([sparse], keep=[{"track": 1, "from": 0.5, "to": 1}])[1]
    assert kept == {500_000, 600_000, 700_000, 800_000, 900_000}


def test_a_person_to_keep_is_left_unless_covering_is_asked_for() -> None:
    marked = replace(A, options={"cover": False})
    assert bare([marked, B]) == {1: all_of(A), 2: set()}
    assert bare([marked, B], only=[1]) == {1: set(), 2: all_of(B)}


def test_tracks_are_covered_in_their_own_way() -> None:
    settings = DetectSettings.model_validate(
        {"per_track": {2: {"treatment": "fill", "fill_colour": "#102030"}}, "padding": 0.1}
    )
    findings = Findings(stage="faces", tracks=(A, replace(B, options={"padding": 0.7})))
    covers = {
        t.id: c.settings
        for t, c in select(effective(findings, []), settings, FRAMES, *SIZE).covered
    }
    assert (covers[1].treatment, covers[1].padding) == ("mosaic", 0.1)
    assert (covers[2].treatment, covers[2].fill_colour) == ("fill", "#102030")
    assert covers[2].padding == 0.7


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"keep": [7]}, "track 7"),
        ({"only": [7]}, "track 7"),
        ({"per_track": {7: {"padding": 0.1}}}, "track 7"),
        ({"within": [200, 0, 10, 10]}, "Rectangle 1 of 'within'"),
        ({"outside": [[0, 0, 10, 10], [0, "-20%", 10, "20%"]]}, "Rectangle 2 of 'outside'"),
        ({"from": 2}, "no frame"),
    ],
)
def test_what_is_not_there_is_an_error(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        bare([A, B], **settings)


def test_numbers_that_are_there_twice_name_nobody() -> None:
    twins = [A, replace(B, id=1)]
    assert select(
        effective(Findings(stage="faces", tracks=tuple(twins)), []), DetectSettings(), FRAMES, *SIZE
    ).covered
    with pytest.raises(FindingsError):
        bare(twins, keep=[1])


instants = st.one_of(st.none(), st.integers(0, 24).map(lambda n: n * 90_000))


@st.composite
def spans(draw: st.DrawFn) -> tuple[int | None, int | None]:
    start, end = draw(instants), draw(instants)
    return (end, start) if None not in (start, end) and start > end else (start, end)  # type: ignore[operator]


def entry(number: int, span: tuple[int | None, int | None]) -> dict[str, Any]:
    start, end = (None if us is None else us / 1e6 for us in span)
    return {"track": number, "from": start, "to": end}


@given(
    times=st.lists(st.sampled_from(FRAMES.tolist()), min_size=1, unique=True).map(sorted),
    kept=st.lists(spans().filter(lambda s: s[0] is None or s[0] != s[1]), max_size=3),
    asked=st.lists(spans().filter(lambda s: s[0] is None or s[0] != s[1]), max_size=3),
)
def test_whoever_is_on_the_screen_at_an_instant_that_was_not_given_away_is_covered(
    times: list[int],
    kept: list[tuple[int | None, int | None]],
    asked: list[tuple[int | None, int | None]],
) -> None:
    """Looked at every 10 ms: a frame without a cover is given away at every instant it is shown."""

    def during(instant: int, span: tuple[int | None, int | None]) -> bool:
        start, end = span
        return (start is None or start <= instant) and (end is None or instant < end)

    one, other = track(1, times), track(2, times)
    left = bare(
        [one, other],
        keep=[entry(1, span) for span in kept],
        only=[entry(2, span) for span in asked],
    )
    for frame in left[2] if asked else ():
        for instant in range(frame, frame + STEP, 10_000):
            assert not any(during(instant, span) for span in asked)
    # Spans that meet may give a frame away together; only one of them has to be enough.
    for frame in () if asked else left[1]:
        instants = range(frame, frame + STEP, 10_000)
        assert any(all(during(instant, span) for instant in instants) for span in kept)
    if asked:
        assert left[1] == {t for t in FRAMES.tolist() if times[0] <= t <= times[-1]}
    else:
        assert left[2] == set()


def test_inferred_frames_of_a_part_keep_how_they_came_about() -> None:
    origins = np.full(len(FRAMES), Origin.FLOW, dtype=np.uint8)
    followed = replace(A, origins=origins, scores=np.full(len(FRAMES), np.nan))
    settings = DetectSettings.model_validate({"keep": [{"track": 1, "from": 1}]})
    findings = Findings(stage="faces", tracks=(followed,))
    ((part, _),) = select(effective(findings, []), settings, FRAMES, *SIZE).covered
    assert set(part.origins.tolist()) == {Origin.FLOW}
    assert np.isnan(part.scores).all()
