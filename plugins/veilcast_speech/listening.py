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
    # Where each sample's time is written down a hole is meant; elsewhere something got lost there.
    meant = media.container in ("mp4", "mov", "m4a")
    for at, frame in read_sound(path, media, audio, holes=meant):
        since = at - media.origin
        if resampler is None or following is None or abs(since - following) * rate_hz > 1:
            if resampler is not None:
                for block in _blocks(resampler.resample(None)):
                    yield position, block
            resampler = av.AudioResampler(format="flt", layout=frame.layout, rate=rate_hz)
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
            samples = frame.to_ndarray().astype("float32", copy=False)
            yield samples.reshape(-1, frame.layout.nb_channels)


def channels_apart(path: Path, media: MediaInfo, audio: AudioInfo) -> bool:
    """Whether what a stream has on its channels would be lost if they were heard together.

    That is so where a stereo stream has different sound on either side, as recorded calls have, and
    where channels cancel each other out at any time, as they do when one has its poles swapped.

    Raises:
        TruncatedError: something can't be decoded.
    """
    import numpy as np

    if audio.channels == 1:
        return False
    products = np.zeros((audio.channels, audio.channels))
    for block in _seconds(path, media, audio):
        here = block.T @ block
        products += here
        # Of what is loudest there, less than a quarter is left of all channels together.
        if here.sum() < 0.25 * here.diagonal().max() and here.diagonal().max() > len(block) * 1e-6:
            return True
    if audio.channels != 2:
        return False
    (left, both), (_, right) = products.tolist()
    if min(left, right) == 0.0:
        return bool(left != right)
    return bool(both < ALIKE * (left * right) ** 0.5)


def _seconds(path: Path, media: MediaInfo, audio: AudioInfo) -> Iterator[NDArray[np.float64]]:
    """The sound in blocks of about half a second, shape (samples, channels)."""
    import numpy as np

    waiting: list[NDArray[np.float64]] = []
    for _, block in _resampled(path, media, audio, 8_000):
        waiting.append(block.astype(np.float64))
        if sum(map(len, waiting)) >= 4_000:
            yield np.concatenate(waiting)
            waiting = []
    if waiting:
        yield np.concatenate(waiting)
