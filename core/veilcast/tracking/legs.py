"""Legs: one mark followed from one frame in one direction, and what several of them say together.

Where a thing that was lost is found again, another leg goes back from there into the gap. Where it
is found at a place to which it must have come unseen, that may be something else: what is there is
covered too, and the cover of what was lost stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from veilcast.tracking.filling import union
from veilcast.tracking.follower import Follower, State
from veilcast.tracking.motion import overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.tracking.flow import Grey
    from veilcast.tracking.follower import Seed

    Floats = NDArray[np.float64]

_BRIEF_US = 300_000
_MET = 0.2


@dataclass(slots=True, kw_only=True)
class Leg:
    """From frame `start` up to frame `end`, which is part of it, going `way`: 1 or -1.

    Attributes:
        seed: what to follow.
        start: number of the frame in which the thing is known.
        end: number of the last frame.
        way: 1 forwards, -1 backwards.
        seeks: look for it again where it is lost.
        gaps: the legs back from where it was found again.
        again: the leg on from where it was found at another place.
    """

    seed: Seed
    start: int
    end: int
    way: int
    seeks: bool = True
    gaps: list[Leg] = field(default_factory=list)
    again: Leg | None = None
    edges: Floats = field(init=False)
    states: NDArray[np.uint8] = field(init=False)
    follower: Follower | None = None
    sure_at: int = 0
    lost_us: int = 0

    def __post_init__(self) -> None:
        count = self.way * (self.end - self.start) + 1
        self.edges = np.zeros((count, 4))
        self.states = np.zeros(count, dtype=np.uint8)

    def has(self, number: int) -> bool:
        """Whether this frame is part of it."""
        return 0 <= self.way * (number - self.start) < len(self.states)

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Of its frames, in its direction."""
        return self.start + self.way * np.arange(len(self.states))


def spans_of(legs: Sequence[Leg]) -> list[tuple[int, int]]:
    """The runs of frames that these legs need, rising, half-open."""
    spans: list[tuple[int, int]] = []
    for low, high in sorted((min(x.start, x.end), max(x.start, x.end) + 1) for x in legs):
        if spans and low <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(high, spans[-1][1])
        else:
            spans.append((low, high))
    return spans


def advance(leg: Leg, number: int, picture: Grey, new: list[Leg]) -> Leg | None:
    """One frame further.

    Args:
        leg: which.
        number: of the frame.
        picture: of the frame.
        new: gets the legs that go the other way from here.

    Returns:
        A leg that goes on from here the same way, beside this one.
    """
    at = leg.way * (number - leg.start)
    if leg.follower is None:
        leg.follower = Follower(picture, leg.seed, seeks=leg.seeks)
        leg.edges[at], leg.states[at], leg.lost_us = leg.follower.edges, State.SURE, picture.time_us
        return None
    spot = leg.follower.step(picture)
    leg.edges[at], leg.states[at] = spot.edges, spot.state
    if spot.state is State.SURE:
        away_us = abs(picture.time_us - leg.lost_us)
        out = (leg.states[leg.sure_at + 1 : at] < State.HELD).any()
        if leg.seeks and at - leg.sure_at > 1 and (out or away_us > _BRIEF_US):
            leg.gaps.append(_back(leg, leg.follower.seed, number))
            new.append(leg.gaps[-1])
        leg.sure_at, leg.lost_us = at, picture.time_us
    if at == len(leg.states) - 1:
        leg.follower = None  # lets go of its picture
    if spot.found is None:
        return None
    leg.again = Leg(seed=spot.found, start=number, end=leg.end, way=leg.way)
    leg.again.gaps.append(_back(leg, spot.found, number))
    new.append(leg.again.gaps[0])
    advance(leg.again, number, picture, new)
    return leg.again


def _back(leg: Leg, seed: Seed, number: int) -> Leg:
    """From here to where the leg last knew it."""
    end = leg.start + leg.way * leg.sure_at
    return Leg(seed=seed, start=number, end=end, way=-leg.way, seeks=False)


