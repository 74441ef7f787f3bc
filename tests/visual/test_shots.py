"""Shots that are shorter than the time between two looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from visual.marks import covered, frame, locate, write

from veilcast.plugin import Box

if TYPE_CHECKING:
    from pathlib import Path

MARK = Box(x=120, y=90, width=40, height=40)


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("length", [1, 2, 3, 4])
@pytest.mark.parametrize("first", [31, 32, 33, 34])
def test_what_shows_in_a_short_shot_only_is_covered(
    length: int, first: int, tmp_path: Path
) -> None:
    times_ms = [round(1000 * n / 30) for n in range(60)]
    shot = frame(MARK)
    # Another place altogether: brighter, and none of it where it was.
    around = np.clip(cv2.flip(frame(None), -1).astype(int) + 60, 0, 200).astype(np.uint8)
    shown = range(first, first + length)
    clip = write(
        tmp_path / "clip.mkv", (shot if n in shown else around for n in range(60)), times_ms
    )
    found = locate(clip)
    for n in shown:
        assert covered(found, times_ms[n] * 1000, MARK) > 0.95, n
