"""Rectangles that follow what they cover, in real files with the exact truth."""

from __future__ import annotations

import json
from math import cos, pi, sin
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from regions.carried import HEIGHT, MARKED, RATE, WIDTH, Clip, Motion, Pose, box_of, clip
from testmedia import seen, tools

from veilcast.errors import RegionsError
from veilcast.findings import digest
from veilcast.host import Host
from veilcast.pipeline import Request, located
from veilcast.pipeline import run as whole_run
from veilcast.profile import load_profile
from veilcast.types import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from testmedia import Corpus

    from veilcast.extensions import Progress
    from veilcast.findings import Findings

    Locate = Callable[[Path, str], Findings]
    Draw = Callable[..., Clip]

ENOUGH = 0.95


class _Teller:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.done: list[tuple[str, int, int | None]] = []

    def phase(self, name: str) -> None: ...

    def warning(self, sentence: str) -> None:
        self.told.append(sentence)

    def stage(self, name: str) -> Progress:
        return lambda activity, done, total: self.done.append((activity, done, total))


@pytest.fixture
def teller() -> _Teller:
    return _Teller()


@pytest.fixture
def locate(tmp_path: Path, teller: _Teller) -> Locate:
    host = Host()
    profile = tmp_path / "profile.yaml"
    profile.write_text("stages: [regions]")

    def run(path: Path, text: str) -> Findings:
        (tmp_path / "regions.yaml").write_text(text)
        chosen = load_profile(host, str(profile), files={"regions": tmp_path / "regions.yaml"})
        (found,) = located(host, path, chosen, tmp_path / "work", teller).stages
        return found

    return run


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    def run(motion: Callable[[float], Pose], name: str = "clip.mp4", **how: Any) -> Clip:
        return clip(tmp_path / name, motion, **how)

    return run


def text_for(pose: Pose, more: str = "") -> str:
    return f"regions: [{{label: wristband, follow: true, box: {box_of(pose)}{more}}}]"


def boxes_at(found: Findings, drawn: Clip) -> list[list[list[float]]]:
    """The covers of every frame."""
    covers: list[list[list[float]]] = [[] for _ in drawn.times]
    for track in found.tracks:
        for time, box in zip(track.times_us.tolist(), track.boxes.tolist(), strict=True):
            number = int(np.abs(np.asarray(drawn.times) * 1e6 - time).argmin())
            assert abs(drawn.times[number] * 1e6 - time) <= 1001
            covers[number].append(box)
    return covers


def exposed(found: Findings, drawn: Clip, first: int = 0) -> list[tuple[int, float]]:
    """The frames in which less than enough of the patch is under the covers."""
    shares = [
        (number, drawn.covered(boxes, number))
        for number, boxes in enumerate(boxes_at(found, drawn))
    ]
    return [
        (number, round(share, 2))
        for number, share in shares[first:]
        if share is not None and share < ENOUGH
    ]


def sizes(found: Findings, drawn: Clip) -> list[float]:
    """The area of the covers over that of the whole patch, in every frame that has any."""
    areas = [sum(w * h for _, _, w, h in boxes) for boxes in boxes_at(found, drawn) if boxes]
    return [area / (MARKED[0] * MARKED[1]) for area in areas]


def origins(found: Findings, origin: Origin) -> int:
    return sum(int((track.origins == origin).sum()) for track in found.tracks)


# What is followed without being lost.

FOLLOWED: dict[str, tuple[Callable[[float], Pose], float]] = {
    # motion, the most that the cover may be larger than the patch (median)
    "straight": (lambda t: Pose(x=60 + 150 * t, y=120), 1.8),
    "speeding up": (lambda t: Pose(x=50 + 95 * t * t, y=60 + 40 * t), 1.8),
    "to and fro": (lambda t: Pose(x=240 + 160 * sin(3 * t), y=135 + 70 * cos(2.3 * t)), 1.9),
    "an arm that turns": (lambda t: Pose(x=150 + 60 * t, y=130, turn=1.5 * sin(2 * t)), 3.0),
    "coming nearer": (lambda t: Pose(x=200 + 20 * t, y=130, scale=1 + 0.8 * t), 6.0),
    "going away": (lambda t: Pose(x=200 + 30 * t, y=130, scale=2 - 0.6 * t), 4.0),
    "half hidden": (
        lambda t: Pose(x=90 + 120 * t, y=130, hidden=(150, 60, 60, 70)),
        3.0,
    ),
    "blurred": (
        lambda t: Pose(x=240 + 120 * sin(3 * t), y=130, blur=1 + int(6 * abs(cos(3 * t)))),
        2.2,
    ),
}


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", FOLLOWED)
def test_what_is_marked_stays_covered(name: str, locate: Locate, draw: Draw) -> None:
    motion, most = FOLLOWED[name]
    drawn = draw(motion)
    found = locate(drawn.path, text_for(motion(0)))
    assert exposed(found, drawn) == []
    assert np.median(sizes(found, drawn)) <= most
    assert len(boxes_at(found, drawn)) == len(drawn.times)
    assert found.warnings == ()
    (track,) = found.tracks
    assert track.origins[0] == Origin.DETECTED, "where it was marked"
    assert origins(found, Origin.FLOW) >= 0.9 * (len(drawn.times) - 1)


