"""YuNet, the face detector of OpenCV's model zoo, run without OpenCV's slower runtime.

Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research, 2023.
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

_STRIDES = (8, 16, 32)
_MULTIPLE = 32
_OVERLAP = 0.3


class YuNet:
    """A loaded YuNet model."""

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
        inputs = as_input(picture, _MULTIPLE, bgr=True)
        outputs = self._network(inputs)
        boxes, scores = [], []
        for stride in _STRIDES:
            faceness = outputs[f"cls_{stride}"][0, :, 0].clip(0, 1)
            objectness = outputs[f"obj_{stride}"][0, :, 0].clip(0, 1)
            sure = np.sqrt(faceness * objectness)
            cells = np.nonzero(sure >= self._least)[0]
            rows, columns = np.divmod(cells, inputs.shape[3] // stride)
            found = outputs[f"bbox_{stride}"][0, cells]
            centres = found[:, :2] + np.stack((columns, rows), axis=1)
            halves = np.exp(found[:, 2:]) / 2
            boxes.append(np.concatenate((centres - halves, centres + halves), axis=1) * stride)
            scores.append(sure[cells])
        return detections(
            np.concatenate(boxes),
            np.concatenate(scores),
            (picture.shape[1], picture.shape[0]),
            least_score=self._least,
            overlap=_OVERLAP,
        )

    def close(self) -> None:
        """Nothing is held beside memory."""
