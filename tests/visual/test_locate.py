"""From a clip and detectors to covers: every frame of whatever kind, and nothing left behind."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from testmedia.tools import turn
from visual.marks import (
    DULL,
    FAINT,
    SURE,
    Marks,
    covered,
    detector,
    frame,
    locate,
    write,
)

from veilcast.errors import Interrupted, SettingError
from veilcast.plugin import Box, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.plugin import Detection, DetectorContext

SIZE = 40


def walking(x: float = 30, y: float = 90, speed: float = 60) -> Callable[[int], Box]:
    """Where a mark is at a time in milliseconds."""
    return lambda ms: Box(x=round(x + speed * ms / 1000), y=y, width=SIZE, height=SIZE)


def clip(
    path: Path,
    times_ms: list[int],
    place: Callable[[int], Box | None],
    rim: Callable[[int], int] = lambda ms: 250,
    **how: Any,
) -> Path:
    return write(path, (frame(place(t), rim=rim(t)) for t in times_ms), times_ms, **how)


def steady(rate: float, seconds: float) -> list[int]:
    return [round(1000 * n / rate) for n in range(round(rate * seconds))]


def phone(seconds: float) -> list[int]:
    """About 30 frames a second, with stutter and one long pause."""
    random = np.random.default_rng(8)
    times, now = [], 0
    while now < seconds * 1000:
        times.append(now)
        now += int(random.choice([17, 33, 34, 50, 67]))
        if len(times) == 20:
            now += 700
    return times


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


TIMES = {
    "1 a second": (steady(1, 8), 12),
    "5 a second": (steady(5, 4), 40),
    "25 a second": (steady(25, 3), 60),
    "60 a second": (steady(60, 2), 80),
    "a phone's": (phone(3), 60),
}


@pytest.mark.parametrize("times", TIMES)
def test_a_mark_is_covered_in_every_frame(times: str, tmp_path: Path) -> None:
    times_ms, speed = TIMES[times]
    place = walking(speed=speed)
    found = locate(clip(tmp_path / "clip.mkv", times_ms, place))
    (track,) = found.tracks
    assert track.times_us.tolist() == [1000 * t for t in times_ms]
    assert min(covered(found, 1000 * t, place(t)) for t in times_ms) >= 0.95
    assert (track.boxes[:, 2] * track.boxes[:, 3]).mean() < 2 * SIZE**2
    assert (track.detector, track.identifier, track.hipaa) == ("marks", "badge", "R")
    # Not many more than what is asked for, and the last frame always.
    assert found.examined <= min(len(times_ms), 10 * (times_ms[-1] / 1000) + 12)
    assert track.origins[-1] == Origin.DETECTED
    assert found.warnings == ()


def test_a_slow_clip_has_no_gap_where_a_look_missed_something(tmp_path: Path) -> None:
    times_ms, place = steady(1, 9), walking(speed=12)
    path = clip(
        tmp_path / "clip.mkv", times_ms, place, lambda ms: DULL if ms in (2000, 6000) else 250
    )
    found = locate(path)
    assert min(covered(found, 1000 * t, place(t)) for t in times_ms) >= 0.95
    twice = clip(
        tmp_path / "twice.mkv",
        times_ms,
        lambda ms: place(ms) if 3000 <= ms <= 5000 else None,
        lambda ms: DULL if ms == 4000 else 250,
    )
    found = locate(twice)
    assert min(covered(found, 1000 * t, place(t)) for t in (3000, 4000, 5000)) >= 0.95


def test_every_frame_is_looked_at_where_that_is_wanted(tmp_path: Path) -> None:
    times_ms = steady(30, 1.5)
    path = clip(tmp_path / "clip.mkv", times_ms, walking())
    found = locate(path, sample_rate="every_frame")
    assert found.examined == len(times_ms)
    (track,) = found.tracks
    assert (track.origins == Origin.DETECTED).all()
    seldom = locate(path, sample_rate=2)
    assert seldom.examined < 12
    assert min(covered(seldom, 1000 * t, walking()(t)) for t in times_ms) >= 0.95


def test_what_shows_between_two_looks_only_needs_every_frame(tmp_path: Path) -> None:
    times_ms = steady(50, 2)
    place = walking()

    def glimpse(ms: int) -> Box | None:
        return place(ms) if ms in (1020, 1040) else None

    path = clip(tmp_path / "clip.mkv", times_ms, glimpse)
    found = locate(path, sample_rate="every_frame")
    assert min(covered(found, 1000 * t, place(t)) for t in (1020, 1040)) == 1
    for track in found.tracks:
        assert track.times_us[-1] - track.times_us[0] <= 500_000, "so little proves no more"
    missed = locate(path, sample_rate=5)
    assert missed.tracks == ()
    assert "badges.sample_rate" in missed.warnings[0]


def test_what_is_not_seen_any_more_is_followed_and_comes_back_as_the_same(tmp_path: Path) -> None:
    times_ms = steady(30, 3)
    place = walking()
    path = clip(tmp_path / "clip.mkv", times_ms, place, lambda ms: DULL if 900 < ms < 2100 else 250)
    found = locate(path)
    (track,) = found.tracks
    assert min(covered(found, 1000 * t, place(t)) for t in times_ms) >= 0.9
    unseen = track.origins[(track.times_us > 1_000_000) & (track.times_us < 2_000_000)]
    assert (unseen == Origin.FLOW).sum() >= 6
    assert not (unseen == Origin.DETECTED).any()


def test_what_is_seen_late_was_there_before(tmp_path: Path) -> None:
    times_ms = steady(30, 2.4)
    place = walking()
    path = clip(tmp_path / "clip.mkv", times_ms, place, lambda ms: DULL if ms < 1500 else 250)
    found = locate(path)
    assert min(covered(found, 1000 * t, place(t)) for t in times_ms) >= 0.9


def test_a_faint_sighting_counts_where_something_is_known(tmp_path: Path) -> None:
    """And alone it is covered for a moment only, however often it is seen."""
    times_ms = steady(30, 3)
    place = walking()
    path = clip(
        tmp_path / "clip.mkv", times_ms, place, lambda ms: FAINT if 900 < ms < 2100 else 250
    )
    (track,) = locate(path).tracks
    faint = (track.times_us > 1_000_000) & (track.times_us < 2_000_000)
    assert (track.origins[faint] == Origin.DETECTED).sum() >= 6
    assert np.nanmin(track.scores) < 0.5 < np.nanmax(track.scores)


def test_a_glint_is_covered_for_a_moment(tmp_path: Path) -> None:
    times_ms = steady(30, 3)
    place = walking(speed=0)
    path = clip(tmp_path / "clip.mkv", times_ms, lambda ms: place(ms) if ms == 1500 else None)
    found = locate(path, sample_rate="every_frame")
    (track,) = found.tracks
    assert covered(found, 1_500_000, place(0)) == 1
    assert track.times_us[-1] - track.times_us[0] <= 400_000


def test_covers_begin_with_the_first_frame_after_a_cut(tmp_path: Path) -> None:
    """Also where the look that sees it first comes later."""
    times_ms = steady(30, 4)
    cut = 41
    place = walking(speed=10)
    pictures = (
        frame(None, seed=3) if n < cut else frame(place(t), seed=4) for n, t in enumerate(times_ms)
    )
    found = locate(write(tmp_path / "clip.mkv", pictures, times_ms))
    for n, t in enumerate(times_ms):
        assert (covered(found, 1000 * t, place(t)) >= 0.95) == (n >= cut)


def test_the_clock_of_a_container_changes_nothing(tmp_path: Path) -> None:
    """Matroska counts milliseconds, and MP4 what it is told."""
    place = walking()
    exact = locate(clip(tmp_path / "clip.mp4", steady(25, 2), place))
    late_ms = [t + 4321 for t in steady(25, 2)]
    late = locate(clip(tmp_path / "late.mkv", late_ms, lambda ms: place(ms - 4321)))
    (one,), (other,) = exact.tracks, late.tracks
    assert one.times_us.tolist() == other.times_us.tolist()
    assert (one.boxes == other.boxes).all()
    assert (one.origins == other.origins).all()


def test_the_same_again(tmp_path: Path) -> None:
    path = clip(
        tmp_path / "clip.mkv", phone(2.5), walking(), lambda ms: 250 if ms % 300 < 200 else DULL
    )
    first, second = locate(path), locate(path)
    assert len(first.tracks) == len(second.tracks)
    for one, other in zip(first.tracks, second.tracks, strict=True):
        assert (one.boxes == other.boxes).all()
        assert (one.origins == other.origins).all()


# Pictures of every kind


@pytest.mark.parametrize(
    ("pix_fmt", "codec"),
    [("gray", "ffv1"), ("yuv420p10le", "ffv1"), ("gray10le", "ffv1"), ("yuv420p", "libx264")],
)
def test_samples_of_every_kind(pix_fmt: str, codec: str, tmp_path: Path) -> None:
    times_ms, place = steady(25, 1), walking()
    found = locate(clip(tmp_path / "clip.mkv", times_ms, place, pix_fmt=pix_fmt, codec=codec))
    assert min(covered(found, 1000 * t, place(t)) for t in times_ms) >= 0.95


@pytest.mark.parametrize("size", [(321, 241), (63, 777), (1499, 97), (48, 46)])
def test_boxes_are_displayed_pixels_in_every_size(size: tuple[int, int], tmp_path: Path) -> None:
    times_ms = steady(25, 0.8)
    box = Box(x=size[0] - 43, y=size[1] - 42, width=SIZE, height=SIZE)
    pictures = (frame(box, size=size) for _ in times_ms)
    found = locate(write(tmp_path / "clip.mkv", pictures, times_ms))
    (track,) = found.tracks
    for x, y, width, height in track.boxes:
        # What is looked at may be smaller than the frame: a pixel of that to each side.
        reach = 1 + max(size) / 320
        assert abs(x - box.x) <= reach
        assert abs(y - box.y) <= reach
        assert abs(x + width - box.right) <= reach
        assert abs(y + height - box.bottom) <= reach


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_boxes_are_in_the_turned_frame(degrees: int, tmp_path: Path) -> None:
    times_ms = steady(25, 0.8)
    box = Box(x=250, y=20, width=SIZE, height=SIZE)
    plain = clip(tmp_path / "plain.mp4", times_ms, lambda ms: box)
    turn(plain, tmp_path / "turned.mp4", degrees)
    (track,) = locate(tmp_path / "turned.mp4").tracks
    x, y, width, height = track.boxes[0]
    expected = {
        # Counter-clockwise: what was at the right is at the top.
        90: (40, 320 - 270),
        180: (320 - 270, 240 - 40),
        270: (240 - 40, 270),
    }[degrees]
    assert (x + width / 2, y + height / 2) == pytest.approx(expected, abs=2)


def test_a_clip_of_one_frame_and_a_still(tmp_path: Path) -> None:
    box = Box(x=100, y=80, width=SIZE, height=SIZE)
    one = locate(clip(tmp_path / "clip.mkv", [0], lambda ms: box))
    cv2.imwrite(str(tmp_path / "still.png"), frame(box))
    still = locate(tmp_path / "still.png")
    for found in (one, still):
        (track,) = found.tracks
        assert track.times_us.tolist() == [0]
        assert covered(found, 0, box) == 1
        assert found.examined == 1
    cv2.imwrite(str(tmp_path / "none.png"), frame(None))
    assert locate(tmp_path / "none.png").tracks == ()


def test_what_is_too_small_is_left_out_but_not_what_the_border_cuts(tmp_path: Path) -> None:
    times_ms = steady(25, 0.8)
    whole = clip(tmp_path / "whole.mkv", times_ms, lambda ms: Box(x=9, y=9, width=40, height=40))
    assert locate(whole, min_size=36).tracks
    assert not locate(whole, min_size=44).tracks

    class Wide(Marks):
        """Boxes reach over the border, as those of many models do."""

        def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
            found = super().detect(picture)
            return [
                type(seen)(
                    box=Box(
                        x=seen.box.right - seen.box.height,
                        y=seen.box.y,
                        width=seen.box.height,
                        height=seen.box.height,
                    ),
                    score=seen.score,
                )
                for seen in found
            ]

    half = clip(tmp_path / "half.mkv", times_ms, lambda ms: Box(x=-20, y=90, width=40, height=40))
    assert locate(half, detector(Wide), min_size=36).tracks


# Several detectors


def test_what_either_of_two_sees_is_covered(tmp_path: Path) -> None:
    class Left(Marks):
        def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
            return [s for s in super().detect(picture) if s.box.x < picture.shape[1] / 2]

    class Right(Marks):
        def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
            return [s for s in super().detect(picture) if s.box.x >= picture.shape[1] / 2]

    times_ms, place = steady(30, 3), walking(speed=70)
    path = clip(tmp_path / "clip.mkv", times_ms, place)
    for both in ((Left, Right), (Right, Left)):
        found = locate(path, *(detector(one, name=one.__name__) for one in both))
        assert min(covered(found, 1000 * t, place(t)) for t in times_ms) >= 0.9
        assert {track.detector for track in found.tracks} == {
            f"{both[0].__name__}+{both[1].__name__}"
        }


def test_detectors_of_different_things_do_not_mix(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mkv", [0], walking())
    with pytest.raises(SettingError, match="same identifier"):
        locate(path, detector(), detector(name="other", identifier="plate"))


# What goes wrong


class Loaded:
    """Every detector that was loaded, so that it can be seen whether it was closed."""

    def __init__(self, kind: type[Marks] = Marks) -> None:
        self.kind, self.all = kind, list[Marks]()

    def __call__(self, context: DetectorContext) -> Marks:
        assert context.threads >= 1
        self.all.append(self.kind(context))
        return self.all[-1]


class Tired(Marks):
    """Fails at its sixth picture."""

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        if len(self.pictures) == 5:
            raise RuntimeError("tired")
        return super().detect(picture)


class Stuck(Marks):
    def close(self) -> None:
        super().close()
        raise RuntimeError("stuck")


def refuse(context: DetectorContext) -> Marks:
    raise RuntimeError("refused")


@pytest.fixture
def short(tmp_path: Path) -> Path:
    return clip(tmp_path / "clip.mkv", steady(30, 2), walking())


def test_a_detector_that_fails_stops_it_and_all_are_closed(short: Path) -> None:
    tired, other = Loaded(Tired), Loaded()
    with pytest.raises(RuntimeError, match="tired"):
        locate(short, detector(tired), detector(other, name="other"))
    assert [one.closed for one in (*tired.all, *other.all)] == [True, True]


@pytest.mark.parametrize("slow", [0.0, 0.3])
def test_a_detector_that_can_not_be_loaded_is_what_is_told(short: Path, slow: float) -> None:
    """However many frames were decoded before that was known."""
    first = Loaded()

    def slowly(context: DetectorContext) -> Marks:
        threading.Event().wait(slow)
        return refuse(context)

    with pytest.raises(RuntimeError, match="refused"):
        locate(short, detector(first), detector(slowly, name="other"))
    assert [one.closed for one in first.all] == [True]


def test_a_detector_that_does_not_close_leaves_no_thread(short: Path) -> None:
    stuck, other = Loaded(Stuck), Loaded()
    with pytest.raises(RuntimeError, match="stuck"):
        locate(short, detector(stuck), detector(other, name="other"))
    assert [one.closed for one in (*stuck.all, *other.all)] == [True, True]


def test_an_interrupt_closes_all(short: Path) -> None:
    loaded = Loaded()

    def progress(activity: str, done: int, total: int | None) -> None:
        if done == 4:
            raise Interrupted("Interrupted.")

    with pytest.raises(Interrupted):
        locate(short, detector(loaded), progress=progress)
    (one,) = loaded.all
    assert one.closed
    assert len(one.pictures) < 14, "it does not go on behind one's back"


def test_progress_tells_how_far_it_is(short: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    locate(short, progress=lambda *more: told.append(more))
    detecting = [(done, total) for activity, done, total in told if activity == "detecting"]
    assert [done for done, _ in detecting] == list(range(1, len(detecting) + 1))
    assert all(total is not None and done <= total for done, total in detecting)
    assert [activity for activity, *_ in told][-1] == "tracking"


def test_a_detector_is_told_what_the_profile_says(short: Path) -> None:
    told: list[DetectorContext] = []

    def load(context: DetectorContext) -> Marks:
        told.append(context)
        return Marks(context)

    locate(short, detector(load, confidence=0.6, faint=0.3))
    locate(short, detector(load, confidence=0.6, faint=0.3), confidence=0.2)
    locate(short, detector(load, confidence=0.6, faint=0.3), confidence=SURE)
    assert [context.least_score for context in told] == pytest.approx([0.3, 0.1, 0.3])
    assert all(context.threads <= (os.cpu_count() or 1) for context in told)
