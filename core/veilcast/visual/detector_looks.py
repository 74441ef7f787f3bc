"""Detectors as what looks at pictures: the first at every one, the others when they are needed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from veilcast.visual.agreement import (
    LOUD,
    WORTH_A_LOOK,
    Candidate,
    agreement,
    evidence,
    loudness,
    together,
)
from veilcast.visual.second_look import look_again

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from veilcast.extensions import LoadedDetector
    from veilcast.settings import DetectSettings
    from veilcast.tracking.flow_tracker import Pursuit
    from veilcast.types import Detection
    from veilcast.visual.chosen import Chosen
    from veilcast.visual.pictures import Pictures

_ALL_EVERY_US = 500_000
_WIDE_EVERY_US = 1_000_000
_WIDE_AGAIN_US, _WIDE_HASTY_US = 250_000, 80_000
_SMALL, _BASE_SIDE = 1.3, 640
_WIDE, _WIDER = 2, 3


class DetectorLooks:
    """Asks detectors what a picture shows (see `Looker`)."""

    hasty = True

    def __init__(
        self,
        chosen: Sequence[Chosen],
        models: Mapping[str, Path],
        size: tuple[int, int],
        settings: DetectSettings,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            chosen: the first looks at every sampled frame.
            models: the files of all their models, by name.
            size: of the displayed frames, px.
            settings: of the stage.
        """
        self._chosen, self._models, self._settings = chosen, models, settings
        self._confidence = [one.confidence for one in chosen]
        self._loaded: list[LoadedDetector] = []
        self._size = size
        self._all_us: int | None = None
        self._wide_us: int | None = None

    def load(self) -> None:
        for one in self._chosen:
            self._loaded.append(one.load(self._models))

    def close(self) -> None:
        with ExitStack() as stack:
            for detector in self._loaded:
                stack.callback(detector.close)

    def afresh(self) -> None:
        self._all_us = self._wide_us = None

    def look(
        self, time_us: int, pictures: Pictures, pursuit: Pursuit | None
    ) -> list[tuple[Detection, float]]:
        """What is seen, and how much each sighting proves."""
        # What is smaller than this is seen in the wide picture only.
        small = _SMALL * self._chosen[0].detector.smallest * pictures.side / _BASE_SIDE
        often = pursuit is not None and (pursuit.wonders or pursuit.minds_smaller(small, time_us))
        again_us = _WIDE_AGAIN_US if often else _WIDE_EVERY_US
        if often and pursuit is not None and pursuit.is_restless(time_us):
            again_us = _WIDE_HASTY_US
        wide = 0
        if self._wide_us is None or time_us - self._wide_us >= again_us:
            wide = _WIDER if often or self._wide_us is None else _WIDE
            self._wide_us = time_us
        found = {0: self._detect(0, pictures, wide=wide)}
        due = self._all_us is None or time_us - self._all_us >= _ALL_EVERY_US
        first = [c.detection() for c in together(found)]
        unsure = pursuit is None or pursuit.is_unsure(first)
        everyone = len(self._chosen) == 1 or due or unsure
        if everyone:
            self._all_us = time_us
            for number in range(1, len(self._chosen)):
                found[number] = self._detect(number, pictures, wide=0)
        candidates = together(found)
        detections = [candidate.detection() for candidate in candidates]
        known = (
            pursuit.expects(detections, confirmed=True).tolist()
            if pursuit is not None
            else [False] * len(candidates)
        )
        proofs = [evidence(candidate.scores, self._confidence) for candidate in candidates]
        if everyone and len(self._chosen) > 1:
            self._doubts(pictures, candidates, known, proofs, pursuit)
        return [
            (seen, proof)
            for candidate, seen, proof, expected in zip(
                candidates, detections, proofs, known, strict=True
            )
            if proof > 0 or expected or self._is_heard(candidate, seen, pursuit)
        ]

    def _is_heard(self, candidate: Candidate, seen: Detection, pursuit: Pursuit | None) -> bool:
        """A faint sighting that nothing supports counts only where something was before."""
        if loudness(candidate.scores, self._confidence) >= LOUD:
            return True
        return pursuit is not None and bool(pursuit.expects([seen], confirmed=False)[0])

    def _doubts(
        self,
        pictures: Pictures,
        candidates: Sequence[Candidate],
        known: Sequence[bool],
        proofs: list[float],
        pursuit: Pursuit | None,
    ) -> None:
        """Look closer at what is neither known nor sure."""
        worth = [True] * len(candidates)
        if pursuit is not None:
            worth = pursuit.worth_a_closer_look([c.detection() for c in candidates])
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

    def _detect(self, number: int, pictures: Pictures, *, wide: int) -> list[Detection]:
        """Boxes in displayed pixels."""
        one = self._chosen[number]
        least = one.settings.min_size or self._settings.min_size
        sides = one.sides(pictures.side, self._settings.min_size, wide=wide)
        return one.seen(self._loaded[number], pictures, sides, self._size, least)
