"""Single frames of a long file, without decoding all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.errors import TruncatedError
from veilcast.media.frames import read_frames
from veilcast.media.guard import DAMAGED, media_errors, open_input
from veilcast.media.info import DISPLAYED_AS
from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from av import VideoFrame

    from veilcast.extensions import Progress
    from veilcast.media.info import MediaInfo

TICK_US = 2_000
"""Another container may count in milliseconds: frames come by so much sooner or later."""
_NEAR_US = 3 * US
"""A frame that is at most so far ahead is reached by decoding on, not by seeking."""
_BACK_US = (0, 2 * US, 20 * US)
"""How much earlier than the time to seek, where seeking lands too late."""


def frames_at(
    path: Path, media: MediaInfo, times_us: Sequence[int], progress: Progress
) -> Iterator[tuple[int, VideoFrame]]:
    """The frame shown first at or after each of these times; the last frame for what is behind it.

    Args:
        path: the file, under a neutral name.
        media: what it holds, a picture among it.
        times_us: rising, microseconds from the presentation start.
        progress: told after each frame.

    Yields:
        The place in `times_us`, and the frame, as stored (not turned).

    Raises:
        TruncatedError: a frame that is asked for can't be decoded.
    """
    if media.still_format:
        for _, frame in read_frames(path, media):
            for place in range(len(times_us)):
                yield place, frame
        return
    with media_errors(), open_input(path) as container:
        reader = _Reader(container, media)
        for place, at_us in enumerate(times_us):
            progress("looking at frames", place, len(times_us))
            yield place, reader.frame(at_us)


class _Reader:
    """Goes forward by decoding where that is near, and by seeking where it is not."""

    def __init__(self, container: Any, media: MediaInfo) -> None:
        video = media.video
        if video is None:
            raise TypeError("frames_at needs a picture stream")
        self._container, self._media, self._video = container, media, video
        self._stream = container.streams[video.index]
        self._stream.thread_type = "AUTO"
        self._frames: Iterator[VideoFrame] = iter(())
        self._at: VideoFrame | None = None

    def frame(self, at_us: int) -> VideoFrame:
        now = None if self._at is None else self._time(self._at)
        if self._at is not None and now is not None and now >= at_us - TICK_US:
            return self._at  # several moments in one frame, or behind the last one
        if now is not None and at_us - now <= _NEAR_US:
            found = self._forward(at_us)
            if found is not None:
                return found
        return self._sought(at_us)

    def _sought(self, at_us: int) -> VideoFrame:
        for back_us in _BACK_US:
            if self._seek(at_us - back_us):
                found = self._forward(at_us)
                if found is not None:
                    return found
        self._rewind()
        found = self._forward(at_us, whole=True)
        if found is None:
            raise TruncatedError(DAMAGED)
        return found

    def _seek(self, at_us: int) -> bool:
        """Whether decoding now begins at or before this time."""
        import av

        seconds = self._media.origin + max(at_us, 0) / US * 1
        try:
            self._container.seek(
                int(seconds / self._video.time_base), stream=self._stream, backward=True
            )
        except (av.error.FFmpegError, OSError):
            return False  # not every container can seek; then it is read from its beginning
        self._frames, self._at = self._container.decode(self._stream), None
        return True

    def _rewind(self) -> None:
        self._container.seek(0, backward=True)
        self._frames, self._at = self._container.decode(self._stream), None

    def _forward(self, at_us: int, *, whole: bool = False) -> VideoFrame | None:
        """The frame at this time, or None where the frames before it were not seen.

        Args:
            at_us: the time.
            whole: decoding began at the file's beginning, so whatever comes first is the frame.
        """
        sure = whole or self._at is not None
        for frame in self._frames:
            time_us = self._time(frame)
            if time_us is None:
                raise TruncatedError(DAMAGED)
            reached = time_us >= at_us - TICK_US
            if frame.is_corrupt:
                if reached:
                    return None if not whole else _damaged()
                continue  # refers to pictures before the place that was sought
            if reached and not (sure or time_us <= at_us + TICK_US):
                return None  # landed behind the time: begin earlier
            self._at, sure = frame, True
            if reached:
                return self._shown(frame)
        return None if self._at is None else self._shown(self._at)

    def _time(self, frame: VideoFrame) -> int | None:
        if frame.pts is None or frame.time_base is None:
            return None
        return self._media.time_us(frame.pts, frame.time_base)

    def _shown(self, frame: VideoFrame) -> VideoFrame:
        if frame.format.name not in DISPLAYED_AS:
            return frame
        shown = frame.reformat(format=DISPLAYED_AS[frame.format.name])
        shown.pts, shown.time_base = frame.pts, frame.time_base
        return shown


def _damaged() -> VideoFrame:
    raise TruncatedError(DAMAGED)