@pytest.mark.release
def test_marked_later_and_followed_back(locate: Locate, draw: Draw, teller: _Teller) -> None:
    motion = FOLLOWED["to and fro"][0]
    drawn = draw(motion)
    found = locate(drawn.path, text_for(motion(1.2), ", at: 1.2"))
    assert exposed(found, drawn) == []
    (track,) = found.tracks
    assert len(track.times_us) == len(drawn.times)
    (marked,) = np.flatnonzero(track.origins == Origin.DETECTED)
    assert marked == round(1.2 * RATE)
    steps = [(done, total) for activity, done, total in teller.done if activity == "following"]
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert steps[-1][0] == steps[-1][1], "the progress bar comes to its end"


def test_only_between_from_and_to(locate: Locate, draw: Draw) -> None:
    motion = FOLLOWED["straight"][0]
    drawn = draw(motion)
    found = locate(drawn.path, text_for(motion(0.8), ", from: 0.4, at: 0.8, to: 1.2"))
    (track,) = found.tracks
    assert track.times_us.tolist() == [round(n * 1e6 / RATE) for n in range(10, 30)]
    covers = boxes_at(found, drawn)
    assert all((drawn.covered(covers[n], n) or 0) >= ENOUGH for n in range(10, 30))


@pytest.mark.release
def test_percent_and_a_mark_that_sticks_out(locate: Locate, draw: Draw) -> None:
    drawn = draw(lambda t: Pose(x=30 + 100 * t, y=15 + 40 * t))
    share = f"'{100 * 60 / WIDTH:.3f}%'"
    text = f"regions: [{{follow: true, box: [-12, -5, {share}, '{100 * 35 / HEIGHT:.3f}%']}}]"
    assert exposed(locate(drawn.path, text), drawn) == []


@pytest.mark.release
def test_keyframes_are_markings_again(locate: Locate, draw: Draw) -> None:
    """Behind the post the patch turns round: neither way alone is enough."""

    def motion(t: float) -> Pose:
        x = 100 + 130 * t if t < 1 else 230 - 130 * (t - 1)
        return Pose(x=x, y=130, hidden=(185, 40, 90, 200))

    drawn = draw(motion)
    marks = ", ".join(f"{{at: {t}, box: {box_of(motion(t))}}}" for t in (0, 0.2, 1.9))
    found = locate(drawn.path, f"regions: [{{follow: true, keyframes: [{marks}]}}]")
    assert exposed(found, drawn) == []
    assert origins(found, Origin.DETECTED) == 3
    assert origins(found, Origin.FLOW) >= 20


@pytest.mark.release
def test_two_at_once(locate: Locate, draw: Draw) -> None:
    motion = FOLLOWED["straight"][0]
    drawn = draw(motion)
    text = text_for(motion(0))[:-1] + f", {{follow: true, box: {box_of(motion(1))}, at: 1}}]"
    found = locate(drawn.path, text)
    assert [track.id for track in found.tracks] == [1, 2]
    for track in found.tracks:
        assert len(track.times_us) == len(drawn.times)
    assert exposed(found, drawn) == []


# What is lost, and what leaves.


@pytest.mark.release
def test_hidden_for_a_while(locate: Locate, draw: Draw) -> None:
    motion: Motion = lambda t: Pose(x=90 + 110 * t, y=130, hidden=(150, 40, 60, 200))  # noqa: E731
    drawn = draw(motion, seconds=2.4)
    found = locate(drawn.path, text_for(motion(0)))
    assert exposed(found, drawn) == []
    assert origins(found, Origin.HELD) > 0
    assert drawn.covered(boxes_at(found, drawn)[-1], -1) == 1
    assert found.tracks[0].origins[-1] == Origin.FLOW, "it is followed again behind the post"


