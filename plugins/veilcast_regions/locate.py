"""From marked regions to findings: a box for every frame, checked against the frame's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from veilcast.plugin import Findings, NoPictureError, Origin, RegionsError, Sound, Track

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.plugin import LocateContext
    from veilcast_regions.spec import Length, Region, RegionsSettings

BY_HAND = "regions"


def locate(context: LocateContext) -> Findings:
    """Boxes and spans for this input.

    Raises:
        RegionsError: a region is wholly outside the frame or after the end.
    """
    settings: RegionsSettings = context.settings
    video = context.media.video
    nothing = []
    tracks: list[Track] = []
    examined = 0
    if settings.regions and video is not None:
        times = context.frames.times_us()
        examined = len(times)
        end_us = max(int(times[-1]) + 1, context.media.duration_us)
        for number, region in enumerate(settings.regions, 1):
            tracks.append(_track(number, region, times, end_us, video.displayed_size))
    elif settings.regions:
        raise NoPictureError(
            "Regions are marked but the input has no picture; "
            "leave out --regions, or check the input."
        )
    sounds = []
    if settings.mute and context.media.audio:
        for number, span in enumerate(settings.mute, 1):
            if 0 < context.media.duration_us <= span.start:
                raise RegionsError(
                    f"Span {number} of 'mute' starts after the end of the recording."
                )
            sounds.append(
                Sound(
                    id=number,
                    identifier=span.label,
                    hipaa=span.hipaa,
                    detector=BY_HAND,
                    start_us=span.start,
                    end_us=span.end,
                    options={"treatment": span.treatment},
                )
            )
    elif settings.mute:
        nothing.append("The input has no sound for the marked spans.")
    if not settings.regions and not settings.mute:
        nothing.append("No regions were given.")
    return Findings(
        stage="regions",
        tracks=tuple(tracks),
        sounds=tuple(sounds),
        examined=examined,
        nothing_to_do=" ".join(nothing) if not tracks and not sounds else "",
    )


def _track(
    number: int, region: Region, times: NDArray[np.int64], end_us: int, size: tuple[int, int]
) -> Track:
    where = f"Region {number} ('{region.label}')"
    within = np.ones(len(times), dtype=bool)
    if region.start:
        # A frame is shown until the next: the one that is on screen at the start is covered too.
        first = max(0, int(np.searchsorted(times, region.start, side="right")) - 1)
        within[: first if region.start < end_us else len(times)] = False
    if region.end is not None:
        within &= times < region.end
    chosen = times[within]
    if not len(chosen):
        raise RegionsError(f"{where} covers no frame: its times are outside the recording.")
    boxes = _boxes(region, chosen, size)
    width, height = size
    left, top = np.maximum(boxes[:, 0], 0), np.maximum(boxes[:, 1], 0)
    right = np.minimum(boxes[:, 0] + boxes[:, 2], width)
    bottom = np.minimum(boxes[:, 1] + boxes[:, 3], height)
    inside = (right > left) & (bottom > top)
    if not inside.any():
        raise RegionsError(f"{where} is wholly outside the frame of {width}x{height}.")
    clamped = np.stack([left, top, right - left, bottom - top], axis=1)[inside]
    options = {
        key: value
        for key in ("shape", "treatment", "padding", "pixel_size", "fill_colour")
        if (value := getattr(region, key)) is not None
    }
    count = int(inside.sum())
    return Track(
        id=number,
        identifier=region.label,
        hipaa=region.hipaa,
        detector=BY_HAND,
        times_us=chosen[inside],
        boxes=clamped,
        scores=np.full(count, np.nan),
        origins=np.full(count, Origin.DETECTED, dtype=np.uint8),
        options=options,
    )


def _boxes(region: Region, times: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float64]:
    if region.box is not None:
        return np.tile(_pixels(region.box, size), (len(times), 1))
    instants = [keyframe.at for keyframe in region.keyframes]
    corners = np.array([_pixels(keyframe.box, size) for keyframe in region.keyframes])
    return np.stack([np.interp(times, instants, corners[:, i]) for i in range(4)], axis=1)


def _pixels(box: tuple[Length, Length, Length, Length], size: tuple[int, int]) -> list[float]:
    values = []
    for length, whole in zip(box, (size[0], size[1]) * 2, strict=True):
        share = float(length[:-1]) / 100 * whole if isinstance(length, str) else float(length)
        values.append(share)
    if values[2] <= 0 or values[3] <= 0:
        raise RegionsError("A region has no width or no height; give x, y, width, height.")
    return values
