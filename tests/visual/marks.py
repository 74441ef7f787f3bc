"""A visual detector as a third party would write one, and clips of what it finds.

It finds *marks*: squares with a bright rim around a dark pattern. How bright the rim is says how
sure it is, and a mark with a dull rim is there to be followed but not to be seen.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

from veilcast.extensions import LocateContext
from veilcast.media.frames import FrameIndex
from veilcast.media.probe import probe
from veilcast.plugin import Box, Detection, DetectSettings, VisualDetector, locate_visual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.plugin import DetectorContext, Findings, Picture, Progress

BRIGHT, FAINT, DULL = 250, 228, 200
SURE, UNSURE = 0.9, 0.4
"""The scores of a bright and of a faint rim."""
_LEAST = 214
_RIM = 4


class Marks:
    """The detector, loaded."""

    def __init__(self, context: DetectorContext) -> None:
        self.least = context.least_score
        self.pictures: list[tuple[int, ...]] = []
        self.closed = False

    def detect(self, picture: Picture) -> list[Detection]:
        self.pictures.append(picture.shape)
        rim = (picture.min(axis=2) >= _LEAST).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(rim, connectivity=8)
        found = []
        for label, (x, y, width, height, area) in enumerate(stats.tolist()):
            if label and area >= 12:
                bright = np.percentile(picture[labels == label], 90)
                score = SURE if bright > (BRIGHT + FAINT) / 2 else UNSURE
                box = Box(x=float(x), y=float(y), width=float(width), height=float(height))
                found.append(Detection(box=box, score=score))
        return [seen for seen in found if seen.score >= self.least]

    def close(self) -> None:
        self.closed = True


def detector(
    load: Callable[[DetectorContext], Any] = Marks, name: str = "marks", **facts: Any
) -> VisualDetector:
    described = {"identifier": "badge", "hipaa": "R", "summary": "Marks", "load": load, **facts}
    return VisualDetector(name=name, **described)


@cache
def wall(width: int, height: int, seed: int = 1) -> NDArray[np.uint8]:
    """Dark, with detail at every scale."""
    random = np.random.default_rng(seed)
    shown = np.full((height, width), 70.0, np.float32)
    for cell, strength in ((4, 7), (12, 12), (48, 18)):
        coarse = random.normal(0, 1, (height // cell + 2, width // cell + 2)).astype(np.float32)
        shown += strength * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    grey = np.clip(shown, 0, 130).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def mark(picture: NDArray[np.uint8], box: Box, rim: int = BRIGHT) -> None:
    """Draw a mark; `box` is in whole pixels."""
    x, y, width, height = map(round, (box.x, box.y, box.width, box.height))
    inside = cv2.resize(wall(64, 64, 9), (width, height))
    edge = max(_RIM, width // 16)
    inside[:edge], inside[-edge:], inside[:, :edge], inside[:, -edge:] = rim, rim, rim, rim
    low_x, low_y = max(x, 0), max(y, 0)
    part = picture[low_y : y + height, low_x : x + width]
    part[:] = inside[low_y - y :, low_x - x :][: part.shape[0], : part.shape[1]]


def frame(
    box: Box | None, *, size: tuple[int, int] = (320, 240), rim: int = BRIGHT, seed: int = 1
) -> NDArray[np.uint8]:
    picture = wall(*size, seed).copy()
    if box is not None:
        mark(picture, box, rim)
    return picture


def write(
    path: Path,
    pictures: Iterable[NDArray[np.uint8]],
    times_ms: Sequence[int],
    *,
    pix_fmt: str = "yuv444p",
    codec: str = "libx264",
) -> Path:
    """A clip without loss, each picture at its own time."""
    options = {"qp": "0", "preset": "ultrafast", "bf": "0"} if codec == "libx264" else {}
    with av.open(str(path), "w") as container:
        stream: Any = None
        for picture, time in zip(pictures, times_ms, strict=True):
            if stream is None:
                stream = container.add_stream(codec, rate=Fraction(1000), options=options)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pix_fmt
                stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
            shown = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pix_fmt)
            shown.pts, shown.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return path


def context_of(
    path: Path,
    *detectors: Any,
    progress: Progress = lambda activity, done, total: None,
    **said: Any,
) -> LocateContext:
    """What a stage gets that has nothing but these detectors."""
    media = probe(path)
    known = {one.name: one for one in (detectors or (detector(),))}
    return LocateContext(
        source=path,
        media=media,
        frames=FrameIndex(path, media, lambda: None, lambda kept: None),
        settings=DetectSettings(detectors=tuple(known), **said),
        models={},
        detectors=known,
        scratch=path.parent,
        progress=progress,
    )


def locate(path: Path, *detectors: Any, **said: Any) -> Findings:
    """What such a stage finds."""
    return locate_visual(context_of(path, *detectors, **said), "badges")


def covered(found: Findings, time_us: int, true: Box) -> float:
    """The largest share of `true` inside one cover of the frame at this time."""
    best = 0.0
    for track in found.tracks:
        for x, y, width, height in track.boxes[track.times_us == time_us]:
            across = min(true.right, x + width) - max(true.x, x)
            down = min(true.bottom, y + height) - max(true.y, y)
            best = max(best, max(0.0, across) * max(0.0, down) / true.area)
    return best
