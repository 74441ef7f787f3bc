"""Locating with visual detectors: sample by video time, detect, find cuts, track.

Everything that a new visual identifier needs beside its detector.
"""

from __future__ import annotations

from array import array
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from veilcast.errors import SettingError
from veilcast.findings import Findings
from veilcast.media.frames import read_frames
from veilcast.timing import US
from veilcast.types import Box, Detection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from av import VideoFrame
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

    from veilcast.extensions import LoadedDetector, LocateContext, VisualDetector
    from veilcast.media.info import MediaInfo, VideoInfo
    from veilcast.settings import DetectSettings
    from veilcast.tracking import Look

_AHEAD = 4
WORKING_SIDE = 640
"""Pictures are handed to detectors with the longer side at most this long, px."""
SAME = 0.4
"""Boxes of two detectors that overlap by this IoU are one thing."""


def locate_visual(context: LocateContext, stage: str, names: Sequence[str]) -> Findings:
    """Run detectors over the source's picture and follow what they see.

    Anything that any of the detectors reports counts (their union).

    Args:
        context: its settings are `DetectSettings`.
        stage: the name of the calling stage.
        names: which of the registered detectors; all of one identifier class.

    Raises:
        SettingError: an unknown detector, or detectors of different classes.
    """
    from veilcast.tracking import CutDetector, TrackingSettings, build_tracks

    settings: DetectSettings = context.settings
    video = context.media.video
    if video is None:
        return Findings(stage=stage, nothing_to_do="The input has no picture.")
    chosen = _chosen(context, names)
    width, height = video.displayed_size
    times = array("q")
    looks: list[Look] = []
    cuts = CutDetector()
    total = _looks_expected(context.media, video, settings)
    context.progress("loading", 0, None)
    with _Lookout(context, chosen, video) as lookout:
        sampler = _Sampler(settings.sample_rate)
        unseen: tuple[int, VideoFrame] | None = None
        for time_us, frame in read_frames(context.source, context.media, look="sketch"):
            times.append(time_us)
            cuts.feed(time_us, luma(frame), frame.format.components[0].bits)
            unseen = time_us, frame
            if sampler.due(time_us):
                looks += lookout.look(time_us, frame)
                unseen = None
                context.progress("detecting", len(looks), max(total, len(looks)))
        if unseen is not None:
            # Nothing comes after the last frame that could tell where a face went.
            looks += lookout.look(*unseen)
        looks += lookout.rest()
    cuts.finish()
    frames_us = context.frames.keep(times)
    context.progress("tracking", 0, None)
    tracks = build_tracks(
        frames_us=frames_us,
        looks=looks,
        cuts_us=cuts.cuts_us,
        width=width,
        height=height,
        identifier=chosen[0].identifier,
        hipaa=chosen[0].hipaa,
        detector="+".join(detector.name for detector in chosen),
        settings=TrackingSettings(hold_us=int(settings.hold * US)),
    )
    warnings = []
    if not tracks:
        warnings.append(
            f"No {chosen[0].identifier} was detected; if there is one, lower {stage}.confidence, "
            f"raise {stage}.sample_rate, or mark it as a region."
        )
    return Findings(
        stage=stage, tracks=tuple(tracks), warnings=tuple(warnings), examined=len(looks)
    )


def _chosen(context: LocateContext, names: Sequence[str]) -> list[VisualDetector]:
    chosen = []
    for name in names:
        if name not in context.detectors:
            raise SettingError(f"There is no detector '{name}'; 'veilcast plugins' lists them.")
        chosen.append(context.detectors[name])
    if not chosen or len({detector.identifier for detector in chosen}) > 1:
        raise SettingError("Name one or more detectors, all of the same identifier class.")
    return chosen


