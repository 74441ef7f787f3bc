"""Regions that follow what they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast.plugin import Mark, RegionsError, follow_marks
from veilcast_regions.placing import frame_at, frames_of, in_pixels, named, track_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.plugin import Followed, LocateContext, Track
    from veilcast_regions.spec import Region

_TOLD = 3
"""So many spans of a region are told one by one."""


def follow(
    context: LocateContext, regions: Sequence[tuple[int, Region]], end_us: int
) -> tuple[list[Track], list[str]]:
    """Tracks, and sentences about what was lost.

    A region's first track has its number; further ones come after the number of all regions.

    Args:
        context: of the stage, with a picture.
        regions: those that follow, with their numbers.
        end_us: when the last frame is no longer shown.

    Raises:
        RegionsError: one is marked outside the picture or outside the recording.
    """
    video = context.media.video
    if not regions or video is None:
        return [], []
    times = context.frames.times_us()
    marks = [
        _mark(number, region, times, end_us, video.displayed_size) for number, region in regions
    ]
    tracks: list[Track] = []
    warnings: list[str] = []
    further = len(context.settings.regions)
    for (number, region), followed in zip(regions, follow_marks(context, marks), strict=True):
        for index, stretch in enumerate(followed.stretches):
            further += index > 0
            boxes = stretch.edges.copy()
            boxes[:, 2:] -= boxes[:, :2]
            shown = times[stretch.numbers]
            own = further if index else number
            tracks.append(track_of(own, region, shown, boxes, stretch.origins))
        warnings += _sentences(named(number, region), followed, times, end_us)
    return tracks, warnings


def _mark(
    number: int, region: Region, times: NDArray[np.int64], end_us: int, size: tuple[int, int]
) -> Mark:
    frames = frames_of(number, region, times, end_us)
    boxes = [region.box] if region.box is not None else [k.box for k in region.keyframes]
    edges = np.asarray([in_pixels(box, size) for box in boxes], dtype=np.float64)
    edges[:, 2:] += edges[:, :2]
    if (edges[:, 2:] <= 0).any() or (edges[:, :2] >= size).any():
        raise RegionsError(
            f"{named(number, region)} is wholly outside the frame of {size[0]}x{size[1]}."
        )
    numbers = [frame_at(times, at) for at in region.marked_at]
    if max(region.marked_at) >= end_us:
        raise RegionsError(f"{named(number, region)} is marked after the end of the recording.")
    if len(set(numbers)) != len(numbers):
        raise RegionsError(f"{named(number, region)} is marked twice in the same frame.")
    return Mark(numbers=tuple(numbers), edges=edges, first=frames.start, last=frames.stop - 1)


def _sentences(name: str, followed: Followed, times: NDArray[np.int64], end_us: int) -> list[str]:
    told = []
    if followed.lost:
        told.append(
            f"{name} was lost {_spans(followed.lost, times, end_us)}: its cover was widened and "
            "kept there; look at it, and add a keyframe where the cover is wrong."
        )
    if followed.away:
        told.append(
            f"{name} was out of the picture {_spans(followed.away, times, end_us)} and is not "
            "covered there; look whether it really was."
        )
    if followed.found:
        when = ", ".join(f"{times[at] / 1e6:.2f} s" for at in followed.found[:_TOLD])
        told.append(
            f"{name} seems to be elsewhere from {when} on, and is covered there too; look at it, "
            "and add a keyframe where the cover is wrong."
        )
    return told


def _spans(spans: Sequence[tuple[int, int]], times: NDArray[np.int64], end_us: int) -> str:
    ends = [*times.tolist(), end_us]
    told = [f"from {ends[low] / 1e6:.2f} s to {ends[high] / 1e6:.2f} s" for low, high in spans]
    rest = f" and {len(told) - _TOLD} times more" if len(told) > _TOLD else ""
    return ", ".join(told[:_TOLD]) + rest
