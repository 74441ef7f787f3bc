"""Cuts are found where a scene begins, and nowhere else."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from veilcast.tracking import CutDetector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SHARED = Path(os.environ.get("VEILCAST_SHARED", "../shared")) / "data" / "faces"
STEP_US = 33_333
HEIGHT, WIDTH = 180, 320


def world(seed: int, height: int = HEIGHT, width: int = 3 * WIDTH) -> Floats:
    """A wide scene with structure at every scale, as natural pictures have; 0 to 1."""
    rng = np.random.default_rng(seed)
    down, across = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)
    spectrum = np.fft.rfft2(rng.normal(size=(height, width)))
    scene = np.fft.irfft2(spectrum / np.maximum(np.hypot(down, across), 1 / height) ** 1.5)
    scene = scene[:height, : width - width % 2]
    low, high = np.percentile(scene, (1, 99))
    stretched: Floats = np.clip((scene - low) / (high - low), 0, 1)
    return stretched * 0.8 + 0.1


def shot(seed: int, count: int, speed: float = 0.8) -> list[Floats]:
    """A look at a scene that drifts by `speed` pixels a frame, with noise."""
    width = 2 * (WIDTH + int(speed * count))
    scene, rng = world(seed, HEIGHT, width), np.random.default_rng(seed + 100)
    pictures = []
    for index in range(count):
        x = int(speed * index)
        pictures.append(scene[:, x : x + WIDTH] + rng.normal(0, 0.01, (HEIGHT, WIDTH)))
    return pictures


def cuts_in(
    pictures: Sequence[Floats], *, depth: int = 8, times: list[int] | None = None
) -> list[int]:
    """The indices of the frames at which a scene begins."""
    times = [STEP_US * i for i in range(len(pictures))] if times is None else times
    detector = CutDetector()
    for time_us, picture in zip(times, pictures, strict=True):
        samples = np.clip(picture, 0, 1) * ((1 << depth) - 1)
        whole = samples.astype(np.uint8) if depth == 8 else samples.astype(np.uint16)
        detector.feed(time_us, whole, depth)
    detector.finish()
    return [times.index(time_us) for time_us in detector.cuts_us]


@pytest.mark.parametrize("depth", [8, 10, 16])
def test_hard_cuts_are_found_at_their_frame(depth: int) -> None:
    pictures = shot(1, 40) + shot(2, 75) + shot(3, 30)
    assert cuts_in(pictures, depth=depth) == [40, 115]


@pytest.mark.parametrize("size", [(361, 643), (35, 41), (320, 180)])
def test_any_picture_size_will_do(size: tuple[int, int]) -> None:
    scenes = [world(seed, *size) for seed in range(6)]
    found = [cuts_in([a] * 8 + [b] * 8) for a, b in pairwise(scenes)]
    assert found.count([8]) >= 3
    assert found.count([8]) + found.count([]) == 5


def test_most_cuts_between_different_scenes_are_found() -> None:
    found = sum(cuts_in(shot(i, 12) + shot(i + 50, 12)) == [12] for i in range(15))
    assert found >= 12


def test_a_steady_shot_has_no_cut() -> None:
    assert cuts_in(shot(1, 120)) == []


@pytest.mark.parametrize("frames", [1, 2, 5])
@pytest.mark.parametrize("strength", [0.3, 0.6, 2.0])
def test_a_flash_is_no_cut(frames: int, strength: float) -> None:
    pictures = shot(1, 60)
    for index in range(30, 30 + frames):
        pictures[index] = pictures[index] * (1 + strength) + strength / 2
    assert cuts_in(pictures) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_foreign_picture_that_goes_back_is_no_cut(seed: int) -> None:
    pictures = shot(seed, 90, 2)
    assert cuts_in(pictures[:30] + shot(seed + 9, 40) + pictures[60:]) == []


def test_a_film_between_two_slides_of_a_talk_is_no_cut() -> None:
    speaker = shot(3, 100, 0)
    slides = shot(1, 40, 0) + shot(5, 60, 0)
    for slide, person in zip(slides, speaker, strict=True):
        slide[: HEIGHT // 2, -WIDTH // 2 :] = person[: HEIGHT // 2, : WIDTH // 2]
    assert cuts_in(slides[:40] + shot(2, 30) + slides[40:]) == []


def test_switching_the_light_is_no_cut() -> None:
    pictures = shot(1, 90)
    assert cuts_in(pictures[:40] + [p * 0.25 for p in pictures[40:]]) == []
    assert cuts_in(pictures[:40] + [p * 0.02 for p in pictures[40:]]) == []


@pytest.mark.parametrize("speed", [8, 32, 80, 200])
def test_a_fast_pan_is_no_cut(speed: float) -> None:
    assert cuts_in(shot(1, 60, speed)) == []


@pytest.mark.parametrize("frames", [2, 4, 8])
def test_a_pan_that_starts_and_stops_at_once_is_no_cut(frames: int) -> None:
    scene = world(4)
    places = [0] * 30 + np.linspace(0, 2 * WIDTH, frames + 2).astype(int)[1:-1].tolist()
    places += [2 * WIDTH] * 30
    assert cuts_in([scene[:, x : x + WIDTH] for x in places]) == []


@pytest.mark.parametrize("jolt", [40, 100, 160])
@pytest.mark.parametrize("after", [5, 90])
def test_a_jolt_of_the_camera_is_no_cut(jolt: int, after: int) -> None:
    scene = world(4)
    assert cuts_in([scene[:, x : x + WIDTH] for x in [0] * 30 + [jolt] * after]) == []


@pytest.mark.parametrize("entering", [1, 3, 10])
def test_someone_who_walks_close_past_the_camera_is_no_cut(entering: int) -> None:
    pictures, coat = shot(1, 120), world(9) * 0.3
    for index in range(40, 70):
        # Comes in from the left, fills the picture for a while, and goes out to the right.
        right = min(1.0, (index - 39) / entering)
        left = max(0.0, 1 - (70 - index) / entering)
        columns = slice(int(left * WIDTH), int(right * WIDTH))
        moved = np.roll(coat, 7 * index, axis=1)[:, :WIDTH]
        pictures[index] = pictures[index].copy()
        pictures[index][:, columns] = moved[:, columns]
    assert cuts_in(pictures) == []


def test_fades_and_dissolves_are_no_cut() -> None:
    first, second = shot(1, 60), shot(2, 60)
    out = np.r_[np.ones(30), np.linspace(1, 0, 15), np.zeros(15)]
    black = [p * s for p, s in zip(first, out, strict=True)]
    black += [p * s for p, s in zip(second, out[::-1], strict=True)]
    assert cuts_in(black) == []
    mixed = [
        a * s + b * (1 - s)
        for a, b, s in zip(first, second, np.clip(np.linspace(2, -1, 60), 0, 1), strict=True)
    ]
    assert cuts_in(mixed) == []


@pytest.mark.parametrize("part", [2, 4])
def test_a_slide_that_changes_beside_a_speaker_is_no_cut(part: int) -> None:
    slides, speaker = shot(1, 40, 0) + shot(2, 90, 0), shot(3, 130, 0)
    pictures = []
    for slide, person in zip(slides, speaker, strict=True):
        picture = slide.copy()
        picture[: HEIGHT // part, -WIDTH // 2 :] = person[: HEIGHT // part, : WIDTH // 2]
        pictures.append(picture)
    assert cuts_in(pictures) == []


def test_a_recording_that_paused_is_no_cut() -> None:
    times = [STEP_US * i + (900_000 if i >= 40 else 0) for i in range(120)]
    assert cuts_in(shot(1, 40) + shot(2, 80), times=times) == []


def test_a_time_base_that_starts_elsewhere_changes_nothing() -> None:
    times = [STEP_US * i - 5_000_000 for i in range(80)]
    assert cuts_in(shot(1, 40) + shot(2, 40), times=times) == [40]


def test_flat_and_short_clips_have_no_cut() -> None:
    assert cuts_in([]) == []
    assert cuts_in(shot(1, 1)) == []
    assert cuts_in([np.zeros((9, 16))] * 20 + [np.ones((9, 16))] * 20) == []


def luma_of(name: str, limit: int) -> list[tuple[int, NDArray[np.uint8]]]:
    import av

    if not (SHARED / name).is_file():
        pytest.skip("the development media are not here (set VEILCAST_SHARED)")
    frames = []
    with av.open(str(SHARED / name)) as container:
        for frame in container.decode(video=0):
            plane = frame.planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            frames.append((round(frame.time * 1e6), rows[: frame.height, : frame.width].copy()))
            if len(frames) == limit:
                break
    return frames


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("every", [1, 2, 5])
@pytest.mark.parametrize(
    "name",
    [
        "foreman_cif_300f.mp4",
        "asl_again.mkv",
        "intel_head-pose-face-detection-female-and-male.mp4",
        "noface_cars.mp4",
    ],
)
def test_single_shots_have_no_cut(name: str, every: int) -> None:
    detector = CutDetector()
    for time_us, luma in luma_of(name, 300)[::every]:
        detector.feed(time_us, luma)
    detector.finish()
    assert detector.cuts_us == []


def test_real_shots_put_together_have_a_cut_between_them() -> None:
    detector = CutDetector()
    shots = luma_of("asl_again.mkv", 60), luma_of("foreman_cif_300f.mp4", 90)
    for index, (_, luma) in enumerate([*shots[0], *shots[1]]):
        detector.feed(index * STEP_US, luma)
    detector.finish()
    assert detector.cuts_us == [60 * STEP_US]
