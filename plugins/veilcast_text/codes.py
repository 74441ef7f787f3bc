"""QR codes, barcodes and their like. What they say is never kept.

ZXing finds those that it can read, and OpenCV the stripes of barcodes that it can't. A code that is
too small, bent or cut off for both shows by its pattern alone: black and white, densely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast_text.cutting import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.plugin import Picture

    Floats = NDArray[np.float64]

_MARGIN = 0.15
_LINEAR = 0.25
"""Of a linear code only some lines across it may be known: how far it reaches beyond, as share of
its length."""
_CONTRAST = 48
_WINDOW, _DENSE = 13, 0.3
_LEAST_PX, _MOST_PX, _MOST_ASPECT = 14, 400, 8.0
_FILLED = 0.55
_STEP, _COLOUR = 45.0, 7.0
_MOST_ENLARGED_PX = 4_000_000


def find_codes(picture: Picture, *, closely: bool) -> tuple[list[Floats], list[Floats]]:
    """The corners of codes, shape (4, 2), px: of those that are sure, and of what may be one.

    A code of which only the finder can be seen is sure. Stripes that can't be read are not: blinds
    and railings have them too; nor is a Data Matrix, whose finder is but the corner of two lines.

    Args:
        picture: where to look.
        closely: look in an enlarged picture too.
    """
    import cv2

    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    sure, doubtful = _seen(grey, 1)
    if closely and grey.size <= _MOST_ENLARGED_PX:
        larger = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        more, others = _seen(np.asarray(larger, np.uint8), 2)
        sure, doubtful = sure + more, doubtful + others
    some, corners = cv2.barcode.BarcodeDetector().detectMulti(grey)
    if some:
        doubtful += [_grown(np.asarray(one, np.float64), linear=True) for one in corners]
    return sure, doubtful


def _seen(grey: NDArray[np.uint8], scale: int) -> tuple[list[Floats], list[Floats]]:
    import zxingcpp

    linear = set(
        zxingcpp.barcode_formats_list(zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.AllLinear))
    )
    sure: list[Floats] = []
    doubtful: list[Floats] = []
    for code in zxingcpp.read_barcodes(grey, return_errors=True):
        at = code.position
        corners = np.asarray(
            [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)],
            dtype=np.float64,
        )
        stripes = code.format in linear
        grown = _grown(corners / scale, linear=stripes)
        common = stripes or code.format == zxingcpp.BarcodeFormat.DataMatrix
        (doubtful if common and not code.valid else sure).append(grown)
    return sure, doubtful


def _grown(corners: Floats, *, linear: bool) -> Floats:
    """With its quiet zone; a linear code with all of its height."""
    across = (corners[1] - corners[0] + corners[2] - corners[3]) / 2
    length = max(1.0, float(np.hypot(*across)))
    along = across / length
    away = np.asarray((-along[1], along[0]))
    beside = _MARGIN * length
    above = (_LINEAR if linear else _MARGIN) * length
    return np.asarray(
        corners + np.outer((-1, 1, 1, -1), along) * beside + np.outer((-1, -1, 1, 1), away) * above
    )


def find_patterns(picture: Picture, lines: Sequence[Floats]) -> list[Floats]:
    """The corners (4, 2) of patches that look like codes, px; much else does, so near text only.

    Args:
        picture: where to look.
        lines: corners of lines of text in it, which are as dense.
    """
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    edges = np.zeros(grey.shape, dtype=np.uint8)
    steps = (cv2.absdiff(grey[:, 1:], grey[:, :-1]), cv2.absdiff(grey[1:], grey[:-1]))
    edges[:, 1:] |= np.asarray(steps[0] > _CONTRAST, np.uint8)
    edges[1:] |= np.asarray(steps[1] > _CONTRAST, np.uint8)
    for line in lines:
        cv2.fillPoly(edges, [np.round(line).astype(np.int32)], 0)
    dense = cv2.boxFilter(edges.astype(np.float32), -1, (_WINDOW, _WINDOW)) > _DENSE
    outlines, _ = cv2.findContours(
        dense.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    found = []
    for outline in outlines:
        middle, sides, angle = cv2.minAreaRect(outline)
        low, high = sorted(sides)
        if not _LEAST_PX <= high <= _MOST_PX or low < _LEAST_PX / 2 or high > _MOST_ASPECT * low:
            continue
        if cv2.contourArea(outline) < _FILLED * low * high:
            continue
        box = cv2.boxPoints((middle, (sides[0] + _WINDOW, sides[1] + _WINDOW), angle))
        found.append(np.asarray(box, dtype=np.float64))
    return found


def looks_printed(picture: Picture, corners: Floats) -> bool:
    """Whether a patch is black and white, as codes are printed, and cloth seldom is.

    Args:
        picture: what it is in.
        corners: of the patch, (4, 2), px.
    """
    level = cut(picture, corners).astype(np.float32)
    height, width = level.shape[:2]
    inner = level[height // 6 : height - height // 6, width // 6 : width - width // 6]
    pixels = inner.reshape(-1, 3)
    if not len(pixels):
        return False
    light = pixels.mean(axis=1)
    low, high = np.quantile(light, (0.25, 0.75))
    colour = pixels.max(axis=1) - pixels.min(axis=1)
    return bool(
        high - low >= _STEP
        and colour[light <= low].mean() <= _COLOUR
        and colour[light >= high].mean() <= _COLOUR + low / 4
    )
