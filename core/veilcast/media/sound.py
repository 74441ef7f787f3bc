"""Decoded sound in blocks, with the position of every sample."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from mediascrub.packets import renewed
from veilcast.errors import TruncatedError, UnsupportedError
from veilcast.media.framing import ADTS, framed_bytes, is_one_frame, is_open_ended
from veilcast.media.guard import DAMAGED, media_errors, open_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from av import AudioFrame
    from av.packet import Packet
    from numpy.typing import NDArray

    from veilcast.media.info import AudioInfo, MediaInfo

    Change = Callable[[NDArray[Any], int], NDArray[Any]]
    """A block, shape (samples, channels), and its first sample's position, to what replaces it."""


HOLE_S = Fraction(1, 100)
"""Clocks jitter by less than this, and the shortest packets in use are longer."""
_VORBIS_SAMPLES = 2048
"""Where long and short blocks meet, a packet of Vorbis can be stamped wrong by less than this."""
_POINTERS = 8
"""Of planes in a frame (FFmpeg's AV_NUM_DATA_POINTERS)."""
_PLANAR = {"u8p": "u1", "s16p": "i2", "s32p": "i4", "s64p": "i8", "fltp": "f4", "dblp": "f8"}
_STRICT = {"err_detect": "crccheck+explode"}


def read_sound(
    path: Path,
    media: MediaInfo,
    audio: AudioInfo,
    *,
    whole: bool = True,
    holes: bool = False,
) -> Iterator[tuple[Fraction, AudioFrame]]:
    """Decode every heard sample of a stream, in order.

    Args:
        path: the file, under a neutral name.
        media: what it holds.
        audio: which of its streams.
        whole: a hole in the sound is an error, and so is what a decoder would gloss over: whoever
            listens for something or covers it must not miss any of it. False for sound that goes
            over as it is.
        holes: a hole is no error, though all else that `whole` asks for is: what is not there
            can't be heard by anybody.

    Yields:
        The time of the first sample in seconds, as in the file, and the frame.

    Raises:
        TruncatedError: something can't be decoded.
        UnsupportedError: the rate or the channels change on the way.
    """
    slack = rounding_s(audio)
    with media_errors(), open_input(path, media.still_format) as container:
        stream: Any = container.streams[audio.index]
        if stream.type != "audio":
            raise TruncatedError(DAMAGED)
        if whole:
            stream.codec_context.options = _STRICT
        framing = ADTS if audio.codec == "aac" and media.container in ("aac", "ts") else audio.codec
        following: Fraction | None = None
        # The demuxer of bare frames passes over whatever it can't make out.
        expected = framed_bytes(path) if whole and media.container == "aac" else 0
        packets = container.demux(stream)
        if audio.codec == "mp3":
            packets = _without_stray(packets, whole=whole)
        open_ended = media.container == "wav" and is_open_ended(path)
        blocks = _decoded(packets, framing if whole else "", expected, open_ended=open_ended)
        for number, frame in enumerate(blocks):
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
                # The first may hold nothing but an encoder's delay, and be stamped apart.
                apart = at is not None and number > 1 and abs(stamp - at) > max(HOLE_S, slack)
                if apart and whole and not holes:
                    raise TruncatedError(
                        "There is a hole in the sound of the input, or two parts of it overlap; "
                        "get a complete copy, or fill the holes (ffmpeg -af aresample=async=1)."
                    )
                # Containers round: within a tick of its clock, a block follows on the one before.
                if at is None or abs(stamp - at) > slack:
                    at = stamp
            # What a decoder gives at the end of its input may lack a time: it follows on.
            at = at or Fraction(0)
            following = at + Fraction(frame.samples, audio.rate_hz)
            yield at, frame


def rounding_s(audio: AudioInfo) -> Fraction:
    """By how many seconds time stamps may differ from where the samples are: containers round."""
    stamped = _VORBIS_SAMPLES if audio.codec == "vorbis" else 0
    return max(audio.time_base, Fraction(stamped, audio.rate_hz))


def samples_of(frame: AudioFrame) -> NDArray[Any]:
    """The samples of a block, shape (samples, channels), as they are stored."""
    import numpy as np

    channels = frame.layout.nb_channels
    if not frame.format.is_planar:
        return frame.to_ndarray().reshape(-1, channels)
    if channels < _POINTERS:
        return frame.to_ndarray().T
    # PyAV takes for a plane whatever follows on the eighth, and reads there.
    kind = np.dtype(_PLANAR[frame.format.name])
    planes = [np.frombuffer(frame.planes[n], kind, frame.samples) for n in range(channels)]  # type: ignore[call-overload]
    return np.stack(planes, axis=1)


