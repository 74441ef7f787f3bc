"""Lines of a picture, and what a judge says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast.extensions import TextLine
from veilcast.host import Host
from veilcast.settings import IdentifierSettings
from veilcast_text.understanding import Judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast_text.understanding import Identified


def judge_of(**chosen: object) -> Judge:
    """With the recognisers that come along, and no model that has to be fetched."""
    settings = IdentifierSettings.model_validate(chosen)
    return Judge(settings, Host().recognizers, {}, "en")


def placed(
    text: str, x: float = 10, y: float = 10, turn: float = 0, height: float = 20
) -> TextLine:
    """A line whose text begins at a place of an upright page; the page is turned (in radians)."""
    width = 0.55 * height * max(1, len(text))
    quad = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    cos, sin = np.cos(turn), np.sin(turn)
    return TextLine(
        quad=quad @ np.array([(cos, sin), (-sin, cos)]), text=text, confidences=(1.0,) * len(text)
    )


def covered(lines: Sequence[TextLine], found: Sequence[Identified], number: int = 0) -> str:
    """A line with a point for each letter and digit that is left."""
    at = {place for one in found if one.line == number for place in range(one.start, one.end)}
    text = lines[number].text
    return "".join(
        char if place in at or not char.isalnum() else "." for place, char in enumerate(text)
    )
