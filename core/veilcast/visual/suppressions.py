"""Suppression rules for the residual check."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.settings import CoverSettings
from veilcast.units import in_pixels
from veilcast.visual.detail import LEAST, LEAST_UNDER_COVER, detail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from veilcast.extensions import Treated
    from veilcast.settings import SelectionSettings
    from veilcast.types import Box
    from veilcast.visual.pictures import Pictures

_MOST = 0.6
"""The share of a box that makes it part of something."""
_GRID = 16
_LEFT_MARGIN = 0.25
"""By so much of its own size what was left uncovered may be larger for another detector."""
_HARMLESS = {"padding", "shape", "feather", "fill_colour"}
"""What may differ for a track without its cover showing more."""
_FEW_BLOCKS, _FEW_ROWS, _STRONG_BLUR = 8, 12, 0.1


class Allowances:
    """What one stage's second look need not tell.

    What was covered with a mosaic, a blur or a fill must look like it: that a cover was to be there
    is not enough, since what is examined may be another file than the one that was made. Where
    pixels can't tell, the covers are believed: a picture or an emoji has detail, and so has a
    cover that was asked to be weak.
    """

    def __init__(self, treated: Sequence[Treated], own: Treated, size: tuple[int, int]) -> None:
        """For one stage.

        Args:
            treated: every stage of the profile; what any of them covered is covered.
            own: the stage.
            size: of the displayed frame.
        """
        self._treated, self._own, self._size = treated, own, size
        self._believed = [one for one in treated if not _is_plain(one.settings)]
        # After cutting, the recording's own times are not those of the delivered file.
        self._moved = any(getattr(one.settings, "treatment", "") == "excise" for one in treated)

    def excuses(self, time_us: int, box: Box, pictures: Pictures) -> bool:
        """Whether what is seen there and then is nothing to tell.

        Args:
            time_us: of the frame.
            box: where something is seen, in displayed pixels.
            pictures: of the frame.
        """
        if self.asked_to_stay(time_us, box):
            return True
        covers = [cover for one in self._treated for cover in one.covers(time_us)]
        least = LEAST
        if covers and _inside(box, covers) >= _MOST:
            believed = (cover for one in self._believed for cover in one.covers(time_us))
            if _inside(box, believed) >= _MOST:
                return True
            least = LEAST_UNDER_COVER
        luma, depth = pictures.luma()
        rows = slice(max(0, floor(box.y)), ceil(box.bottom))
        columns = slice(max(0, floor(box.x)), ceil(box.right))
        return detail(luma[rows, columns], depth) < least

    def asked_to_stay(self, time_us: int, box: Box) -> bool:
        """Whether the user wanted that what is seen there and then is left.

        Args:
            time_us: of the frame.
            box: where something is seen, in displayed pixels.
        """
        left = (spared.grown(_LEFT_MARGIN) for spared in self._own.spared(time_us))
        return _inside(box, left) >= _MOST or self._was_not_asked_for(time_us, box)

    def _was_not_asked_for(self, time_us: int, box: Box) -> bool:
        """By the settings alone: at other times or places than those that were to be covered."""
        settings: SelectionSettings = self._own.settings
        if settings.end is not None and time_us >= settings.end:
            return True
        if settings.start is not None and time_us < settings.start and not self._moved:
            return True
        if any(_inside(box, [in_pixels(r, *self._size)]) == 1 for r in settings.outside):
            return True
        within = [in_pixels(rectangle, *self._size) for rectangle in settings.within]
        return bool(within) and _inside(box, within) == 0


def _is_plain(settings: Any) -> bool:
    """Whether what these settings cover has no detail left."""
    if not isinstance(settings, CoverSettings):
        return False
    per_track = getattr(settings, "per_track", {})
    if any(options.model_fields_set - _HARMLESS for options in per_track.values()):
        return False
    if settings.treatment == "mosaic":
        level = settings.mosaic_level
        return settings.blocks_across <= _FEW_BLOCKS if level is None else level <= _FEW_ROWS
    if settings.treatment == "blur":
        return settings.blur_level is None and settings.blur_sigma >= _STRONG_BLUR
    return settings.treatment == "fill"


def _inside(box: Box, others: Iterable[Box]) -> float:
    """The share of a box that is inside any of the others."""
    steps = (np.arange(_GRID) + 0.5) / _GRID
    x = box.x + steps * box.width
    y = box.y + steps * box.height
    under = np.zeros((_GRID, _GRID), dtype=bool)
    for other in others:
        across = (x >= other.x) & (x <= other.right)
        down = (y >= other.y) & (y <= other.bottom)
        under |= down[:, None] & across
    return float(under.mean())