class _Lookout:
    """Detectors at work in a thread of their own, while the next frames are decoded.

    Used as a context; `look` and `rest` give finished looks in the order of the frames.
    """

    def __init__(
        self, context: LocateContext, detectors: Sequence[VisualDetector], video: VideoInfo
    ) -> None:
        from av.video.reformatter import VideoReformatter

        self._context, self._video = context, video
        self._settings: DetectSettings = context.settings
        self._scaler = VideoReformatter()
        self._loaded: list[LoadedDetector] = []
        self._waiting: deque[Future[Look]] = deque()
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._ready = self._pool.submit(self._load, detectors)

    def __enter__(self) -> _Lookout:
        return self

    def __exit__(self, *args: object) -> None:
        for waiting in self._waiting:
            waiting.cancel()
        self._pool.submit(self._close).result()
        self._pool.shutdown()

    def _load(self, detectors: Sequence[VisualDetector]) -> None:
        for detector in detectors:
            models = {name: self._context.models[name] for name in detector.models}
            self._loaded.append(detector.load(self._settings.confidence, models))

    def _close(self) -> None:
        for detector in self._loaded:
            detector.close()

    def look(self, time_us: int, frame: VideoFrame) -> Iterator[Look]:
        """Have a frame looked at, and give what is finished."""
        if self._ready.done():
            self._ready.result()  # raises what loading raised
        looking = self._pool.submit(
            _look, time_us, frame, self._scaler, self._video, self._loaded, self._settings
        )
        self._waiting.append(looking)
        # Each holds a decoded frame.
        while len(self._waiting) > _AHEAD:
            yield self._waiting.popleft().result()

    def rest(self) -> Iterator[Look]:
        """What is not finished yet."""
        self._ready.result()
        while self._waiting:
            yield self._waiting.popleft().result()


class _Sampler:
    """Which frames to look at: the first at or after each tick of a clock of video time."""

    def __init__(self, rate_hz: float | str) -> None:
        self._period_us = 0 if isinstance(rate_hz, str) else round(US / rate_hz)
        self._next_us: int | None = None

    def due(self, time_us: int) -> bool:
        if self._period_us == 0:
            return True
        if self._next_us is None:
            self._next_us = time_us
        if time_us < self._next_us:
            return False
        ticks = (time_us - self._next_us) // self._period_us + 1
        self._next_us += ticks * self._period_us
        return True


def _looks_expected(media: MediaInfo, video: VideoInfo, settings: DetectSettings) -> int:
    seconds = float(media.duration or 0)
    rate = settings.sample_rate
    hz = float(video.rate) if isinstance(rate, str) else min(rate, float(video.rate) or rate)
    return max(1, round(seconds * hz))


def luma(frame: VideoFrame) -> NDArray[Any]:
    """The first component's plane, shape (height, width or more), a view; enough to see cuts."""
    import numpy as np

    plane = frame.planes[0]
    wide = frame.format.components[0].bits > 8
    samples = np.frombuffer(memoryview(plane), dtype=np.uint16 if wide else np.uint8)
    stride = abs(plane.line_size) // samples.itemsize
    rows = min(plane.height, samples.size // stride)
    return samples[: rows * stride].reshape(rows, stride)[:, : min(stride, plane.width)]


def _look(
    time_us: int,
    frame: VideoFrame,
    scaler: VideoReformatter,
    video: VideoInfo,
    loaded: Sequence[LoadedDetector],
    settings: DetectSettings,
) -> Look:
    import numpy as np

    from veilcast.tracking import Look

    scale = min(1.0, WORKING_SIDE / max(frame.width, frame.height))
    size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    # Averaging areas: what the detector sees has no aliasing.
    small = scaler.reformat(frame, *size, "rgb24", interpolation="AREA").to_ndarray()
    picture = np.ascontiguousarray(video.orientation.to_displayed(small))
    width, height = video.displayed_size
    across, down = width / picture.shape[1], height / picture.shape[0]
    found = []
    for detector in loaded:
        for seen in detector.detect(picture):
            box = Box(
                x=seen.box.x * across,
                y=seen.box.y * down,
                width=seen.box.width * across,
                height=seen.box.height * down,
            ).clamped(width, height)
            if box is not None and box.width >= settings.min_size:
                found.append(Detection(box=box, score=min(1.0, max(0.0, seen.score))))
    return Look(time_us=time_us, detections=merged(found))


def merged(detections: Sequence[Detection]) -> tuple[Detection, ...]:
    """Detections of one thing by several detectors become one, as large as their union."""
    kept: list[Detection] = []
    for seen in sorted(detections, key=lambda d: (-d.score, d.box.x, d.box.y)):
        for index, other in enumerate(kept):
            if seen.box.iou(other.box) >= SAME:
                kept[index] = Detection(box=other.box.union(seen.box), score=other.score)
                break
        else:
            kept.append(seen)
    return tuple(kept)
