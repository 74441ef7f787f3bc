"""Boxes followed from one picture to the next: where they go, and when that is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from tracking.moving import HEIGHT, WIDTH, box, grey, off_by, scene, surface

from veilcast.tracking.flow import Grey, alike, patch, step

if TYPE_CHECKING:
    from numpy.typing import NDArray

THING = 40


def followed(first: Grey, second: Grey, *edges: NDArray[np.float64]) -> tuple[list[float], bool]:
    """Where the last of these boxes goes, and whether that is sure."""
    result = step(first, second, np.stack(edges))
    assert result.edges.shape == (len(edges), 4)
    return result.edges[-1].tolist(), bool(result.sure[-1])


@pytest.mark.parametrize("size", [12, 30, 80, 200])
@pytest.mark.parametrize("shift", [(0, 0), (0.03, -0.02), (0.13, 0.08), (-0.2, 0.15)])
def test_follows_a_shift_forwards_and_backwards(size: int, shift: tuple[float, float]) -> None:
    across, down = shift[0] * size, shift[1] * size
    start, end = box(300, 180, size), box(300 + across, 180 + down, size)
    first, second = grey(0, (THING, start)), grey(40_000, (THING, end))
    there, sure = followed(first, second, start)
    assert sure
    assert off_by(there, end) < 1
    back, sure = followed(second, first, end)
    assert sure
    assert off_by(back, start) < 1


@pytest.mark.parametrize("growth", [0.95, 1.04, 1.07])
def test_grows_and_shrinks_with_what_it_follows(growth: float) -> None:
    start, end = box(300, 180, 90), box(303, 178, 90 * growth)
    there, sure = followed(grey(0, (THING, start)), grey(40_000, (THING, end)), start)
    assert sure
    assert off_by(there, end) < 1.5


def test_follows_over_many_pictures_without_drifting_away() -> None:
    def place(index: int) -> NDArray[np.float64]:
        return box(120 + 3.7 * index, 150 + 20 * np.sin(index / 5), 50 * 1.01**index)

    now, edges = grey(0, (THING, place(0))), place(0)
    for index in range(1, 40):
        then = grey(index, (THING, place(index)))
        moved, sure = followed(now, then, edges)
        assert sure
        now, edges = then, np.asarray(moved)
    assert off_by(edges, place(39)) < 6


def test_each_box_is_followed_by_itself() -> None:
    """Also into the corners of what all of them together need to be looked at."""
    starts = [box(40, 40, 40), box(600, 320, 40), box(300, 100, 60)]
    ends = [box(46, 44, 40), box(592, 316, 40), box(300, 100, 60)]
    first = grey(0, *zip((41, 42, 43), starts, strict=True))
    second = grey(1, *zip((41, 42, 43), ends, strict=True))
    together = step(first, second, np.stack(starts))
    assert together.sure.all()
    for start, end, there in zip(starts, ends, together.edges, strict=True):
        assert off_by(there, end) < 1
        alone, _ = followed(first, second, start)
        assert off_by(alone, there) < 0.5, "whatever else is followed"


def test_without_boxes_there_is_nothing_to_follow() -> None:
    result = step(grey(0), grey(1), np.zeros((0, 4)))
    assert result.edges.shape == (0, 4)
    assert result.sure.shape == (0,)


FLAT = np.full((HEIGHT, WIDTH), 128, np.uint8)
BEFORE_FLAT = scene((THING, box(300, 180, 60)))
BEFORE_FLAT[120:240, 240:360] = 90


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(FLAT, FLAT, id="nothing to hold on to"),
        pytest.param(scene((THING, box(300, 180, 60))), surface(2), id="another scene"),
        pytest.param(scene((THING, box(300, 180, 60))), FLAT, id="a fade"),
        pytest.param(BEFORE_FLAT, BEFORE_FLAT, id="a bare spot in a rich picture"),
        pytest.param(
            scene((THING, box(300, 180, 60))), scene((77, box(300, 180, 60))), id="replaced"
        ),
    ],
)
def test_what_can_not_be_followed_is_unsure_and_stays(
    before: NDArray[np.uint8], after: NDArray[np.uint8]
) -> None:
    start = box(300, 180, 60)
    there, sure = followed(Grey(0, before), Grey(1, after), start)
    shown = alike(patch(Grey(0, before), start), patch(Grey(1, after), np.asarray(there)))
    assert not (sure and shown)
    if not sure:
        assert there == start.tolist()


def test_noise_on_a_bare_wall_is_nothing_to_follow() -> None:
    random = np.random.default_rng(4)
    first, second = (
        np.clip(FLAT + random.normal(0, 6, FLAT.shape), 0, 255).astype(np.uint8) for _ in range(2)
    )
    start = box(300, 180, 60)
    there, sure = followed(Grey(0, first), Grey(1, second), start)
    shown = alike(patch(Grey(0, first), start), patch(Grey(1, second), np.asarray(there)))
    assert not (sure and shown)


def test_a_jump_by_more_than_its_size_is_not_believed() -> None:
    start, end = box(200, 180, 40), box(440, 180, 40)
    there, sure = followed(grey(0, (THING, start)), grey(1, (THING, end)), start)
    assert not sure or off_by(there, end) < 2


@pytest.mark.parametrize("towards", [(-1, 0), (1, 0), (0, -1), (0, 1)])
def test_what_leaves_over_the_border_is_followed_to_it_and_then_let_go(
    towards: tuple[int, int],
) -> None:
    def place(index: int) -> NDArray[np.float64]:
        x = WIDTH / 2 + towards[0] * (WIDTH / 2 - 40 + 5 * index)
        y = HEIGHT / 2 + towards[1] * (HEIGHT / 2 - 40 + 5 * index)
        return box(x, y, 60)

    now, edges, followed_to = grey(0, (THING, place(0))), place(0), 0
    for index in range(1, 30):
        then = grey(index, (THING, place(index)))
        moved, sure = followed(now, then, edges)
        if not sure:
            break
        assert off_by(moved, place(index)) < 4
        now, edges, followed_to = then, np.asarray(moved), index
    else:
        pytest.fail("it is gone and still followed")
    assert followed_to >= 4, "half of it can still be seen"


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (16, 16), (31, 17)])
def test_pictures_of_any_size(size: tuple[int, int]) -> None:
    picture = np.ascontiguousarray(surface(3)[: size[0], : size[1]])
    edges = np.asarray([[0.0, 0.0, size[1], size[0]]])
    result = step(Grey(0, picture), Grey(1, picture), edges)
    assert np.isfinite(result.edges).all()
    assert off_by(result.edges[0], edges[0]) < 1


def test_a_box_that_is_partly_or_wholly_outside() -> None:
    picture = grey(0)
    edges = np.stack([box(0, 0, 80), box(WIDTH, HEIGHT, 80), box(-200, 50, 60), box(900, 900, 50)])
    result = step(picture, picture, edges)
    assert np.abs(result.edges - edges).max() < 1
    assert not result.sure[2:].any()


@pytest.mark.parametrize("size", [5, 20, 60, 220])
def test_a_thing_is_alike_itself_in_any_light_and_size(size: int) -> None:
    start = box(300, 180, size)
    one = patch(grey(0, (THING, start)), start)
    assert one.shape == (16, 16)
    for scale in (0.8, 1.25):
        other = box(350, 160, size * scale)
        dark = scene((THING, other)).astype(np.float64) * 0.5 + 20
        assert alike(one, patch(Grey(0, dark.astype(np.uint8)), other)) or size < 10


def test_other_things_and_bare_places_are_not_alike() -> None:
    start = box(300, 180, 60)
    shown = {seed: patch(grey(0, (seed, start)), start) for seed in range(50, 60)}
    bare = patch(Grey(0, FLAT), start)
    pairs = [(one, other) for one in shown for other in shown if one < other]
    assert sum(alike(shown[one], shown[other]) for one, other in pairs) <= len(pairs) // 10
    assert not any(alike(bare, other) for other in (bare, *shown.values()))


def test_a_patch_over_the_border_shows_the_border_on() -> None:
    picture = np.asarray(cv2.GaussianBlur(surface(5), (0, 0), 2), dtype=np.uint8)
    whole = patch(Grey(0, picture), box(0, 180, 60))
    assert np.isfinite(whole).all()
    assert whole.std() > 0
