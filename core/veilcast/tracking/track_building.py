"""Builds tracks from looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from veilcast.tracking.filling import between, gone, held, union
from veilcast.tracking.joining import associate
from veilcast.tracking.looks import SURE, collect_sightings, is_confirmed, look_times
from veilcast.tracking.motion import motion_at_end
from veilcast.tracking.smoothing import smooth_outward
from veilcast.types import Origin, Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.tracking.joining import Association, Bridge
    from veilcast.tracking.looks import Look, Sightings, TrackingSettings

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_GRID = 8.0
_LEAST_PX = 1.0


class _Clip(NamedTuple):
    """What every track of a clip shares."""

    frames_us: Ints
    looks_us: Ints
    scenes_us: Ints
    width: int
    height: int
    settings: TrackingSettings


def build_tracks(
    *,
    frames_us: NDArray[np.int64],
    looks: Sequence[Look],
    cuts_us: Sequence[int],
    width: int,
    height: int,
    identifier: str,
    hipaa: str,
    detector: str,
    settings: TrackingSettings,
) -> list[Track]:
    """Tracks that cover every sighting, what lies between, and some time before and after.

    Every detection of what is confirmed is inside a box of its frame; what is not is covered around
    its surest sightings (see `is_confirmed`). No track crosses a cut. The same input always gives
    the same tracks, and adding a constant to all times changes nothing else.

    Args:
        frames_us: int64, shape (n,), rising: the time of every frame of the clip.
        looks: what the detector saw, rising in time, each at the time of a frame.
        cuts_us: the times of frames that begin a new scene.
        width: of the displayed frame, px.
        height: of the displayed frame, px.
        identifier: see `Track`.
        hipaa: see `Track`.
        detector: see `Track`.
        settings: how long to hold and bridge.

    Returns:
        Tracks by first time, then by position; ids from 1. Boxes are clamped to the frame and lie
        on a grid of 1/8 px (rounded outward), so that writing and reading findings keeps them.

    Raises:
        InternalError: frames or looks are out of order, or a look lies on no frame.
        PluginFailedError: the detector gave a box that is not a finite number.
    """
    clip = _Clip(
        frames_us,
        look_times(frames_us, looks),
        np.unique(np.asarray(cuts_us, dtype=np.int64)),
        width,
        height,
        settings,
    )
    seen = collect_sightings(
        frames_us, looks, width=width, height=height, detector=detector, scenes_us=clip.scenes_us
    )
    scene = np.searchsorted(clip.scenes_us, seen.times_us, side="right")
    covers: list[_Cover] = []
    for rows in np.split(np.arange(len(scene)), np.flatnonzero(np.diff(scene)) + 1):
        found = associate(seen, rows, settings.max_gap_us)
        sure = _sure_rows(seen, found)
        for track in found.tracks:
            covers += (
                [_track_cover(clip, seen, track)]
                if int(track[0]) in sure
                else _brief_covers(clip, seen, track)
            )
        covers += [
            _bridge_cover(clip, seen, bridge)
            for bridge in found.bridges
            if sure.issuperset(bridge.rows.tolist())
        ]
    covers.sort(key=lambda cover: (int(cover.times_us[0]), *cover.boxes[0].tolist()))
    return [
        Track(
            id=index,
            identifier=identifier,
            hipaa=hipaa,
            detector=detector,
            times_us=cover.times_us,
            boxes=cover.boxes,
            scores=cover.scores,
            origins=cover.origins,
        )
        for index, cover in enumerate(covers, start=1)
    ]


class _Cover(NamedTuple):
    times_us: Ints
    boxes: Floats
    scores: Floats
    origins: NDArray[np.uint8]


def _track_cover(clip: _Clip, seen: Sightings, rows: Ints) -> _Cover:
    """The cover of one track: the sightings `rows`, rising."""
    detected = rows[~np.isnan(seen.scores[rows])]
    first, last = int(seen.frames[rows[0]]), int(seen.frames[rows[-1]])
    seen_us, edges = seen.times_us[rows], seen.edges[rows]
    flowed = int(seen.times_us[detected[0]] - seen_us[0])
    before = _held(clip, seen_us, edges, first, _tail(clip, flowed), start=True)
    flowed = int(seen_us[-1] - seen.times_us[detected[-1]])
    after = _held(clip, seen_us, edges, last, _tail(clip, flowed), start=False)
    inside = between(clip.frames_us[first : last + 1], seen_us, edges) if len(rows) > 1 else edges
    return _cover(clip, seen, rows, np.concatenate((before, inside, after)), first - len(before))


def _sure_rows(seen: Sightings, found: Association) -> set[int]:
    """The rows of confirmed tracks. Tracks that may be one thing prove it together."""
    track_of = {int(row): number for number, rows in enumerate(found.tracks) for row in rows}
    group = list(range(len(found.tracks)))

    def root(number: int) -> int:
        while group[number] != number:
            number = group[number]
        return number

    for bridge in found.bridges:
        first, second = bridge.rows[bridge.at : bridge.at + 2].tolist()
        group[root(track_of[first])] = root(track_of[second])
    evidence: dict[int, list[float]] = {}
    for number, rows in enumerate(found.tracks):
        detected = rows[~np.isnan(seen.scores[rows])]
        evidence.setdefault(root(number), []).extend(seen.evidence[detected].tolist())
    return {
        int(row)
        for number, rows in enumerate(found.tracks)
        if is_confirmed(np.asarray(evidence[root(number)])) and _is_seen(seen, rows)
        for row in rows
    }


def _is_seen(seen: Sightings, rows: Ints) -> bool:
    return not np.isnan(seen.scores[rows]).all()


def _tail(clip: _Clip, flowed_us: int) -> int:
    """How long to hold a cover still where flow, if there was any, lost the thing."""
    settings = clip.settings
    if settings.lost_us is None:
        return settings.hold_us
    return max(0, min(settings.lost_us, settings.hold_us - flowed_us))


def _brief_covers(clip: _Clip, seen: Sightings, rows: Ints) -> list[_Cover]:
    """Something that was never confirmed is covered around its sure sightings, or its best."""
    detected = rows[~np.isnan(seen.scores[rows])]
    if not len(detected):
        return []
    sure = detected[seen.evidence[detected] >= SURE]
    if not len(sure):
        sure = detected[np.lexsort((-seen.scores[detected], -seen.evidence[detected]))[:1]]
    apart = np.diff(seen.times_us[sure]) > 2 * clip.settings.brief_us
    return [
        _brief_cover(clip, seen, rows, some) for some in np.split(sure, np.flatnonzero(apart) + 1)
    ]


def _brief_cover(clip: _Clip, seen: Sightings, rows: Ints, sure: Ints) -> _Cover:
    """The cover around sightings that are near each other, out of those of one thing."""
    brief_us = clip.settings.brief_us
    now, until = int(seen.times_us[sure[0]]), int(seen.times_us[sure[-1]])
    rows = rows[(seen.times_us[rows] >= now - brief_us) & (seen.times_us[rows] <= until + brief_us)]
    frames_us = clip.frames_us
    scene = int(np.searchsorted(clip.scenes_us, now, side="right"))
    early = max([now - brief_us, *clip.scenes_us[max(0, scene - 1) : scene].tolist()])
    late = min([until + brief_us, *(clip.scenes_us[scene : scene + 1] - 1).tolist()])
    low = int(np.searchsorted(frames_us, early, side="left"))
    high = int(np.searchsorted(frames_us, late, side="right"))
    first, last = int(seen.frames[rows[0]]), int(seen.frames[rows[-1]])
    edges = seen.edges[rows]
    times_us = frames_us[first : last + 1]
    inside = between(times_us, seen.times_us[rows], edges) if len(rows) > 1 else edges
    before = np.broadcast_to(edges[0], (first - low, 4))
    after = np.broadcast_to(edges[-1], (high - 1 - last, 4))
    return _cover(clip, seen, rows, np.concatenate((before, inside, after)), low)


def _bridge_cover(clip: _Clip, seen: Sightings, bridge: Bridge) -> _Cover:
    """The cover of a bridge, without held parts."""
    rows = bridge.rows[bridge.at : bridge.at + 2]
    first, last = seen.frames[rows].tolist()
    times_us = clip.frames_us[first : last + 1]
    edges = between(times_us, seen.times_us[bridge.rows], seen.edges[bridge.rows])
    return _cover(clip, seen, rows, edges, first)


def _cover(clip: _Clip, seen: Sightings, rows: Ints, edges: Floats, low: int) -> _Cover:
    """Smoothed boxes, scores and origins for frames from `low` on, out of these edges."""
    high = low + len(edges)
    first, at, last = int(seen.frames[rows[0]]), seen.frames[rows] - low, int(seen.frames[rows[-1]])
    edges[at] = union(edges[at], seen.edges[rows])
    times_us = clip.frames_us[low:high]
    edges = smooth_outward(times_us, edges, clip.settings.smoothing_us)
    scores = np.full(high - low, np.nan)
    scores[at] = seen.scores[rows]
    origins = np.full(high - low, Origin.HELD, dtype=np.uint8)
    origins[first - low : last + 1 - low] = Origin.INTERPOLATED
    origins[at] = np.where(np.isnan(seen.scores[rows]), Origin.FLOW, Origin.DETECTED)
    return _Cover(times_us.copy(), _boxes(edges, clip.width, clip.height), scores, origins)


def _held(
    clip: _Clip, seen_us: Ints, edges: Floats, frame: int, hold_us: int, *, start: bool
) -> Floats:
    """The boxes before the first sighting (or after the last), in the order of time."""
    low, high = _hold_range(clip, frame, hold_us)
    frames = slice(low, frame) if start else slice(frame + 1, high)
    seconds = (clip.frames_us[frames] - clip.frames_us[frame]) / 1e6
    # The trend over some sightings lags where the motion changes; the last two alone are noisy.
    trend = motion_at_end(seen_us, edges, start=start)
    latest = motion_at_end(seen_us, edges, start=start, count=2)
    left = np.flatnonzero(
        gone(seconds, trend, clip.width, clip.height)
        & gone(seconds, latest, clip.width, clip.height)
    )
    if len(left):
        seconds = seconds[left[-1] + 1 :] if start else seconds[: left[0]]
    sighting = edges[0 if start else -1]
    most = clip.settings.most_drift
    return union(held(seconds, trend, sighting, most), held(seconds, latest, sighting, most))


def _hold_range(clip: _Clip, frame: int, hold_us: int) -> tuple[int, int]:
    """The frames around a sighting, half-open, within its scene, over which it may be held."""
    now, frames_us, settings = int(clip.frames_us[frame]), clip.frames_us, clip.settings
    # What a thing does up to the look that no longer shows it is unknown: cover that too.
    before = int(np.searchsorted(clip.looks_us, now, side="left"))
    after = int(np.searchsorted(clip.looks_us, now, side="right"))
    scene = int(np.searchsorted(clip.scenes_us, now, side="right"))
    early = now - settings.max_gap_us
    if before > 0:
        early = max(early, int(clip.looks_us[before - 1]) + 1)
    early = min(early, now - hold_us)
    late = now + settings.max_gap_us
    if after < len(clip.looks_us):
        late = min(late, int(clip.looks_us[after]) - 1)
    late = max(late, now + hold_us)
    if scene > 0:
        early = max(early, int(clip.scenes_us[scene - 1]))
    if scene < len(clip.scenes_us):
        late = min(late, int(clip.scenes_us[scene]) - 1)
    return (
        int(np.searchsorted(frames_us, early, side="left")),
        int(np.searchsorted(frames_us, late, side="right")),
    )


def _boxes(edges: Floats, width: int, height: int) -> Floats:
    """Edges (n, 4) as boxes within the frame, rounded outward to the grid."""
    size = np.asarray((width, height), dtype=np.float64)
    low = np.clip(np.floor(edges[:, :2] * _GRID) / _GRID, 0.0, size - _LEAST_PX)
    high = np.maximum(np.minimum(np.ceil(edges[:, 2:] * _GRID) / _GRID, size), low + _LEAST_PX)
    return np.concatenate((low, high - low), axis=1)
