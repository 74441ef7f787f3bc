"""What the detectors share: pictures as network inputs, and scored boxes as detections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from veilcast.plugin import Box, Detection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from veilcast.plugin import Picture


def as_input(picture: Picture, multiple: int, *, bgr: bool = False) -> NDArray[np.float32]:
    """The picture as float32 of shape (1, 3, height, width), values 0-255.

    It is padded with black at its right and bottom until both sides are multiples of `multiple`,
    so that nothing is stretched and pixel positions stay what they are.
    """
    height, width = picture.shape[:2]
    shape = (1, 3, -(-height // multiple) * multiple, -(-width // multiple) * multiple)
    inputs = np.zeros(shape, np.float32)
    channels = picture[:, :, ::-1] if bgr else picture
    inputs[0, :, :height, :width] = channels.transpose(2, 0, 1)
    return inputs


def detections(
    boxes: NDArray[np.floating],
    scores: NDArray[np.floating],
    size: tuple[int, int],
    *,
    least_score: float,
    overlap: float,
) -> list[Detection]:
    """Boxes that suppress each other, best first.

    Args:
        boxes: shape (n, 4): left, top, right, bottom in pixels.
        scores: shape (n,), 0-1.
        size: width and height of the picture; boxes wholly outside are dropped.
        least_score: drop what is below.
        overlap: of two boxes whose intersection over union is above this, the surer one stays.
    """
    width, height = size
    spans = boxes[:, 2:] - boxes[:, :2]
    real = (
        (scores >= least_score)
        & np.isfinite(boxes).all(axis=1)
        & (spans > 0).all(axis=1)
        & (boxes[:, 2:] > 0).all(axis=1)
        & (boxes[:, 0] < width)
        & (boxes[:, 1] < height)
    )
    corners, extents, sure = boxes[real, :2], spans[real], scores[real]
    kept = suppressed(boxes[real], sure, overlap)
    return [
        Detection(
            box=Box(
                x=float(corners[i, 0]),
                y=float(corners[i, 1]),
                width=float(extents[i, 0]),
                height=float(extents[i, 1]),
            ),
            score=min(float(sure[i]), 1.0),
        )
        for i in kept
    ]


def suppressed(
    boxes: NDArray[np.floating], scores: NDArray[np.floating], overlap: float
) -> NDArray[np.intp]:
    """Which boxes are left when the surest ones suppress those that they overlap, best first.

    Args:
        boxes: shape (n, 4): left, top, right, bottom.
        scores: shape (n,).
        overlap: as in `detections`.
    """
    if not len(boxes):
        return np.empty(0, np.intp)
    rectangles = np.concatenate((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]), axis=1)
    kept = cv2.dnn.NMSBoxes(
        rectangles.astype(np.float64).tolist(), scores.astype(np.float32).tolist(), 0.0, overlap
    )
    return np.asarray(kept, dtype=np.intp)


def merged(found: Iterable[Detection], size: tuple[int, int], overlap: float) -> list[Detection]:
    """Detections from several looks at one picture, each thing once, best first."""
    seen = list(found)
    if not seen:
        return []
    boxes = np.array([[d.box.x, d.box.y, d.box.right, d.box.bottom] for d in seen])
    scores = np.array([d.score for d in seen])
    return detections(boxes, scores, size, least_score=0.0, overlap=overlap)
