"""Where and when a region is, in the pixels and frames of this recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast.plugin import CoverSettings, RegionsError, Track

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast_regions.spec import Length, Region

BY_HAND = "regions"


def named(number: int, region: Region) -> str:
    """How messages call a region."""
    return f"Region {number} ('{region.label}')"


def frame_at(times: NDArray[np.int64], time_us: int) -> int:
    """The number of the frame that is on the screen at this time: it is shown until the next."""
    return max(0, int(np.searchsorted(times, time_us, side="right")) - 1)


def frames_of(number: int, region: Region, times: NDArray[np.int64], end_us: int) -> slice:
    """The frames that are shown during any of its time.

    Args:
        number: of the region, from 1.
        region: which.
        times: of all frames, in microseconds.
        end_us: when the last frame is no longer shown.

    Raises:
        RegionsError: there is none.
    """
    first = 0
    if region.start:
        first = frame_at(times, region.start) if region.start < end_us else len(times)
    last = len(times) if region.end is None else int(np.searchsorted(times, region.end))
    if first >= last:
        raise RegionsError(
            f"{named(number, region)} covers no frame: its times are outside the recording."
        )
    return slice(first, last)


def in_pixels(box: tuple[Length, Length, Length, Length], size: tuple[int, int]) -> list[float]:
    """Left, top, width and height in pixels of a frame of this size.

    Raises:
        RegionsError: it has no width or no height.
    """
    values = []
    for length, whole in zip(box, (size[0], size[1]) * 2, strict=True):
        share = float(length[:-1]) / 100 * whole if isinstance(length, str) else float(length)
        values.append(share)
    if values[2] <= 0 or values[3] <= 0:
        raise RegionsError("A region has no width or no height; give x, y, width, height.")
    return values


def track_of(
    number: int,
    region: Region,
    times: NDArray[np.int64],
    boxes: NDArray[np.float64],
    origins: NDArray[np.uint8],
) -> Track:
    """The track with this number, covered as the region says."""
    # In the form in which findings are kept: of a picture that is its hash, never its path.
    options = region.model_dump(
        mode="json", include=set(CoverSettings.model_fields), exclude_none=True
    )
    return Track(
        id=number,
        identifier=region.label,
        hipaa=region.hipaa,
        detector=BY_HAND,
        times_us=times,
        boxes=boxes,
        scores=np.full(len(times), np.nan),
        origins=origins,
        options=options,
    )