def test_lost_at_a_cut(locate: Locate, draw: Draw) -> None:
    before = FOLLOWED["straight"][0]
    motion: Motion = lambda t: before(t) if t < 0.999 else Pose(x=0, y=0, wall=2, there=False)  # noqa: E731
    drawn = draw(motion)
    found = locate(drawn.path, text_for(motion(0)))
    assert exposed(found, drawn) == []
    (track,) = found.tracks
    assert len(track.times_us) == len(drawn.times), "covered until the end"
    assert (track.origins[RATE:] == Origin.HELD).all()
    widths = track.boxes[RATE:, 2]
    assert (np.diff(widths) >= -1).all(), "smoothed, it never gets narrower again"
    assert widths[-1] > 2 * MARKED[0], "wider than it was"
    (told,) = found.warnings
    assert told.startswith("Region 1 ('wristband') was lost from 1.00 s to 2.00 s")


@pytest.mark.release
def test_back_after_a_cut(locate: Locate, draw: Draw) -> None:
    """The other camera shows something else for a second."""
    before = FOLLOWED["straight"][0]
    motion: Motion = lambda t: Pose(x=0, y=0, wall=2, there=False) if 0.5 < t < 1.3 else before(t)  # noqa: E731
    drawn = draw(motion)
    found = locate(drawn.path, text_for(motion(0)))
    assert [number for number, _ in exposed(found, drawn)] == [], "where it is found is covered"
    assert found.warnings


@pytest.mark.release
def test_it_leaves_and_stays_away(locate: Locate, draw: Draw) -> None:
    motion: Motion = lambda t: Pose(x=380 + 120 * t, y=130)  # noqa: E731
    drawn = draw(motion, seconds=2.4)
    found = locate(drawn.path, text_for(motion(0)))
    assert exposed(found, drawn) == []
    gone = next(number for number, mask in enumerate(drawn.masks) if not mask.any())
    last = max(number for number, boxes in enumerate(boxes_at(found, drawn)) if boxes)
    assert gone + 0.3 * RATE <= last <= gone + 0.7 * RATE, "its cover stays for half a second"
    (told,) = found.warnings
    assert "was out of the picture from" in told


def test_it_leaves_and_comes_back(locate: Locate, draw: Draw) -> None:
    """What comes in is followed back to the border, so that its first frames are covered too."""
    motion: Motion = lambda t: Pose(x=400 + 150 * sin(pi * t / 2.4), y=130)  # noqa: E731
    drawn = draw(motion, seconds=2.8)
    assert any(not mask.any() for mask in drawn.masks)
    found = locate(drawn.path, text_for(motion(0)))
    assert exposed(found, drawn) == []


@pytest.mark.release
def test_it_stops_half_outside(locate: Locate, draw: Draw) -> None:
    motion: Motion = lambda t: Pose(x=min(400 + 120 * t, WIDTH - 3), y=130)  # noqa: E731
    drawn = draw(motion)
    found = locate(drawn.path, text_for(motion(0)))
    assert exposed(found, drawn) == []


def test_what_has_no_texture_is_lost_at_once_and_stays_covered(
    locate: Locate, media: Corpus
) -> None:
    """Nothing tells one part of a grey picture from another."""
    found = locate(media["gray.png"], "regions: [{follow: true, box: [2, 2, 9, 9]}]")
    assert origins(found, Origin.DETECTED) == 1


@pytest.mark.release
def test_marked_where_there_is_nothing(locate: Locate, draw: Draw) -> None:
    drawn = draw(FOLLOWED["straight"][0], seconds=0.4)
    for box in (f"[{WIDTH}, 0, 9, 9]", "[-9, 0, 9, 9]", f"[0, {HEIGHT}, 9, 9]"):
        with pytest.raises(RegionsError, match=r"Region 1 \('region'\) is wholly outside"):
            locate(drawn.path, f"regions: [{{follow: true, box: {box}}}]")
    for times in ("at: 60", "from: 60", "at: 0.41"):
        with pytest.raises(RegionsError, match="the recording"):
            locate(drawn.path, f"regions: [{{follow: true, box: [9, 9, 9, 9], {times}}}]")
    marks = "[{at: 0.081, box: [9, 9, 9, 9]}, {at: 0.119, box: [9, 9, 9, 9]}]"
    with pytest.raises(RegionsError, match="twice in the same frame"):
        locate(drawn.path, f"regions: [{{follow: true, keyframes: {marks}}}]")


