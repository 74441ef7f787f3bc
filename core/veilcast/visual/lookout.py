"""Detectors and flow at work in a thread of their own, while the next frames are decoded."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from veilcast.tracking.flow_tracker import Pursuit
from veilcast.visual.agreement import (
    LOUD,
    WORTH_A_LOOK,
    Candidate,
    agreement,
    evidence,
    loudness,
    together,
)
from veilcast.visual.pictures import Pictures
from veilcast.visual.second_look import look_again

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from av import VideoFrame

    from veilcast.extensions import LoadedDetector
    from veilcast.media.info import VideoInfo
    from veilcast.settings import DetectSettings
    from veilcast.tracking import Look
    from veilcast.types import Detection
    from veilcast.visual.chosen import Chosen

_AHEAD = 4
_ALL_EVERY_US = 500_000
_WIDE_EVERY_US = 1_000_000
_WIDE_AGAIN_US, _WIDE_HASTY_US = 250_000, 80_000
_SMALL, _BASE_SIDE = 1.3, 640
_WIDE, _WIDER = 2, 3


class Lookout:
    """Looks at frames in their order. Used as a context."""

    def __init__(
        self,
        chosen: Sequence[Chosen],
        models: Mapping[str, Path],
        video: VideoInfo,
        settings: DetectSettings,
        hold_us: int,
    ) -> None:
        """Load the detectors, in the background.

        Args:
            chosen: the first looks at every sampled frame.
            models: the files of all their models, by name.
            video: what the frames are.
            settings: of the stage.
            hold_us: how long to follow what is not seen.
        """
        from av.video.reformatter import VideoReformatter

        self._chosen, self._models, self._video, self._settings = chosen, models, video, settings
        self._confidence = [one.confidence for one in chosen]
        self._scaler = VideoReformatter()
        self._loaded: list[LoadedDetector] = []
        self._waiting: deque[Future[None]] = deque()
        width, height = video.displayed_size
        self._hold_us = hold_us
        self._size = width, height
        self._pursuit: Pursuit | None = None
        self._all_us: int | None = None
        self._wide_us: int | None = None
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._ready = self._pool.submit(self._load)

    def __enter__(self) -> Lookout:
        return self

    def __exit__(self, *args: object) -> None:
        for waiting in self._waiting:
            waiting.cancel()
        try:
            self._pool.submit(self._close).result()
        finally:
            self._pool.shutdown()

    def step(
        self,
        time_us: int,
        frame: VideoFrame,
        *,
        look: bool,
        spare: bool = False,
        afresh: bool = False,
    ) -> None:
        """Have a frame followed through, and looked at or not. Raises what went wrong before.

        Args:
            time_us: of the frame.
            frame: decoded.
            look: have the first detector look at it.
            spare: only where things move fast.
            afresh: have every detector look, since nothing may be where it was.
        """
        if self._ready.done():
            self._ready.result()
        self._waiting.append(self._pool.submit(self._step, time_us, frame, look, spare, afresh))
        # Each holds a decoded frame.
        while len(self._waiting) > _AHEAD:
            self._waiting.popleft().result()

    def looks(self) -> list[Look]:
        """Wait for all, and give every look with the ways of its sightings."""
        self._ready.result()
        while self._waiting:
            self._waiting.popleft().result()
        return self._pursuit.looks() if self._pursuit is not None else []

    def _load(self) -> None:
        for one in self._chosen:
            self._loaded.append(one.load(self._models))

    def _close(self) -> None:
        with ExitStack() as stack:
            for detector in self._loaded:
                stack.callback(detector.close)

    def _step(self, time_us: int, frame: VideoFrame, look: bool, spare: bool, afresh: bool) -> None:
        self._ready.result()
        if afresh:
            self._all_us = self._wide_us = None
        if spare:
            if self._pursuit is None or not self._pursuit.is_restless(time_us):
                return
            look = True
        pictures = Pictures(time_us, frame, self._video, self._scaler)
        look = look or (self._pursuit is not None and self._pursuit.wonders)
        found = self._look(time_us, pictures) if look else None
        grey = pictures.grey()
        if self._pursuit is None:
            height, width = grey.picture.shape
            scale = (width / self._size[0], height / self._size[1])
            self._pursuit = Pursuit(scale=scale, hold_us=self._hold_us)
        if found is None:
            self._pursuit.step(grey)
            return
        proofs = [proof for _, proof in found]
        self._pursuit.step(grey, [seen for seen, _ in found], proofs)

    def _look(self, time_us: int, pictures: Pictures) -> list[tuple[Detection, float]]:
        """What is seen, and how much each sighting proves."""
        # What is smaller than this is seen in the wide picture only.
        small = _SMALL * self._chosen[0].detector.smallest * pictures.side / _BASE_SIDE
        often = self._pursuit is not None and (
            self._pursuit.wonders or self._pursuit.minds_smaller(small, time_us)
        )
        again_us = _WIDE_AGAIN_US if often else _WIDE_EVERY_US
        if often and self._pursuit is not None and self._pursuit.is_restless(time_us):
            again_us = _WIDE_HASTY_US
        wide = 0
        if self._wide_us is None or time_us - self._wide_us >= again_us:
            wide = _WIDER if often or self._wide_us is None else _WIDE
            self._wide_us = time_us
        found = {0: self._detect(0, pictures, wide=wide)}
        due = self._all_us is None or time_us - self._all_us >= _ALL_EVERY_US
        first = [c.detection() for c in together(found)]
        unsure = self._pursuit is None or self._pursuit.is_unsure(first)
        everyone = len(self._chosen) == 1 or due or unsure
        if everyone:
            self._all_us = time_us
            for number in range(1, len(self._chosen)):
                found[number] = self._detect(number, pictures, wide=0)
        candidates = together(found)
        detections = [candidate.detection() for candidate in candidates]
        known = (
            self._pursuit.expects(detections, confirmed=True).tolist()
            if self._pursuit is not None
            else [False] * len(candidates)
        )
        proofs = [evidence(candidate.scores, self._confidence) for candidate in candidates]
        if everyone and len(self._chosen) > 1:
            self._doubts(pictures, candidates, known, proofs)
        return [
            (seen, proof)
            for candidate, seen, proof, expected in zip(
                candidates, detections, proofs, known, strict=True
            )
            if proof > 0 or expected or self._is_heard(candidate, seen)
        ]

    def _is_heard(self, candidate: Candidate, seen: Detection) -> bool:
        """A faint sighting that nothing supports counts only where something was before."""
        if loudness(candidate.scores, self._confidence) >= LOUD:
            return True
        return self._pursuit is not None and bool(self._pursuit.expects([seen], confirmed=False)[0])

    def _doubts(
        self,
        pictures: Pictures,
        candidates: Sequence[Candidate],
        known: Sequence[bool],
        proofs: list[float],
    ) -> None:
        """Look closer at what is neither known nor sure."""
        worth = self._worth_it(candidates)
        doubtful = [
            i
            for i, (candidate, expected) in enumerate(zip(candidates, known, strict=True))
            if worth[i]
            and not expected
            and proofs[i] < 1
            and loudness(candidate.scores, self._confidence) >= WORTH_A_LOOK
        ]
        closer = look_again(
            pictures, [candidates[i].box for i in doubtful], self._loaded, self._size
        )
        for index, scores in zip(doubtful, closer, strict=True):
            proofs[index] = max(proofs[index], agreement(scores, self._confidence))

    def _worth_it(self, candidates: Sequence[Candidate]) -> list[bool]:
        if self._pursuit is None:
            return [True] * len(candidates)
        return self._pursuit.worth_a_closer_look([c.detection() for c in candidates])

    def _detect(self, number: int, pictures: Pictures, *, wide: int) -> list[Detection]:
        """Boxes in displayed pixels."""
        one = self._chosen[number]
        least = one.settings.min_size or self._settings.min_size
        sides = one.sides(pictures.side, self._settings.min_size, wide=wide)
        return one.seen(self._loaded[number], pictures, sides, self._size, least)
