"""Finding lines in large pictures strip by strip: memory grows with what is looked at at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.plugin import LoadedTextReader, Picture

    Floats = NDArray[np.float64]

_AT_ONCE_PX = 1_000_000
_OVERLAP_PX = 96
_SAME = 0.6


def find_lines(finder: LoadedTextReader, picture: Picture) -> list[Floats]:
    """Corners (4, 2) of the lines of a picture, px, each once.

    Strips lie across: most lines do too, and one that is not as high as what two strips share is
    whole in one of them.

    Args:
        finder: who finds them.
        picture: shape (height, width, 3).
    """
    height, width = picture.shape[:2]
    count = -(-height * width // _AT_ONCE_PX)
    if count < 2:
        return list(finder.find(picture))
    found: list[Floats] = []
    for number in range(count):
        top = max(0, height * number // count - _OVERLAP_PX // 2)
        bottom = min(height, height * (number + 1) // count + _OVERLAP_PX // 2)
        strip = np.ascontiguousarray(picture[top:bottom])
        found += [quad + np.asarray((0, top)) for quad in finder.find(strip)]
    return _each_once(found)


def _each_once(quads: Sequence[Floats]) -> list[Floats]:
    """Without those that lie in a larger one: they were cut off by the edge of a strip."""
    edges = [np.concatenate((quad.min(axis=0), quad.max(axis=0))) for quad in quads]
    sizes = [float(np.prod(edge[2:] - edge[:2])) for edge in edges]
    kept: list[int] = []
    for number in sorted(range(len(quads)), key=lambda n: (-sizes[n], n)):
        if all(_share(edges[number], edges[other]) < _SAME for other in kept):
            kept.append(number)
    return [quads[number] for number in sorted(kept)]


def _share(edges: Floats, other: Floats) -> float:
    """The share of a box that is inside another."""
    shared = np.minimum(edges[2:], other[2:]) - np.maximum(edges[:2], other[:2])
    if (shared <= 0).any():
        return 0.0
    return float(np.prod(shared) / max(float(np.prod(edges[2:] - edges[:2])), 1e-9))
