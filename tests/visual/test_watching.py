"""Watching for any stage: one who takes time is asked seldom, and misses no new scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from visual.marks import context_of, frame, write

from veilcast.plugin import watch

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.plugin import Detection, Pictures, Pursuit

RATE = 30
SCENES = (
    frame(None),
    np.clip(cv2.flip(frame(None), -1).astype(int) + 60, 0, 200).astype(np.uint8),
)


class Nothing:
    """Sees nothing, and remembers when it was asked."""

    def __init__(self, *, hasty: bool) -> None:
        self.hasty = hasty
        self.looked_us: list[int] = []

    def load(self) -> None:
        pass

    def close(self) -> None:
        pass

    def afresh(self) -> None:
        pass

    def look(
        self, time_us: int, pictures: Pictures, pursuit: Pursuit | None
    ) -> list[tuple[Detection, float]]:
        assert max(pictures.colour(160).shape) == 160
        self.looked_us.append(time_us)
        return []


def looks(path: Path, cuts: set[int], *, hasty: bool) -> list[int]:
    """When it was asked, in ms, about two seconds with a cut before each of these frames."""
    shown, pictures = 0, []
    for number in range(2 * RATE):
        shown ^= number in cuts
        pictures.append(SCENES[shown])
    times_ms = [round(number * 1000 / RATE) for number in range(len(pictures))]
    looker = Nothing(hasty=hasty)
    watch(
        context_of(write(path, pictures, times_ms)),
        looker,
        rate=2,
        hold=1,
        identifier="thing",
        hipaa="",
        detector="nothing",
    )
    return [time_us // 1000 for time_us in looker.looked_us]


@pytest.mark.parametrize("hasty", [False, True])
def test_both_sides_of_a_cut_are_looked_at(hasty: bool, tmp_path: Path) -> None:
    asked = looks(tmp_path / "cut.mkv", {39}, hasty=hasty)  # at 1300 ms
    assert any(0 <= ms - 1300 <= 230 for ms in asked)
    assert not hasty or 1267 in asked


def test_who_takes_time_is_not_asked_about_every_flicker(tmp_path: Path) -> None:
    flicker = set(range(10, 50, 2))
    slow = looks(tmp_path / "slow.mkv", flicker, hasty=False)
    assert np.diff(slow).min() >= 190
    assert len(slow) <= 12
    assert len(looks(tmp_path / "quick.mkv", flicker, hasty=True)) > 2 * len(slow)
