"""What tracking is given: the looks of a detector, and how long to cover around them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from veilcast.errors import InternalError, PluginFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.types import Detection


SURE = 1.0
"""The evidence of a sighting that, with some more of its kind, proves that something is there."""

_SURE_LOOKS = 3
_SURE_TOGETHER = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a sighted thing was before and after, as optical flow tells.

    Attributes:
        times_us: int64, shape (n,), rising, without the time of the sighting itself.
        edges: float64, shape (n, 4): left, top, right, bottom.
    """

    times_us: NDArray[np.int64]
    edges: NDArray[np.float64]


NO_WAY = Way(times_us=np.zeros(0, dtype=np.int64), edges=np.zeros((0, 4)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One sampled frame that detectors looked at, with what they saw (perhaps nothing).

    Attributes:
        time_us: of the frame.
        detections: what was seen.
        evidence: of each detection, 0 or more (see `is_confirmed`). None: each is proof enough.
        ways: of each detection. None: nothing was followed.
        goes_on: for each detection, the look and the place in it of the sighting that it goes on
            from, as indices, or None. None: that is not known of any.
    """

    time_us: int
    detections: tuple[Detection, ...]
    evidence: tuple[float, ...] | None = None
    ways: tuple[Way, ...] | None = None
    goes_on: tuple[tuple[int, int] | None, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingSettings:
    """How sightings become covers.

    Attributes:
        hold_us: cover held before the first and after the last sighting, while flow follows.
            It always reaches to the neighbouring look: what happens between two is unknown.
        lost_us: the part of it over which the cover stays where flow lost the thing.
        most_drift: how far a held cover drifts on at most, in sizes of the thing.
        brief_us: cover before and after something that was never confirmed.
        max_gap_us: gaps up to this inside a track are bridged.
        smoothing_us: boxes are smoothed over this time to either side.
    """

    hold_us: int
    lost_us: int | None = None
    most_drift: float = 1.0
    brief_us: int = 200_000
    max_gap_us: int = 2_000_000
    smoothing_us: int = 170_000

    def __post_init__(self) -> None:
        if min(self.hold_us, self.max_gap_us, self.smoothing_us) < 0:
            raise ValueError("tracking times can't be negative")


def is_confirmed(evidence: NDArray[np.float64]) -> bool:
    """Whether sightings of one thing, shape (n,), prove together that it is there.

    One look may err however sure it is, so it takes some.
    """
    return bool(
        np.isinf(evidence).any()
        or (evidence >= SURE).sum() >= _SURE_LOOKS
        or evidence.sum() >= _SURE_TOGETHER
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """Every detection of a clip, and where it was followed to, in columns by time, then position.

    Attributes:
        times_us: int64, shape (n,).
        looks: int64, shape (n,): how many looks there were up to that time.
        frames: int64, shape (n,): the index of the frame.
        edges: float64, shape (n, 4): left, top, right, bottom; not clamped to the frame.
        scores: float64, shape (n,): NaN where it was not detected but followed.
        evidence: float64, shape (n,): 0 where it was followed.
        after: int64, shape (n,): the row that this one goes on from, or -1.
    """

    times_us: NDArray[np.int64]
    looks: NDArray[np.int64]
    frames: NDArray[np.int64]
    edges: NDArray[np.float64]
    scores: NDArray[np.float64]
    evidence: NDArray[np.float64]
    after: NDArray[np.int64]


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
    scenes_us: NDArray[np.int64],
) -> Sightings:
    """The detections that show at least partly in a frame of this size.

    Raises:
        PluginFailedError: the detector gave a box or score that is not a finite number.
    """
    columns = _columns(looks, scenes_us)
    if not np.isfinite(columns.edges).all() or np.isinf(columns.scores).any():
        raise PluginFailedError(
            f"The detector '{detector}' gave a box that is not a number; "
            "use another detector or have its plugin mended."
        )
    # Sorting makes the result independent of the order in which a detector lists its boxes.
    left, top, right, bottom = columns.edges.T
    order = np.lexsort(
        (columns.scores, *columns.edges.T[::-1], np.isnan(columns.scores), columns.times_us)
    )
    seen = (right > 0) & (bottom > 0) & (left < width) & (top < height)
    order = order[seen[order]]
    # A followed row that is out of the frame breaks the chain there.
    place = np.full(len(columns.after) + 1, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    times = columns.times_us[order]
    looks_us = np.asarray([look.time_us for look in looks], dtype=np.int64)
    return Sightings(
        times_us=times,
        looks=np.searchsorted(looks_us, times, side="right").astype(np.int64),
        frames=np.searchsorted(frames_us, times).astype(np.int64),
        edges=columns.edges[order],
        scores=columns.scores[order],
        evidence=columns.evidence[order],
        after=place[columns.after[order]],
    )


class _Columns(NamedTuple):
    times_us: NDArray[np.int64]
    edges: NDArray[np.float64]
    scores: NDArray[np.float64]
    evidence: NDArray[np.float64]
    after: NDArray[np.int64]


def _columns(looks: Sequence[Look], scenes_us: NDArray[np.int64]) -> _Columns:
    """Every detection with its way, unsorted. Flow is not believed across a cut."""
    times: list[int] = []
    edges: list[NDArray[np.float64]] = []
    scores: list[float] = []
    evidence: list[float] = []
    after: list[int] = []
    ends: dict[tuple[int, int] | None, int] = {}
    for number, look in enumerate(looks):
        before = look.goes_on if look.goes_on is not None else (None,) * len(look.detections)
        ways = look.ways if look.ways is not None else (NO_WAY,) * len(look.detections)
        proofs = look.evidence if look.evidence is not None else (math.inf,) * len(look.detections)
        scene = np.searchsorted(scenes_us, look.time_us, side="right")
        for place, (seen, proof, way) in enumerate(zip(look.detections, proofs, ways, strict=True)):
            same = np.searchsorted(scenes_us, way.times_us, side="right") == scene
            way_us, followed = way.times_us[same], way.edges[same]
            split = int(np.searchsorted(way_us, look.time_us))
            box = np.asarray([[seen.box.x, seen.box.y, seen.box.right, seen.box.bottom]])
            first, count = len(times), len(way_us) + 1
            times += [*way_us[:split].tolist(), look.time_us, *way_us[split:].tolist()]
            edges += [followed[:split], box, followed[split:]]
            rows = [float("nan")] * count
            # NaN stands for a followed row.
            rows[split] = float("inf") if math.isnan(seen.score) else seen.score
            scores += rows
            proved = [0.0] * count
            proved[split] = proof
            evidence += proved
            after += [ends.get(before[place], -1), *range(first, first + count - 1)]
            ends[number, place] = first + count - 1
    return _Columns(
        np.asarray(times, dtype=np.int64),
        np.concatenate(edges) if edges else np.zeros((0, 4)),
        np.asarray(scores, dtype=np.float64),
        np.asarray(evidence, dtype=np.float64),
        np.asarray(after, dtype=np.int64),
    )
