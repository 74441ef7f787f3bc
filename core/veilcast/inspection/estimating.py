"""How long a run is going to take: measured costs, by how fast this machine is at the moment.

The costs are those of whole runs with the default profile on a machine with two cores, in seconds
at a speed at which `_shrink_and_blur` takes `_REFERENCE_MS`. That is done here too for a moment, so
that a faster machine, or one that is busy with other things, is taken into account. How well this
works was measured as well: `docs/python.md` says so.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from veilcast.inspection.inspection_model import Estimate
from veilcast.settings import (
    DetectSettings,
    IdentifierSettings,
    ReadPictureSettings,
    TranscribeSettings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veilcast.media.info import AudioInfo, MediaInfo
    from veilcast.pipeline.job import Job, Reporter
    from veilcast.profile import PlannedStage, Profile
    from veilcast.settings import TranscriberChoice

_REFERENCE_MS = 2.3
_PROBE_S = 0.25
_SPREAD = 1.8
"""What a run takes lies within this factor of the estimate, four times out of five."""

_STARTING = 1.0
_LOADING_DETECTORS, _LOADING_RECOGNISERS = 1.0, 4.0
_LOOK, _LOOK_AGAIN = 0.015, 0.022
"""Seconds for each time that detectors look."""
_LOADING_READERS = 1.5
_READ, _READ_AGAIN, _READ_MPIXELS = 0.3, 0.25, 0.005
"""Seconds for each time that a picture is read, as it is where some of it is text."""
_READ_AGAIN_HZ = 1.5
_LOCATE_MPIXELS, _REDACT_MPIXELS, _VERIFY_MPIXELS = 0.029, 0.027, 0.019
"""Seconds for each million of pixels of all frames."""
_REDACT_FRAME = 0.004
_VERIFY, _VERIFY_SPEECH = 0.7, 1.0
_HEARD_APART = 1.5
"""Of two channels: they are heard apart where they differ, which is not known yet."""
_LISTEN: Mapping[tuple[str, str], tuple[float, float]] = {
    ("pocketsphinx", ""): (0.41, 0.25),
    ("whisper", "base"): (0.25, 0.1),
}
"""By transcriber and model: seconds for each second of one channel, in locating and verifying."""
_BYTES_PER_S = 20e6
_ENOUGH_CORES = 4
"""From so many on, picture and sound do not wait for each other."""


def estimate(
    profile: Profile, workers: Mapping[str, Sequence[str]], job: Job, reporter: Reporter
) -> Estimate | None:
    """How long a run takes, or None when nobody can say.

    Args:
        profile: what would be done.
        workers: the stages that may cover something, by ``picture`` and ``sound``.
        job: the opened recording.
        reporter: told about progress.
    """
    media = job.media
    if media.duration is None and media.kind != "still":
        return None
    reporter.stage("inspect")("measuring this machine's speed", 0, None)
    slowness = _shrink_and_blur() / _REFERENCE_MS
    seconds, unknown = _costs(profile, workers, media)
    phases = {name: round(cost * slowness, 1) for name, cost in seconds.items()}
    total = sum(phases.values())
    return Estimate(
        seconds=round(total, 1),
        low=round(total / _SPREAD, 1),
        high=round(total * _SPREAD, 1),
        phases=phases,
        unknown=unknown,
    )


def _costs(
    profile: Profile, workers: Mapping[str, Sequence[str]], media: MediaInfo
) -> tuple[dict[str, float], list[str]]:
    """Seconds by phase at the reference speed, and the stages that are not in them."""
    lasts = float(media.duration or 0)
    frames, mpixels = _pixels(media)
    reading = media.size / _BYTES_PER_S
    seen = heard = 0.0
    verify = _VERIFY + reading + mpixels * _VERIFY_MPIXELS
    unknown = []
    for planned in profile.stages:
        settings = planned.settings
        if isinstance(settings, DetectSettings):
            looks = _looks(settings, lasts, frames)
            seen += looks * _LOOK + mpixels * _LOCATE_MPIXELS
            seen += _LOADING_DETECTORS if frames else 0
            verify += looks * _LOOK_AGAIN
        elif isinstance(settings, ReadPictureSettings):
            rate = float(getattr(settings, "sample_rate", 2.0))
            seen += min(frames, lasts * rate + 1) * _READ + mpixels * _READ_MPIXELS
            seen += _LOADING_READERS if frames else 0
            verify += min(frames, lasts * _READ_AGAIN_HZ + 1) * _READ_AGAIN
        elif isinstance(settings, TranscribeSettings):
            if not media.audio:
                continue
            costs = [_LISTEN.get(_model(choice)) for choice in settings.listeners]
            first = costs[0]
            if first is None:
                unknown.append(planned.stage.name)
                continue
            channels = sum(map(_channels, media.audio))
            heard += lasts * channels * sum(cost[0] for cost in costs if cost)
            verify += lasts * channels * first[1] + _VERIFY_SPEECH
        elif _is_unknown(planned):
            unknown.append(planned.stage.name)
    reads = any(isinstance(p.settings, IdentifierSettings) for p in profile.stages)
    together = max(seen, heard) if (os.cpu_count() or 1) >= _ENOUGH_CORES else seen + heard
    redact = reading + (
        frames * _REDACT_FRAME + mpixels * _REDACT_MPIXELS if workers["picture"] else 0
    )
    return {
        "locate": _STARTING + (_LOADING_RECOGNISERS if reads else 0) + reading + together,
        "redact": redact,
        "verify": verify,
    }, unknown


def _pixels(media: MediaInfo) -> tuple[float, float]:
    """Frames, and millions of pixels in all of them."""
    video = media.video
    if video is None:
        return 0.0, 0.0
    frames = 1.0 if media.kind == "still" else float(media.duration or 0) * float(video.rate)
    return frames, frames * video.width * video.height / 1e6


def _looks(settings: DetectSettings, lasts: float, frames: float) -> float:
    rate = settings.sample_rate
    return frames if rate == "every_frame" else min(frames, lasts * float(rate) + 1)


def _model(choice: TranscriberChoice) -> tuple[str, str]:
    """The name of a transcriber, and of its model where it has several."""
    return choice.name, str(getattr(choice.own, "model", ""))


def _channels(audio: AudioInfo) -> float:
    return _HEARD_APART if audio.channels == 2 else 1.0


def _is_unknown(planned: PlannedStage) -> bool:
    """Another's stage that does its own redacting may take any time."""
    return planned.stage.redact is not None and not isinstance(planned.settings, IdentifierSettings)


def _shrink_and_blur() -> float:
    """Milliseconds for something like what a run does all the time, on the cores that are free."""
    import cv2
    import numpy as np

    picture = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
    began, rounds = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < _PROBE_S:
        cv2.GaussianBlur(cv2.resize(picture, (640, 360), interpolation=cv2.INTER_AREA), (0, 0), 3)
        rounds += 1
    return passed / rounds * 1000
