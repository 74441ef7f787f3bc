"""Number plates by boosted cascades of simple features.

Viola and Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", CVPR 2001.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from veilcast.plugin import Box, Detection, SettingError
from veilcast_faces.boxes import merged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.plugin import Picture

_GROWTH = 1.1  # of the window from one scale to the next
_EVEN = 3  # this many windows on one thing make it as likely as not
_OVERLAP = 0.4


class PlateCascade:
    """Loaded cascades; what either sees counts.

    A cascade gives no chances. The more windows around a place pass, the surer it is: of n the
    score is n / (n + 3), so 0.5 is OpenCV's usual three neighbours.
    """

    def __init__(self, cascades: Sequence[Path], least_score: float) -> None:
        """Load them.

        Args:
            cascades: OpenCV's XML files.
            least_score: report nothing below this, 0-1.
        """
        self._cascades = [cv2.CascadeClassifier(str(path)) for path in cascades]
        if any(cascade.empty() for cascade in self._cascades):
            raise SettingError(
                "OpenCV can't read a cascade of the plate detector; run 'veilcast models pull'."
            )
        self._least = least_score

    def detect(self, picture: Picture) -> Sequence[Detection]:
        """Plates in one picture, best first."""
        height, width = picture.shape[:2]
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        found = []
        for cascade in self._cascades:
            boxes, windows = cascade.detectMultiScale2(grey, scaleFactor=_GROWTH, minNeighbors=1)
            for box, count in zip(np.reshape(boxes, (-1, 4)), np.ravel(windows), strict=True):
                score = float(count / (count + _EVEN))
                if score >= self._least:
                    x, y, across, down = (float(value) for value in box)
                    place = Box(x=x, y=y, width=across, height=down)
                    found.append(Detection(box=place, score=score))
        # Its threads hand over what they find in any order.
        found.sort(key=lambda seen: (-seen.score, seen.box.x, seen.box.y, seen.box.width))
        return merged(found, (width, height), _OVERLAP)

    def close(self) -> None:
        """Nothing is held beside memory."""
