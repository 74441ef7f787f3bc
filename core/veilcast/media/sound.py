"""Decoded sound in blocks, with the position of every sample."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from veilcast.errors import TruncatedError, UnsupportedError
from veilcast.media.guard import DAMAGED, media_errors, open_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from av import AudioFrame
    from av.packet import Packet
    from numpy.typing import NDArray

    from veilcast.media.info import AudioInfo, MediaInfo

    Change = Callable[[NDArray[Any], int], NDArray[Any]]
    """A block, shape (samples, channels), and its first sample's position, to one of that shape."""


def read_sound(
    path: Path, media: MediaInfo, audio: AudioInfo
) -> Iterator[tuple[Fraction, AudioFrame]]:
    """Decode every heard sample of a stream, in order.

    Yields:
        The time of the first sample in seconds, as in the file, and the frame.

    Raises:
        TruncatedError: something can't be decoded.
    """
    with media_errors(), open_input(path, media.still_format) as container:
        stream = container.streams[audio.index]
        if stream.type != "audio":
            raise TruncatedError(DAMAGED)
        following: Fraction | None = None
        for frame in _decoded(container.demux(stream)):
            if frame.is_corrupt or (frame.pts is None and following is None):
                raise TruncatedError(DAMAGED)
            if (frame.sample_rate, frame.layout.nb_channels) != (audio.rate_hz, audio.channels):
                # Positions are counted in samples: a span would be destroyed in the wrong place.
                raise UnsupportedError(
                    "The sample rate or the channels of the sound change within the input; "
                    "split it where that happens, and give the parts one by one."
                )
            at = following
            if frame.pts is not None and frame.time_base is not None:
                stamp = frame.pts * frame.time_base
                # Containers round: within a tick of its clock, a block follows on the one before.
                if at is None or abs(stamp - at) > audio.time_base:
                    at = stamp
            # What a decoder gives at the end of its input may lack a time: it follows on.
            at = at or Fraction(0)
            following = at + Fraction(frame.samples, audio.rate_hz)
            yield at, frame


def _decoded(packets: Iterator[Packet[Any]]) -> Iterator[AudioFrame]:
    for packet in packets:
        # Decoders of plain samples do not pass this on.
        if packet.is_corrupt:
            raise TruncatedError(DAMAGED)
        yield from cast("list[AudioFrame]", packet.decode())


def changed_sound(
    path: Path, media: MediaInfo, audio: AudioInfo, origin: Fraction, change: Change
) -> Iterator[AudioFrame]:
    """Decode a sound stream and pass every block through `change`.

    Args:
        path: the file, under a neutral name.
        media: what it holds.
        audio: which of its streams.
        origin: when the presentation is to start in what is given on, in seconds.
        change: gets each block and the position of its first sample, counted from the presentation
            start; what it returns is given on.

    Raises:
        TruncatedError: something can't be decoded.
    """
    import av
    import numpy as np

    for at, frame in read_sound(path, media, audio):
        samples = frame.to_ndarray()
        planar = frame.format.is_planar
        block = samples.T if planar else samples.reshape(-1, frame.layout.nb_channels)
        since = at - media.origin
        block = change(block, round(since * audio.rate_hz))
        stored: Any = np.ascontiguousarray(block.T if planar else block.reshape(1, -1))
        fresh = av.AudioFrame.from_ndarray(
            stored, format=frame.format.name, layout=frame.layout.name
        )
        fresh.sample_rate = audio.rate_hz
        fresh.time_base = Fraction(1, audio.rate_hz)
        # The encoder counts in samples; the start of the stream is kept to the sample.
        fresh.pts = round((since + origin) * audio.rate_hz)
        yield fresh
