"""From a source and what looks at its pictures to tracks."""

from __future__ import annotations

from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

from veilcast.media.frames import read_frames
from veilcast.timing import US
from veilcast.visual.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from av import VideoFrame

    from veilcast.extensions import LocateContext, Progress
    from veilcast.media.info import MediaInfo, VideoInfo
    from veilcast.tracking import Look, TrackingSettings
    from veilcast.visual.watched import Looker

STEPS_HZ = 8.0
"""Things are followed from picture to picture at this rate at least."""

_FAST_HZ = 30.0
_LOST_US = 300_000
_BRIEF_US = 200_000
_MOST_GAP_US = 600_000
_MOST_DRIFT = 0.5


def watched(
    context: LocateContext,
    looker: Looker,
    *,
    rate: float | str,
    hold: float,
    identifier: str,
    hipaa: str,
    detector: str,
) -> Watched:
    """See `veilcast.visual.watch`."""
    from veilcast.tracking import CutDetector, build_tracks
    from veilcast.visual.lookout import Lookout
    from veilcast.visual.pictures import luma
    from veilcast.visual.sampling import Ticks

    video = context.media.video
    if video is None:
        raise TypeError("watching needs a picture stream")
    width, height = video.displayed_size
    times = array("q")
    cuts = CutDetector()
    total = _looks_expected(context.media, video, rate)
    hold_us = int(hold * US)
    done = 0
    context.progress("loading", 0, None)
    with Lookout(looker, video, hold_us) as lookout:
        looks, steps = Ticks(rate), Ticks(_steps_hz(rate))
        between = Ticks(_FAST_HZ)
        latest: tuple[int, VideoFrame] | None = None
        was_sudden = False
        for time_us, frame in read_frames(context.source, context.media, look="sketch"):
            times.append(time_us)
            sudden = cuts.feed(time_us, luma(frame), frame.format.components[0].bits)
            if latest is not None:
                look, step = looks.due(latest[0]), steps.due(latest[0])
                # A shot may be shorter than the time between two looks: see how it begins and ends.
                afresh = sudden or was_sudden
                dense, spare = between.due(latest[0]), not (look or step or afresh)
                if dense or not spare:
                    lookout.step(*latest, look=look or afresh, spare=spare, afresh=afresh)
                if look:
                    done += 1
                    context.progress("detecting", done, max(total, done))
            latest, was_sudden = (time_us, frame), sudden
        if latest is not None:
            # Nothing comes after the last frame that could tell where a face went.
            lookout.step(*latest, look=True, afresh=was_sudden)
            context.progress("detecting", done + 1, max(total, done + 1))
        seen = lookout.looks()
    cuts.finish()
    frames_us = context.frames.keep(times)
    context.progress("tracking", 0, None)
    tracks = build_tracks(
        frames_us=frames_us,
        looks=seen,
        cuts_us=cuts.cuts_us,
        width=width,
        height=height,
        identifier=identifier,
        hipaa=hipaa,
        detector=detector,
        settings=_tracking(seen, hold_us),
    )
    return Watched(tuple(tracks), len(seen))


def looked_through(
    file: Path, media: MediaInfo, looker: Looker, rate: float | str, progress: Progress
) -> None:
    """See `veilcast.visual.look_through`."""
    from av.video.reformatter import VideoReformatter

    from veilcast.visual.pictures import Pictures
    from veilcast.visual.sampling import Ticks

    video = media.video
    if video is None:
        raise TypeError("looking needs a picture stream")
    scaler, looks = VideoReformatter(), Ticks(rate)
    total, done = _looks_expected(media, video, rate), 0
    progress("loading", 0, None)
    try:
        looker.load()
        for time_us, frame in read_frames(file, media, look="sketch"):
            if looks.due(time_us):
                looker.look(time_us, Pictures(time_us, frame, video, scaler), None)
                done += 1
            progress("looking again", done, max(total, done))
    finally:
        looker.close()


def _tracking(seen: Sequence[Look], hold_us: int) -> TrackingSettings:
    """The times of tracking; where frames are far apart they are no less than some looks."""
    from statistics import median

    from veilcast.tracking import TrackingSettings

    pace_us = int(median(b.time_us - a.time_us for a, b in pairwise(seen))) if seen[1:] else 0
    return TrackingSettings(
        hold_us=hold_us,
        lost_us=min(max(_LOST_US, 2 * pace_us), hold_us),
        brief_us=max(_BRIEF_US, pace_us),
        max_gap_us=max(_MOST_GAP_US, 3 * pace_us),
        most_drift=_MOST_DRIFT,
    )


def _steps_hz(rate: float | str) -> float | str:
    return rate if isinstance(rate, str) else max(rate, STEPS_HZ)


def _looks_expected(media: MediaInfo, video: VideoInfo, rate: float | str) -> int:
    seconds = float(media.duration or 0)
    hz = float(video.rate) if isinstance(rate, str) else min(rate, float(video.rate) or rate)
    return max(1, round(seconds * hz))
