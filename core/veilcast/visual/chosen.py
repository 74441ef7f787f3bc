"""Detectors with what a profile says of them, and what they see of a frame."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.extensions import DetectorContext
from veilcast.types import Box, Detection
from veilcast.visual.agreement import SAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from veilcast.extensions import LoadedDetector, VisualDetector
    from veilcast.settings import DetectorSettings
    from veilcast.visual.pictures import Pictures

_MOST_THREADS = 4
_ENLARGED, _WORTH = 2, 1.4
_MOST_SIDE = 2560


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A detector with what the profile says of it."""

    detector: VisualDetector
    settings: DetectorSettings
    confidence: float
    faint: float

    def sides(self, longer: int, wanted_px: int, *, wide: int) -> list[int]:
        """The longer sides of the pictures that it is given.

        Large faces are lost where small ones are found, so there may be two.

        Args:
            longer: the longer side of the frame, px.
            wanted_px: the narrowest thing wanted, 0 where nothing is said.
            wide: how much larger the second picture is where nothing is said; 0: there is none.
        """
        if self.settings.input_size is not None:
            return [self.settings.input_size]
        sides = [min(self.detector.input_side, longer)]
        smallest = self.settings.min_size or wanted_px
        needed = wide * self.detector.input_side
        if smallest:
            needed = -(-longer * self.detector.smallest // smallest)
        needed = min(needed, _MOST_SIDE, _ENLARGED * longer)
        if needed > _WORTH * sides[0]:
            sides.append(needed)
        return sides

    @classmethod
    def of(
        cls, detector: VisualDetector, settings: DetectorSettings, confidence: float | None
    ) -> Chosen:
        """With what its own settings say, else the stage's `confidence`, else its own."""
        sure = settings.confidence or confidence or detector.confidence
        # What is faint goes down with what is sure.
        faint = min(detector.faint, sure * detector.faint / detector.confidence)
        return cls(detector=detector, settings=settings, confidence=sure, faint=faint)

    def load(self, models: Mapping[str, Path]) -> LoadedDetector:
        """Have it ready. `models` has the files of its models, by name."""
        context = DetectorContext(
            settings=self.settings,
            least_score=self.faint,
            models={name: models[name] for name in self.detector.models},
            threads=max(1, min(_MOST_THREADS, (os.cpu_count() or 1) // 2)),
        )
        return self.detector.load(context)

    def seen(
        self,
        loaded: LoadedDetector,
        pictures: Pictures,
        sides: Sequence[int],
        size: tuple[int, int],
        least: float,
    ) -> list[Detection]:
        """What it sees of a frame, in displayed pixels, each thing once.

        Args:
            loaded: what `load` gave.
            pictures: of the frame.
            sides: the longer sides of the pictures that it is given, px.
            size: of the displayed frame.
            least: nothing narrower counts, displayed px.
        """
        width, height = size
        found: list[Detection] = []
        for side in sides:
            picture = pictures.colour(side)
            across, down = width / picture.shape[1], height / picture.shape[0]
            for seen in loaded.detect(picture):
                box = Box(
                    x=seen.box.x * across,
                    y=seen.box.y * down,
                    width=seen.box.width * across,
                    height=seen.box.height * down,
                ).clamped(width, height)
                if box is None or seen.box.width * across < least or seen.score < self.faint:
                    continue
                known = [i for i, other in enumerate(found) if box.iou(other.box) >= SAME]
                score = min(1.0, max(0.0, seen.score))
                if known:
                    same = found[known[0]]
                    found[known[0]] = Detection(
                        box=same.box.union(box), score=max(same.score, score)
                    )
                else:
                    found.append(Detection(box=box, score=score))
        return found
