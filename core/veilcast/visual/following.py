"""From marks in some frames to what is covered in every frame, by following them both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast.media.frames import read_frames
from veilcast.media.reverse_decoding import read_backwards
from veilcast.tracking.flow import Grey
from veilcast.tracking.follower import Seed, State
from veilcast.tracking.legs import Leg, advance, combined, resolved, runs_of, spans_of
from veilcast.tracking.smoothing import smooth_outward
from veilcast.types import Origin
from veilcast.visual.marks import Followed, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from av import VideoFrame
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

    from veilcast.extensions import LocateContext
    from veilcast.media.info import VideoInfo
    from veilcast.tracking.legs import Row
    from veilcast.visual.marks import Mark

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_BRIEF_US = 300_000
_SMOOTHED_US = 80_000


def follow(context: LocateContext, marks: Sequence[Mark]) -> list[Followed]:
    """See `veilcast.visual.follow_marks`."""
    video = context.media.video
    if video is None:
        raise TypeError("follow_marks needs a picture stream")
    times_us = context.frames.times_us()
    legs = [_legs(mark) for mark in marks]
    _Work(context, video, times_us).run([leg for some in legs for leg in some])
    return [
        _joined(mark, some, times_us, video.displayed_size)
        for mark, some in zip(marks, legs, strict=True)
    ]


def _legs(mark: Mark) -> list[Leg]:
    """From each marking both ways, up to the next one or to the end of the mark."""
    ends = [mark.first - 1, *mark.numbers, mark.last + 1]
    legs = []
    for index, number in enumerate(mark.numbers):
        seed = Seed.marked(mark.edges[index])
        legs.append(Leg(seed=seed, start=number, end=ends[index] + 1, way=-1))
        legs.append(Leg(seed=seed, start=number, end=ends[index + 2] - 1, way=1))
    # The frames of the markings themselves are known.
    return [leg for leg in legs if leg.start != leg.end]


class _Work:
    """Runs legs over the source, all those of one direction in one go."""

    def __init__(self, context: LocateContext, video: VideoInfo, times_us: Ints) -> None:
        from av.video.reformatter import VideoReformatter

        self._context, self._video, self._times_us = context, video, times_us
        self._scaler: VideoReformatter = VideoReformatter()
        self._done = self._total = 0

    def run(self, legs: list[Leg]) -> None:
        """All of them, and those that they give rise to."""
        waiting = {
            1: [leg for leg in legs if leg.way > 0],
            -1: [leg for leg in legs if leg.way < 0],
        }
        self._total = sum(self._length(some) for some in waiting.values())
        while waiting[1] or waiting[-1]:
            way = 1 if waiting[1] else -1
            some, waiting[way] = waiting[way], []
            more = self._pass(some, way)
            self._total += self._length(more)
            for leg in more:
                waiting[leg.way].append(leg)

    def _length(self, legs: Sequence[Leg]) -> int:
        return sum(high - low for low, high in spans_of(legs))

    def _pass(self, legs: list[Leg], way: int) -> list[Leg]:
        """Go through the source once, in one direction; gives the legs that came of it."""
        new: list[Leg] = []
        for number, picture in self._pictures(spans_of(legs), way):
            grey = Grey(int(self._times_us[number]), picture)
            for leg in [leg for leg in legs if leg.has(number)]:
                again = advance(leg, number, grey, new)
                if again is not None:
                    legs.append(again)
            self._done += 1
            self._context.progress("following", self._done, max(self._total, self._done))
        return new

    def _pictures(
        self, spans: list[tuple[int, int]], way: int
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        source, media = self._context.source, self._context.media
        if way < 0:
            for span in reversed(spans):
                yield from read_backwards(source, media, self._times_us, span, self._grey)
            return
        for number, (time_us, frame) in enumerate(read_frames(source, media, look="sketch")):
            while spans and number >= spans[0][1]:
                spans = spans[1:]
            if not spans:
                return
            if number >= spans[0][0]:
                yield number, self._grey(time_us, frame)

    def _grey(self, time_us: int, frame: VideoFrame) -> NDArray[np.uint8]:
        # At full size: what is marked may be small.
        stored = self._scaler.reformat(frame, format="gray").to_ndarray()
        return np.ascontiguousarray(self._video.orientation.to_displayed(stored))


def _joined(mark: Mark, legs: Sequence[Leg], times_us: Ints, size: tuple[int, int]) -> Followed:
    """What all legs of a mark say together."""
    span = mark.first, mark.last + 1
    found = [resolved(leg, span) for leg in legs]
    row = combined([rows[0] for rows in found], span[1] - span[0])
    at = np.asarray(mark.numbers) - mark.first
    row.edges[at], row.states[at] = mark.edges, State.SURE
    row.bridge()
    others = [other for rows in found for other in rows[1:]]
    stretches = [
        stretch for one in (row, *others) for stretch in _stretches(one, mark, times_us, size)
    ]
    lost = [
        (low + mark.first, high + mark.first)
        for low, high in row.runs(State.HELD)
        if high == len(row.states)
        or low == 0
        or times_us[high + mark.first] - times_us[low + mark.first] > _BRIEF_US
    ]
    return Followed(
        stretches=tuple(stretches),
        lost=tuple(lost),
        away=tuple((low + mark.first, high + mark.first) for low, high in row.runs(State.GONE)),
        found=tuple(int(np.flatnonzero(other.states)[0]) + mark.first for other in others),
    )


def _stretches(row: Row, mark: Mark, times_us: Ints, size: tuple[int, int]) -> list[Stretch]:
    """Each run of frames that show something of what is covered."""
    shown = (row.states > State.GONE) & (row.edges[:, 2:] > 0).all(axis=1)
    shown &= (row.edges[:, :2] < size).all(axis=1)
    origins = np.where(row.states == State.SURE, Origin.FLOW, Origin.HELD).astype(np.uint8)
    found = []
    for low, high in runs_of(shown):
        numbers = np.arange(low, high) + mark.first
        edges = smooth_outward(times_us[numbers], row.edges[low:high], _SMOOTHED_US)
        edges = np.clip(edges, 0, (*size, *size))
        marked = np.isin(numbers, mark.numbers) & (row.states[low:high] == State.SURE)
        found.append(
            Stretch(
                numbers=numbers,
                edges=edges,
                origins=np.where(marked & row.is_main, Origin.DETECTED, origins[low:high]).astype(
                    np.uint8
                ),
            )
        )
    return found
