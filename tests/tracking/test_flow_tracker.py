"""What detectors miss is gone after: from picture to picture, forwards and backwards."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from tracking.moving import HEIGHT, WIDTH, box, grey, off_by

from veilcast.tracking import TrackingSettings, build_tracks
from veilcast.tracking.flow_tracker import Pursuit
from veilcast.types import Box, Detection, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from veilcast.tracking import Look
    from veilcast.tracking.looks import Way
    from veilcast.types import Track

    Floats = NDArray[np.float64]
    Place: TypeAlias = Callable[[float], Floats]

STEP_US = 100_000
HOLD_US = 2_000_000
FACE, OTHER, CLOTH = 31, 32, 33


def seen(edges: Floats, score: float = 0.9) -> Detection:
    left, top, right, bottom = edges.tolist()
    return Detection(box=Box(x=left, y=top, width=right - left, height=bottom - top), score=score)


def walk(start: tuple[float, float], speed: tuple[float, float], size: float = 48) -> Place:
    """Where something is at a time in seconds."""
    return lambda s: box(start[0] + speed[0] * s, start[1] + speed[1] * s, size)


def went_after(
    seconds: float,
    things: Mapping[int, Callable[[float], Floats | None]],
    sights: Callable[[int, float], bool],
    *,
    proof: float = np.inf,
    hold_us: int = HOLD_US,
    wall: Callable[[float], int] = lambda s: 1,
) -> list[Look]:
    """Looks at 10 pictures a second, each with what a detector sees of these things."""
    pursuit = Pursuit(scale=(1.0, 1.0), hold_us=hold_us)
    for index in range(round(seconds * 10) + 1):
        now = index / 10
        there = {seed: place(now) for seed, place in things.items()}
        shown = {seed: edges for seed, edges in there.items() if edges is not None}
        found = [
            seen(edges) for seed, edges in shown.items() if seed != CLOTH and sights(seed, now)
        ]
        picture = grey(index * STEP_US, *shown.items(), wall=wall(now))
        pursuit.step(picture, found, [proof] * len(found))
    return pursuit.looks()


def way_of(look: Look) -> Way:
    """Where the only thing that was seen was followed to."""
    assert look.ways is not None
    (way,) = look.ways
    return way


def tracks_of(
    looks: list[Look], cuts_us: tuple[int, ...] = (), hold_us: int = HOLD_US
) -> list[Track]:
    return build_tracks(
        frames_us=np.asarray([look.time_us for look in looks], dtype=np.int64),
        looks=looks,
        cuts_us=cuts_us,
        width=WIDTH,
        height=HEIGHT,
        identifier="face",
        hipaa="Q",
        detector="test",
        settings=TrackingSettings(hold_us=hold_us, lost_us=min(500_000, hold_us)),
    )


def share_covered(tracks: list[Track], seconds: float, true: Floats) -> float:
    """The largest share of `true` inside one cover at this time."""
    best = 0.0
    for track in tracks:
        for at in np.flatnonzero(track.times_us == round(seconds * 1e6)):
            x, y, width, height = track.boxes[at]
            across = min(true[2], x + width) - max(true[0], x)
            down = min(true[3], y + height) - max(true[1], y)
            best = max(best, max(0, across) * max(0, down) / np.prod(true[2:] - true[:2]))
    return best


def exposed(tracks: list[Track], place: Place, start: float, end: float) -> list[float]:
    """When less than 85 % of something was under a cover."""
    times = [index / 10 for index in range(round(start * 10), round(end * 10) + 1)]
    return [now for now in times if share_covered(tracks, now, place(now)) < 0.85]


def test_what_is_no_longer_seen_but_still_moves_is_followed() -> None:
    place = walk((200, 150), (110, 30))
    looks = went_after(1.5, {FACE: place}, lambda seed, now: now < 0.05)
    way = way_of(looks[0])
    assert way.times_us.tolist() == [n * STEP_US for n in range(1, 16)]
    for time_us, edges in zip(way.times_us.tolist(), way.edges, strict=True):
        assert off_by(edges, place(time_us / 1e6)) < 6
    (track,) = tracks_of(looks)
    assert exposed([track], place, 0, 1.5) == []
    assert track.origins.tolist() == [Origin.DETECTED, *[Origin.FLOW] * 15]


def test_what_is_seen_late_is_followed_back_to_when_it_came() -> None:
    # It comes in over the left border from 0.1 s on and is first seen at 1.2 s.
    place = walk((-44, 180), (160, 0))
    looks = went_after(1.6, {FACE: place}, lambda seed, now: now > 1.15)
    way = way_of(looks[12])
    assert way.times_us[-1] == 11 * STEP_US
    assert way.times_us[0] <= 5 * STEP_US
    for time_us, edges in zip(way.times_us.tolist(), way.edges, strict=True):
        assert off_by(edges, place(time_us / 1e6)) < 10
    (track,) = tracks_of(looks)
    assert exposed([track], place, 0.4, 1.6) == []


def test_what_came_at_a_cut_is_not_followed_beyond_it() -> None:
    place = walk((200, 180), (40, 0))
    looks = went_after(
        1.6,
        {FACE: lambda s: place(s) if s > 0.65 else None},
        lambda seed, now: now > 1.15,
        wall=lambda s: 1 if s < 0.65 else 2,
    )
    (track,) = tracks_of(looks, cuts_us=(700_000,))
    assert track.times_us[0] == 700_000
    assert exposed([track], place, 0.7, 1.6) == []
    (unproved,) = tracks_of(looks)
    assert unproved.times_us[0] <= 700_000, "a cut that nobody proved ends no cover"


@pytest.mark.parametrize("hold_s", [0.0, 0.5, 1.0])
def test_it_is_followed_for_as_long_as_it_is_held_and_no_longer(hold_s: float) -> None:
    place = walk((200, 150), (60, 0))
    hold_us = round(hold_s * 1e6)
    looks = went_after(3, {FACE: place}, lambda seed, now: 1.45 < now < 1.55, hold_us=hold_us)
    way = way_of(looks[15])
    steps = round(hold_s * 10)
    after = [(15 + n) * STEP_US for n in range(1, steps + 1)]
    before = [(15 - n) * STEP_US for n in range(steps, 0, -1)]
    assert way.times_us.tolist() == before + after
    (track,) = tracks_of(looks, hold_us=hold_us)
    assert 1_500_000 - hold_us - STEP_US <= track.times_us[0] <= 1_500_000 - hold_us
    assert 1_500_000 + hold_us <= track.times_us[-1] <= 1_500_000 + hold_us + STEP_US


def test_a_detection_takes_over_from_flow() -> None:
    """Then what flow has gathered of error is gone, and it is one track."""
    place = walk((120, 150), (90, 20))
    looks = went_after(3, {FACE: place}, lambda seed, now: round(now * 10) % 8 == 0)
    sighted = [n for n, look in enumerate(looks) if look.detections]
    assert sighted == [0, 8, 16, 24]
    for earlier, later in pairwise(sighted):
        assert looks[later].goes_on == ((earlier, 0),)
        assert way_of(looks[earlier]).times_us.tolist() == [
            n * STEP_US for n in range(earlier + 1, later)
        ]
        assert len(way_of(looks[later]).times_us) <= 7, "what was followed there is known"
    (track,) = tracks_of(looks)
    assert exposed([track], place, 0, 3) == []
    assert (track.origins == Origin.DETECTED).sum() == 4


def test_what_is_replaced_is_let_go() -> None:
    """It stands still, and something else is in its place: flow would stay there for ever."""
    place = walk((300, 180), (0, 0))

    def other(now: float) -> Floats | None:
        return place(now) if now > 0.55 else None

    looks = went_after(2, {FACE: place, CLOTH: other}, lambda seed, now: now < 0.05)
    way = way_of(looks[0])
    assert way.times_us.tolist() == [n * STEP_US for n in range(1, 6)]
    (track,) = tracks_of(looks)
    assert track.times_us[-1] == 1_000_000, "half a second longer, in case it comes back"


def test_what_is_hidden_for_a_moment_stays_one_thing() -> None:
    place = walk((150, 180), (100, 0))

    def pillar(now: float) -> Floats:
        return box(285, 180, 90)

    def hidden(now: float) -> bool:
        return 215 < 150 + 100 * now < 355

    looks = went_after(3, {FACE: place, CLOTH: pillar}, lambda seed, now: not hidden(now))
    tracks = tracks_of(looks)
    assert exposed(tracks, place, 0, 3) == []


def test_two_that_cross_are_both_covered_all_the_time() -> None:
    left, right = walk((150, 170), (100, 0)), walk((450, 186), (-100, 0), 56)

    def sights(seed: int, now: float) -> bool:
        # The one behind is not seen while the other is before it, and neither is always.
        if seed == FACE and abs(300 - 200 * now) < 45:
            return False
        return round(now * 10 + seed) % 3 != 0

    looks = went_after(3, {FACE: left, OTHER: right}, sights)
    tracks = tracks_of(looks)
    assert exposed(tracks, right, 0, 3) == []
    assert exposed(tracks, left, 0, 3) == []


def test_what_was_followed_back_stops_where_something_is_known_to_be() -> None:
    """A thing that was let go and is seen anew is not covered twice over its old way."""
    place = walk((200, 180), (30, 0))
    looks = went_after(
        3, {FACE: place}, lambda seed, now: now < 0.75 or now > 2.85, hold_us=500_000
    )
    anew = next(n for n, look in enumerate(looks) if n > 8 and look.detections)
    way = way_of(looks[anew])
    followed_on = way_of(looks[7]).times_us
    assert not set(way.times_us.tolist()) & set(followed_on.tolist())


def test_pictures_may_be_smaller_than_boxes() -> None:
    place = walk((200, 150), (110, 30))
    pursuit = Pursuit(scale=(1 / 3, 1 / 2), hold_us=HOLD_US)
    pursuit.step(grey(0, (FACE, place(0))), [seen(place(0) * (3, 2, 3, 2))], [np.inf])
    for n in range(1, 8):
        pursuit.step(grey(n * STEP_US, (FACE, place(n / 10))), [] if n % 2 else None)
    way = way_of(pursuit.looks()[0])
    assert len(way.times_us) == 7, "it is followed through looks and through what lies between"
    assert off_by(way.edges[-1] / (3, 2, 3, 2), place(0.7)) < 4


def test_says_what_it_wants_to_know() -> None:
    """Something new is asked about a few times, and then no more; so is what is not seen again."""
    place = walk((200, 150), (0, 0))
    pursuit = Pursuit(scale=(1.0, 1.0), hold_us=HOLD_US)
    assert not pursuit.wonders
    there = [seen(place(0))]
    assert pursuit.is_unsure(there)
    pursuit.step(grey(0, (FACE, place(0))), there, [0.4])
    assert pursuit.wonders
    asked = 0
    for n in range(1, 15):
        asked += pursuit.is_unsure(there)
        pursuit.step(grey(n * STEP_US, (FACE, place(0))), there, [0.4])
    assert 2 <= asked <= 6
    assert not pursuit.wonders
    for n in range(15, 18):
        pursuit.step(grey(n * STEP_US, (FACE, place(0))), there, [1.2])
    assert not pursuit.is_unsure(there), "it is confirmed"
    assert pursuit.expects(there, confirmed=True).all()
    assert pursuit.is_unsure([]), "and now it is not seen"
    assert pursuit.is_unsure([*there, seen(place(0) + 200)]), "nor is this known"


def test_what_was_proved_once_stays_proved() -> None:
    place = walk((200, 150), (0, 0))
    picture = grey(0, (FACE, place(0)))
    pursuit = Pursuit(scale=(1.0, 1.0), hold_us=0)
    for n in range(3):
        pursuit.step(picture._replace(time_us=n), [seen(place(0))], [1.5])
    assert pursuit.expects([seen(place(0))], confirmed=True).all()
    for n in range(3, 6):
        pursuit.step(picture._replace(time_us=n), [seen(place(0))], [0.0])
    assert pursuit.expects([seen(place(0))], confirmed=True).all()
