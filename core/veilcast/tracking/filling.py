"""A box for every frame between sightings, and around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast.tracking.motion import ACCELERATION, SHORT_US, Motion, reach, to_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_MOST_DOUBT_BETWEEN = 0.5
_MOST_DOUBT_HELD = 0.2
_GROWTH = 0.25
_SLOPE_S = 0.15


def union(first: Floats, second: Floats) -> Floats:
    """The smallest edges (..., 4) that contain both."""
    return np.concatenate(
        (
            np.minimum(first[..., :2], second[..., :2]),
            np.maximum(first[..., 2:], second[..., 2:]),
        ),
        axis=-1,
    )


def _grown(edges: Floats, share: Floats) -> Floats:
    """Grown on each side by a share (n,) of width and height."""
    margin = (edges[:, 2:] - edges[:, :2]) * share[:, None]
    return np.concatenate((edges[:, :2] - margin, edges[:, 2:] + margin), axis=1)


def between(times_us: Ints, seen_us: Ints, edges: Floats) -> Floats:
    """Boxes at `times_us` (n,), which lie within the sightings `seen_us` (m,), m > 1.

    The straight way between two sightings cuts corners; the predictions from both of them, blended
    (a cubic Hermite curve), take corners wide. A smooth motion lies between the two, so the box is
    the union, grown by the standard deviation of a motion with unknown acceleration whose places
    and velocities at both sightings are known.

    Args:
        times_us: of the frames.
        seen_us: of the sightings, rising.
        edges: of the sightings, shape (m, 4).

    Returns:
        Edges, shape (n, 4).
    """
    knots = (seen_us - seen_us[0]) / 1e6
    index = np.clip(np.searchsorted(seen_us, times_us, side="right") - 1, 0, len(seen_us) - 2)
    length = np.diff(knots)[index]
    part = ((times_us - seen_us[0]) / 1e6 - knots[index]) / length
    slopes = _slopes(knots, edges)
    s, rest, gap = part[:, None], 1 - part[:, None], length[:, None]
    first, second = edges[index], edges[index + 1]
    straight = first + s * (second - first)
    curved = rest**2 * ((1 + 2 * s) * first + s * gap * slopes[index]) + s**2 * (
        (3 - 2 * s) * second - rest * gap * slopes[index + 1]
    )
    variance = ACCELERATION * (length * part * (1 - part)) ** 3 / 3
    doubt = np.minimum(np.sqrt(np.maximum(variance, 0.0)), _MOST_DOUBT_BETWEEN)
    covers = union(_grown(straight, doubt), curved)
    # Over a long gap the two predictions may tell different stories: cover both, each on its side.
    side = np.where(part < 0.5, 0, 1)
    nearest = index + side
    carried = np.where(side == 0, 1, -1) * reach(length * np.minimum(part, 1 - part))
    predicted = edges[nearest] + carried[:, None] * slopes[nearest]
    lasting = length > SHORT_US / 1e6
    covers[lasting] = union(covers[lasting], predicted[lasting])
    return covers


def _slopes(knots: Floats, edges: Floats) -> Floats:
    """Velocities at the sightings; where these are dense, over some of them, against jitter."""
    low = np.searchsorted(knots, knots - _SLOPE_S, side="left")
    high = np.searchsorted(knots, knots + _SLOPE_S, side="right") - 1
    sparse = (low == high) | (high - low < 2)
    slopes = np.gradient(edges, knots, axis=0)
    rows = np.flatnonzero(~sparse)
    passed = (knots[high[rows]] - knots[low[rows]])[:, None]
    slopes[rows] = (edges[high[rows]] - edges[low[rows]]) / passed
    # A box that seems to grow where it is lost is half hidden, or badly seen: it moves, no more.
    drift = (slopes[:, :2] + slopes[:, 2:]) / 2
    return np.concatenate((drift, drift), axis=1)


def held(seconds: Floats, motion: Motion, edges: Floats, most_drift: float = 1.0) -> Floats:
    """Boxes for frames that lie these seconds after (negative: before) the nearest sighting.

    Contains the box held still and the one that drifts on; it never gets smaller than the sighting.

    Args:
        seconds: shape (n,), all of one sign.
        motion: at the sighting.
        edges: of the sighting, shape (4,).
        most_drift: how far it drifts at most, in its size; the more, the wider the doubt.

    Returns:
        Edges, shape (n, 4).
    """
    away = np.abs(seconds)
    carried = (np.sign(seconds) * reach(away))[:, None] * motion.velocity
    size = np.exp(motion.state[2:])
    steps = carried[:, :2] / size
    distances = np.hypot(steps[:, 0], steps[:, 1])
    steps *= (most_drift / np.maximum(distances, most_drift))[:, None]
    growth = np.clip(carried[:, 2:], 0.0, _GROWTH * most_drift)
    drifted = to_edges(
        np.concatenate((motion.state[:2] + steps * size, motion.state[2:] + growth), 1)
    )
    doubt = np.minimum(np.sqrt(ACCELERATION * away**3 / 3), _MOST_DOUBT_HELD * most_drift)
    still = np.broadcast_to(edges, drifted.shape)
    return union(_grown(still, doubt), drifted)


def gone(seconds: Floats, motion: Motion, width: int, height: int) -> NDArray[np.bool_]:
    """Where the box is predicted to have left the frame entirely, shape (n,)."""
    carried = (np.sign(seconds) * reach(np.abs(seconds)))[:, None] * motion.velocity[:2]
    half = np.exp(motion.state[2:]) / 2
    centre = motion.state[:2] + carried
    size = np.asarray((width, height), dtype=np.float64)
    return np.asarray(((centre + half <= 0) | (centre - half >= size)).any(axis=1))
