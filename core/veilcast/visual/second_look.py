"""A second, closer look at what the detectors are not sure of.

The places are cut out of the full frame, enlarged, and looked at side by side in one picture: a
small face that is one is surer then, and what merely looked like a face no longer does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from veilcast.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.extensions import LoadedDetector
    from veilcast.types import Picture
    from veilcast.visual.pictures import Pictures

_CELL = 128
_FEW, _MANY = (2, 2), (5, 3)
"""Columns and rows of cells. Two sizes only: a detector prepares itself for each size it meets."""
_SHEETS = 3
_CONTEXT = 3.0
_SAME = 0.3
_FULL_SIDE = 3840
_SIDE, _LARGE = 640, 1024


def look_again(
    pictures: Pictures,
    boxes: Sequence[Box],
    detectors: Sequence[LoadedDetector],
    size: tuple[int, int],
) -> list[dict[int, float]]:
    """For each box, by the number of the detector, its score there; missing where it sees nothing.

    Args:
        pictures: of the frame.
        boxes: in displayed pixels; only the first 45 are looked at.
        detectors: in their order.
        size: of the displayed frame.
    """
    answers: list[dict[int, float]] = [{} for _ in boxes]
    if not boxes:
        return answers
    columns, rows = _FEW if len(boxes) <= _FEW[0] * _FEW[1] else _MANY
    count = columns * rows
    for first in range(0, min(len(boxes), _SHEETS * count), count):
        asked = boxes[first : first + count]
        sheet = np.zeros((rows * _CELL, columns * _CELL, 3), dtype=np.uint8)
        places = []
        for index, box in enumerate(asked):
            row, column = divmod(index, columns)
            cell = sheet[row * _CELL : (row + 1) * _CELL, column * _CELL : (column + 1) * _CELL]
            # What is large is as well seen, and much cheaper, in a smaller picture.
            large = _CONTEXT * max(box.width, box.height) > _LARGE
            picture = pictures.colour(_SIDE if large else min(pictures.side, _FULL_SIDE))
            scale = picture.shape[1] / size[0], picture.shape[0] / size[1]
            place = _cut(picture, box, scale, cell)
            places.append(replace(place, x=place.x + column * _CELL, y=place.y + row * _CELL))
        for number, detector in enumerate(detectors):
            for seen in detector.detect(sheet):
                for answer, place in zip(answers[first:], places, strict=False):
                    if seen.box.iou(place) >= _SAME:
                        answer[number] = max(answer.get(number, 0.0), seen.score)
    return answers


def _cut(picture: Picture, box: Box, scale: tuple[float, float], cell: Picture) -> Box:
    """Put a box and its surroundings into a cell, black where it is outside; gives its place."""
    import cv2

    across, down = scale
    wide, high = box.width * across, box.height * down
    side = max(1, round(_CONTEXT * max(wide, high)))
    left = round((box.x + box.width / 2) * across - side / 2)
    top = round((box.y + box.height / 2) * down - side / 2)
    height, width = picture.shape[:2]
    square = np.zeros((side, side, 3), dtype=np.uint8)
    low_x, low_y = max(left, 0), max(top, 0)
    high_x, high_y = min(left + side, width), min(top + side, height)
    square[low_y - top : high_y - top, low_x - left : high_x - left] = picture[
        low_y:high_y, low_x:high_x
    ]
    method = cv2.INTER_AREA if side > _CELL else cv2.INTER_LINEAR
    cell[:] = cv2.resize(square, (_CELL, _CELL), interpolation=method)
    shrunk = _CELL / side
    return Box(
        x=(box.x * across - left) * shrunk,
        y=(box.y * down - top) * shrunk,
        width=wide * shrunk,
        height=high * shrunk,
    )
