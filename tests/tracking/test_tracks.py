"""What covers promise, whatever a detector saw."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from veilcast.errors import InternalError, PluginFailedError
from veilcast.findings import Findings, findings_from_json, findings_to_json
from veilcast.tracking import Look, TrackingSettings, build_tracks
from veilcast.tracking.looks import NO_WAY, SURE, Way
from veilcast.types import Box, Detection, Origin, Track

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Recording = tuple[Ints, list[Look], list[int], TrackingSettings]
    """Times of the frames, looks, cuts, and settings."""

T = TypeVar("T")

WIDTH, HEIGHT = 1280, 720
HOLD = TrackingSettings(hold_us=2_000_000)


def tracks_of(
    frames_us: Ints,
    looks: Sequence[Look],
    cuts_us: Sequence[int] = (),
    tracking: TrackingSettings = HOLD,
) -> list[Track]:
    return build_tracks(
        frames_us=np.asarray(frames_us, dtype=np.int64),
        looks=looks,
        cuts_us=cuts_us,
        width=WIDTH,
        height=HEIGHT,
        identifier="face",
        hipaa="Q",
        detector="test",
        settings=tracking,
    )


def face(centre_x: float, centre_y: float, size: float, score: float = 0.9) -> Detection:
    box = Box(x=centre_x - size / 2, y=centre_y - size * 0.6, width=size, height=size * 1.2)
    return Detection(box=box, score=score)


def frames(seconds: float, rate: float = 30) -> Ints:
    return (np.arange(round(seconds * rate)) * 1_000_000 // rate).astype(np.int64)


def boxes_at(tracks: Sequence[Track], time_us: int) -> list[Box]:
    found = []
    for track in tracks:
        index = np.searchsorted(track.times_us, time_us)
        if index < len(track.times_us) and track.times_us[index] == time_us:
            x, y, width, height = track.boxes[index].tolist()
            found.append(Box(x=x, y=y, width=width, height=height))
    return found


def share_inside(true: Box, cover: Box) -> float:
    across = min(true.right, cover.right) - max(true.x, cover.x)
    down = min(true.bottom, cover.bottom) - max(true.y, cover.y)
    return max(0.0, across) * max(0.0, down) / true.area


def contains(cover: Box, box: Box) -> bool:
    return (
        cover.x <= box.x
        and cover.y <= box.y
        and cover.right >= box.right
        and cover.bottom >= box.bottom
    )


def covered(tracks: Sequence[Track], time_us: int, true: Box, grown: float = 0.0) -> float:
    """The largest share of the visible part of `true` inside one cover."""
    visible = true.clamped(WIDTH, HEIGHT)
    if visible is None:
        return 1.0
    covers = boxes_at(tracks, time_us)
    return max((share_inside(visible, c.grown(grown)) for c in covers), default=0.0)


SPOTS = st.builds(
    face,
    st.floats(-40, WIDTH + 40),
    st.floats(-40, HEIGHT + 40),
    st.floats(4, 600),
    st.floats(0.1, 1),
)
PROOFS = st.none() | st.sampled_from([0.0, 0.3, 0.9, 1.0, 1.5, np.inf])


@st.composite
def recordings(draw: st.DrawFn, proofs: st.SearchStrategy[float | None] = PROOFS) -> Recording:
    """Frames at a variable rate, looks at some of them with what was followed, and cuts.

    Args:
        draw: of hypothesis.
        proofs: the evidence of each sighting; None: nothing is said of a look's.
    """
    steps = draw(st.lists(st.integers(5_000, 120_000), min_size=5, max_size=60))
    times = np.cumsum([draw(st.integers(-1_000_000, 1_000_000)), *steps])
    looked = sorted(draw(st.sets(st.integers(0, len(times) - 1), min_size=1, max_size=20)))
    # Faces that stay where they are make tracks, scattered ones make doubt.
    lasting = draw(st.lists(SPOTS, max_size=3))
    looks: list[Look] = []
    for index in looked:
        seen = [d for d in lasting if draw(st.booleans())] + draw(st.lists(SPOTS, max_size=2))
        evidence = [draw(proofs) for _ in seen]
        said = tuple(proof for proof in evidence if proof is not None)
        earlier = [(i, k) for i, look in enumerate(looks) for k in range(len(look.detections))]
        links = st.none() | st.sampled_from(earlier) if earlier else st.none()
        followed = draw(st.booleans())
        looks.append(
            Look(
                time_us=int(times[index]),
                detections=tuple(seen),
                evidence=said if len(said) == len(evidence) else None,
                ways=tuple(draw(ways(times, index, d)) for d in seen) if followed else None,
                goes_on=tuple(draw(links) for _ in seen) if followed else None,
            )
        )
    cuts = draw(st.lists(st.sampled_from(times.tolist()), max_size=2))
    tracking = TrackingSettings(
        hold_us=draw(st.sampled_from([0, 150_000, 2_000_000])),
        lost_us=draw(st.sampled_from([None, 0, 500_000])),
        smoothing_us=draw(st.sampled_from([0, 40_000, 250_000])),
    )
    return times, looks, sorted(cuts), tracking


@st.composite
def ways(draw: st.DrawFn, times: Ints, index: int, detection: Detection) -> Way:
    """Some of the frames around one, each with where flow says that this was."""
    around = draw(
        st.sets(st.integers(max(0, index - 8), min(len(times) - 1, index + 8)), max_size=8)
    )
    at = sorted(around - {index})
    # Flow may be right, and it may go anywhere.
    spots = [draw(st.just(detection) | SPOTS).box for _ in at]
    edges = [(box.x, box.y, box.right, box.bottom) for box in spots]
    return Way(times_us=times[at], edges=np.asarray(edges, dtype=np.float64).reshape(-1, 4))


def sightings_of(looks: Sequence[Look]) -> Iterator[tuple[int, Box, float, float]]:
    """Every detection that shows in the frame: time, box, score, evidence, in their order."""
    for look in looks:
        proofs = look.evidence or (np.inf,) * len(look.detections)
        for seen, proof in zip(look.detections, proofs, strict=True):
            box = seen.box.clamped(WIDTH, HEIGHT)
            if box is not None:
                yield look.time_us, box, seen.score, proof


def moved_in_time(look: Look, shift: int) -> Look:
    ways = look.ways and tuple(
        Way(times_us=way.times_us + shift, edges=way.edges) for way in look.ways
    )
    return replace(look, time_us=look.time_us + shift, ways=ways)


@settings(deadline=None, max_examples=150)
@given(recordings())
def test_covers_hold_what_they_promise(recording: Recording) -> None:
    times, looks, cuts, tracking = recording
    tracks = tracks_of(times, looks, cuts, tracking)
    assert [t.id for t in tracks] == list(range(1, len(tracks) + 1))
    assert [t.times_us[0] for t in tracks] == sorted(t.times_us[0] for t in tracks)
    seen: dict[int, list[tuple[Box, float]]] = {}
    followed: dict[int, list[Box | None]] = {}
    for time, box, score, proof in sightings_of(looks):
        seen.setdefault(time, []).append((box, score))
        if proof >= SURE:
            assert any(contains(c, box) for c in boxes_at(tracks, time))
    for way in (way for look in looks for way in look.ways or ()):
        for time, (left, top, right, bottom) in zip(way.times_us.tolist(), way.edges, strict=True):
            box = Box(x=left, y=top, width=right - left, height=bottom - top)
            followed.setdefault(time, []).append(box.clamped(WIDTH, HEIGHT))
    assert bool(tracks) == bool(seen), "of everything that was seen something is covered"
    for track in tracks:
        # Every frame from the first to the last is there.
        inside = (times >= track.times_us[0]) & (times <= track.times_us[-1])
        assert track.times_us.tolist() == times[inside].tolist()
        assert not any(track.times_us[0] < cut <= track.times_us[-1] for cut in cuts)
        x, y, width, height = track.boxes.T
        assert (np.minimum(x, y) >= 0).all()
        assert (np.minimum(width, height) >= 1).all()
        assert (x + width <= WIDTH).all()
        assert (y + height <= HEIGHT).all()
        assert track.boxes.shape == (len(track.times_us), 4)
        detected, flow = track.origins == Origin.DETECTED, track.origins == Origin.FLOW
        assert (detected | flow).any()
        assert (np.isnan(track.scores) != detected).all()
        for at in np.flatnonzero(detected | flow):
            cover = Box(**dict(zip(("x", "y", "width", "height"), track.boxes[at], strict=True)))
            time = int(track.times_us[at])
            # The cover of a frame is never smaller than what it stands for.
            assert any(
                contains(cover, box)
                for box in (
                    [box for box, score in seen[time] if score == track.scores[at]]
                    if detected[at]
                    else followed[time]
                )
                if box is not None
            )
        held = np.flatnonzero(track.origins == Origin.HELD)
        first, last = np.flatnonzero(detected | flow)[[0, -1]]
        assert ((held < first) | (held > last)).all()


@settings(deadline=None, max_examples=60)
@given(recordings(proofs=st.sampled_from([0.0, 0.2, 0.35])))
def test_what_was_never_confirmed_is_covered_briefly(recording: Recording) -> None:
    times, looks, cuts, tracking = recording
    seen = list(sightings_of(looks))
    if sum(proof for *_, proof in seen) >= 8:
        return
    tracks = tracks_of(times, looks, cuts, tracking)
    assert bool(tracks) == bool(seen)
    for track in tracks:
        assert track.times_us[-1] - track.times_us[0] <= 2 * tracking.brief_us


@settings(deadline=None, max_examples=60)
@given(recordings(proofs=st.sampled_from([0.0, 0.3, 0.9])), st.data())
def test_what_was_confirmed_is_covered_whenever_it_is_seen(
    recording: Recording, data: st.DataObject
) -> None:
    """However faint, and between the sightings too; whatever else there is."""
    times, looks, _, tracking = recording
    assume(len(looks) >= 3)
    spot = data.draw(st.builds(face, st.floats(300, 900), st.floats(200, 500), st.floats(30, 200)))
    sure = data.draw(st.sets(st.sampled_from(range(len(looks))), min_size=3))
    shown = []
    for index, look in enumerate(looks):
        count = len(look.detections)
        shown.append(
            Look(
                time_us=look.time_us,
                detections=(*look.detections, spot),
                evidence=(*(look.evidence or ()), 1.1 if index in sure else 0.0),
                ways=(
                    *(look.ways or [NO_WAY] * count),
                    NO_WAY,
                ),
                goes_on=(
                    *[None] * count,
                    (index - 1, len(looks[index - 1].detections)) if index else None,
                ),
            )
        )
    tracks = tracks_of(times, shown, (), tracking)
    for one, other in pairwise(look.time_us for look in looks):
        if other - one <= tracking.max_gap_us:
            for time in times[(times >= one) & (times <= other)].tolist():
                assert any(contains(cover, spot.box) for cover in boxes_at(tracks, time))


@settings(deadline=None, max_examples=40)
@given(recordings(), st.integers(-(10**12), 10**12))
def test_tracks_do_not_depend_on_the_time_base(recording: Recording, shift: int) -> None:
    times, looks, cuts, tracking = recording
    plain = tracks_of(times, looks, cuts, tracking)
    moved = tracks_of(
        times + shift,
        [moved_in_time(look, shift) for look in looks],
        [cut + shift for cut in cuts],
        tracking,
    )
    assert len(plain) == len(moved)
    for one, other in zip(plain, moved, strict=True):
        assert (one.times_us + shift == other.times_us).all()
        assert (one.boxes == other.boxes).all()
        assert (one.origins == other.origins).all()


@settings(deadline=None, max_examples=40)
@given(recordings(), st.randoms(use_true_random=False))
def test_the_order_of_a_detectors_boxes_does_not_matter(
    recording: Recording, random: Random
) -> None:
    times, looks, cuts, tracking = recording
    orders = [random.sample(range(len(x.detections)), len(x.detections)) for x in looks]

    def mixed(look: Look, order: list[int]) -> Look:
        def pick(values: tuple[T, ...]) -> tuple[T, ...]:
            return tuple(values[index] for index in order)

        links = look.goes_on and tuple(
            link and (link[0], orders[link[0]].index(link[1])) for link in look.goes_on
        )
        return replace(
            look,
            detections=pick(look.detections),
            evidence=look.evidence and pick(look.evidence),
            ways=look.ways and pick(look.ways),
            goes_on=links and pick(links),
        )

    for one, other in zip(
        tracks_of(times, looks, cuts, tracking),
        tracks_of(times, [*map(mixed, looks, orders)], cuts, tracking),
        strict=True,
    ):
        assert (one.boxes == other.boxes).all()
        assert (one.times_us == other.times_us).all()


@settings(deadline=None, max_examples=40)
@given(recordings())
def test_smoothing_only_grows(recording: Recording) -> None:
    times, looks, cuts, tracking = recording
    none, much = (replace(tracking, smoothing_us=us) for us in (0, 400_000))
    raw, smooth = (tracks_of(times, looks, cuts, t) for t in (none, much))
    assert len(raw) == len(smooth)
    for time in times.tolist():
        covers = boxes_at(smooth, time)
        assert all(any(contains(c, box) for c in covers) for box in boxes_at(raw, time))


@settings(deadline=None, max_examples=20)
@given(recordings())
def test_tracks_survive_being_written_and_read(recording: Recording) -> None:
    times, looks, cuts, tracking = recording
    tracks = tracks_of(times, looks, cuts, tracking)
    read = findings_from_json(findings_to_json(Findings(stage="faces", tracks=tuple(tracks))))
    for one, other in zip(tracks, read.tracks, strict=True):
        assert (one.boxes == other.boxes).all()


def test_nothing_seen_makes_no_track() -> None:
    assert tracks_of(frames(1), [Look(time_us=0, detections=())]) == []
    assert tracks_of(frames(1), []) == []


def test_a_single_sighting_is_covered_and_held_both_ways() -> None:
    times = frames(10)
    looks = [
        Look(time_us=int(t), detections=(face(600, 300, 80),) if t == 5_000_000 else ())
        for t in times[::6]
    ]
    (track,) = tracks_of(times, looks)
    assert track.times_us[0] == 3_000_000
    assert track.times_us[-1] == 7_000_000
    assert (track.origins == Origin.DETECTED).sum() == 1


def test_without_hold_the_cover_still_reaches_to_the_neighbouring_looks() -> None:
    times = frames(4)
    looks = [
        Look(time_us=int(t), detections=(face(600, 300, 80),) if t == 2_000_000 else ())
        for t in times[::6]
    ]
    (track,) = tracks_of(times, looks, tracking=TrackingSettings(hold_us=0))
    uncovered = [t for t in times if 1_800_000 < t < 2_200_000 and t not in track.times_us]
    assert uncovered == []
    assert track.times_us[0] > 1_800_000
    assert track.times_us[-1] < 2_200_000


def test_a_hold_ends_at_a_cut() -> None:
    times = frames(6)
    looks = [
        Look(time_us=int(t), detections=(face(600, 300, 80),) if 2e6 <= t < 3e6 else ())
        for t in times[::6]
    ]
    cuts = [int(times[54]), int(times[93])]
    (track,) = tracks_of(times, looks, cuts)
    assert track.times_us.tolist() == times[54:93].tolist()


def test_a_face_on_both_sides_of_a_cut_is_two_tracks_that_meet_there() -> None:
    times = frames(4)
    looks = [Look(time_us=int(t), detections=(face(600, 300, 80),)) for t in times[::6]]
    cut = int(times[63])
    before, after = tracks_of(times, looks, [cut])
    assert before.times_us[-1] == times[62]
    assert after.times_us[0] == cut


def test_a_face_that_walks_out_is_not_held_where_it_went() -> None:
    times = frames(6)
    looks = [
        # 400 px/s to the right: out of the picture at about 3.2 s.
        Look(time_us=int(t), detections=(face(40 + 400e-6 * t, 300, 80),) if t <= 3e6 else ())
        for t in times[::6]
    ]
    (track,) = tracks_of(times, looks)
    assert 3_150_000 < track.times_us[-1] < 3_700_000


def test_a_face_that_stands_cut_by_the_border_is_held() -> None:
    times = frames(6)
    looks = [
        Look(time_us=int(t), detections=(face(WIDTH - 5, 300, 80),) if t <= 3e6 else ())
        for t in times[::6]
    ]
    (track,) = tracks_of(times, looks)
    assert track.times_us[-1] == 5_000_000


def test_a_held_cover_keeps_the_place_and_follows_the_motion() -> None:
    times = frames(4)
    looks = [
        Look(time_us=int(t), detections=(face(300 + 100e-6 * t, 300, 80),) if t <= 1e6 else ())
        for t in times[::6]
    ]
    tracks = tracks_of(times, looks)
    for time in times[(times > 1_000_000) & (times <= 2_000_000)].tolist():
        assert covered(tracks, time, face(400, 300, 80).box) == 1
        assert covered(tracks, time, face(300 + 100e-6 * time, 300, 80).box, 0.1) > 0.8


def test_held_covers_do_not_balloon() -> None:
    times = frames(10)
    rng = np.random.default_rng(3)

    def shaken() -> Detection:
        x, y = rng.normal((600, 300), 6)
        return face(x, y, 80)

    looks = [
        Look(time_us=int(t), detections=(shaken(),) if 4e6 <= t <= 6e6 else ()) for t in times[::6]
    ]
    for track in tracks_of(times, looks):
        assert track.boxes[:, 2].max() < 3 * 80
        assert track.boxes[:, 3].max() < 3 * 96


def test_two_crossing_faces_are_both_covered_at_all_times() -> None:
    times = frames(6)

    def both(t: float) -> tuple[Detection, Detection]:
        return face(300 + 120e-6 * t, 300, 80), face(1000 - 120e-6 * t, 330, 90)

    looks = [
        # While they overlap by more than half, the detector sees the nearer one only.
        Look(time_us=int(t), detections=both(t) if abs(700 - 240e-6 * t) > 45 else both(t)[1:])
        for t in times[::6]
    ]
    tracks = tracks_of(times, looks)
    for time in times.tolist():
        for one in both(time):
            assert covered(tracks, time, one.box, 0.1) >= 0.95


def test_an_occlusion_of_a_second_is_bridged() -> None:
    times = frames(6)
    looks = [
        Look(
            time_us=int(t),
            detections=() if 2e6 < t < 3e6 else (face(300 + 90e-6 * t, 350, 100),),
        )
        for t in times[::6]
    ]
    (track,) = tracks_of(times, looks, tracking=TrackingSettings(hold_us=0))
    hidden = (track.times_us > 2_000_000) & (track.times_us < 3_000_000)
    assert hidden.sum() == 29
    assert (track.origins[hidden] == Origin.INTERPOLATED).all()
    for time in times.tolist():
        assert covered([track], time, face(300 + 90e-6 * time, 350, 100).box, 0.1) >= 0.95


def test_a_face_that_turns_round_while_hidden_is_covered() -> None:
    times = frames(6)

    def true(t: float) -> Detection:
        return face(400 + 150e-6 * (t if t < 2_500_000 else 5_000_000 - t), 350, 100)

    looks = [
        Look(time_us=int(t), detections=() if 2e6 < t < 3e6 else (true(t),)) for t in times[::6]
    ]
    tracks = tracks_of(times, looks)
    for time in times.tolist():
        assert covered(tracks, time, true(time).box, 0.1) >= 0.95


def test_when_one_face_goes_and_another_comes_both_stay_covered() -> None:
    times = frames(8)
    # The second appears 0.8 s later and 1.2 sizes aside: perhaps the same face, perhaps not.
    looks = [
        Look(
            time_us=int(t),
            detections=(face(500, 300, 80),)
            if t <= 3e6
            else (face(596, 300, 80),)
            if t >= 3.8e6
            else (),
        )
        for t in times[::6]
    ]
    tracks = tracks_of(times, looks)
    for time in times[(times > 3_000_000) & (times < 3_800_000)].tolist():
        assert covered(tracks, time, face(500, 300, 80).box) == 1
        assert covered(tracks, time, face(596, 300, 80).box) == 1
        way = face(500 + 96 * (time - 3e6) / 0.8e6, 300, 80).box
        assert covered(tracks, time, way, 0.1) >= 0.95


def test_a_box_of_half_the_size_does_not_shrink_the_cover() -> None:
    times = frames(4)
    looks = [
        Look(time_us=int(t), detections=(face(500, 300, 40 if t == 2_000_000 else 100),))
        for t in times[::6]
    ]
    tracks = tracks_of(times, looks)
    for time in times.tolist():
        assert covered(tracks, time, face(500, 300, 100).box) == 1


@pytest.mark.parametrize("seed", range(12))
def test_a_moving_face_is_covered_between_looks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rate = [30, 25, 29.97, 60][seed % 4]
    times = frames(6, rate)
    if seed % 3 == 0:  # a phone's variable rate
        times = times + rng.integers(-8_000, 8_000, len(times))
    phase, speed = rng.uniform(0, 6, 4), rng.uniform(0.1, 0.5, 3)

    def true(t: float) -> Box:
        size = 110 * np.exp(0.4 * np.sin(speed[0] * 6.28e-6 * t + phase[0]))
        return face(
            640 + 120 * np.sin(speed[1] * 6.28e-6 * t + phase[1]),
            360 + 60 * np.sin(speed[2] * 6.28e-6 * t + phase[2]),
            size,
        ).box

    looks: list[Look] = []
    due = -np.inf
    for t in times.tolist():
        if t >= due or t == times[-1]:
            due, box = t + 199_000, true(t)
            jitter = rng.uniform(-0.03, 0.03, 4) * box.width
            seen = Box(
                x=box.x + jitter[0],
                y=box.y + jitter[1],
                width=box.width + jitter[2],
                height=box.height + jitter[3],
            )
            looks.append(Look(time_us=t, detections=(Detection(box=seen, score=0.8),)))
    (track,) = tracks_of(times, looks)
    assert min(covered([track], t, true(t), 0.1) for t in times.tolist()) >= 0.95
    area = track.boxes[:, 2] * track.boxes[:, 3]
    assert np.mean(area / [true(t).area for t in times.tolist()]) < 1.5


@pytest.mark.parametrize("sizes_per_s", [4, 8, 12])
def test_a_fast_face_is_covered_between_looks(sizes_per_s: int) -> None:
    times = frames(2)

    def true(t: float) -> Detection:
        return face(50 + sizes_per_s * 40e-6 * t, 300, 40)

    looks = [Look(time_us=int(t), detections=(true(t),)) for t in times[::6]]
    (track,) = tracks_of(times, looks)
    for time in times[:55].tolist():
        assert covered([track], time, true(time).box, 0.1) >= 0.95


@pytest.mark.parametrize(("first", "then"), [(10, 5), (5, 0), (5, 8)])
def test_a_fast_face_that_changes_pace_stays_one_track(first: int, then: int) -> None:
    times = frames(3)
    looks = [
        Look(
            time_us=int(t),
            detections=(
                face(60 + 40e-6 * (min(t, 1e6) * first + max(0, t - 1e6) * then), 300, 40),
            ),
        )
        for t in times[::6]
    ]
    assert len(tracks_of(times, looks)) == 1


@pytest.mark.parametrize("phase", range(8))
def test_a_face_that_shakes_is_covered_between_looks(phase: int) -> None:
    times = frames(4)

    # Up to 5 face widths a second, and back: hardly a look overlaps the one before.
    def true(t: float) -> Detection:
        x, y = np.sin(0.8 * 6.2832e-6 * t + phase), np.sin(1.04 * 6.2832e-6 * t)
        return face(600 + 100 * x, 300 + 50 * y, 100)

    looks = [Look(time_us=int(t), detections=(true(t),)) for t in times[::6]]
    tracks = tracks_of(times, looks)
    for time in times[:115].tolist():
        assert covered(tracks, time, true(time).box, 0.1) >= 0.95


@pytest.mark.parametrize("phase", range(8))
def test_what_is_followed_elsewhere_changes_nothing(phase: int) -> None:
    """Steps at which only another thing is known of are no looks that missed this one."""
    times = frames(4, 20)

    def true(t: float) -> Detection:
        x, y = np.sin(0.8 * 6.2832e-6 * t + phase), np.sin(1.04 * 6.2832e-6 * t)
        return face(600 + 100 * x, 300 + 50 * y, 100)

    def tracks(followed: bool) -> list[Track]:
        still = face(1100, 600, 60)
        box = [still.box.x, still.box.y, still.box.right, still.box.bottom]
        steps = times[(times > 0) & (times < 2_000_000) & followed]
        looks = [
            Look(
                time_us=int(t),
                detections=(true(t), still) if t == 0 else (true(t),),
                ways=(NO_WAY, Way(times_us=steps, edges=np.tile(box, (len(steps), 1))))
                if t == 0
                else (NO_WAY,),
            )
            for t in times[::5]
        ]
        found = tracks_of(times, looks)
        return [track for track in found if track.boxes[:, 0].max() < 900]

    alone, beside = tracks(False), tracks(True)
    assert len(alone) == len(beside)
    for one, other in zip(alone, beside, strict=True):
        assert (one.boxes == other.boxes).all()
    for time in times[times <= 3_750_000].tolist():
        assert covered(beside, time, true(time).box, 0.1) >= 0.85


def test_the_way_of_a_face_that_jumps_aside_is_covered() -> None:
    times = frames(4)

    def true(t: float) -> Detection:
        return face(500 + 160 * np.clip((t - 2e6) / 0.2e6, 0, 1), 300, 80)

    looks = [Look(time_us=int(t), detections=(true(t),)) for t in times[::6]]
    tracks = tracks_of(times, looks)
    for time in times.tolist():
        assert covered(tracks, time, true(time).box, 0.1) >= 0.95


def test_neighbours_that_are_missed_now_and_then_stay_two_tracks() -> None:
    times = frames(30)
    rng = np.random.default_rng(5)
    looks = []
    for t in times[::6]:
        seen = rng.uniform(size=2) > 0.2
        both = face(500, 300, 80), face(620, 310, 80)
        looks.append(
            Look(time_us=int(t), detections=tuple(d for d, s in zip(both, seen, strict=True) if s))
        )
    assert len(tracks_of(times, looks)) <= 4


def test_smoothing_takes_out_pulsing() -> None:
    times = frames(6)
    rng = np.random.default_rng(1)
    looks = [
        Look(time_us=int(t), detections=(face(600, 300, 100 * rng.uniform(0.95, 1.05)),))
        for t in times[::6]
    ]
    jerks = []
    for smoothing_us in (0, 250_000):
        (track,) = tracks_of(
            times, looks, tracking=TrackingSettings(hold_us=0, smoothing_us=smoothing_us)
        )
        jerks.append(np.abs(np.diff(track.boxes[:, 2], 2)).mean())
    assert jerks[1] < jerks[0] * 0.4


def test_many_faces_make_as_many_tracks() -> None:
    times = frames(2)
    looks = [
        Look(
            time_us=int(t),
            detections=tuple(face(40 + 60 * (k % 20), 60 + 80 * (k // 20), 40) for k in range(160)),
        )
        for t in times[::6]
    ]
    assert len(tracks_of(times, looks)) == 160


def test_a_box_that_is_not_a_number_is_an_error_that_names_the_detector() -> None:
    bad = Detection(box=Box(x=float("nan"), y=0, width=5, height=5), score=0.5)
    with pytest.raises(PluginFailedError, match="'test'"):
        tracks_of(frames(1), [Look(time_us=0, detections=(bad,))])


@pytest.mark.parametrize("looked", [[5], [200_000, 0]])
def test_looks_must_be_frames_in_order(looked: list[int]) -> None:
    with pytest.raises(InternalError):
        tracks_of(frames(1), [Look(time_us=t, detections=()) for t in looked])
