"""Putting streams into a container: packets copied as they are, frames encoded, nothing else.

Only picture and sound streams are ever written, with what a player needs (codec parameters, colour,
rotation, aspect, timing). Tags, chapters, attachments, side streams and the muxer's own fingerprint
have no way in.
"""

from __future__ import annotations

import contextlib
import heapq
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import lcm
from typing import TYPE_CHECKING, Any

from veilcast.errors import TruncatedError
from veilcast.media.codecs import GREY_JPEG
from veilcast.media.frames import check_complete
from veilcast.media.grey import grey_jpeg
from veilcast.media.guard import DAMAGED, media_errors, open_input
from veilcast.media.probe import CONTAINERS, AudioInfo, MediaInfo, VideoInfo
from veilcast.media.sei import without_user_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from av import AudioFrame, Packet, VideoFrame
    from av.container import OutputContainer
    from av.stream import Stream

    from veilcast.extensions import Progress
    from veilcast.media.codecs import Encoder
    from veilcast.media.probe import StreamInfo

BITEXACT = 1 << 23
"""AV_CODEC_FLAG_BITEXACT: encoders leave their name out of the stream."""
INTERLACED = (1 << 18) | (1 << 29)
"""AV_CODEC_FLAG_INTERLACED_DCT and _ME."""
QSCALE = 1 << 1
"""AV_CODEC_FLAG_QSCALE."""
_MOST_TICKS = 1 << 31
_HELD = 512
LAMBDA = 118
"""FF_QP2LAMBDA."""

_SOUND_ONLY = ("wav", "w64", "aiff", "flac", "mp3", "ogg", "aac")

PREROLL = {"aac": 1, "mp3": 2, "opus": 5, "vorbis": 1, "ac3": 1, "eac3": 1, "mp2": 1}
"""How many packets before the first heard one a decoder needs to be right from there on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A stream whose packets go over as they are."""

    path: Path
    media: MediaInfo
    index: int


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


Out = Copied | EncodedPicture | EncodedSound


def write_container(
    destination: Path, family: str, outs: list[Out], *, progress: Progress | None = None
) -> Fraction:
    """Mux the streams, interleaved by decoding time.

    Each stream is pulled on its own, so memory does not depend on how the source interleaves.

    Args:
        destination: the file to write; replaced when there.
        family: a key of `CONTAINERS`.
        outs: in the order of the source's streams.
        progress: told about seconds written.

    Returns:
        The end of the last packet, in seconds.

    Raises:
        UnsupportedError: codec and container do not go together.
        DiskFullError, UnwritableError, TruncatedError: as their names say.
    """
    import av

    end = Fraction(0)
    with media_errors(writing=True):
        out = av.open(
            str(destination),
            "w",
            format=CONTAINERS[family].muxer,
            container_options=_muxer_options(family, outs),
        )
    with media_errors(), out:
        sources = [_Source(out, family, item) for item in outs]
        with media_errors(writing=True):
            # The encoders must be open before the header is written.
            out.start_encoding()
            for source in sources:
                source.restore_stream()
        done = 0
        for _, _, packet in heapq.merge(*(s.timed(n) for n, s in enumerate(sources))):
            with media_errors(writing=True):
                out.mux_one(packet)
            end = max(end, _end(packet))
            if progress is not None and int(end) > done:
                done = int(end)
                progress("writing", done, None)
        with media_errors(writing=True):
            out.close()
    return end


def _time_base(item: Out) -> Fraction:
    if isinstance(item, EncodedSound):
        return Fraction(1, item.audio.rate_hz)
    return _stream_info(item).time_base


def _stream_info(item: Out) -> StreamInfo:
    if isinstance(item, EncodedPicture):
        return item.video
    if isinstance(item, EncodedSound):
        return item.audio
    return item.media.streams[item.index]


def _end(packet: Packet[Any]) -> Fraction:
    if packet.pts is None or packet.time_base is None:
        return Fraction(0)
    return (packet.pts + (packet.duration or 0)) * packet.time_base


def _muxer_options(family: str, outs: list[Out]) -> dict[str, str]:
    options = {"fflags": "+bitexact"}
    if family in ("mp4", "mov", "m4a", "3gp"):
        options["write_tmcd"] = "0"
        # An edit list counts a late start in these ticks: each stream's own must fit.
        ticks = lcm(*(_time_base(item).denominator for item in outs))
        options["movie_timescale"] = str(ticks if ticks < _MOST_TICKS else 90_000)
    if CONTAINERS[family].still_format:
        options["update"] = "1"
    if family == "ts":
        options["mpegts_copyts"] = "1"
    if family == "mp3":
        options |= {"write_id3v1": "0", "id3v2_version": "0", "write_xing": "1"}
    return options


