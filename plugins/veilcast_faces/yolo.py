"""Any YOLO detector that the user has as an ONNX file: YOLOv5, v7, v8, v11 and their kin.

Redmon et al., "You Only Look Once", CVPR 2016; Qi et al., "YOLO5Face", 2021, for landmarks.
"""

from __future__ import annotations

import ast
import hashlib
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from veilcast.plugin import Network, SettingError
from veilcast_faces.boxes import detections

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from veilcast.plugin import Detection, DetectorContext, Picture
    from veilcast_faces.settings import YoloSettings

_GREY = 114  # what these are trained to take for nothing
_OVERLAP = 0.45
_ANCHORS = 3
_STRIDES = ((8, 16, 32), (8, 16, 32, 64))
_LANDMARKS = {0, 10, 15}
"""Numbers per box for five landmarks: none, x and y, or x, y and how visible."""


class _Head(NamedTuple):
    """How a graph's answer reads.

    Attributes:
        turned: boxes are along the last axis.
        objectness: the fifth number of a box scales its class scores.
        classes: where the class scores are.
    """

    turned: bool
    objectness: bool
    classes: slice


class Yolo:
    """A loaded YOLO detector. Every class that it knows counts."""

    def __init__(self, context: DetectorContext) -> None:
        """Load it.

        Args:
            context: its settings are `YoloSettings`.

        Raises:
            SettingError: there is no usable file.
        """
        settings: YoloSettings = context.settings
        if settings.model is None:
            raise SettingError("The YOLO detector has no model; name an ONNX file as its 'model'.")
        try:
            graph = settings.model.path.read_bytes()
        except OSError:
            graph = b""
        if hashlib.sha256(graph).hexdigest() != settings.model.sha256:
            raise SettingError(
                "The YOLO detector's model is not what it was when the run began; leave the file "
                "alone and start again."
            )
        self._network = Network(graph, threads=context.threads, device=settings.device)
        self._least = context.least_score
        self._classes = _class_count(self._network.fact("names"))

    def detect(self, picture: Picture) -> Sequence[Detection]:
        """What it finds in one picture, best first.

        Raises:
            SettingError: the graph answers in a way that is not known here.
        """
        inputs, scale = self._letterboxed(picture)
        outputs = self._network(inputs)
        answer, head = self._understood(outputs, inputs.shape[2], inputs.shape[3])
        rows = answer.T if head.turned else answer
        scores = rows[:, head.classes].max(axis=1)
        if head.objectness:
            scores = scores * rows[:, 4]
        seen = scores >= self._least
        centres, halves = rows[seen, :2], rows[seen, 2:4] / 2
        return detections(
            np.concatenate((centres - halves, centres + halves), axis=1) / scale,
            scores[seen],
            (picture.shape[1], picture.shape[0]),
            least_score=self._least,
            overlap=_OVERLAP,
        )

    def close(self) -> None:
        """Nothing is held beside memory."""

    def _letterboxed(self, picture: Picture) -> tuple[NDArray[np.float32], float]:
        """The picture with grey around it in the size that the graph wants, and its scale."""
        height, width = picture.shape[:2]
        step = _STRIDES[-1][-1]
        tall = self._network.height or -(-height // step) * step
        wide = self._network.width or -(-width // step) * step
        scale = min(1.0, tall / height, wide / width)
        if scale < 1:
            size = max(1, round(width * scale)), max(1, round(height * scale))
            picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        inputs = np.full((1, 3, tall, wide), _GREY / 255, np.float32)
        inputs[0, :, : picture.shape[0], : picture.shape[1]] = picture.transpose(2, 0, 1) / 255
        return inputs, scale

    def _understood(
        self, outputs: Mapping[str, NDArray[np.float32]], height: int, width: int
    ) -> tuple[NDArray[np.float32], _Head]:
        for answer in outputs.values():
            if answer.ndim == 3 and answer.shape[0] == 1:
                head = head_of(answer.shape[1], answer.shape[2], height, width, self._classes)
                if head is not None:
                    return answer[0], head
        raise SettingError(
            "The YOLO detector's answers are not understood; export a YOLOv5, v8 or v11 detector "
            "of one class to ONNX with its metadata, and without suppression of overlaps built in."
        )


def head_of(first: int, second: int, height: int, width: int, classes: int) -> _Head | None:
    """How an answer of shape (1, `first`, `second`) reads, or None when it is not known.

    A graph has one box per cell of three or four grids over the picture, or one per cell and
    anchor, so the number of boxes tells the two families apart.

    Args:
        first: boxes, or numbers per box.
        second: the other.
        height: of the graph's input, px.
        width: of the graph's input, px.
        classes: how many it knows.
    """
    for strides in _STRIDES:
        cells = sum((height // stride) * (width // stride) for stride in strides)
        if first == cells * _ANCHORS and second - 5 - classes in _LANDMARKS:
            # With plain landmarks these come before the classes, else after.
            start = 15 if second - 5 - classes == 10 else 5
            return _Head(False, True, slice(start, start + classes))
        if second == cells and first - 4 - classes in _LANDMARKS:
            return _Head(True, False, slice(4, 4 + classes))
        if first == cells and second - 4 - classes in _LANDMARKS:
            return _Head(False, False, slice(4, 4 + classes))
    return None


def _class_count(names: str) -> int:
    """How many classes a graph knows, as its exporter noted; one when it did not."""
    try:
        return len(ast.literal_eval(names))
    except (ValueError, SyntaxError, TypeError):
        return 1
