"""What several detectors say of one picture, put together.

Their union counts. Two detectors that were trained apart seldom err at the same place, so where
they agree even faint scores are evidence; one alone has to be sure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.types import Box, Detection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SAME = 0.4
"""Boxes of two detectors that overlap by this IoU are one thing."""

LOUD = 0.6
"""The share of a detector's own confidence from which it is heard when it is alone."""

WORTH_A_LOOK = 0.45
"""The share from which it is worth a closer look."""

_AGREED = 0.65


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One thing in one picture, with what each detector that sees it says.

    Attributes:
        box: the union of their boxes.
        scores: 0-1, by the number of the detector.
    """

    box: Box
    scores: Mapping[int, float]

    def detection(self) -> Detection:
        """As one detection, with the best score."""
        return Detection(box=self.box, score=max(self.scores.values()))


def together(found: Mapping[int, Sequence[Detection]]) -> list[Candidate]:
    """Detections by the number of the detector, each thing once, surest first."""
    heard = [(seen, number) for number, several in found.items() for seen in several]
    heard.sort(key=lambda pair: (-pair[0].score, pair[1], pair[0].box.x, pair[0].box.y))
    boxes: list[Box] = []
    scores: list[dict[int, float]] = []
    for seen, number in heard:
        for index, box in enumerate(boxes):
            if number not in scores[index] and seen.box.iou(box) >= SAME:
                boxes[index] = box.union(seen.box)
                scores[index][number] = seen.score
                break
        else:
            boxes.append(seen.box)
            scores.append({number: seen.score})
    return [Candidate(box=b, scores=s) for b, s in zip(boxes, scores, strict=True)]


def loudness(scores: Mapping[int, float], confidence: Sequence[float]) -> float:
    """The best score as a share of what is sure for its detector."""
    return max(score / confidence[number] for number, score in scores.items())


def agreement(scores: Mapping[int, float], confidence: Sequence[float]) -> float:
    """What the two that are surest say together; 1 is proof. 0 when only one sees it."""
    shares = sorted(score / confidence[number] for number, score in scores.items())[-2:]
    return sum(shares) / 2 / _AGREED if len(shares) > 1 else 0.0


def evidence(scores: Mapping[int, float], confidence: Sequence[float]) -> float:
    """How much this sighting proves (see `veilcast.tracking.looks.is_confirmed`)."""
    alone = loudness(scores, confidence)
    if alone >= 1 or len(confidence) == 1:
        return alone
    return agreement(scores, confidence)
