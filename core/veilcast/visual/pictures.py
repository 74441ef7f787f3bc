"""A decoded frame as the pictures that are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.tracking.flow import FLOW_SIDE, Grey

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

    from veilcast.media.info import VideoInfo
    from veilcast.types import Picture


class Pictures:
    """One frame, upright, in whichever sizes are asked for; each is made once."""

    def __init__(
        self, time_us: int, frame: VideoFrame, video: VideoInfo, scaler: VideoReformatter
    ) -> None:
        self._time_us, self._frame, self._video, self._scaler = time_us, frame, video, scaler
        self._made: dict[int, Picture] = {}

    @property
    def side(self) -> int:
        """The longer side of the frame, px."""
        return max(self._frame.width, self._frame.height)

    def colour(self, side: int) -> Picture:
        """With the longer side this long."""
        if side not in self._made:
            self._made[side] = self._scaled(side, "rgb24")
        return self._made[side]

    def grey(self) -> Grey:
        """As flow wants it."""
        import cv2

        side = min(FLOW_SIDE, self.side)
        if side in self._made:
            grey = cv2.cvtColor(self._made[side], cv2.COLOR_RGB2GRAY)
            return Grey(self._time_us, np.asarray(grey, dtype=np.uint8))
        return Grey(self._time_us, self._scaled(side, "gray"))

    def luma(self) -> tuple[NDArray[Any], int]:
        """The luma samples of the whole frame at full size, and their bits; a view, to be read."""
        pixels = self._frame.format
        first, *others = pixels.components
        alone = first.is_luma and all(other.plane != first.plane for other in others)
        if alone and not pixels.is_big_endian:
            stored = luma(self._frame)[: self._frame.height, : self._frame.width]
            return self._video.orientation.to_displayed(stored), first.bits
        grey = self._scaler.reformat(self._frame, format="gray").to_ndarray()
        return self._video.orientation.to_displayed(grey), 8

    def _scaled(self, side: int, pixels: str) -> NDArray[Any]:
        frame = self._frame
        scale = side / self.side
        size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
        # Averaging areas: what is looked at has no aliasing.
        method = "AREA" if scale <= 1 else "BICUBIC"
        small = self._scaler.reformat(frame, *size, pixels, interpolation=method).to_ndarray()
        return np.ascontiguousarray(self._video.orientation.to_displayed(small))


def luma(frame: VideoFrame) -> NDArray[Any]:
    """The first component's plane, shape (height, width or more), a view; enough to see cuts."""
    plane = frame.planes[0]
    wide = frame.format.components[0].bits > 8
    samples = np.frombuffer(memoryview(plane), dtype=np.uint16 if wide else np.uint8)
    stride = abs(plane.line_size) // samples.itemsize
    rows = min(plane.height, samples.size // stride)
    return samples[: rows * stride].reshape(rows, stride)[:, : min(stride, plane.width)]
