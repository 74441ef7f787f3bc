"""Encoding: what an encoder is told about frames and sound, and the packets that it gives."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any

from veilcast.media.still_encoding import GREY_JPEG, TIFF, grey_jpeg, tiff_still, with_looks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from av import AudioFrame, Packet, VideoFrame
    from av.container import OutputContainer
    from av.stream import Stream

    from veilcast.media.codecs import Encoder
    from veilcast.media.info import AudioInfo, VideoInfo

BITEXACT = 1 << 23
"""AV_CODEC_FLAG_BITEXACT: encoders leave their name out of the stream."""
INTERLACED = (1 << 18) | (1 << 29)
"""AV_CODEC_FLAG_INTERLACED_DCT and _ME."""
QSCALE = 1 << 1
"""AV_CODEC_FLAG_QSCALE."""
LAMBDA = 118
"""FF_QP2LAMBDA."""
_HELD = 512
_KNOWS_SPEAKERS = ("aac", "ac3", "eac3", "libmp3lame", "mp2", "libopus", "alac")
_USUAL_LAYOUTS = {1: "mono", 2: "stereo", 4: "quad", 6: "5.1", 8: "7.1"}
_OWN = {GREY_JPEG: "mjpeg", TIFF: "tiff"}
"""Encoders that are not ffmpeg's, and the codecs that they write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedPicture:
    """Frames to encode, with what `video` says about them."""

    frames: Iterable[VideoFrame]
    video: VideoInfo
    encoder: Encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedSound:
    """Audio frames to encode, with what `audio` says about them."""

    frames: Iterable[AudioFrame]
    audio: AudioInfo
    encoder: Encoder


def add_picture(out: OutputContainer, family: str, item: EncodedPicture) -> Stream:
    """The output stream for these frames, its encoder set up but not yet open."""
    video, encoder = item.video, item.encoder
    if encoder.name in _OWN:
        ready: Any = out.add_mux_stream(
            _OWN[encoder.name], rate=video.rate, width=video.width, height=video.height
        )
        ready.time_base = video.time_base
        return ready  # type: ignore[no-any-return]
    stream: Any = out.add_stream(
        encoder.name, rate=video.rate or Fraction(25), options=encoder.options
    )
    context = stream.codec_context
    context.width, context.height = video.width, video.height
    context.pix_fmt = encoder.pix_fmt
    context.time_base = 1 / video.rate if encoder.counts_frames else video.time_base
    context.framerate = video.rate
    context.sample_aspect_ratio = video.sample_aspect
    context.bit_rate = 0
    colour = video.colour
    context.color_range = colour.range
    context.colorspace = colour.matrix
    context.color_primaries = colour.primaries
    context.color_trc = colour.transfer
    context.flags |= BITEXACT
    if encoder.threads:
        context.thread_count = encoder.threads
    if encoder.frame_threads:
        context.thread_type = "FRAME"
    if encoder.qscale:
        context.flags |= QSCALE
        context.global_quality = encoder.qscale * LAMBDA
    if video.field_order not in ("progressive", "unknown"):
        context.flags |= INTERLACED
    stream.time_base = video.time_base
    if encoder.name == "libx265" and family in ("mp4", "mov"):
        context.codec_tag = "hvc1"  # the muxer's own choice, hev1, is not played by Apple's devices
    if not video.orientation.is_identity:
        stream.set_display_matrix(video.orientation.matrix())
    return stream  # type: ignore[no-any-return]


def encode_picture(stream: Any, item: EncodedPicture) -> Iterator[Packet[Any]]:
    """The frames as packets of that stream."""
    if item.encoder.name in _OWN:
        for picture in item.frames:
            grey = item.encoder.name == GREY_JPEG
            packet = grey_jpeg(picture) if grey else tiff_still(picture, item.video)
            packet.stream = stream
            yield packet
        return
    context = stream.codec_context
    clock = _FrameClock(item.video.time_base) if item.encoder.counts_frames else None
    for frame in chain(item.frames, [None]):
        if frame is not None:
            # The source's picture types are no wish for the new ones.
            frame.pict_type = 0
            if clock is not None:
                clock.count(frame, context.time_base)
        for given in context.encode(frame):
            packet = with_looks(given, item.video) if context.name == "libwebp" else given
            if clock is not None:
                clock.restore(packet)
            packet.stream = stream
            yield packet


