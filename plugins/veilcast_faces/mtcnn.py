"""MTCNN: three nets in a row, each looking closer at what the one before let through.

Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
Networks", IEEE Signal Processing Letters, 2016.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import cv2
import numpy as np

from veilcast_faces.boxes import detections, suppressed
from veilcast_faces.mtcnn_nets import load_nets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.plugin import Detection, Picture
    from veilcast_faces.mtcnn_nets import Net

SMALLEST = 20
"""The least side of a face, px, in the picture that is looked at."""

_CELL, _STEP = 12, 2  # what P-Net sees at once, and how far apart it looks
_SHRINK = 0.709  # from one scale of the picture to the next
_BATCH = 256


class Mtcnn:
    """The loaded nets."""

    def __init__(
        self,
        nets: tuple[Path, Path, Path],
        least_score: float,
        threads: int = 1,
        thresholds: tuple[float, float, float] = (0.6, 0.7, 0.7),
    ) -> None:
        """Load them.

        Args:
            nets: the weights of P-Net, R-Net and O-Net.
            least_score: report nothing below this, 0-1.
            threads: how many may be used.
            thresholds: the chance from which each net lets something through.
        """
        self._propose, self._refine, self._decide = load_nets(*nets, threads)
        self._least = least_score
        self._thresholds = thresholds

    def detect(self, picture: Picture) -> Sequence[Detection]:
        """Faces in one picture, best first."""
        size = picture.shape[1], picture.shape[0]
        boxes = self._proposals(picture)
        boxes, scores = _looked_closer(self._refine, 24, picture, boxes, self._thresholds[1])
        kept = suppressed(boxes, scores, 0.7)
        boxes, scores = _looked_closer(
            self._decide, 48, picture, _squares(boxes[kept]), self._thresholds[2]
        )
        return detections(boxes, scores, size, least_score=self._least, overlap=0.4)

    def close(self) -> None:
        """Nothing is held beside memory."""

    def _proposals(self, picture: Picture) -> NDArray[np.float64]:
        found, sure = [np.empty((0, 4))], [np.empty(0)]
        for across, down, shrunk in _pyramid(picture):
            chances, moves = self._propose(_as_input(shrunk[None]))
            rows, columns = np.nonzero(chances[0, 1] >= self._thresholds[0])
            corners = np.stack((columns, rows), axis=1) * _STEP
            boxes = np.hstack((corners, corners + _CELL)) / (across, down, across, down)
            scores = chances[0, 1, rows, columns]
            kept = suppressed(boxes, scores, 0.5)
            found.append(_moved(boxes, moves[0, :, rows, columns])[kept])
            sure.append(scores[kept])
        boxes, scores = np.concatenate(found), np.concatenate(sure)
        return _squares(boxes[suppressed(boxes, scores, 0.7)])


def _pyramid(picture: Picture) -> Iterator[tuple[float, float, Picture]]:
    """The picture at every scale, with how much it shrank across and down."""
    height, width = picture.shape[:2]
    for step in count():
        scale = _CELL / SMALLEST * _SHRINK**step
        if min(width, height) * scale < _CELL:
            return
        size = int(width * scale + 1), int(height * scale + 1)
        shrunk = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        yield size[0] / width, size[1] / height, np.asarray(shrunk, dtype=np.uint8)


def _looked_closer(
    net: Net, side: int, picture: Picture, boxes: NDArray[np.float64], least: float
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """The boxes that a net lets through, corrected, with their chances."""
    height, width = picture.shape[:2]
    inside = np.column_stack(
        (
            np.floor(boxes[:, :2]).clip(0, None),
            np.ceil(boxes[:, 2:]).clip(None, (width, height)),
        )
    ).astype(int)
    real = (inside[:, 2:] > inside[:, :2]).all(axis=1)
    boxes, inside = boxes[real], inside[real]
    chances, moves = [np.empty(0, np.float32)], [np.empty((0, 4), np.float32)]
    for start in range(0, len(boxes), _BATCH):
        crops = [
            cv2.resize(picture[y0:y1, x0:x1], (side, side), interpolation=cv2.INTER_AREA)
            for x0, y0, x1, y1 in inside[start : start + _BATCH]
        ]
        answer = net(_as_input(np.array(crops, dtype=np.uint8)))
        chances.append(answer[0][:, 1])
        moves.append(answer[1])
    scores = np.concatenate(chances)
    sure = scores >= least
    return _moved(boxes[sure], np.concatenate(moves)[sure]), scores[sure]


def _as_input(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    samples = pictures.transpose(0, 3, 1, 2).astype(np.float32)
    return np.ascontiguousarray((samples - 127.5) / 128)


def _moved(boxes: NDArray[np.float64], moves: NDArray[np.float32]) -> NDArray[np.float64]:
    """Each side moved by a share of the box's width or height."""
    spans = boxes[:, 2:] - boxes[:, :2]
    return boxes + moves * np.concatenate((spans, spans), axis=1)


def _squares(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The squares around the boxes' middles that are as large as their longer sides."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    halves = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0) / 2
    return np.concatenate((centres - halves, centres + halves), axis=1)