def bit_rate_of(path: Path, media: MediaInfo, audio: AudioInfo) -> int:
    """Bits per second of a sound stream, counted where its header does not say; 0: no packets.

    Raises:
        TruncatedError: it can't be read.
    """
    if audio.bit_rate:
        return audio.bit_rate
    octets, seconds = 0, Fraction(0)
    with media_errors(), open_input(path, media.still_format) as container:
        for packet in container.demux(container.streams[audio.index]):
            octets += packet.size
            seconds += (packet.duration or 0) * (packet.time_base or 0)
    return round(octets * 8 / seconds) if seconds else 0


def _decoded(
    packets: Iterator[Packet[Any]], codec: str, expected: int, *, open_ended: bool = False
) -> Iterator[AudioFrame]:
    """The frames of these packets.

    With a codec, each has to be one of its frames exactly; and all of them have as many bytes as
    are expected, or more. Of an open-ended file, the last is as long as there is sound.
    """
    odd, octets = False, 0
    for packet in packets:
        octets += packet.size
        # Decoders of plain samples do not pass this on.
        if (packet.is_corrupt and not open_ended) or (odd and packet.size):
            raise TruncatedError(DAMAGED)
        # After the last one there may be tags.
        odd = odd or not (packet.size == 0 or is_one_frame(codec, bytes(packet)))
        yield from cast("list[AudioFrame]", packet.decode())
    if octets < expected:
        raise TruncatedError(DAMAGED)


def _without_stray(packets: Iterator[Packet[Any]], *, whole: bool) -> Iterator[Packet[Any]]:
    """MP3 without what no frame begins in: tags and other bytes behind the end are in many files.

    Where `whole` is asked for, bytes before a frame stay: they may be what is left of another one.
    """
    from mediascrub.codecs.mp3 import Mp3

    frames = Mp3(b"")
    for packet in packets:
        before = bytes(packet)
        after = frames.packet(before) if before else before
        if after is None:
            continue
        if after is before or whole:
            yield packet
            continue
        fresh = renewed(packet, after, packet.iter_sidedata())
        fresh.stream = packet.stream
        yield fresh


def at_rate(frames: Iterable[AudioFrame], rate_hz: int) -> Iterator[AudioFrame]:
    """Sound at this rate; as it is where it has that already.

    Args:
        frames: blocks that follow on each other, with their times.
        rate_hz: samples per second.
    """
    import av

    resampler: av.AudioResampler | None = None
    at = 0
    for frame in chain(frames, [None]):
        if resampler is None:
            if frame is None or frame.sample_rate == rate_hz:
                if frame is not None:
                    yield frame
                continue
            at = round((frame.pts or 0) * (frame.time_base or 0) * rate_hz)
            resampler = av.AudioResampler(frame.format.name, frame.layout.name, rate_hz)
        if frame is not None:
            frame.pts = None
        for block in resampler.resample(frame):
            block.pts, block.time_base = at, Fraction(1, rate_hz)
            at += block.samples
            yield block


def changed_sound(
    path: Path,
    media: MediaInfo,
    audio: AudioInfo,
    origin: Fraction,
    change: Change,
    *,
    whole: bool = True,
) -> Iterator[AudioFrame]:
    """Decode a sound stream and pass every block through `change`.

    Args:
        path: the file, under a neutral name.
        media: what it holds.
        audio: which of its streams.
        origin: when the presentation is to start in what is given on, in seconds.
        change: gets each block and the position of its first sample, counted from the presentation
            start; what it returns is given on, unless that is nothing.
        whole: as for `read_sound`.

    Raises:
        TruncatedError: something can't be decoded.
    """
    import av
    import numpy as np

    for at, frame in read_sound(path, media, audio, whole=whole):
        planar = frame.format.is_planar and audio.channels < _POINTERS
        block = samples_of(frame)
        since = at - media.origin
        block = change(block, round(since * audio.rate_hz))
        if not len(block):
            continue
        stored: Any = np.ascontiguousarray(block.T if planar else block.reshape(1, -1))
        fresh = av.AudioFrame.from_ndarray(
            stored,
            format=(frame.format if planar else frame.format.packed).name,
            layout=frame.layout.name,
        )
        fresh.sample_rate = audio.rate_hz
        fresh.time_base = Fraction(1, audio.rate_hz)
        # The encoder counts in samples; the start of the stream is kept to the sample.
        fresh.pts = round((since + origin) * audio.rate_hz)
        yield fresh
