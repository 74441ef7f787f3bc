"""Which sighting belongs to which track, look by look within one scene.

Live tracks are predicted to the look's time and matched by overlap, or by distance where they are
fast. A sighting that no track expects begins a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast.tracking.motion import (
    FAR,
    SAME_SIZE,
    SHORT_US,
    MotionBank,
    distance,
    overlap,
    size_change,
    to_edges,
    to_states,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.tracking.looks import Sightings

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_LEAST_OVERLAP = 0.1
_ALIVE_LOOKS = 3
# How far off its prediction a fast track may be, as a share of the way predicted, and in sizes.
_OFF_COURSE = 0.8
_OFF_COURSE_SIZES = 1.5


def take_best(costs: Floats, first: Ints, second: Ints) -> list[int]:
    """One-to-one pairs, best first; ties go to the lower indices. Gives indices of pairs."""
    taken: list[int] = []
    firsts: set[int] = set()
    seconds: set[int] = set()
    for index in np.lexsort((second, first, costs)).tolist():
        one, other = int(first[index]), int(second[index])
        if one not in firsts and other not in seconds:
            firsts.add(one)
            seconds.add(other)
            taken.append(index)
    return taken


def follow(seen: Sightings, rows: Ints, max_gap_us: int) -> list[Ints]:
    """Runs of sightings out of `rows` (rising, of one scene), by their first sighting."""
    runs: list[list[int]] = []
    live: Ints = np.zeros(0, dtype=np.int64)
    bank = MotionBank()
    states = to_states(seen.edges)
    run_of: dict[int, int] = {}
    for there in np.split(rows, np.flatnonzero(np.diff(seen.times_us[rows])) + 1):
        now, look = int(seen.times_us[there[0]]), int(seen.looks[there[0]])
        age_us = now - bank.times_us
        missed = look - seen.looks[[runs[run][-1] for run in live.tolist()]]
        # From one look to the next there is nothing to wait for, however long that takes.
        alive = (missed <= 1) | (
            (age_us <= max_gap_us) & ((missed <= _ALIVE_LOOKS) | (age_us <= SHORT_US))
        )
        bank.keep(alive)
        live, missed = live[alive], missed[alive]
        linked = _continue(seen, states, there, run_of, live, runs, bank, now)
        # Where flow went on from a run that was taken elsewhere by a sighting, there is nothing.
        lost = (seen.after[there] >= 0) & np.isnan(seen.scores[there])
        group = there[~np.isin(there, linked) & ~lost]
        if not len(group):
            continue
        idle = ~np.isin(live, [run_of[row] for row in linked])
        found = states[group]
        matched = _match(bank, idle, found, seen.edges[group], missed <= 1, now)
        for track, index in matched:
            runs[live[track]].append(int(group[index]))
            run_of[int(group[index])] = int(live[track])
        fresh = np.ones(len(group), dtype=np.bool_)
        fresh[[index for _, index in matched]] = False
        if fresh.any():
            idle[[track for track, _ in matched]] = False
            velocities, known = _velocity_from_far(bank, idle, found[fresh], now)
            bank.add(found[fresh], velocities, known, now)
            live = np.concatenate((live, np.arange(fresh.sum(), dtype=np.int64) + len(runs)))
            run_of.update({int(row): len(runs) + i for i, row in enumerate(group[fresh])})
            runs.extend([int(row)] for row in group[fresh])
    return [np.asarray(run, dtype=np.int64) for run in runs]


def _continue(
    seen: Sightings,
    states: Floats,
    group: Ints,
    run_of: dict[int, int],
    live: Ints,
    runs: list[list[int]],
    bank: MotionBank,
    now: int,
) -> list[int]:
    """Rows that are known to go on from the end of a live run; they are appended to it."""
    place = {int(run): index for index, run in enumerate(live.tolist())}
    taken: list[int] = []
    tracks: list[int] = []
    for row in group.tolist():
        before = int(seen.after[row])
        run = run_of.get(before, -1)
        # Another sighting may have taken the run on meanwhile, and a box of another size is another
        # track: following it would uncover the rest of the first.
        if (
            run in place
            and runs[run][-1] == before
            and seen.times_us[before] < now
            and size_change(states[row], states[before]) <= SAME_SIZE
        ):
            run_of[row] = run
            runs[run].append(row)
            taken.append(row)
            tracks.append(place[run])
    if taken:
        at = np.asarray(tracks, dtype=np.int64)
        predicted = bank.predict(now)[at]
        bank.update(at, predicted, states[taken], now)
    return taken


def _match(
    bank: MotionBank,
    idle: NDArray[np.bool_],
    found: Floats,
    edges: Floats,
    adjacent: NDArray[np.bool_],
    now: int,
) -> list[tuple[int, int]]:
    """Pairs of (idle live track, sighting) that fit; the filters take the sightings in."""
    if not idle.any():
        return []
    predicted = bank.predict(now)
    expected = predicted[:, None]
    likeness = overlap(to_edges(expected), edges)
    likeness[likeness < _LEAST_OVERLAP] = 0.0
    # Without overlap only a track in motion may be meant, somewhat off its course. To follow a
    # neighbour instead of a face that stands still and was missed would uncover that face.
    off_course = distance(expected, found)
    travelled = distance(predicted, bank.states)[:, None]
    turned = (off_course <= np.minimum(_OFF_COURSE * travelled, _OFF_COURSE_SIZES)) & (
        adjacent[:, None]
    )
    # A box that suddenly has another size is a second track: following it would uncover the rest of
    # the first.
    same_size = (
        np.minimum(size_change(expected, found), size_change(bank.states[:, None], found))
        <= SAME_SIZE
    )
    tracks, indices = np.nonzero(((likeness > 0) | turned) & same_size & idle[:, None])
    costs = np.where(likeness > 0, -likeness, off_course)[tracks, indices]
    best = take_best(costs, tracks, indices)
    tracks, indices = tracks[best], indices[best]
    bank.update(tracks, predicted[tracks], found[indices], now)
    return list(zip(tracks.tolist(), indices.tolist(), strict=True))


def _velocity_from_far(
    bank: MotionBank, idle: NDArray[np.bool_], found: Floats, now: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """A first velocity for new tracks, if they may be an idle one that moved by its own size.

    The idle track stays where it is: whether the two are one is decided when more was seen.
    """
    velocities, known = np.zeros((len(found), 4)), np.zeros(len(found), dtype=np.bool_)
    if not idle.any():
        return velocities, known
    old = bank.states[idle]
    apart, change = distance(old[:, None], found), size_change(old[:, None], found)
    olds, news = np.nonzero((apart <= FAR) & (change <= SAME_SIZE))
    best = take_best((apart + change)[olds, news], olds, news)
    olds, news = olds[best], news[best]
    passed = (now - bank.times_us[idle][olds]) / 1e6
    velocities[news, :2] = (found[news] - old[olds])[:, :2] / passed[:, None]
    known[news] = True
    return velocities, known
