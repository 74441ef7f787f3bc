"""From a track and its settings to what the renderer does to one frame."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from pydantic import ValidationError

from veilcast.errors import SettingError
from veilcast.settings import CoverSettings
from veilcast.types import Box, Cover

if TYPE_CHECKING:
    from collections.abc import Mapping

    from veilcast.types import Track

T = TypeVar("T")


def treatment_named(treatments: Mapping[str, T], name: str) -> T:
    """The treatment of this name.

    Raises:
        SettingError: there is none.
    """
    try:
        return treatments[name]
    except KeyError:
        known = ", ".join(sorted(treatments))
        raise SettingError(
            f"There is no treatment {name!r} for this; choose one of: {known}."
        ) from None


class TrackCovers:
    """The covers of one track, by time.

    Every cover carries the numbers of every built-in treatment, so that a plugin's treatment has
    them too: ``block_px`` (int, displayed pixels), ``sigma_px`` (float, displayed pixels) and
    ``rgb`` (three values, 0 to 255). Block and blur come from the track's widest box and stay the
    same over the track: a grid that changes its size from frame to frame shows more than one that
    does not.

    Attributes:
        settings: the stage's, with the track's own options over them.
        start_us: the time of the first covered frame.
        end_us: the time of the last covered frame.
        params: see above.
    """

    def __init__(self, track: Track, settings: CoverSettings) -> None:
        """Resolves the track's options.

        Raises:
            SettingError: an option is unknown or has a value that is not allowed.
        """
        self.settings = _with_options(track, settings)
        self._times_us = track.times_us
        self._boxes = track.boxes
        self.start_us = int(track.times_us[0])
        self.end_us = int(track.times_us[-1])
        widest = float(track.boxes[:, 2].max())
        colour = self.settings.fill_colour
        self.params: Mapping[str, object] = {
            "block_px": max(self.settings.pixel_size, ceil(widest / self.settings.blocks_across)),
            "sigma_px": widest * self.settings.blur_sigma,
            "rgb": [int(colour[at : at + 2], 16) for at in (1, 3, 5)],
        }

    def validate(self, treatments: Mapping[str, object]) -> None:
        """Checks the treatment's name.

        Raises:
            SettingError: no treatment has it.
        """
        treatment_named(treatments, self.settings.treatment)

    def at(self, time_us: int) -> Cover | None:
        """The cover of the frame at this time, or None before the first and after the last.

        A frame between two of the track's gets what covers both neighbours: within a track no
        frame is ever bare.
        """
        if not self.start_us <= time_us <= self.end_us:
            return None
        index = int(np.searchsorted(self._times_us, time_us))
        box = self._box(index)
        if self._times_us[index] != time_us:
            box = box.union(self._box(index - 1))
        return Cover(
            box=self._padded(box),
            shape=self.settings.shape,
            treatment=self.settings.treatment,
            params=self.params,
        )

    def _box(self, index: int) -> Box:
        x, y, width, height = self._boxes[index].tolist()
        return Box(x=x, y=y, width=width, height=height)

    def _padded(self, box: Box) -> Box:
        growth = self.settings.padding
        if self.settings.shape == "ellipse":
            # The least ellipse of the box's proportions that contains the box's corners.
            growth = max(growth, (sqrt(2) - 1) / 2)
        return box.grown(growth)


def _with_options(track: Track, settings: CoverSettings) -> CoverSettings:
    values = {name: getattr(settings, name) for name in CoverSettings.model_fields}
    try:
        return CoverSettings.model_validate({**values, **track.options})
    except ValidationError as exc:
        wrong = {str(error["loc"][0]) for error in exc.errors() if error["loc"]}
        known = sorted(wrong & CoverSettings.model_fields.keys())
        what = f"has a value of {', '.join(known)} that is not allowed" if known else "is unknown"
        allowed = ", ".join(CoverSettings.model_fields)
        raise SettingError(
            f"An option of track {track.id} {what}; the options of a track are {allowed}."
        ) from exc
