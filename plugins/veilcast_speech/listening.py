"""Sound as a transcriber wants it: one channel, its own sample rate, every sample in its place."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from veilcast.plugin import read_sound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import av
    import numpy as np
    from numpy.typing import NDArray

    from veilcast.plugin import AudioInfo, MediaInfo

ALIKE = 0.6
"""Channels that correlate less than this are heard alone: a call with a speaker on each."""


def listen(
    path: Path, media: MediaInfo, audio: AudioInfo, channel: int | None, rate_hz: int
) -> Iterator[NDArray[np.float32]]:
    """The sound of a stream from the presentation start on, gaps filled with silence.

    Args:
        path: the file.
        media: what it holds.
        audio: which of its streams.
        channel: which channel of it, from 0; None for the mean of all.
        rate_hz: the sample rate that is wanted.

    Yields:
        Blocks of mono samples in -1 to 1, each following on the one before.

    Raises:
        TruncatedError: something can't be decoded.
    """
    import numpy as np

    done = 0
    for at, block in _resampled(path, media, audio, rate_hz):
        while done < at:
            silence = min(at - done, rate_hz)
            yield np.zeros(silence, np.float32)
            done += silence
        # What was before the presentation start, or is there twice, is not heard.
        heard = block[done - at :]
        if len(heard):
            mono = heard.mean(axis=1) if channel is None else heard[:, channel]
            yield np.ascontiguousarray(mono, dtype=np.float32)
            done += len(heard)


def _resampled(
    path: Path, media: MediaInfo, audio: AudioInfo, rate_hz: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Blocks of shape (samples, channels), each with the position of its first sample."""
    import av

    resampler: av.AudioResampler | None = None
    following: Fraction | None = None
    position = 0
    for at, frame in read_sound(path, media, audio, holes=True):
        since = at - media.origin
        if resampler is None or following is None or abs(since - following) * rate_hz > 1:
            if resampler is not None:
                for block in _blocks(resampler.resample(None)):
                    yield position, block
            resampler = av.AudioResampler(format="fltp", layout=frame.layout, rate=rate_hz)
            position = round(since * rate_hz)
        following = since + Fraction(frame.samples, audio.rate_hz)
        frame.pts = None
        for block in _blocks(resampler.resample(frame)):
            yield position, block
            position += len(block)
    if resampler is not None:
        for block in _blocks(resampler.resample(None)):
            yield position, block
            position += len(block)


def _blocks(frames: list[av.AudioFrame]) -> Iterator[NDArray[np.float32]]:
    for frame in frames:
        if frame.samples:
            yield frame.to_ndarray().astype("float32", copy=False).T


def channels_apart(path: Path, media: MediaInfo, audio: AudioInfo) -> bool:
    """Whether a stereo stream has different sound on its channels, as recorded calls have.

    Raises:
        TruncatedError: something can't be decoded.
    """
    if audio.channels != 2:
        return False
    left = right = both = 0.0
    for _, block in _resampled(path, media, audio, 8_000):
        wide = block.astype("float64")
        left += float(wide[:, 0] @ wide[:, 0])
        right += float(wide[:, 1] @ wide[:, 1])
        both += float(wide[:, 0] @ wide[:, 1])
    if min(left, right) == 0.0:
        return left != right
    return both < ALIKE * float((left * right) ** 0.5)
