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

CELL = 128
"""The side of the square in which a thing is looked at, px."""
AROUND = 3.0
"""That square as a multiple of the thing's longer side: what is around it tells as well."""
_FEW, _MANY = (2, 2), (5, 3)
"""Columns and rows of cells. Two sizes only: a detector prepares itself for each size it meets."""
_SHEETS = 3
MOST = _SHEETS * _MANY[0] * _MANY[1]
"""So many places are looked at in one go."""
_SAME = 0.3
_FULL_SIDE = 3840
_SIDE, _LARGE = 640, 1024


def look_again(
    pictures: Pictures,
    boxes: Sequence[Box],
    detectors: Sequence[LoadedDetector],
    size: tuple[int, int],
    *,
    cell_px: int = CELL,
    around: float = AROUND,
    mirrored: bool = False,
) -> list[dict[int, float]]:
    """For each box, by the number of the detector, its score there; missing where it sees nothing.

    Args:
        pictures: of the frame.
        boxes: in displayed pixels; only the first `MOST` are looked at.
        detectors: in their order.
        size: of the displayed frame.
        cell_px: the side of the square in which each is looked at.
        around: that square as a multiple of the box's longer side.
        mirrored: whether they are shown left to right.
    """
    answers: list[dict[int, float]] = [{} for _ in boxes]
    if not boxes:
        return answers
    columns, rows = _FEW if len(boxes) <= _FEW[0] * _FEW[1] else _MANY
    count = columns * rows
    for first in range(0, min(len(boxes), MOST), count):
        asked = boxes[first : first + count]
        sheet = np.zeros((rows * cell_px, columns * cell_px, 3), dtype=np.uint8)
        places = []
        for index, box in enumerate(asked):
            row, column = divmod(index, columns)
            cell = sheet[row * cell_px :, column * cell_px :][:cell_px, :cell_px]
            # What is large is as well seen, and much cheaper, in a smaller picture.
            large = around * max(box.width, box.height) > _LARGE
            picture = pictures.colour(_SIDE if large else min(pictures.side, _FULL_SIDE))
            scale = picture.shape[1] / size[0], picture.shape[0] / size[1]
            place = _cut(picture, box, scale, cell, around)
            if mirrored:
                cell[:] = cell[:, ::-1].copy()
                place = replace(place, x=cell_px - place.right)
            places.append(replace(place, x=place.x + column * cell_px, y=place.y + row * cell_px))
        for number, detector in enumerate(detectors):
            for seen in detector.detect(sheet):
                for answer, place in zip(answers[first:], places, strict=False):
                    if seen.box.iou(place) >= _SAME:
                        answer[number] = max(answer.get(number, 0.0), seen.score)
    return answers


def _cut(
    picture: Picture, box: Box, scale: tuple[float, float], cell: Picture, around: float
) -> Box:
    """Put a box and its surroundings into a cell, black where it is outside; gives its place."""
    import cv2

    across, down = scale
    wide, high = box.width * across, box.height * down
    side = max(1, round(around * max(wide, high)))
    left = round((box.x + box.width / 2) * across - side / 2)
    top = round((box.y + box.height / 2) * down - side / 2)
    height, width = picture.shape[:2]
    square = np.zeros((side, side, 3), dtype=np.uint8)
    low_x, low_y = max(left, 0), max(top, 0)
    high_x, high_y = min(left + side, width), min(top + side, height)
    square[low_y - top : high_y - top, low_x - left : high_x - left] = picture[
        low_y:high_y, low_x:high_x
    ]
    method = cv2.INTER_AREA if side > len(cell) else cv2.INTER_LINEAR
    cell[:] = cv2.resize(square, cell.shape[:2], interpolation=method)
    shrunk = len(cell) / side
    return Box(
        x=(box.x * across - left) * shrunk,
        y=(box.y * down - top) * shrunk,
        width=wide * shrunk,
        height=high * shrunk,
    )
