"""From a source and detectors to tracks."""

from __future__ import annotations

from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

from veilcast.errors import SettingError
from veilcast.findings import Findings
from veilcast.findings.advice import not_followed
from veilcast.media.frames import read_frames
from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Sequence

    from av import VideoFrame

    from veilcast.extensions import LocateContext
    from veilcast.media.info import MediaInfo, VideoInfo
    from veilcast.settings import DetectorChoice, DetectSettings
    from veilcast.tracking import Look, TrackingSettings
    from veilcast.visual.chosen import Chosen

STEPS_HZ = 8.0
"""Things are followed from picture to picture at this rate at least."""

_FAST_HZ = 30.0
_LOST_US = 300_000
_BRIEF_US = 200_000
_MOST_GAP_US = 600_000
_MOST_DRIFT = 0.5


def locate_visual(context: LocateContext, stage: str, *, identifier: str | None = None) -> Findings:
    """Run the detectors that the settings name over the source's picture, and follow what they see.

    Anything that any of the detectors reports counts (their union).

    Args:
        context: its settings are `DetectSettings`.
        stage: the name of the calling stage.
        identifier: the class of what the stage covers; None: whatever its detectors find.

    Raises:
        SettingError: an unknown detector, or detectors of different classes.
    """
    from veilcast.tracking import CutDetector, build_tracks
    from veilcast.visual.lookout import Lookout
    from veilcast.visual.pictures import luma
    from veilcast.visual.sampling import Ticks

    settings: DetectSettings = context.settings
    video = context.media.video
    if video is None:
        return Findings(stage=stage, nothing_to_do="The input has no picture.")
    chosen = _chosen(context, settings.detectors, stage, identifier)
    width, height = video.displayed_size
    times = array("q")
    cuts = CutDetector()
    total = _looks_expected(context.media, video, settings)
    hold_us = int(settings.hold * US)
    done = 0
    context.progress("loading", 0, None)
    with Lookout(chosen, context.models, video, settings, hold_us) as lookout:
        looks, steps = Ticks(settings.sample_rate), Ticks(_steps_hz(settings))
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
        identifier=chosen[0].detector.identifier,
        hipaa=chosen[0].detector.hipaa,
        detector="+".join(one.detector.name for one in chosen),
        settings=_tracking(seen, hold_us),
    )
    warnings = []
    if not tracks:
        warnings.append(
            f"No {chosen[0].detector.identifier} was detected; if there is one, lower "
            f"{stage}.confidence, raise {stage}.sample_rate, or mark it as a region."
        )
    warnings += not_followed(stage, tracks, len(seen))
    return Findings(stage=stage, tracks=tuple(tracks), warnings=tuple(warnings), examined=len(seen))


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


def _steps_hz(settings: DetectSettings) -> float | str:
    rate = settings.sample_rate
    return rate if isinstance(rate, str) else max(rate, STEPS_HZ)


def _chosen(
    context: LocateContext, choices: Sequence[DetectorChoice], stage: str, identifier: str | None
) -> list[Chosen]:
    from veilcast.visual.chosen import Chosen

    settings: DetectSettings = context.settings
    chosen = []
    for choice in choices:
        if choice.name not in context.detectors:
            raise SettingError(
                f"There is no detector '{choice.name}'; 'veilcast plugins' lists them."
            )
        detector = context.detectors[choice.name]
        if identifier is not None and detector.identifier != identifier:
            fitting = [d.name for d in context.detectors.values() if d.identifier == identifier]
            raise SettingError(
                f"The detector '{choice.name}' finds a {detector.identifier}, but the stage "
                f"'{stage}' covers a {identifier}; choose one of {', '.join(sorted(fitting))}."
            )
        own = choice.own or detector.settings()
        chosen.append(Chosen.of(detector, own, settings.confidence))
    if not chosen or len({one.detector.identifier for one in chosen}) > 1:
        raise SettingError("Name one or more detectors, all of the same identifier class.")
    return chosen


def _looks_expected(media: MediaInfo, video: VideoInfo, settings: DetectSettings) -> int:
    seconds = float(media.duration or 0)
    rate = settings.sample_rate
    hz = float(video.rate) if isinstance(rate, str) else min(rate, float(video.rate) or rate)
    return max(1, round(seconds * hz))
