"""Averages take the place of samples: mosaic and blur.

All in integers, so every machine gives the same samples.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor, isqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from veilcast.extensions import Plane

LEAST_PX = 4
"""No setting gives smaller blocks."""


def _edges(size: int, anchor: float, block: float) -> list[int]:
    """Where blocks start, and where the last one ends.

    Lines are at `anchor` and whole blocks from there. What is left over at an end, under a block,
    joins its neighbour: a sliver would average so few samples that it shows them.
    """
    # A line is rounded to a whole sample, so that a block may be half a sample short.
    least = block - 0.5
    numbers = range(ceil((least - anchor) / block - 1), floor((size - anchor) / block) + 1)
    lines = (floor(anchor + number * block + 0.5) for number in numbers)
    return [0, *(line for line in lines if least <= line <= size - least), size]


def _along(
    size: int, start: float, length: float, step: int, params: Mapping[str, Any]
) -> list[int]:
    """The edges of the blocks along one side, where the whole cover starts and how long it is."""
    if level := params.get("mosaic_level"):
        return _edges(size, start, max(length / level, LEAST_PX / step))
    return _edges(size, start + length / 2, ceil(params["block_px"] / step))


def mosaic(samples: NDArray[Any], plane: Plane, params: Mapping[str, Any]) -> NDArray[Any]:
    """Every block becomes its average, rounded half up.

    A block is `block_px` displayed pixels wide and high, or, where there is a `mosaic_level`, the
    cover is that many blocks wide and high (PeekingDuck's `draw.mosaic_bbox`), none of them under
    4 pixels. The lines lie by the middle of the whole cover, or by its sides, and not by the part
    that is inside the picture: so they stay where they are on what is covered as it moves, even out
    of the picture. Lines that wander over it would show more with every frame.
    """
    import cv2
    import numpy as np

    box = plane.box
    rows = _along(samples.shape[0], box.y, box.height, plane.step_y, params)
    columns = _along(samples.shape[1], box.x, box.width, plane.step_x, params)
    heights, widths = np.diff(rows), np.diff(columns)
    # Exact either way: sums of 8-bit samples fit in 32 bits, of 16-bit ones in a double's 53.
    depth = cv2.CV_32S if samples.dtype == np.uint8 else cv2.CV_64F
    native = samples.astype(samples.dtype.newbyteorder("="), copy=False)  # OpenCV knows no other
    sums = np.concatenate(
        [
            cv2.reduce(native[top:bottom], 0, cv2.REDUCE_SUM, dtype=depth)
            for top, bottom in pairwise(rows)
        ]
    )
    sums = np.add.reduceat(sums.astype(np.int64), columns[:-1], axis=1)
    counts = np.outer(heights, widths)
    means = ((2 * sums + counts) // (2 * counts)).astype(samples.dtype)
    return np.repeat(np.repeat(means, widths, axis=1), heights, axis=0)


def _box_widths(sigma: float) -> tuple[int, int, int]:
    """Three odd widths whose box filters, one after the other, have about this sigma.

    P. Kovesi, "Fast Almost-Gaussian Filtering", DICTA 2010. At least 3, so that no setting leaves
    the samples as they were; at most 32767, so that a sum of 16-bit samples fits in 32 bits.
    """
    variance12 = max(1, round(12 * sigma * sigma))
    lower = isqrt((variance12 + 3) // 3)
    lower -= 1 - lower % 2
    lower = max(lower, 1)
    count = round((variance12 - 3 * lower * lower - 12 * lower - 9) / (-4 * lower - 4))
    widths = (lower if i < count else lower + 2 for i in range(3))
    first, second, third = (min(max(width, 3), 32767) for width in widths)
    return first, second, third


def blur(samples: NDArray[Any], plane: Plane, params: Mapping[str, Any]) -> NDArray[Any]:
    """Almost a Gaussian of `sigma_px` displayed pixels; the edge is continued outward.

    Three box filters: their cost does not grow with sigma, and sums of integers are exact.
    """
    import cv2
    import numpy as np

    widths = zip(
        _box_widths(params["sigma_px"] / plane.step_x),
        _box_widths(params["sigma_px"] / plane.step_y),
        strict=True,
    )
    result: NDArray[Any] = samples.astype(np.int32)
    for across, down in widths:
        for size in ((across, 1), (1, down)):
            taps = max(size)
            sums = cv2.boxFilter(
                result, cv2.CV_32S, size, normalize=False, borderType=cv2.BORDER_REPLICATE
            )
            result = (np.asarray(sums) + taps // 2) // taps
    return result.astype(samples.dtype)
