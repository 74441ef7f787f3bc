"""Joining runs of sightings over gaps, and bridging where it is not sure.

A *bridge* covers the way from a sighting to a later one without saying that they are one thing:
both tracks keep the covers that are held at their ends.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from veilcast.tracking.association import follow, take_best
from veilcast.tracking.motion import (
    FAR,
    SAME_SIZE,
    SHORT_US,
    Motion,
    distance,
    motion_at_end,
    moved,
    size_change,
    to_states,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.tracking.looks import Sightings

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_AGREE = 0.5
_MAYBE_NEAR = 1.5
_MISSED_LOOKS = 3
_MAYBE_SAME_SIZE = math.log(2.5)
_DOUBT = 100.0


class Bridge(NamedTuple):
    """The way from sighting `rows[at]` to `rows[at + 1]`; the others around tell the motion."""

    rows: Ints
    at: int


class Association(NamedTuple):
    """Tracks as rising arrays of sighting indices, and bridges."""

    tracks: list[Ints]
    bridges: list[Bridge]


def associate(seen: Sightings, rows: Ints, max_gap_us: int) -> Association:
    """Associate the sightings `rows` (rising), which all belong to one scene."""
    runs = follow(seen, rows, max_gap_us) if len(rows) else []
    if len(runs) < 2:
        return Association(runs, [])
    tracks, doubtful = _join(seen, runs, max_gap_us)
    of_track = {int(row): track for track in tracks for row in track}
    pairs = {*doubtful, *_changeovers(seen, tracks, max_gap_us)}
    return Association(tracks, [_bridge(of_track, *pair) for pair in sorted(pairs)])


def _bridge(of_track: dict[int, Ints], first: int, second: int) -> Bridge:
    """From the sighting `first` to `second`, with one more of the track of each."""
    before = of_track[first][of_track[first] <= first][-2:]
    after = of_track[second][of_track[second] >= second][:2]
    return Bridge(np.concatenate((before, after)), len(before) - 1)


class _Ends(NamedTuple):
    """One end of every run, in columns."""

    times_us: Ints
    looks: Ints
    states: Floats
    velocities: Floats


def _ends(seen: Sightings, runs: list[Ints], *, start: bool) -> _Ends:
    motions = [motion_at_end(seen.times_us[run], seen.edges[run], start=start) for run in runs]
    ends = np.asarray([run[0 if start else -1] for run in runs], dtype=np.int64)
    return _Ends(
        seen.times_us[ends],
        seen.looks[ends],
        np.stack([motion.state for motion in motions]),
        np.stack([motion.velocity for motion in motions]),
    )


def _link_costs(last: Motion, first: _Ends, gap_us: Ints, adjacent: NDArray[np.bool_]) -> Floats:
    """What it costs to take one run's end for each of these beginnings: inf when it can't be.

    Below `_DOUBT` the two are one; from there on they may be.
    """
    gap = gap_us / 1e6
    forward = distance(moved(last, gap), first.states)
    backward = distance(moved(Motion(first.states, first.velocities), -gap), last.state)
    still = distance(first.states, last.state)
    change = size_change(first.states, last.state)
    short = adjacent | (gap_us <= SHORT_US)
    apart = np.minimum(np.maximum(forward, backward), still)
    closest = np.minimum(np.minimum(forward, backward), still)
    apart = np.where(short, closest, apart)
    sure = (apart <= _AGREE) & (change <= SAME_SIZE)
    maybe = (closest <= np.where(short, FAR, _MAYBE_NEAR)) & (change <= _MAYBE_SAME_SIZE)
    return np.where(sure, apart + change, np.where(maybe, _DOUBT + closest + change, np.inf))


def _join(
    seen: Sightings, runs: list[Ints], max_gap_us: int
) -> tuple[list[Ints], list[tuple[int, int]]]:
    """Runs joined where end and beginning fit, and pairs of sightings where they may."""
    # Runs come in the order of their first sighting, so that beginnings rise.
    ends, begins = _ends(seen, runs, start=False), _ends(seen, runs, start=True)
    low = np.searchsorted(begins.times_us, ends.times_us, side="right")
    high = np.searchsorted(begins.times_us, ends.times_us + max_gap_us, side="right")
    costs, firsts, seconds = [np.zeros(0)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for run in np.flatnonzero(high > low).tolist():
        window = slice(int(low[run]), int(high[run]))
        cost = _link_costs(
            Motion(ends.states[run], ends.velocities[run]),
            _Ends(
                begins.times_us[window],
                begins.looks[window],
                begins.states[window],
                begins.velocities[window],
            ),
            begins.times_us[window] - ends.times_us[run],
            begins.looks[window] - ends.looks[run] <= 1,
        )
        possible = np.flatnonzero(np.isfinite(cost))
        costs.append(cost[possible])
        firsts.append(np.full(len(possible), run, dtype=np.int64))
        seconds.append(possible + int(low[run]))
    cost, first, second = np.concatenate(costs), np.concatenate(firsts), np.concatenate(seconds)
    following: dict[int, int] = {}
    doubtful: list[tuple[int, int]] = []
    for pair in take_best(cost, first, second):
        one, other = int(first[pair]), int(second[pair])
        if cost[pair] < _DOUBT:
            following[one] = other
        else:
            doubtful.append((int(runs[one][-1]), int(runs[other][0])))
    tracks = []
    for run in sorted(set(range(len(runs))) - set(following.values())):
        parts = [run]
        while parts[-1] in following:
            parts.append(following[parts[-1]])
        tracks.append(np.concatenate([runs[part] for part in parts]))
    return tracks, doubtful


def _changeovers(seen: Sightings, tracks: list[Ints], max_gap_us: int) -> list[tuple[int, int]]:
    """Where one track is not seen at the next look and another is that was not seen before.

    That may be one face that moved far, even when the first track is seen again later. It is not
    when the gap in either track is plainly a face that stayed and was missed.
    """
    leaving = np.sort(np.concatenate([track[_unexplained(seen, track)] for track in tracks]))
    coming = np.sort(
        np.concatenate([track[_unexplained(seen, track[::-1])[::-1]] for track in tracks])
    )
    low = np.searchsorted(seen.looks[coming], seen.looks[leaving], side="left")
    high = np.searchsorted(seen.looks[coming], seen.looks[leaving] + 1, side="right")
    count = high - low
    first = np.repeat(leaving, count)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
    second = coming[np.repeat(low, count) + offset]
    states = to_states(seen.edges)
    apart = distance(states[first], states[second])
    change = size_change(states[first], states[second])
    near = (apart <= FAR) & (change <= _MAYBE_SAME_SIZE)
    gap_us = seen.times_us[second] - seen.times_us[first]
    near &= (gap_us > 0) & (gap_us <= max_gap_us)
    first, second, cost = first[near], second[near], (apart + change)[near]
    best = take_best(cost, first, second)
    return list(zip(first[best].tolist(), second[best].tolist(), strict=True))


def _unexplained(seen: Sightings, track: Ints) -> NDArray[np.bool_]:
    """Which sightings are the last before a gap that the track itself does not explain.

    It does where the thing stood still over the look before the gap and over the gap, and the gap
    is short. The end is a gap without an explanation.
    """
    steps = np.abs(np.diff(seen.looks[track]))
    states = to_states(seen.edges[track])
    still = distance(states[1:], states[:-1]) <= _AGREE
    stood = np.append(False, still & (steps <= 1))
    missed = still & stood[:-1] & (steps <= _MISSED_LOOKS)
    return np.append((steps > 1) & ~missed, True)
