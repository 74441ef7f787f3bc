"""From a track and its settings to what the renderer does to one frame."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from pydantic import ValidationError

from veilcast.errors import SettingError
from veilcast.redaction.shapes import GROWTH
from veilcast.redaction.treatments import pictures
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


def check_settings(settings: CoverSettings, treatments: Mapping[str, object]) -> None:
    """Checks before any work what a stage's settings say of covering.

    Raises:
        SettingError: no treatment has this name, or a picture can't be shown.
    """
    treatment_named(treatments, settings.treatment)
    for chosen in settings.pictures:
        pictures.shown(chosen.path, chosen.sha256, _rgb(settings.fill_colour))


class TrackCovers:
    """The covers of one track, by time.

    Every cover carries the numbers of every built-in treatment, so that a plugin's treatment has
    them too: ``block_px`` (int, displayed pixels), ``sigma_px`` (float, displayed pixels), ``rgb``
    (three values, 0 to 255), and where they are set ``mosaic_level`` (int) and ``picture`` (a
    tuple of arrays of shape (height, width, 3), uint8, R'G'B', each half the size of the one
    before). Block and blur come from the track's widest box and stay the same over the track: a
    grid that changes its size from frame to frame shows more than one that does not.

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
        own = self.settings
        widest = float(track.boxes[:, 2].max())
        rgb = _rgb(own.fill_colour)
        params: dict[str, Any] = {
            "block_px": max(own.pixel_size, ceil(widest / own.blocks_across)),
            "sigma_px": widest * own.blur_sigma if own.blur_level is None else own.blur_level,
            "rgb": rgb,
        }
        if own.mosaic_level is not None:
            params["mosaic_level"] = own.mosaic_level
        if own.picture is not None:
            params["picture"] = pictures.shown(own.picture.path, own.picture.sha256, rgb)
        self.params: Mapping[str, Any] = params
        self._feather_px = widest * own.feather

    def validate(self, treatments: Mapping[str, object]) -> None:
        """Checks the treatment's name.

        Raises:
            SettingError: no treatment has it.
        """
        treatment_named(treatments, self.settings.treatment)

    def described(self) -> dict[str, str | int | float]:
        """How the track is covered, for the manifest."""
        own, params = self.settings, self.params
        how: dict[str, str | int | float] = {
            "treatment": own.treatment,
            "shape": own.shape,
            "padding": own.padding,
        }
        if own.treatment == "mosaic":
            named = "block_px" if own.mosaic_level is None else "mosaic_level"
            how[named] = params[named]
        elif own.treatment == "blur":
            how["sigma_px"] = round(params["sigma_px"], 3)
        elif own.treatment == "fill":
            how["fill_colour"] = own.fill_colour
        elif own.treatment == "picture" and own.picture is not None:
            how["picture"] = own.picture.sha256
        if own.feather:
            how["feather_px"] = round(self._feather_px, 3)
        return how

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
            feather_px=self._feather_px,
        )

    def _box(self, index: int) -> Box:
        x, y, width, height = self._boxes[index].tolist()
        return Box(x=x, y=y, width=width, height=height)

    def _padded(self, box: Box) -> Box:
        return box.grown(max(self.settings.padding, GROWTH[self.settings.shape]))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _with_options(track: Track, settings: CoverSettings) -> CoverSettings:
    values = {name: getattr(settings, name) for name in CoverSettings.model_fields}
    values |= track.options
    for chosen in settings.pictures:
        # Findings name no file: a path may hold a name.
        if values["picture"] == chosen.sha256:
            values["picture"] = chosen
    if values["treatment"] == "picture" and values["picture"] is None:
        raise SettingError(
            f"Track {track.id} is to be covered with a picture and none is given; "
            "set 'picture' to a PNG or JPEG file."
        )
    try:
        return CoverSettings.model_validate(values)
    except ValidationError as exc:
        wrong = {str(error["loc"][0]) for error in exc.errors() if error["loc"]}
        known = sorted(wrong & CoverSettings.model_fields.keys())
        what = f"has a value of {', '.join(known)} that is not allowed" if known else "is unknown"
        allowed = ", ".join(CoverSettings.model_fields)
        raise SettingError(
            f"An option of track {track.id} {what}; the options of a track are {allowed}."
        ) from exc
