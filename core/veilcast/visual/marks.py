"""Things that a person has marked in a frame or two, to be followed from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class Mark(NamedTuple):
    """What to follow.

    Attributes:
        numbers: of the frames in which it was marked, rising.
        edges: (n, 4) there: left, top, right, bottom in displayed pixels.
        first: number of the first frame to cover.
        last: number of the last one.
    """

    numbers: tuple[int, ...]
    edges: Floats
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A run of frames over which something is covered.

    Attributes:
        numbers: of the frames, int64, without a gap.
        edges: (n, 4), within the picture.
        origins: `Origin` of each: detected where it was marked, flow where it was followed, held
            where it was lost.
    """

    numbers: Ints
    edges: Floats
    origins: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of a mark.

    Attributes:
        stretches: what is covered; where several say so, all of it.
        lost: spans of frame numbers, half-open, in which it was lost and its cover widened.
        away: spans of frame numbers, half-open, in which it was out of the picture.
        found: numbers of frames in which something was taken for it that came there unseen.
    """

    stretches: tuple[Stretch, ...]
    lost: tuple[tuple[int, int], ...]
    away: tuple[tuple[int, int], ...]
    found: tuple[int, ...]
