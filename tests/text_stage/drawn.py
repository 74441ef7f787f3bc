"""Pictures of printed text, where its lines are, and what the stage covers of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.findings import FindingsDocument
    from veilcast.types import Track

    Picture = NDArray[np.uint8]
    Place = tuple[float, float, float, float]

PAPER, INK, WALL = (238, 238, 230), (24, 24, 36), (104, 112, 118)
LETTERS_PX = 26
EMBEDDED = "recognizers: [names, dates, numbers]"
TINY = f"reader: {{name: ppocr, size: tiny}}, scout: none, {EMBEDDED}"
"""Settings with which the stage is quick, and reads print of this size as well."""


def stage(settings: str = "", reading: str = TINY) -> str:
    """A profile of nothing but the stage, with more settings than how it reads."""
    return "stages: [text: {" + ", ".join(filter(None, (reading, settings))) + "}]\n"


def sheet(
    lines: Sequence[tuple[str, int, int]], size: tuple[int, int], letters_px: int = LETTERS_PX
) -> tuple[Picture, list[Place]]:
    """Lines on paper.

    Args:
        lines: each text, with the left and the upper end of its letters.
        size: width and height.
        letters_px: size of the letters.

    Returns:
        The picture, and left, top, right and bottom of each line's letters.
    """
    image = Image.new("RGB", size, PAPER)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(letters_px)
    places = []
    for text, left, top in lines:
        pen.text((left, top), text, fill=INK, font=font, anchor="lt")
        places.append(pen.textbbox((left, top), text, font=font, anchor="lt"))
    return np.asarray(image).copy(), places


def on_wall(paper: Picture, size: tuple[int, int], at: tuple[int, int]) -> Picture:
    """Paper on a plain wall; what is outside of it is cut off.

    Args:
        paper: to be put there.
        size: of the wall, width and height.
        at: the paper's upper left corner.
    """
    wall = Image.new("RGB", size, WALL)
    wall.paste(Image.fromarray(paper), at)
    return np.asarray(wall).copy()


def tracks(found: FindingsDocument) -> list[Track]:
    """What the stage covers."""
    return [track for stage in found.stages for track in stage.tracks]


def covered(found: FindingsDocument, place: Place, time_us: int | None = None) -> float:
    """The share of a rectangle that is under covers.

    Args:
        found: the findings.
        place: left, top, right and bottom.
        time_us: of the frame; None: the first of each track.
    """
    left, top, right, bottom = map(round, place)
    under = np.zeros((bottom - top, right - left), dtype=bool)
    for track in tracks(found):
        rows = [0] if time_us is None else np.flatnonzero(track.times_us == time_us)
        for row in rows:
            x, y, width, height = track.boxes[row]
            rows_, columns = (
                slice(max(0, round(low)), max(0, round(high)))
                for low, high in ((y - top, y + height - top), (x - left, x + width - left))
            )
            under[rows_, columns] = True
    return float(under.mean())
