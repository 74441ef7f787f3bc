"""From marked regions to findings: a box for every frame, checked against the frame's size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.plugin import Findings, Origin, RegionsError, Sound
from veilcast_regions.following import follow
from veilcast_regions.placing import BY_HAND, frames_of, in_pixels, named, track_of
from veilcast_regions.spec import check_picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.plugin import LocateContext, MediaInfo, Track
    from veilcast_regions.spec import Mute, Region, RegionsSettings


def locate(context: LocateContext) -> Findings:
    """Boxes and spans for this input.

    Raises:
        NoPictureError: rectangles are marked, and there is no picture.
        RegionsError: a region is wholly outside the frame or after the end.
    """
    settings: RegionsSettings = context.settings
    check_picture(settings, context.media)
    video = context.media.video
    nothing = []
    tracks: list[Track] = []
    examined = 0
    warnings: list[str] = []
    if settings.regions and video is not None:
        times = context.frames.times_us()
        examined = len(times)
        end_us = max(int(times[-1]) + 1, context.media.duration_us)
        numbered = list(enumerate(settings.regions, 1))
        still = [
            _track(
                number,
                region,
                times[frames_of(number, region, times, end_us)],
                video.displayed_size,
            )
            for number, region in numbered
            if not region.follow
        ]
        moving, warnings = follow(
            context, [(number, region) for number, region in numbered if region.follow], end_us
        )
        tracks = sorted([*still, *moving], key=lambda track: track.id)
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
                    streams=_own(span.streams, context.media),
                    options=_how(span),
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
        warnings=tuple(warnings),
        examined=examined,
        nothing_to_do=" ".join(nothing) if not tracks and not sounds else "",
    )


def _own(streams: tuple[int, ...] | None, media: MediaInfo) -> tuple[int, ...] | None:
    """Sound streams by their index here; people name them by that in their own file."""
    if streams is None or all(audio.number is None for audio in media.audio):
        return streams
    here = {audio.number: audio.index for audio in media.audio}
    if unknown := [number for number in streams if number not in here]:
        raise RegionsError(f"Stream {unknown[0]} of 'mute' is no sound that is delivered.")
    return tuple(here[number] for number in streams)


def _how(span: Mute) -> dict[str, Any]:
    options: dict[str, Any] = {"treatment": span.treatment}
    if span.channels is not None:
        options["channels"] = list(span.channels)
    return options


def _track(number: int, region: Region, chosen: NDArray[np.int64], size: tuple[int, int]) -> Track:
    boxes = _boxes(region, chosen, size)
    width, height = size
    left, top = np.maximum(boxes[:, 0], 0), np.maximum(boxes[:, 1], 0)
    right = np.minimum(boxes[:, 0] + boxes[:, 2], width)
    bottom = np.minimum(boxes[:, 1] + boxes[:, 3], height)
    inside = (right > left) & (bottom > top)
    if not inside.any():
        raise RegionsError(
            f"{named(number, region)} is wholly outside the frame of {width}x{height}."
        )
    clamped = np.stack([left, top, right - left, bottom - top], axis=1)[inside]
    origins = np.full(len(clamped), Origin.DETECTED, dtype=np.uint8)
    return track_of(number, region, chosen[inside], clamped, origins)


def _boxes(region: Region, times: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float64]:
    if region.box is not None:
        return np.tile(in_pixels(region.box, size), (len(times), 1))
    instants = [keyframe.at for keyframe in region.keyframes]
    corners = np.array([in_pixels(keyframe.box, size) for keyframe in region.keyframes])
    return np.stack([np.interp(times, instants, corners[:, i]) for i in range(4)], axis=1)