class _FrameClock:
    """Gives an encoder frame numbers, and its packets the frames' own times again."""

    def __init__(self, time_base: Fraction) -> None:
        self._time_base = time_base
        self._count = 0
        self._times: dict[int, tuple[int, int]] = {}
        self._first = 0

    def count(self, frame: VideoFrame, time_base: Fraction) -> None:
        ticks = (frame.time_base or self._time_base) / self._time_base
        pts, duration = round((frame.pts or 0) * ticks), round((frame.duration or 0) * ticks)
        if self._count == 0:
            self._first = pts
        self._times[self._count] = pts, duration
        frame.pts, frame.time_base = self._count, time_base
        self._count += 1
        # Encoders hold back a few frames only.
        self._times.pop(self._count - _HELD, None)

    def restore(self, packet: Packet[Any]) -> None:
        pts, dts = packet.pts or 0, packet.dts or 0
        time, duration = self._times[pts]
        early = self._first + dts * (duration or 1)
        decoding = self._times[dts][0] if dts >= 0 else early
        packet.pts, packet.dts, packet.duration = time, min(decoding, time), duration
        packet.time_base = self._time_base


def add_sound(out: OutputContainer, item: EncodedSound) -> Stream:
    """The output stream for this sound, its encoder set up but not yet open."""
    encoder = item.encoder
    stream: Any = out.add_stream(encoder.name, rate=item.audio.rate_hz, options=encoder.options)
    _set_up(stream.codec_context, item)
    return stream  # type: ignore[no-any-return]


def _set_up(context: Any, item: EncodedSound) -> None:
    audio = item.audio
    # A stream that does not say which speakers its channels are for gets none invented ("4C"),
    # but where the codec has to know.
    unsaid = f"{audio.channels}C"
    if item.encoder.name in _KNOWS_SPEAKERS:
        unsaid = _USUAL_LAYOUTS.get(audio.channels, unsaid)
    context.layout = audio.layout or unsaid
    context.format = _sample_format(item.encoder.name, audio.sample_fmt)
    context.time_base = Fraction(1, audio.rate_hz)
    context.flags |= BITEXACT


def _sample_format(encoder: str, wanted: str) -> str:
    import av

    offered = av.codec.Codec(encoder, "w").audio_formats
    names = [fmt.name for fmt in offered or ()]
    return wanted if wanted in names or not names else names[0]


def encode_sound(
    stream: Any, item: EncodedSound, *, hides: Callable[[Fraction], bool]
) -> Iterator[Packet[Any]]:
    """Encoded packets; whatever the encoder's delay, each sample is heard at its time.

    Where the container can't say that the beginning is to be skipped, the delay is filled up to
    whole packets, which are left out: a muxer without edit lists would make room for them by moving
    every stream.

    Args:
        stream: from `add_sound`, open.
        item: as for `add_sound`.
        hides: whether the container can, for sound that starts at this time (seconds).
    """
    context = stream.codec_context
    frames = iter(item.frames)
    begin = next(frames, None)
    if begin is None:
        return
    first = (begin.pts or 0) * (begin.time_base or context.time_base)
    delay, size, held_back = _delay(item)
    lead = 0 if hides(first) or not size else -delay % size
    for frame in chain(_with_silence(chain([begin], frames), lead, held_back), [None]):
        for packet in context.encode(frame):
            if packet.pts * packet.time_base < first and not hides(first):
                continue
            packet.stream = stream
            yield packet


def _delay(item: EncodedSound) -> tuple[int, int, int]:
    """Of an encoder, in samples: its delay, a packet's length, and what it never gives back.

    Found out by encoding one packet of silence: codecs differ, and so do encoders.
    """
    import av

    context: Any = av.CodecContext.create(item.encoder.name, "w")
    context.sample_rate = item.audio.rate_hz
    context.options = dict(item.encoder.options)
    _set_up(context, item)
    context.open()
    if not context.frame_size:
        return 0, 0, 0
    size = context.frame_size
    silence = _silence(context.format.name, context.layout.name, context.sample_rate, size)
    silence.pts = 0
    packets = [*context.encode(silence), *context.encode(None)]
    end = max(packet.pts + packet.duration for packet in packets)
    return -min(packet.pts for packet in packets), size, max(0, size - end)


def _with_silence(frames: Iterable[AudioFrame], before: int, after: int) -> Iterator[AudioFrame]:
    """The frames, and so many samples of silence on either side."""
    frame = None
    for frame in frames:
        if before:
            yield _silence_at((frame.pts or 0) - before, before, frame)
            before = 0
        yield frame
    if after and frame is not None:
        yield _silence_at((frame.pts or 0) + frame.samples, after, frame)


def _silence_at(pts: int, samples: int, like: AudioFrame) -> AudioFrame:
    silence = _silence(like.format.name, like.layout.name, like.sample_rate, samples)
    silence.pts, silence.time_base = pts, like.time_base
    return silence


def _silence(sample_format: str, layout: str, rate_hz: int, samples: int) -> AudioFrame:
    import av

    frame = av.AudioFrame(format=sample_format, layout=layout, samples=samples)
    # Of eight planes PyAV takes what follows for a ninth.
    for plane in frame.planes[: frame.layout.nb_channels]:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
    return frame