class _Source:
    """One output stream and the packets that go into it."""

    def __init__(self, out: OutputContainer, family: str, item: Out) -> None:
        self.item = item
        # Edit lists and Opus's own pre-skip say what is decoded but not heard.
        opus = _stream_info(item).codec == "opus" and family in ("mkv", "webm", "ogg")
        self.hides = opus or family in ("mp4", "mov", "m4a", "3gp", *_SOUND_ONLY)
        if isinstance(item, Copied):
            self.stream = self._add_copy(out, family, item)
        elif isinstance(item, EncodedPicture):
            self.stream = _add_picture(out, family, item)
        else:
            self.stream = _add_sound(out, item)
        self.stream.disposition = int(_stream_info(item).default)

    def _add_copy(self, out: OutputContainer, family: str, item: Copied) -> Any:
        self.input = open_input(item.path, item.media.still_format)
        template = self.input.streams[item.index]
        stream: Any = out.add_stream_from_template(template, opaque=True)
        stream.time_base = template.time_base
        stream.metadata.clear()
        info = item.media.streams[item.index]
        if not isinstance(info, VideoInfo):
            return stream
        # Matroska says how long a frame is by the rate alone.
        stream.codec_context.framerate = info.rate
        if item.media.container == family:
            # It says more than the codec's name: ProRes's profile, the layout of raw samples.
            with contextlib.suppress(UnicodeDecodeError):  # no muxer knows such a tag
                stream.codec_context.codec_tag = template.codec_context.codec_tag
        if not info.orientation.is_identity:
            stream.set_display_matrix(info.orientation.matrix())
        return stream

    def restore_stream(self) -> None:
        """Opening an encoder must not have left a name in the stream's tags."""
        self.stream.metadata.clear()

    def timed(self, order: int) -> Iterator[tuple[Fraction, int, Packet[Any]]]:
        for packet in self._packets():
            at = packet.dts if packet.dts is not None else packet.pts
            if at is None or packet.time_base is None:
                raise TruncatedError(DAMAGED)
            yield at * packet.time_base, order, packet

    def _packets(self) -> Iterator[Packet[Any]]:
        item = self.item
        if isinstance(item, Copied):
            with self.input:
                codec = item.media.streams[item.index].codec
                kept = PREROLL.get(codec, 0) if self.hides else 0
                for packet in presented(self.input, item.index, kept):
                    packet.stream = self.stream
                    yield packet
        elif isinstance(item, EncodedPicture):
            yield from _encode_picture(self.stream, item)
        else:
            yield from _encode_sound(self.stream, item, hides=self.hides)


def presented(container: Any, index: int, preroll: int) -> Iterator[Packet[Any]]:
    """The packets of one stream that are heard or seen, and the few that their decoding needs.

    An edit list can hide the beginning of a recording; whoever trimmed it on the phone believes it
    gone. Such packets are left out, but for the last `preroll` before the first that is presented.
    """
    waiting: list[Packet[Any]] = []
    begun = False
    for packet in container.demux(container.streams[index]):
        if packet.dts is None and packet.pts is None:
            continue
        if packet.is_corrupt:
            raise TruncatedError(DAMAGED)
        if packet.is_discard:
            if not begun:
                waiting = [*waiting, packet][-preroll:] if preroll else []
            continue
        if not begun:
            begun = True
            yield from waiting
        yield packet


def has_hidden_frames(path: Path, media: MediaInfo) -> bool:
    """Whether the picture stream holds frames that an edit list trims away."""
    if media.video is None:
        return False
    with media_errors(), open_input(path, media.still_format) as container:
        packets = container.demux(container.streams[media.video.index])
        return any(packet.is_discard for packet in packets)


def _add_picture(out: OutputContainer, family: str, item: EncodedPicture) -> Stream:
    video, encoder = item.video, item.encoder
    if encoder.name == GREY_JPEG:
        ready: Any = out.add_mux_stream(
            "mjpeg", rate=video.rate, width=video.width, height=video.height
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


def _encode_picture(stream: Any, item: EncodedPicture) -> Iterator[Packet[Any]]:
    if item.encoder.name == GREY_JPEG:
        for grey in item.frames:
            packet = grey_jpeg(grey)
            packet.stream = stream
            yield packet
        return
    context = stream.codec_context
    clock = _FrameClock(item.video.time_base) if item.encoder.counts_frames else None
    first = True
    for frame in chain(item.frames, [None]):
        if frame is not None:
            # The source's picture types are no wish for the new ones.
            frame.pict_type = 0
            if clock is not None:
                clock.count(frame, context.time_base)
        for given in context.encode(frame):
            packet = given
            if first and context.name.startswith("libx264"):
                packet = without_user_data(packet)
            if clock is not None:
                clock.restore(packet)
            packet.stream = stream
            first = False
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


def _add_sound(out: OutputContainer, item: EncodedSound) -> Stream:
    audio, encoder = item.audio, item.encoder
    stream: Any = out.add_stream(encoder.name, rate=audio.rate_hz, options=encoder.options)
    context = stream.codec_context
    context.layout = audio.layout or f"{audio.channels}c"
    context.format = _sample_format(encoder.name, audio.sample_fmt)
    context.time_base = Fraction(1, audio.rate_hz)
    context.flags |= BITEXACT
    return stream  # type: ignore[no-any-return]


def _sample_format(encoder: str, wanted: str) -> str:
    import av

    offered = av.codec.Codec(encoder, "w").audio_formats
    names = [fmt.name for fmt in offered or ()]
    return wanted if wanted in names or not names else names[0]


def _encode_sound(stream: Any, item: EncodedSound, *, hides: bool) -> Iterator[Packet[Any]]:
    """Encoded packets, without those of the encoder's delay where the container can't hide them.

    A muxer without edit lists would make room for them by moving every stream.
    """
    context = stream.codec_context
    first: Fraction | None = None
    for frame in chain(item.frames, [None]):
        if frame is not None and first is None and frame.pts is not None:
            first = frame.pts * (frame.time_base or context.time_base)
        for packet in context.encode(frame):
            early = first is not None and packet.pts * packet.time_base < first
            if early and not hides:
                continue
            packet.stream = stream
            yield packet


def remux(source: Path, destination: Path, media: MediaInfo, *, progress: Progress) -> None:
    """Copy picture and sound into a fresh container of the same family, and nothing else.

    Raises:
        TruncatedError: the source ends early.
    """
    outs: list[Out] = [
        Copied(path=source, media=media, index=stream.index)
        for stream in media.streams
        if stream.role != "side"
    ]
    end = write_container(destination, media.container, outs, progress=progress)
    check_complete(media, end)
