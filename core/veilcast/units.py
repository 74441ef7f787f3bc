"""Times and rectangles as people write them in profiles and beside them."""

from __future__ import annotations

import re
from math import isfinite
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from veilcast.timing import US, parse_time, us_ceil, us_floor
from veilcast.types import Box

_SHARE = re.compile(r"^([-+]?\d{1,6}(?:\.\d{1,9})?)\s*%$")


def _start(value: object) -> object:
    return None if value is None else us_floor(parse_time(value))


def _end(value: object) -> object:
    return None if value is None else us_ceil(parse_time(value))


def _length(value: object) -> object:
    # Percent are kept as written: the frame's size is not known yet.
    if isinstance(value, str) and (share := _SHARE.match(value.strip())):
        return f"{float(share[1])}%"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    raise ValueError("a size is a number of pixels or a percentage such as '12.5%'")


def _share_or_px(length: float | str) -> float:
    return float(length[:-1]) if isinstance(length, str) else length


_Seconds = PlainSerializer(lambda us: None if us is None else us / US, return_type=float | None)
Start = Annotated[int | None, BeforeValidator(_start), _Seconds]
"""The start of a span, in microseconds, rounded down; written down in seconds."""
End = Annotated[int | None, BeforeValidator(_end), _Seconds]
"""The end of a span, in microseconds, rounded up; written down in seconds."""
Length = Annotated[float | str, BeforeValidator(_length)]
"""Pixels, or a percentage of the frame's width or height."""
Corners = tuple[Length, Length, Length, Length]


def _with_a_size(rectangle: Corners) -> Corners:
    if min(_share_or_px(rectangle[2]), _share_or_px(rectangle[3])) <= 0:
        raise ValueError("a rectangle is left, top, width, height, and has a width and a height")
    return rectangle


Rectangle = Annotated[Corners, AfterValidator(_with_a_size)]
"""Left, top, width, height."""


def in_pixels(rectangle: Corners, width: int, height: int) -> Box:
    """A rectangle in a frame of this size; it may lie outside."""
    x, y, across, down = (
        _share_or_px(length) / 100 * whole if isinstance(length, str) else length
        for length, whole in zip(rectangle, (width, height) * 2, strict=True)
    )
    return Box(x=x, y=y, width=across, height=down)
