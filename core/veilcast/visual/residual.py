"""What is still to be seen in a delivered picture: another look, in a thread of its own.

A thing counts when a detector saw it in a frame, its pixels show more than a cover leaves
(`veilcast.visual.detail`), it is not what the user asked to be left, and detectors that were
trained apart are sure of it when it is cut out and enlarged (`Panel.is_sure`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.media.frames import read_frames
from veilcast.visual.agreement import WORTH_A_LOOK, loudness, together
from veilcast.visual.ensemble import Panel
from veilcast.visual.pictures import Pictures, luma
from veilcast.visual.sampling import Between
from veilcast.visual.second_look import AROUND, CELL, MOST, look_again
from veilcast.visual.suppressions import Allowances

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from av import VideoFrame

    from veilcast.extensions import CheckContext, Treated
    from veilcast.media.info import VideoInfo
    from veilcast.types import Box, Detection
    from veilcast.visual.agreement import Candidate

_AHEAD = 4
_SAME = 0.2
_WITHIN = 0.5
_LOOKS_MISSED = 3
_CLOSER = 2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """Something that was seen in one look or in several that follow each other.

    Attributes:
        identifier: the class of what it is.
        from_us: the time of the first frame in which it was seen.
        to_us: the end of the last one.
        box: where, in the frame in which it was surest, in displayed pixels.
        score: of the detector that was surest there, 0-1.
    """

    identifier: str
    from_us: int
    to_us: int
    box: Box
    score: float


def residuals(context: CheckContext, treated: Sequence[Treated]) -> list[Residual]:
    """Look at the delivered picture again with every one of these stages, in their order.

    Args:
        context: its delivered file has a picture.
        treated: stages whose settings are `DetectSettings`.

    Raises:
        ModelMissingError: no detector for a stage has its models on this machine.
        VeilcastError: the picture can't be decoded, or a detector failed.
    """
    from veilcast.tracking import CutDetector

    media = context.delivered_media
    if media.video is None:
        raise TypeError("a second look needs a picture stream")
    panels = [Panel(context, one) for one in treated]
    between = Between([panel.settings.sample_rate for panel in panels])
    cuts = CutDetector()
    times = array("q")
    latest: tuple[int, VideoFrame] | None = None
    was_sudden = False
    context.progress("loading", 0, None)
    with _Looking(context, media.video, panels) as looking:
        for time_us, frame in read_frames(context.delivered, media, look="sketch"):
            sudden = cuts.feed(time_us, luma(frame), frame.format.components[0].bits)
            if latest is not None and between.due(latest[0], time_us, afresh=sudden or was_sudden):
                looking.look(*latest)
            times.append(time_us)
            context.progress("looking again", len(times), None)
            latest, was_sudden = (time_us, frame), sudden
        if latest is not None:
            looking.look(*latest)
        seen = looking.sightings()
        looks_us = looking.looks_us
    ends = times[1:]
    ends.append(_end(times, latest))
    return [
        residual
        for panel, sightings in zip(panels, seen, strict=True)
        for residual in _joined(panel.identifier, sightings, looks_us, times, ends)
    ]


def _end(times: array[int], latest: tuple[int, VideoFrame] | None) -> int:
    """When the last frame is over: by what it says itself, else it lasts as long as the others."""
    if latest is None:
        return 0
    time_us, frame = latest
    if frame.duration and frame.time_base:
        return time_us + int(frame.duration * frame.time_base * 1_000_000)
    return time_us + (times[-1] - times[-2] if len(times) > 1 else 1)


@dataclass(frozen=True, slots=True)
class _Sighting:
    time_us: int
    seen: Detection


class _Looking:
    """All panels at work, in one thread, while the next frames are decoded."""

    def __init__(self, context: CheckContext, video: VideoInfo, panels: Sequence[Panel]) -> None:
        from av.video.reformatter import VideoReformatter

        self.looks_us = array("q")
        self._video = video
        self._scaler = VideoReformatter()
        self._size = video.displayed_size
        self._panels = panels
        self._allowed = [Allowances(context.treated, one.treated, self._size) for one in panels]
        self._seen: list[list[_Sighting]] = [[] for _ in panels]
        self._stack = ExitStack()
        self._waiting: deque[Future[None]] = deque()
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._ready = self._pool.submit(self._load)

    def __enter__(self) -> _Looking:
        return self

    def __exit__(self, *args: object) -> None:
        for waiting in self._waiting:
            waiting.cancel()
        try:
            self._pool.submit(self._stack.close).result()
        finally:
            self._pool.shutdown()

    def look(self, time_us: int, frame: VideoFrame) -> None:
        """Have everyone look at a frame. Raises what went wrong before."""
        if self._ready.done():
            self._ready.result()
        self.looks_us.append(time_us)
        self._waiting.append(self._pool.submit(self._look, time_us, frame))
        # Each holds a decoded frame.
        while len(self._waiting) > _AHEAD:
            self._waiting.popleft().result()

    def sightings(self) -> list[list[_Sighting]]:
        """Wait for all, and give what each panel is sure of, in the order of time."""
        self._ready.result()
        while self._waiting:
            self._waiting.popleft().result()
        return self._seen

    def _load(self) -> None:
        for panel in self._panels:
            self._stack.enter_context(panel)
            panel.load(max(self._video.width, self._video.height))

    def _look(self, time_us: int, frame: VideoFrame) -> None:
        self._ready.result()
        pictures = Pictures(time_us, frame, self._video, self._scaler)
        for panel, allowed, sightings in zip(self._panels, self._allowed, self._seen, strict=True):
            doubts = [
                candidate
                for candidate in self._candidates(panel, pictures)
                if not allowed.excuses(time_us, candidate.box, pictures)
            ]
            for first in range(0, len(doubts), MOST):
                for seen in self._proved(panel, pictures, doubts[first : first + MOST]):
                    sightings.append(_Sighting(time_us, seen))

    def _candidates(self, panel: Panel, pictures: Pictures) -> list[Candidate]:
        """What may be something, by those who look at every picture."""
        found = {
            number: member.chosen.seen(
                member.loaded,
                pictures,
                member.sides,
                self._size,
                member.chosen.settings.min_size or panel.settings.min_size,
            )
            for number, member in enumerate(panel.members)
            if member.sides
        }
        confidence = panel.confidence
        return [
            candidate
            for candidate in together(found)
            if loudness(candidate.scores, confidence) >= WORTH_A_LOOK
        ]

    def _proved(
        self, panel: Panel, pictures: Pictures, doubts: Sequence[Candidate]
    ) -> list[Detection]:
        """Those that hold when they are enlarged, and once more when they are mirrored and larger.

        What merely looks like something does so by chance, and seldom twice.
        """
        for around, mirrored in ((AROUND, False), (_CLOSER, True)):
            again = self._closer(panel, pictures, doubts, around, mirrored=mirrored)
            doubts = [
                candidate
                for candidate, scores in zip(doubts, again, strict=True)
                if panel.is_sure(candidate.scores, scores)
            ]
        return _once([candidate.detection() for candidate in doubts])

    def _closer(
        self,
        panel: Panel,
        pictures: Pictures,
        doubts: Sequence[Candidate],
        around: float,
        *,
        mirrored: bool,
    ) -> list[dict[int, float]]:
        if not doubts:
            return []
        members = panel.judges()
        largest = max(member.chosen.detector.smallest for member in members)
        return look_again(
            pictures,
            [candidate.box for candidate in doubts],
            [member.loaded for member in members],
            self._size,
            # What is looked for has to be large enough there.
            cell_px=CELL if AROUND * largest <= CELL else 2 * CELL,
            around=around,
            mirrored=mirrored,
        )


def _once(several: Sequence[Detection]) -> list[Detection]:
    """Each thing once, as who was surest saw it: boxes of different detectors may differ much."""
    found: list[Detection] = []
    for seen in sorted(several, key=lambda seen: -seen.score):
        if all(_shared(seen.box, other.box) < _WITHIN for other in found):
            found.append(seen)
    return found


def _shared(one: Box, other: Box) -> float:
    """What two boxes have in common, as share of the smaller one."""
    union = one.area + other.area
    iou = one.iou(other)
    return iou * union / (1 + iou) / min(one.area, other.area)


def _joined(
    identifier: str,
    sightings: Sequence[_Sighting],
    looks_us: array[int],
    times: array[int],
    ends: array[int],
) -> list[Residual]:
    """Sightings of looks that follow each other, and overlap, are one thing."""
    chains: list[list[_Sighting]] = []
    recent: list[tuple[int, list[_Sighting]]] = []
    for sighting in sightings:
        look = bisect_right(looks_us, sighting.time_us)
        recent = [entry for entry in recent if look - entry[0] <= _LOOKS_MISSED]
        near = [
            (chain[-1].seen.box.iou(sighting.seen.box), index)
            for index, (last, chain) in enumerate(recent)
            if last < look
        ]
        best = max(near, default=(0.0, 0))
        if best[0] >= _SAME:
            chain = recent.pop(best[1])[1]
        else:
            chain = []
            chains.append(chain)
        chain.append(sighting)
        recent.append((look, chain))
    found = []
    for chain in chains:
        surest = max(chain, key=lambda sighting: sighting.seen.score).seen
        found.append(
            Residual(
                identifier=identifier,
                from_us=chain[0].time_us,
                to_us=ends[bisect_right(times, chain[-1].time_us) - 1],
                box=surest.box,
                score=surest.score,
            )
        )
    return found
