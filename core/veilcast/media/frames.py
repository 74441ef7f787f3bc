"""Frames by presentation time: decoding that fails rather than skips."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from veilcast.errors import TruncatedError, UnsupportedError
from veilcast.media.guard import DAMAGED, media_errors, open_input
from veilcast.media.info import DISPLAYED_AS

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from av import VideoFrame
    from numpy.typing import NDArray

    from veilcast.media.info import MediaInfo, VideoInfo


Look = Literal["exact", "sketch", "times"]
_SAYS_END = ("mkv", "webm", "nut")
"""Their headers say when the recording ends, and not how long it is."""
_SKIPPED = {"sketch": "noref", "times": "all"}


def read_frames(
    path: Path,
    media: MediaInfo,
    *,
    look: Look = "exact",
    end: list[Fraction] | None = None,
) -> Iterator[tuple[int, VideoFrame]]:
    """Decode every presented frame in order.

    Frames that an edit list hides are not presented and not given. The decoded planes belong to the
    caller until the next frame; write into them only after `frame.make_writable()`.

    Args:
        path: the file, under a neutral name.
        media: what the file holds.
        look: how close: ``exact`` samples; a ``sketch`` without the in-loop filter on frames that
            no other refers to; or only their ``times``, without that filter. Quicker in turn.
        end: when given, gets the end of the last frame (seconds) appended at the end.

    Yields:
        The frame's time in microseconds from this file's presentation start, and the frame.

    Raises:
        TruncatedError: a frame can't be decoded, or has no time.
        UnsupportedError: size or pixel format change on the way.
    """
    video = media.video
    if video is None:
        raise TypeError("read_frames needs a picture stream")
    still = media.still_format
    last: int | None = None
    last_end = video.start
    with media_errors(), open_input(path, still) as container:
        stream: Any = container.streams[video.index]
        if stream.type != "video":
            raise TruncatedError(DAMAGED)
        stream.thread_type = "AUTO"
        if look != "exact":
            stream.codec_context.options = {"skip_loop_filter": _SKIPPED[look]}
        frames: Iterator[VideoFrame] = container.decode(stream)
        for decoded in frames:
            frame = decoded
            if decoded.format.name in DISPLAYED_AS:
                frame = decoded.reformat(format=DISPLAYED_AS[decoded.format.name])
                frame.pts, frame.time_base = decoded.pts, decoded.time_base
            pts, time_base = _checked(frame, video, last)
            last = pts
            last_end = (pts + (frame.duration or 0)) * time_base
            yield media.time_us(pts, time_base), frame
            if still:
                break  # a phone's JPEG may have more pictures behind its end; they are not kept
    if last is None:
        raise TruncatedError(DAMAGED)
    if end is not None:
        end.append(last_end)


def _checked(frame: VideoFrame, video: VideoInfo, last: int | None) -> tuple[int, Fraction]:
    if frame.is_corrupt or frame.pts is None or frame.time_base is None:
        raise TruncatedError(DAMAGED)
    if last is not None and frame.pts <= last:
        raise TruncatedError(
            "Two frames of the input have the same or a falling time stamp; "
            "repair its timing (re-encode or re-mux it) first."
        )
    if (frame.width, frame.height, frame.format.name) != (video.width, video.height, video.pix_fmt):
        raise UnsupportedError(
            "The picture size or pixel format changes within the input; "
            "split it where that happens, and give the parts one by one."
        )
    return frame.pts, frame.time_base


def check_complete(media: MediaInfo, end: Fraction) -> None:
    """Stop when the streams end well before the header says: the file was cut short.

    Raises:
        TruncatedError: more than a quarter of a second is missing.
    """
    if missing_at(media, end) > Fraction(1, 4):
        raise TruncatedError(DAMAGED)


def missing_at(media: MediaInfo, end: Fraction) -> Fraction:
    """How many seconds the header says there are behind this end."""
    if media.duration is None or media.container in ("mp3", "aac", "amr"):
        return Fraction(0)  # bare frames: ffmpeg's duration is a guess from the bit rate
    played = [stream for stream in media.streams if stream.role != "side"]
    ends = [s.start + s.duration - media.origin for s in played if s.duration is not None]
    # Where the streams have no durations of their own, the file's counts, with side streams in it.
    expected = max(ends) if len(ends) == len(played) else media.duration
    if expected == media.duration and media.container in _SAYS_END:
        expected -= max(Fraction(0), media.origin)
    return expected - (end - media.origin)


class FrameIndex:
    """The time of every presented frame of the source: decoded once, then remembered."""

    def __init__(
        self,
        path: Path,
        media: MediaInfo,
        load: Callable[[], bytes | None],
        store: Callable[[bytes], None],
    ) -> None:
        """Nothing is read yet.

        Args:
            path: the source.
            media: what it holds.
            load: gives what `store` got in an earlier run, or None.
            store: keeps bytes for later runs.
        """
        self._path, self._media, self._load, self._store = path, media, load, store
        self._times: NDArray[np.int64] | None = None

    def times_us(self) -> NDArray[np.int64]:
        """int64, shape (frames,): microseconds from the presentation start."""
        import numpy as np

        if self._times is not None:
            return self._times
        kept = self._load()
        if kept is not None:
            self._times = np.frombuffer(kept, dtype="<i8").astype(np.int64)
            return self._times
        times = [time_us for time_us, _ in read_frames(self._path, self._media, look="times")]
        return self._remember(np.asarray(times, dtype=np.int64))

    def keep(self, times: array[int]) -> NDArray[np.int64]:
        """Remember times that a full decode has just seen."""
        import numpy as np

        return self._remember(np.asarray(times, dtype=np.int64))

    def _remember(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        self._times = times
        self._store(times.astype("<i8").tobytes())
        return times
