"""Following one marked thing from picture to picture, forwards or backwards, and failing closed.

Sparse optical flow gives its next pose (a similarity: it may move, turn, come nearer), alignment
with its looks takes out the drift, and its looks decide whether it is still there. While it is not,
the cover is held and widens, and the thing is searched for: around where it was, and then anywhere.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from veilcast.tracking.appearance import Appearance, is_one_scene
from veilcast.tracking.carrying import carried
from veilcast.tracking.filling import union
from veilcast.tracking.motion import overlap
from veilcast.tracking.poses import edges_of, scale_of, similarity, view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.tracking.flow import Grey
    from veilcast.tracking.poses import View

    Floats = NDArray[np.float64]

_VIEW_SIDE, _MOST_VIEW_SIDE, _MOST_ENLARGED = 56.0, 160.0, 3.0
_REACH = 1.25
_ALIKE, _FOUND, _FOUND_LATER, _FOUND_FAR, _FOUND_BEYOND = 0.5, 0.65, 0.75, 0.8, 0.88
_SMALL_PX, _SMALLER, _CERTAIN = 24.0, 0.2, 0.9
_ELSEWHERE, _WAS_THERE = 0.3, 0.7
_ASTRAY_US = 1_500_000
_MARGIN, _DOUBT, _MARGIN_PX = 0.05, 0.25, 1.5
_WIDENED, _WIDENS_PER_S, _MOST_WIDENED = 0.2, 2.0, 1.0
_REACHED, _REACHES_PER_S, _MOST_REACHED = 0.75, 3.0, 3.0
_DRIFTS_S, _MOST_DRIFT = 0.3, 1.5
_LEARN_US, _FAR_US, _FAR_AFTER_US, _LEAVES_US = 200_000, 200_000, 200_000, 500_000
_LEFT, _LEAVING, _LEAVES_WITHIN_S = 0.15, 0.4, 0.3
_NEAR_WAYS = ((1.0, 0.0), (0.85, 0.0), (1.18, 0.0), (1.0, -0.4), (1.0, 0.4))
_FAR_WAYS = (*_NEAR_WAYS, (1.0, -0.8), (1.0, 0.8))

_STILL = np.zeros(2)


class State(IntEnum):
    """What is known of a followed thing in a picture; the higher one counts where two differ."""

    GONE = 0
    """It left the picture a while ago: nothing to cover."""
    LEAVING = 1
    """It has just left: its cover stays for a moment."""
    HELD = 2
    """It was lost: its cover stays, widened."""
    SURE = 3
    """It is there."""


class Seed(NamedTuple):
    """What to follow: a pose in one picture, and the looks where they are known already."""

    pose: Floats
    size: Floats
    appearance: Appearance | None = None

    @classmethod
    def marked(cls, edges: Floats) -> Seed:
        """A rectangle that a person has drawn, edges (4,)."""
        return cls(similarity(1.0, 0.0, (edges[:2] + edges[2:]) / 2), edges[2:] - edges[:2])


class Spot(NamedTuple):
    """What is known in one picture.

    Attributes:
        edges: (4,) to cover, which may reach beyond the picture.
        state: of the thing.
        found: it was lost or gone and is now somewhere else: follow it anew from there.
    """

    edges: Floats
    state: State
    found: Seed | None = None


class Follower:
    """Give it the picture in which the thing is known, and then each next one."""

    def __init__(self, picture: Grey, seed: Seed, *, seeks: bool = True) -> None:
        """Takes its first look where there is none yet.

        Args:
            picture: the whole picture, at full size: small things need it.
            seed: where the thing is in it.
            seeks: look for it when it is lost, until it is found elsewhere.
        """
        self._pose, self._size = seed.pose, seed.size
        self._before = picture
        self._velocity = np.zeros(2)
        self._seeks = seeks
        self._lost_us: int | None = None
        self._astray: Floats | None = None
        self._known: Grey | None = None
        self._jumped = False
        self._left = False
        self._turn = 0
        self._learned_us = self._sought_us = picture.time_us
        near = self._near(picture, seed.pose)
        self._appearance = seed.appearance or Appearance(near, seed.pose, seed.size)
        self._edges = self._held_edges = edges_of(seed.pose, seed.size)

    def step(self, picture: Grey) -> Spot:
        """The next picture in the direction of following."""
        seconds = abs(picture.time_us - self._before.time_us) / 1e6
        moved = self._follow(picture, seconds) if self._appearance.textured else None
        found = None
        if moved is None:
            if self._lost_us is None:
                self._lose()
            self._jumped |= not is_one_scene(self._before.picture, picture.picture)
            if self._seeks:
                moved, found = self._search(picture)
        if moved is not None:
            self._take(picture, moved)
        self._before = picture
        return self._spot(picture, found)

    @property
    def edges(self) -> Floats:
        """What to cover where it was last known, (4,)."""
        return self._edges

    @property
    def seed(self) -> Seed:
        """To be followed from here the other way."""
        return Seed(self._pose, self._size, self._appearance)

    def _spot(self, picture: Grey, found: Seed | None) -> Spot:
        if self._lost_us is None:
            return Spot(self._edges, State.SURE)
        away_us = abs(picture.time_us - self._lost_us)
        # While it is lost its cover never gets smaller.
        edges = self._held_edges = union(self._held_edges, self._held(away_us / 1e6))
        if not self._left:
            return Spot(edges, State.HELD, found)
        return Spot(edges, State.LEAVING if away_us <= _LEAVES_US else State.GONE, found)

    def _take(self, picture: Grey, pose: Floats) -> None:
        """It is there."""
        since_us = self._before.time_us if self._lost_us is None else self._lost_us
        speed = (pose[:, 2] - self._pose[:, 2]) * 1e6 / max(1, abs(picture.time_us - since_us))
        settled = self._lost_us is None
        self._velocity = 0.4 * self._velocity + 0.6 * speed if settled else speed
        self._pose, self._astray, self._lost_us, self._left = pose, None, None, False
        self._known, self._jumped = None, False
        near = self._near(picture, pose)
        alike = self._appearance.alike(near, pose)
        if abs(picture.time_us - self._learned_us) >= _LEARN_US:
            self._learned_us = picture.time_us
            self._appearance.learn(near, pose)
        edges = edges_of(pose, self._size)
        margin = (edges[2:] - edges[:2]) * (_MARGIN + _DOUBT * (1 - alike)) + _MARGIN_PX
        self._edges = np.concatenate((edges[:2] - margin, edges[2:] + margin))
        self._held_edges = self._edges
        if self._inside(picture) < _LEFT and self._is_outward(picture):
            self._lost_us = self._sought_us = picture.time_us
            self._known, self._left = picture, True

    def _lose(self) -> None:
        self._lost_us = self._sought_us = self._before.time_us
        self._known = self._before
        inside = self._inside(self._before)
        self._left = inside < _LEAVING and self._is_outward(self._before, _LEAVES_WITHIN_S)

    def _inside(self, picture: Grey) -> float:
        """Which share of it is in the picture."""
        edges = edges_of(self._pose, self._size)
        limit = picture.picture.shape[::-1]
        shown = np.clip(edges[2:], 0, limit) - np.clip(edges[:2], 0, limit)
        return float(np.prod(shown) / np.prod(edges[2:] - edges[:2]))

    def _is_outward(self, picture: Grey, within_s: float = _LEAVES_US / 1e6) -> bool:
        """Whether at its speed it is out of the picture within this time."""
        edges = edges_of(self._pose, self._size)
        shift = np.tile(self._velocity, 2) * within_s
        low, high = (edges + shift)[:2], (edges + shift)[2:]
        return bool((high <= 0).any() or (low >= picture.picture.shape[::-1]).any())

    def _held(self, seconds: float) -> Floats:
        """The last cover, drawn out the way it went and to where it may be, and widening."""
        size = self._edges[2:] - self._edges[:2]
        drift = self._velocity * min(seconds, _DRIFTS_S)
        drift *= min(1.0, _MOST_DRIFT * float(size.max()) / max(float(np.hypot(*drift)), 1e-9))
        margin = size * min(_MOST_WIDENED, _WIDENED + _WIDENS_PER_S * seconds)
        low = np.minimum(self._edges[:2], self._edges[:2] + drift) - margin
        high = np.maximum(self._edges[2:], self._edges[2:] + drift) + margin
        if self._astray is not None:
            there = edges_of(self._astray, self._size)
            low, high = np.minimum(low, there[:2]), np.maximum(high, there[2:])
        return np.concatenate((low, high))

    def _near(self, picture: Grey, pose: Floats, shift: Floats = _STILL) -> View:
        """What is around it (and where it is expected), at a scale at which it is of fair size."""
        edges = edges_of(pose, self._size)
        size = edges[2:] - edges[:2]
        marked = self._size * scale_of(pose)
        scale = _VIEW_SIDE / float(np.sqrt(marked.prod()))
        scale = min(scale, _MOST_VIEW_SIDE / float(marked.max()), _MOST_ENLARGED)
        reach = _REACH * size.max()
        low = np.minimum(edges[:2], edges[:2] + shift) - reach
        high = np.maximum(edges[2:], edges[2:] + shift) + reach
        return view(picture.picture, np.concatenate((low, high)), scale)

    def _follow(self, picture: Grey, seconds: float) -> Floats | None:
        """Its pose in the next picture if that is sure; if not, where it may be is kept in mind."""
        pose = self._pose if self._lost_us is None else self._astray
        self._astray = None
        if pose is None:
            return None
        shift = self._velocity * seconds if self._lost_us is None else _STILL
        first, second = (self._near(one, pose, shift) for one in (self._before, picture))
        moved = carried(first, second, pose, self._size, shift)
        if moved is None:
            return None
        sure = self._sure(second, moved, _ALIKE if self._lost_us is None else _FOUND)
        if sure is None and self._appearance.shown(second, moved) >= _ALIKE:
            sure = moved
        since_us = self._before.time_us if self._lost_us is None else self._lost_us
        if sure is None and abs(picture.time_us - since_us) <= _ASTRAY_US:
            self._astray = moved
        return sure

    def _sure(self, seen: View, pose: Floats, least: float) -> Floats | None:
        """The pose, aligned where that helps, if what is there is like the thing."""
        aligned = self._appearance.aligned(seen, pose)
        scores = [self._appearance.alike(seen, one) for one in (aligned, pose)]
        best = int(np.argmax(scores))
        return (aligned, pose)[best] if scores[best] >= least else None

    def _search(self, picture: Grey) -> tuple[Floats | None, Seed | None]:
        """Where it is again, or where something is that must be it but has come unseen."""
        if self._lost_us is None or not self._appearance.textured:
            return None, None
        away_us = abs(picture.time_us - self._lost_us)
        held = self._held(away_us / 1e6)
        reach = min(_MOST_REACHED, _REACHED + _REACHES_PER_S * away_us / 1e6)
        around = held + np.asarray((-1, -1, 1, 1)) * (
            reach * self._size.max() * scale_of(self._pose)
        )
        rough = self._appearance.search(picture.picture, around, self._pose, _NEAR_WAYS)
        soon = away_us <= _FAR_AFTER_US
        pose = None
        if rough is not None:
            pose = self._closer(picture, rough, _FOUND if soon else _FOUND_LATER)
        if pose is None:
            return None, self._seek(picture, away_us)
        covered = (pose[:, 2] >= held[:2]).all() and (pose[:, 2] <= held[2:]).all()
        if not self._jumped and (covered or self._left or soon):
            return pose, None
        return None, self._elsewhere(pose)

    def _seek(self, picture: Grey, away_us: int) -> Seed | None:
        """Where it is in the whole picture; each time in one way only, since this takes longest."""
        now = picture.time_us
        if away_us < _FAR_AFTER_US or abs(now - self._sought_us) < _FAR_US:
            return None
        self._sought_us = now
        way = _FAR_WAYS[self._turn % len(_FAR_WAYS)]
        self._turn += 1
        height, width = picture.picture.shape
        everywhere = np.asarray((0.0, 0.0, width, height))
        rough = self._appearance.search(picture.picture, everywhere, self._pose, (way,))
        pose = None if rough is None else self._closer(picture, rough, _FOUND_FAR)
        return None if pose is None else self._elsewhere(pose)

    def _elsewhere(self, pose: Floats) -> Seed:
        self._seeks = False
        return Seed(pose, self._size, self._appearance)

    def _closer(self, picture: Grey, rough: Floats, least: float) -> Floats | None:
        """A rough pose made exact, if it is surely that of the thing."""
        # The less there is of it, the more looks like it.
        side = float(np.sqrt(self._size.prod())) * scale_of(rough)
        least = min(_CERTAIN, least + _SMALLER * max(0.0, _SMALL_PX / side - 1))
        if self._jumped:
            # In another scene nothing tells that it was there already.
            least = max(least, _FOUND_BEYOND)
        near = self._near(picture, rough)
        found = self._sure(near, rough, least)
        if found is None or self._known is None:
            return found
        old, new = (edges_of(pose, self._size) for pose in (self._pose, found))
        if overlap(old[None], new[None])[0] >= _ELSEWHERE:
            return found
        # What was there already when the thing was elsewhere is something else.
        before = self._near(self._known, rough)
        return None if self._appearance.same(before, near, found) >= _WAS_THERE else found