# Files of every kind.

KINDS: dict[str, dict[str, Any]] = {
    "10 bit": {"pix_fmt": "yuv420p10le"},
    "odd size": {"size": (WIDTH + 1, HEIGHT + 1), "pix_fmt": "yuv444p"},
    "rgb": {"name": "clip.mkv", "codec": "ffv1", "pix_fmt": "bgr0"},
    "transport stream": {"name": "clip.ts"},
    "avi": {"name": "clip.avi", "codec": "mpeg4"},
    "variable rate": {"times": np.cumsum([0, *([0.02, 0.033, 0.1, 0.04] * 10)]).round(3).tolist()},
}


@pytest.mark.quick(every=6)
@pytest.mark.parametrize("kind", KINDS)
def test_files_of_every_kind(kind: str, locate: Locate, draw: Draw) -> None:
    motion = FOLLOWED["straight"][0]
    drawn = draw(motion, **KINDS[kind])
    marked = drawn.times[len(drawn.times) // 2]
    found = locate(drawn.path, text_for(motion(marked), f", at: {marked + 0.002:.3f}"))
    shown = seen.frames(drawn.path)
    (track,) = found.tracks
    assert len(track.times_us) == len(shown) == len(drawn.times)
    origin = float(shown[0].time or 0)
    times = [float(frame.time or 0) - origin for frame in shown]
    there = Clip(drawn.path, drawn.masks, times)
    assert exposed(found, there) == []


def test_shown_turned(locate: Locate, draw: Draw, tmp_path: Path) -> None:
    motion = FOLLOWED["straight"][0]
    drawn = draw(motion)
    tools.turn(drawn.path, tmp_path / "turned.mp4", 90)
    masks = [np.rot90(mask) for mask in drawn.masks]
    x, y = motion(0.8).x - MARKED[0] / 2, motion(0.8).y - MARKED[1] / 2
    box = [y, WIDTH - x - MARKED[0], MARKED[1], MARKED[0]]
    found = locate(tmp_path / "turned.mp4", f"regions: [{{follow: true, at: 0.8, box: {box}}}]")
    assert exposed(found, Clip(drawn.path, masks, drawn.times)) == []


@pytest.mark.release
def test_the_same_every_time(locate: Locate, draw: Draw, tmp_path: Path) -> None:
    motion = FOLLOWED["to and fro"][0]
    drawn = draw(motion)
    text = text_for(motion(1), ", at: 1")
    first = locate(drawn.path, text)
    for kept in sorted((tmp_path / "work").rglob("*"), reverse=True):
        kept.rmdir() if kept.is_dir() else kept.unlink()
    assert digest(locate(drawn.path, text)) == digest(first)


@pytest.mark.release
def test_the_released_pixels(draw: Draw, tmp_path: Path, teller: _Teller) -> None:
    """And the manifest says how many frames were followed and how many were held."""
    before = FOLLOWED["to and fro"][0]
    motion: Motion = lambda t: before(t) if t < 1.5 else Pose(x=0, y=0, wall=2, there=False)  # noqa: E731
    drawn = draw(motion)
    host = Host()
    (tmp_path / "regions.yaml").write_text(
        text_for(motion(0), ", treatment: fill, fill_colour: '#00ff00'")
    )
    (tmp_path / "profile.yaml").write_text("stages: [regions, metadata]")
    profile = load_profile(
        host, str(tmp_path / "profile.yaml"), files={"regions": tmp_path / "regions.yaml"}
    )
    out = tmp_path / "out.mp4"
    request = Request(source=drawn.path, output=out, profile=profile, work=tmp_path / "work")
    whole_run(host, request, teller)
    for number, frame in enumerate(seen.frames(out)):
        mask = drawn.masks[number]
        if mask.any():
            red, green, blue = np.moveaxis(frame.to_ndarray(format="rgb24")[mask].astype(int), 1, 0)
            filled = (green > 150) & (red < 100) & (blue < 100)
            assert filled.mean() >= ENOUGH
    (told,) = [sentence for sentence in teller.told if "was lost" in sentence]
    assert told.startswith("Region 1 ('wristband') was lost from 1.5")
    manifest = json.loads(request.manifest.read_text())
    (step,) = [step for step in manifest["entries"] if step["stage"] == "regions"]
    assert told in step["warnings"]
    (change,) = step["changes"]
    assert change["frames"]["detected"] == 1
    assert change["frames"]["held"] == 12
    assert change["frames"]["flow"] == 37
