"""What tracking is given: the looks of a detector, and how long to cover around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from veilcast.errors import InternalError, PluginFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.types import Detection


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One sampled frame that a detector looked at, with what it saw (perhaps nothing)."""

    time_us: int
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingSettings:
    """How sightings become covers.

    Attributes:
        hold_us: cover held before the first and after the last sighting. It always reaches to the
            neighbouring look, since what happens between two looks is unknown.
        max_gap_us: gaps up to this inside a track are bridged.
        smoothing_us: boxes are smoothed over this time to either side.
    """

    hold_us: int
    max_gap_us: int = 2_000_000
    smoothing_us: int = 250_000

    def __post_init__(self) -> None:
        if min(self.hold_us, self.max_gap_us, self.smoothing_us) < 0:
            raise ValueError("tracking times can't be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """Every detection of a clip in columns, by time and then by position.

    Attributes:
        times_us: int64, shape (n,).
        looks: int64, shape (n,): the index of the look.
        frames: int64, shape (n,): the index of the frame.
        edges: float64, shape (n, 4): left, top, right, bottom; not clamped to the frame.
        scores: float64, shape (n,).
    """

    times_us: NDArray[np.int64]
    looks: NDArray[np.int64]
    frames: NDArray[np.int64]
    edges: NDArray[np.float64]
    scores: NDArray[np.float64]


def look_times(frames_us: NDArray[np.int64], looks: Sequence[Look]) -> NDArray[np.int64]:
    """The times of the looks, checked against the frames.

    Raises:
        InternalError: the frames or the looks do not rise, or a look lies on no frame.
    """
    times = np.asarray([look.time_us for look in looks], dtype=np.int64)
    if (np.diff(frames_us) <= 0).any() or (np.diff(times) <= 0).any():
        raise InternalError("Frames and looks are not in the order of time; report this fault.")
    if not np.isin(times, frames_us).all():
        raise InternalError("A look lies on no frame of the clip; report this fault.")
    return times


def collect_sightings(
    frames_us: NDArray[np.int64],
    looks: Sequence[Look],
    *,
    width: int,
    height: int,
    detector: str,
) -> Sightings:
    """The detections that show at least partly in a frame of this size.

    Raises:
        PluginFailedError: the detector gave a box or score that is not a finite number.
    """
    rows = [
        (look.time_us, index, d.box.x, d.box.y, d.box.right, d.box.bottom, d.score)
        for index, look in enumerate(looks)
        for d in look.detections
    ]
    values = np.asarray([row[2:] for row in rows], dtype=np.float64).reshape(-1, 5)
    if not np.isfinite(values).all():
        raise PluginFailedError(
            f"The detector '{detector}' gave a box that is not a number; "
            "use another detector or have its plugin mended."
        )
    edges, scores = values[:, :4], values[:, 4]
    times = np.asarray([row[0] for row in rows], dtype=np.int64)
    index = np.asarray([row[1] for row in rows], dtype=np.int64)
    # Sorting makes the result independent of the order in which a detector lists its boxes.
    order = np.lexsort((scores, *edges.T[::-1], index))
    left, top, right, bottom = edges[order].T
    order = order[(right > 0) & (bottom > 0) & (left < width) & (top < height)]
    return Sightings(
        times_us=times[order],
        looks=index[order],
        frames=np.searchsorted(frames_us, times[order]).astype(np.int64),
        edges=edges[order],
        scores=scores[order],
    )
