"""Lines that stand together: on one label, band, badge, form or window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast_text.cutting import size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_APART, _BESIDE = 1.3, 2.0
_TURNED = 0.35
_NEAR = 4.0


def blocks_of(quads: Sequence[Floats]) -> list[int]:
    """The number of the block of each line; lines of one block are near and run alike.

    Args:
        quads: corners (4, 2) of the lines.
    """
    number = list(range(len(quads)))
    for first in range(len(quads)):
        for second in range(first):
            if number[first] != number[second] and _together(quads[first], quads[second]):
                low, high = sorted((number[first], number[second]))
                number = [low if one == high else one for one in number]
    return number


def are_near(patch: Floats, line: Floats) -> bool:
    """Whether something stands beside a line, as far away as some of its heights.

    Args:
        patch: corners (4, 2).
        line: those of the line.
    """
    apart = [_gap(patch[:, axis], line[:, axis]) for axis in (0, 1)]
    return max(apart) <= _NEAR * size_of(line)[1]


def _together(first: Floats, second: Floats) -> bool:
    """Whether two lines are about as high, run the same way, and are a line apart at most."""
    (_, high), (_, other) = size_of(first), size_of(second)
    if max(high, other) > 2 * min(high, other):
        return False
    along = first[1] - first[0] + first[2] - first[3]
    along = along / max(float(np.hypot(*along)), 1e-9)
    way = second[1] - second[0] + second[2] - second[3]
    way = way / max(float(np.hypot(*way)), 1e-9)
    if abs(float(along[0] * way[1] - along[1] * way[0])) > _TURNED:
        return False
    away = np.asarray((-along[1], along[0]))
    step = max(high, other)
    return (
        _gap(first @ along, second @ along) <= _BESIDE * step
        and _gap(first @ away, second @ away) <= _APART * step
    )


def _gap(first: Floats, second: Floats) -> float:
    return max(0.0, float(max(first.min(), second.min()) - min(first.max(), second.max())))
