"""Going after what was seen: from picture to picture, forwards and backwards, by optical flow.

Detectors miss faces that turn away, blur or are half hidden. As long as flow still knows where such
a face is, its cover goes along; and where a face is first seen, it is followed back to when it was
there already. What comes out is a `Way` for each sighting; which sightings are one thing is decided
later, when everything has been seen (`association`).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from veilcast.tracking.association import take_best
from veilcast.tracking.flow import alike, patch, step
from veilcast.tracking.looks import NO_WAY, Look, Way, is_confirmed
from veilcast.tracking.motion import overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.tracking.flow import Grey
    from veilcast.types import Detection

    Floats = NDArray[np.float64]

_SAME = 0.3
_NEAR_US = 150_000
_CALM, _JUMP = 0.3, 3.0
_REST_US = 600_000
_SHRINKS = 2.0
_LOST_KEPT = 32
_PAST_KEPT = 160
"""Pictures to trace back through: 20 s at the usual rate, about 40 MB."""
_RESTLESS_US = 400_000
_QUESTIONS = 4
_CLOSER, _SELDOM = 6, 5


class _Sighting:
    """A detection, and the way it was followed so far. There are many: each is kept small."""

    __slots__ = ("after", "before", "detection", "evidence", "goes_on", "place", "time_us")

    def __init__(
        self, place: tuple[int, int], time_us: int, detection: Detection, evidence: float
    ) -> None:
        self.place, self.time_us, self.detection = place, time_us, detection
        self.evidence = evidence
        self.goes_on: tuple[int, int] | None = None
        self.before: tuple[tuple[int, Floats], ...] = ()
        self.after: tuple[tuple[int, Floats], ...] = ()

    def way(self) -> Way:
        steps = [*reversed(self.before), *self.after]
        if not steps:
            return NO_WAY
        return Way(
            times_us=np.asarray([time for time, _ in steps], dtype=np.int64),
            edges=np.stack([edges for _, edges in steps]),
        )


class _Chain:
    """Something that is being followed: its last sighting, and where it is now."""

    def __init__(self, sighting: _Sighting, edges: Floats, look: NDArray[np.float32]) -> None:
        self.confirmed = False
        self.asked = self.closer = 0
        self._evidence: list[float] = []
        self.seen(sighting, edges, look)

    def seen(self, sighting: _Sighting, edges: Floats, look: NDArray[np.float32]) -> None:
        self.sighting, self.edges, self.look = sighting, edges, look
        self.now_us = sighting.time_us
        # What was proved stays proved: a face may be there for an hour.
        if not self.confirmed:
            self._evidence.append(sighting.evidence)
            self.confirmed = is_confirmed(np.asarray(self._evidence))


class _Past(NamedTuple):
    picture: Grey
    known: list[Floats]


def _shift(first: Floats, second: Floats) -> float:
    """How far the middle of a box moved, in its size."""
    middle = (first[:2] + first[2:] - second[:2] - second[2:]) / 2
    return float(np.hypot(*middle) / np.sqrt(np.prod(first[2:] - first[:2])))


class Pursuit:
    """Follows what detectors see. Give it a picture at every step, in the order of time.

    Boxes are in displayed pixels of the source, pictures are smaller.
    """

    def __init__(self, *, scale: tuple[float, float], hold_us: int) -> None:
        """Nothing is followed yet.

        Args:
            scale: pixels of the pictures per displayed pixel, across and down.
            hold_us: how long to follow what is not seen.
        """
        self._scale = np.asarray((*scale, *scale))
        self._hold_us = hold_us
        self._chains: list[_Chain] = []
        self._past: deque[_Past] = deque(maxlen=_PAST_KEPT)
        self._looks: list[tuple[int, list[_Sighting]]] = []
        self._restless_us = -(10**12)
        self._lost: deque[tuple[int, float]] = deque(maxlen=_LOST_KEPT)

    def looks(self) -> list[Look]:
        """Every look with the ways of its sightings; complete after the last step."""
        return [
            Look(
                time_us=time_us,
                detections=tuple(s.detection for s in sightings),
                evidence=tuple(s.evidence for s in sightings),
                ways=tuple(s.way() for s in sightings),
                goes_on=tuple(s.goes_on for s in sightings),
            )
            for time_us, sightings in self._looks
        ]

    def expects(self, detections: Sequence[Detection], *, confirmed: bool) -> NDArray[np.bool_]:
        """Which detections are where something (confirmed) was at the last step."""
        places = [c.edges for c in self._chains if c.confirmed or not confirmed]
        if not places or not len(detections):
            return np.zeros(len(detections), dtype=np.bool_)
        likeness = overlap(self._edges(detections)[:, None], np.stack(places))
        return np.asarray((likeness >= _SAME).any(axis=1))

    def minds_smaller(self, width_px: float, now_us: int) -> bool:
        """Whether something narrower than this is followed, or was lost a short time ago."""
        return any(
            now_us - lost_us <= self._hold_us and width <= _SHRINKS * width_px
            for lost_us, width in self._lost
        ) or any(c.confirmed and c.edges[2] - c.edges[0] < width_px for c in self._chains)

    @property
    def wonders(self) -> bool:
        """Whether something was just seen that the next look may confirm."""
        return any(not c.confirmed and c.asked < _QUESTIONS for c in self._chains)

    def is_unsure(self, detections: Sequence[Detection]) -> bool:
        """Whether these leave a question open that another detector may answer.

        Something is no longer seen, or something is seen that was not confirmed. Each thing is
        asked about a few times only.
        """
        edges = self._edges(detections)
        unsure = not self.expects(detections, confirmed=False).all()
        for chain in self._chains:
            again = len(edges) and (overlap(chain.edges[None, None], edges) >= _SAME).any()
            if (not again or not chain.confirmed) and chain.asked < _QUESTIONS:
                chain.asked += 1
                unsure = True
            elif again and chain.confirmed:
                chain.asked = 0
        return unsure

    def worth_a_closer_look(self, detections: Sequence[Detection]) -> list[bool]:
        """Which detections to look at closer; what stays doubtful after some looks, seldom only."""
        worth = [True] * len(detections)
        edges = self._edges(detections)
        if not len(edges):
            return worth
        for chain in self._chains:
            index = int(overlap(chain.edges[None, None], edges)[0].argmax())
            if overlap(chain.edges[None, None], edges[index])[0, 0] >= _SAME:
                chain.closer += 1
                worth[index] = chain.closer <= _CLOSER or chain.closer % _SELDOM == 0
        return worth

    def step(
        self,
        picture: Grey,
        detections: Sequence[Detection] | None = None,
        evidence: Sequence[float] = (),
    ) -> None:
        """The next picture, with what was seen in it, or None where no detector looked."""
        now = picture.time_us
        # Boxes that were at a sighting a moment ago are where they were, or near.
        fresh = np.asarray([now - chain.now_us <= _NEAR_US for chain in self._chains], dtype=bool)
        matched: dict[int, int] = {}
        edges = self._edges(detections or ())
        if len(edges):
            matched = self._match(edges, fresh, {})
        lost = [i for i in range(len(self._chains)) if i not in matched]
        before = [chain.edges for chain in self._chains]
        self._follow(picture, lost)
        if len(edges) and lost:
            matched = self._match(edges, np.ones(len(self._chains), dtype=bool), matched)
        if detections is not None:
            self._notice_haste(now, before, edges, matched)
            self._take(picture, detections, evidence, edges, matched)
        taken = set(matched)
        kept: list[_Chain] = []
        for index, chain in enumerate(self._chains):
            if index >= len(fresh) or index in taken:
                kept.append(chain)
            elif chain.now_us == now and now - chain.sighting.time_us <= self._hold_us:
                chain.sighting.after += ((now, chain.edges),)
                kept.append(chain)
            elif chain.confirmed and now - chain.sighting.time_us <= self._hold_us:
                self._lost.append((now, float(chain.edges[2] - chain.edges[0])))
                if now - self._restless_us > _REST_US:
                    self._restless_us = now + _RESTLESS_US
        self._chains = kept
        self._past.append(_Past(picture, [chain.edges for chain in kept]))
        while self._past and now - self._past[0].picture.time_us > self._hold_us:
            self._past.popleft()

    def is_restless(self, now_us: int) -> bool:
        """Whether things lately moved so far between steps that pictures should be nearer."""
        return now_us < self._restless_us

    def _notice_haste(
        self, now_us: int, before: list[Floats], edges: Floats, matched: dict[int, int]
    ) -> None:
        hasty = any(
            _shift(before[chain], edges[found]) > _CALM
            for chain, found in matched.items()
            if self._chains[chain].confirmed
        )
        vanished = [
            index
            for index, chain in enumerate(self._chains)
            if chain.confirmed
            and index not in matched
            and now_us - chain.sighting.time_us <= _NEAR_US
        ]
        new = edges[sorted(set(range(len(edges))) - set(matched.values()))]
        hasty = hasty or any(
            _shift(before[index], other) <= _JUMP and _shift(other, before[index]) <= _JUMP
            for index in vanished
            for other in new
        )
        # It may also just have turned, which the next few pictures tell.
        if hasty or (vanished and now_us - self._restless_us > _REST_US):
            self._restless_us = now_us + _RESTLESS_US

    def _edges(self, detections: Sequence[Detection]) -> Floats:
        boxes = [(d.box.x, d.box.y, d.box.right, d.box.bottom) for d in detections]
        return np.asarray(boxes, dtype=np.float64).reshape(-1, 4)

    def _match(
        self, edges: Floats, allowed: NDArray[np.bool_], matched: dict[int, int]
    ) -> dict[int, int]:
        """Chain to detection, one to one, the ones that overlap most first."""
        if not self._chains:
            return matched
        likeness = overlap(np.stack([c.edges for c in self._chains])[:, None], edges)
        free = allowed.copy()
        free[list(matched)] = False
        likeness[~free] = 0
        likeness[:, list(matched.values())] = 0
        chains, found = np.nonzero(likeness >= _SAME)
        best = take_best(-likeness[chains, found], chains, found)
        return matched | {int(chains[i]): int(found[i]) for i in best}

    def _follow(self, picture: Grey, lost: list[int]) -> None:
        """Move these chains to this picture; those that can't be keep their time."""
        if not lost or not self._past:
            return
        before = self._past[-1].picture
        at = [i for i in lost if self._chains[i].now_us == before.time_us]
        if not at:
            return
        edges = np.stack([self._chains[i].edges for i in at]) * self._scale
        followed = step(before, picture, edges)
        for index, moved, sure in zip(at, followed.edges, followed.sure, strict=True):
            chain = self._chains[index]
            if sure and alike(chain.look, patch(picture, moved)):
                chain.edges, chain.now_us = moved / self._scale, picture.time_us

    def _take(
        self,
        picture: Grey,
        detections: Sequence[Detection],
        evidence: Sequence[float],
        edges: Floats,
        matched: dict[int, int],
    ) -> None:
        sightings = [
            _Sighting((len(self._looks), place), picture.time_us, seen, proof)
            for place, (seen, proof) in enumerate(zip(detections, evidence, strict=True))
        ]
        self._looks.append((picture.time_us, sightings))
        looks = [patch(picture, box) for box in edges * self._scale]
        for chain, found in matched.items():
            sightings[found].goes_on = self._chains[chain].sighting.place
            self._chains[chain].seen(sightings[found], edges[found], looks[found])
        new = sorted(set(range(len(sightings))) - set(matched.values()))
        self._trace_back(picture, new, sightings, edges, looks)
        self._chains += [_Chain(sightings[i], edges[i], looks[i]) for i in new]

    def _trace_back(
        self,
        picture: Grey,
        new: list[int],
        sightings: list[_Sighting],
        edges: Floats,
        looks: list[NDArray[np.float32]],
    ) -> None:
        """Follow what is new back to when it came, or to where something was known to be."""
        now, places = picture, edges[new]
        for past in reversed(self._past):
            if not new or picture.time_us - past.picture.time_us > self._hold_us:
                return
            followed = step(now, past.picture, places * self._scale)
            now = past.picture
            going: list[int] = []
            moved_on: list[Floats] = []
            for index, moved, sure in zip(new, followed.edges, followed.sure, strict=True):
                if not sure or not alike(looks[index], patch(now, moved)):
                    continue
                place = moved / self._scale
                known = past.known
                if known and overlap(place[None, None], np.stack(known)).max() >= _SAME:
                    continue
                sightings[index].before += ((now.time_us, place),)
                going.append(index)
                moved_on.append(place)
            new = going
            places = np.stack(moved_on) if moved_on else np.zeros((0, 4))
