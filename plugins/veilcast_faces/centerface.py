"""CenterFace: faces as points in a heat map.

Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast.plugin import Network
from veilcast_faces.boxes import as_input, detections

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.plugin import Detection, Device, Picture

_MULTIPLE = 32
_STRIDE = 4
_OVERLAP = 0.3
# The graph's outputs: heat map; height and width; offset down and across.
_HEAT, _SIZE, _OFFSET = "537", "538", "539"


class CenterFace:
    """A loaded CenterFace model."""

    def __init__(
        self, model: Path, least_score: float, threads: int = 1, device: Device = "auto"
    ) -> None:
        """Load it.

        Args:
            model: the .onnx file.
            least_score: report nothing below this, 0-1.
            threads: how many the CPU may use.
            device: as in `Network`.
        """
        self._network = Network(model, threads=threads, device=device)
        self._least = least_score

    def detect(self, picture: Picture) -> Sequence[Detection]:
        """Faces in one picture, best first."""
        outputs = self._network(as_input(picture, _MULTIPLE))
        heat, size, offset = outputs[_HEAT][0, 0], outputs[_SIZE][0], outputs[_OFFSET][0]
        rows, columns = np.nonzero(heat >= self._least)
        centres = np.stack(
            (columns + offset[1, rows, columns] + 0.5, rows + offset[0, rows, columns] + 0.5),
            axis=1,
        )
        halves = np.exp(np.stack((size[1, rows, columns], size[0, rows, columns]), axis=1)) / 2
        return detections(
            np.concatenate((centres - halves, centres + halves), axis=1) * _STRIDE,
            heat[rows, columns],
            (picture.shape[1], picture.shape[0]),
            least_score=self._least,
            overlap=_OVERLAP,
        )

    def close(self) -> None:
        """Nothing is held beside memory."""
