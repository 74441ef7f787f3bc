"""Pictures in which something moves by a known amount."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from veilcast.tracking.flow import Grey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, HEIGHT = 640, 360


@cache
def surface(seed: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Something with detail at every scale, shape (height, width); no two seeds share any."""
    random = np.random.default_rng(seed)
    shown = np.full((height, width), 128, np.float32)
    for cell, strength in ((3, 8), (8, 14), (24, 22), (64, 22)):
        coarse = random.normal(0, 1, (height // cell + 2, width // cell + 2)).astype(np.float32)
        shown += strength * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(shown, 0, 255).astype(np.uint8)


def box(centre_x: float, centre_y: float, size: float) -> Floats:
    """Edges (4,) of a square."""
    half = size / 2
    return np.asarray((centre_x - half, centre_y - half, centre_x + half, centre_y + half))


def scene(*things: tuple[int, Floats], wall: int = 1) -> NDArray[np.uint8]:
    """A wall with squares before it, each by its seed and its edges; the last is the nearest."""
    picture = surface(wall).copy()
    for seed, (left, top, right, _) in things:
        part = surface(seed, 128, 128)
        scale = (right - left) / 128
        # Pixel centres lie at halves.
        place = np.asarray(
            [[scale, 0, left + scale / 2 - 0.5], [0, scale, top + scale / 2 - 0.5]],
            dtype=np.float64,
        )
        shown = cv2.warpAffine(part, place, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
        there = cv2.warpAffine(np.full((128, 128), 255, np.uint8), place, (WIDTH, HEIGHT)) / 255.0
        picture = (picture * (1 - there) + shown * there).round().astype(np.uint8)
    return picture


def grey(time_us: int, *things: tuple[int, Floats], wall: int = 1) -> Grey:
    return Grey(time_us, scene(*things, wall=wall))


def off_by(edges: Sequence[float] | Floats, true: Floats) -> float:
    """The largest distance of an edge from where it should be, px."""
    return float(np.abs(np.asarray(edges) - true).max())
