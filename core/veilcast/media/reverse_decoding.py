"""Decodes frames from the last to the first, in bounded memory, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.errors import TruncatedError
from veilcast.media.frames import read_frames
from veilcast.media.guard import DAMAGED, media_errors, open_input
from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from av import VideoFrame
    from numpy.typing import NDArray

    from veilcast.media.info import MediaInfo, VideoInfo

    Made = NDArray[np.uint8]

PIECE_BYTES = 128 << 20
_LEAST_PIECE = 8
_EARLIER_US = (0, 2_000_000)
"""Not every file is sought in exactly: where a piece lacks its beginning, it is sought earlier."""


def read_backwards(
    path: Path,
    media: MediaInfo,
    times_us: NDArray[np.int64],
    span: tuple[int, int],
    make: Callable[[int, VideoFrame], Made],
    piece_bytes: int = PIECE_BYTES,
) -> Iterator[tuple[int, Made]]:
    """What is made of each frame of a span, from its last to its first.

    Args:
        path: the file, under a neutral name.
        media: what the file holds.
        times_us: of all its presented frames.
        span: numbers of the first frame and of the one after the last.
        make: what to keep of a frame, at most one byte for each of its pixels.
        piece_bytes: about how much may be kept at a time.

    Yields:
        The frame's number, and what was made of it.

    Raises:
        TruncatedError: a frame that was there before can't be decoded.
    """
    video = media.video
    if video is None:
        raise TypeError("read_backwards needs a picture stream")
    most = max(_LEAST_PIECE, piece_bytes // (video.width * video.height))
    first, high = span
    while high > first:
        low = max(first, high - most)
        piece = _piece(path, media, video, times_us[low:high], make)
        for number in range(high - 1, low - 1, -1):
            yield number, piece.pop()
        high = low


def _piece(
    path: Path,
    media: MediaInfo,
    video: VideoInfo,
    wanted_us: NDArray[np.int64],
    make: Callable[[int, VideoFrame], Made],
) -> list[Made]:
    for earlier_us in _EARLIER_US if media.kind == "video" else ():
        start = (int(wanted_us[0]) - earlier_us) / US + float(media.origin)
        found = _take(_from(path, media, video, start), wanted_us, make)
        if found is not None:
            return found
    found = _take(read_frames(path, media, look="sketch"), wanted_us, make)
    if found is None:
        raise TruncatedError(DAMAGED)
    return found


def _take(
    frames: Iterator[tuple[int, VideoFrame]],
    wanted_us: NDArray[np.int64],
    make: Callable[[int, VideoFrame], Made],
) -> list[Made] | None:
    """What is made of exactly these frames, or None where they are not all there in their order."""
    found: list[Made] = []
    for time_us, frame in frames:
        if time_us < wanted_us[0]:
            continue
        if frame.is_corrupt or time_us != wanted_us[len(found)]:
            return None
        found.append(make(time_us, frame))
        if len(found) == len(wanted_us):
            return found
    return None


def _from(
    path: Path, media: MediaInfo, video: VideoInfo, seconds: float
) -> Iterator[tuple[int, VideoFrame]]:
    """Frames from a key frame on that lies before this time of the file, if it can be sought."""
    import av

    with media_errors(), open_input(path, media.still_format) as container:
        stream = container.streams.video[0]
        for candidate in container.streams.video:
            if candidate.index == video.index:
                stream = candidate
        stream.thread_type = "AUTO"
        stream.codec_context.options = {"skip_loop_filter": "noref"}
        try:
            container.seek(int(seconds / float(video.time_base)) - 1, stream=stream, backward=True)
            for frame in container.decode(stream):
                if frame.pts is None or frame.time_base is None:
                    return
                yield media.time_us(frame.pts, frame.time_base), frame
        except av.error.FFmpegError:
            return  # the caller notices what is missing, and reads from the start