@dataclass(slots=True)
class Row:
    """Edges (n, 4) and states (n,) for every frame of a mark."""

    edges: Floats
    states: NDArray[np.uint8]
    is_main: bool = True

    @classmethod
    def empty(cls, count: int) -> Row:
        """Nothing is known of so many frames."""
        return cls(np.zeros((count, 4)), np.zeros(count, dtype=np.uint8))

    def runs(self, state: State) -> list[tuple[int, int]]:
        """The runs of frames in this state, half-open."""
        return runs_of(self.states == state)

    def add(self, other: Row) -> None:
        """What either says: the one that knows more, or both where they know the same."""
        same = (self.states == other.states)[:, None]
        more = (other.states > self.states)[:, None]
        both = np.where(same, union(self.edges, other.edges), self.edges)
        self.edges = np.where(more, other.edges, both)
        self.states = np.maximum(self.states, other.states)

    def bridge(self) -> None:
        """While it was lost it may have gone straight to where it was found."""
        for low, high in self.runs(State.HELD):
            if low == 0 or high == len(self.states):
                continue
            if State.SURE not in (self.states[low - 1], self.states[high]):
                continue
            share = (np.arange(low, high) - low + 1)[:, None] / (high - low + 1)
            straight = self.edges[low - 1] * (1 - share) + self.edges[high] * share
            self.edges[low:high] = union(self.edges[low:high], straight)


def runs_of(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The runs of True, half-open."""
    changes = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    return [(int(low), int(high)) for low, high in changes.reshape(-1, 2)]


def combined(rows: Sequence[Row], count: int) -> Row:
    """What any of them says of so many frames."""
    whole = Row.empty(count)
    for row in rows:
        whole.add(row)
    return whole


def resolved(leg: Leg, span: tuple[int, int]) -> list[Row]:
    """What a leg says of the frames of a span, with all that came of it.

    Returns:
        Its own row first, then one for each thing that was found elsewhere and may be it.
    """
    row = Row.empty(span[1] - span[0])
    at = leg.numbers - span[0]
    row.edges[at], row.states[at] = leg.edges, leg.states
    for gap in leg.gaps:
        if gap.start != leg.start:
            _fill(row, gap, span)
    if leg.again is None:
        return [row]
    again, *others = resolved(leg.again, span)
    back = leg.again.gaps[0]
    entered = Row.empty(len(row.states))
    at = back.numbers - span[0]
    entered.edges[at], entered.states[at] = back.edges, back.states
    if _meets(row, back, span):
        # It was there all the time.
        beyond = leg.way * (np.arange(*span) - back.end) > 0
        row.edges[beyond], row.states[beyond] = 0.0, State.GONE
        entered.states[~beyond] = State.GONE
        row.add(entered)
        row.add(again)
        return [row, *others]
    out = leg.states[leg.way * (leg.again.start - leg.start)] < State.HELD
    entered.states[at[-1]] = State.GONE
    if not out:
        entered.states[entered.states < State.SURE] = State.GONE
    again.add(entered)
    again.is_main = False
    return [row, again, *others]


def _fill(row: Row, gap: Leg, span: tuple[int, int]) -> None:
    """Put what was seen on the way back into a gap, at both of whose ends the thing is known."""
    inner = gap.numbers[1:-1] - span[0]
    if _meets(row, gap, span):
        row.edges[inner], row.states[inner] = gap.edges[1:-1], State.SURE
        return
    other = Row.empty(len(row.states))
    other.edges[inner], other.states[inner] = gap.edges[1:-1], gap.states[1:-1]
    # Where it was lost on one way only, the two may be different things.
    doubted = (row.states == State.HELD) & (other.states == State.SURE)
    other.states[doubted] = State.HELD
    row.add(other)


def _meets(row: Row, back: Leg, span: tuple[int, int]) -> bool:
    """Whether what was found again was followed back to where it was lost."""
    known = row.edges[back.end - span[0]]
    met = float(overlap(known[None], back.edges[-1:])[0])
    return bool((back.states == State.SURE).all()) and met >= _MET
