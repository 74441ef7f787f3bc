"""A patch that is carried before a wall, drawn with the truth about which of its pixels show."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, cast

import av
import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, HEIGHT, RATE = 480, 270, 25
MARKED = (36, 26)
"""Width and height of the patch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where the patch is: its middle, turned by radians, at a scale; what hides it; which wall."""

    x: float
    y: float
    turn: float = 0.0
    scale: float = 1.0
    hidden: tuple[int, int, int, int] | None = None
    wall: int = 1
    there: bool = True
    blur: int = 1


Motion: TypeAlias = "Callable[[float], Pose]"


@cache
def surface(seed: int, width: int, height: int, strength: float = 1.0) -> Floats:
    """Something with detail at several scales, shape (height, width, 3)."""
    random = np.random.default_rng(seed)
    shown = np.full((height, width, 3), 125.0)
    for cell, contrast in ((4, 22), (10, 24), (32, 26)):
        grain = random.normal(0, contrast * strength, (height // cell + 2, width // cell + 2, 1))
        grain = grain + random.normal(0, contrast * strength / 3, (*grain.shape[:2], 3))
        shown += cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(shown, 5, 250))


@dataclass(frozen=True, slots=True)
class Clip:
    """A file, and for every frame which pixels of it show the patch, shape (height, width)."""

    path: Path
    masks: list[NDArray[np.bool_]]
    times: list[float]

    def covered(self, boxes: Sequence[Sequence[float]], number: int) -> float | None:
        """The share of the visible patch inside boxes x, y, width, height; None if none shows."""
        mask = self.masks[number]
        if mask.sum() < 20:
            return None
        under = np.zeros(mask.shape, dtype=bool)
        for x, y, width, height in boxes:
            rows = slice(int(np.floor(y)), int(np.ceil(y + height)))
            under[rows, int(np.floor(x)) : int(np.ceil(x + width))] = True
        return float((mask & under).sum() / mask.sum())


def drawn(
    pose: Pose, width: int, height: int, number: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A frame, and where the patch shows."""
    picture = surface(pose.wall, width, height).copy()
    mask: Floats = np.zeros((height, width))
    if pose.there:
        patch = surface(99, *MARKED, 1.5)
        cos, sin = pose.scale * np.cos(pose.turn), pose.scale * np.sin(pose.turn)
        turned = np.asarray([[cos, -sin], [sin, cos]])
        # OpenCV counts from the middle of the first pixel.
        shift = np.asarray((pose.x - 0.5, pose.y - 0.5)) - turned @ ((np.asarray(MARKED) - 1) / 2)
        matrix = np.column_stack((turned, shift))
        mask = np.asarray(cv2.warpAffine(np.ones(patch.shape[:2]), matrix, (width, height)), float)
        laid = cv2.warpAffine(patch, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        picture = picture * (1 - mask[..., None]) + laid * mask[..., None]
    if pose.blur > 1:
        picture, mask = (np.asarray(cv2.blur(a, (pose.blur, 1)), float) for a in (picture, mask))
    if pose.hidden is not None:
        left, top, across, down = pose.hidden
        place = np.s_[max(top, 0) : top + down, max(left, 0) : left + across]
        picture[place] = surface(55, width, height)[place]
        mask[place] = 0
    picture += np.random.default_rng(number).normal(0, 2, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8), mask > 0.5


def clip(
    path: Path,
    motion: Callable[[float], Pose],
    *,
    seconds: float = 2.0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    times: Sequence[float] | None = None,
) -> Clip:
    """Writes a clip; `times` in seconds, in steps of a millisecond, if the rate varies."""
    if times is None:
        times = [number / RATE for number in range(round(seconds * RATE))]
    masks = []
    with av.open(str(path), "w") as container:
        options = {"crf": "20", "preset": "veryfast", "threads": "1"} if "264" in codec else {}
        stream = cast("VideoStream", container.add_stream(codec, rate=RATE, options=options))
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number, time in enumerate(times):
            picture, mask = drawn(motion(time), *size, number)
            masks.append(mask)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return Clip(path, masks, list(times))


def box_of(pose: Pose) -> str:
    """The rectangle that a person would mark, as a regions file has it."""
    width, height = (side * pose.scale for side in MARKED)
    return f"[{pose.x - width / 2:.1f}, {pose.y - height / 2:.1f}, {width:.1f}, {height:.1f}]"
