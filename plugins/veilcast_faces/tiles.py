"""Large pictures in overlapping parts: small things stay large enough, and memory is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from veilcast.plugin import Box, Detection
from veilcast_faces.boxes import merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.plugin import LoadedDetector, Picture

_OVERLAP = 0.25
_SAME = 0.4
_LONGEST = 1920
_PART = 1280


class Tiled:
    """A detector that looks at parts of a picture, and at the whole for what is larger than one."""

    def __init__(self, detector: LoadedDetector, across: int = 1) -> None:
        """Wrap a detector.

        Args:
            detector: it is closed with this.
            across: square parts along the longer side; with 1 a picture is looked at as a whole,
                unless it is so large that this would take gigabytes.
        """
        self._detector = detector
        self._across = across

    def detect(self, picture: Picture) -> Sequence[Detection]:
        """What is in one picture, best first."""
        longer = max(picture.shape[:2])
        if self._across > 1:
            part = -(-longer // (1 + (self._across - 1) * (1 - _OVERLAP)))
            return self._in_parts(picture, int(part), longer)
        if longer > _LONGEST:
            return self._in_parts(picture, _PART, _PART)
        return self._detector.detect(picture)

    def close(self) -> None:
        """Let go of the detector."""
        self._detector.close()

    def _in_parts(self, picture: Picture, part: int, whole: int) -> list[Detection]:
        height, width = picture.shape[:2]
        found = self._shrunk(picture, whole)
        for top in starts(height, part):
            for left in starts(width, part):
                tile = np.ascontiguousarray(picture[top : top + part, left : left + part])
                found += [_moved(seen, left, top) for seen in self._detector.detect(tile)]
        return merged(found, (width, height), _SAME)

    def _shrunk(self, picture: Picture, side: int) -> list[Detection]:
        height, width = picture.shape[:2]
        shrink = min(1.0, side / max(height, width))
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        if size == (width, height):
            return list(self._detector.detect(picture))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        across, down = width / size[0], height / size[1]
        return [
            Detection(
                box=Box(
                    x=seen.box.x * across,
                    y=seen.box.y * down,
                    width=seen.box.width * across,
                    height=seen.box.height * down,
                ),
                score=seen.score,
            )
            for seen in self._detector.detect(np.asarray(small, dtype=np.uint8))
        ]


def starts(length: int, part: int) -> list[int]:
    """Where the parts of a side begin: they cover all of it and overlap by a quarter or more."""
    if length <= part:
        return [0]
    count = -(-(length - part) // int(part * (1 - _OVERLAP))) + 1
    return [round(number * (length - part) / (count - 1)) for number in range(count)]


def _moved(seen: Detection, x: int, y: int) -> Detection:
    box = seen.box
    place = Box(x=box.x + x, y=box.y + y, width=box.width, height=box.height)
    return Detection(box=place, score=seen.score)
