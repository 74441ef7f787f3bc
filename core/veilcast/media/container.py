"""Putting streams into a container: packets copied, frames encoded, nothing else.

Only picture and sound streams are ever written, and redacted subtitles where they are asked for,
with what a player needs (codec parameters, colour, rotation, aspect, timing). Tags, chapters,
attachments, side streams and the muxer's own fingerprint have no way in.
"""

from __future__ import annotations

import contextlib
import heapq
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

from mediascrub.packets import PacketCleaner
from veilcast.errors import TruncatedError, UnsupportedError
from veilcast.media.blanking import blank_boxes, blank_delay
from veilcast.media.caption_packets import WrittenCaptions, add_captions, caption_packets
from veilcast.media.cropped import refuse_hidden_margin
from veilcast.media.encoding import (
    EncodedPicture,
    EncodedSound,
    add_picture,
    add_sound,
    encode_picture,
    encode_sound,
)
from veilcast.media.frames import check_complete
from veilcast.media.framing import is_open_ended
from veilcast.media.guard import DAMAGED, media_errors, open_input
from veilcast.media.info import CONTAINERS, MediaInfo, VideoInfo
from veilcast.media.input_sharing import Inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from av import Packet
    from av.container import OutputContainer

    from veilcast.extensions import Progress
    from veilcast.media.info import StreamInfo

_MOST_TICKS = 1 << 31
_BOXES = ("mp4", "mov", "m4a", "3gp")
_MATROSKA = ("mkv", "webm")
_STRETCHED = (
    "The input's pixels are not square, and only its container says so, which can't be copied; "
    "make them square first: ffmpeg -i IN -vf scale=iw*sar:ih,setsar=1 -c:a copy OUT."
)
_TIMES = (
    "The input's time stamps can't be copied, often because it was cut without encoding it anew; "
    "encode the picture anew first: ffmpeg -i IN -c:v libx264 -crf 18 -c:a copy OUT."
)
_SOUND_ONLY = ("wav", "w64", "aiff", "flac", "mp3", "ogg")

PREROLL = {"aac": 1, "mp3": 2, "opus": 5, "vorbis": 1, "ac3": 1, "eac3": 1, "mp2": 1}
"""How many packets before the first heard one a decoder needs to be right from there on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A stream whose packets go over with the picture or sound that they hold, and no more.

    Attributes:
        path: the file that it is in.
        media: what that file holds.
        index: which stream of it.
        language: ISO 639-2, to be written beside it, or "".
        later: by how many seconds all of it is moved; whole ticks of the stream's clock.
    """

    path: Path
    media: MediaInfo
    index: int
    language: str = ""
    later: Fraction = Fraction(0)


Out = Copied | EncodedPicture | EncodedSound | WrittenCaptions


def write_container(
    destination: Path, family: str, outs: list[Out], *, progress: Progress | None = None
) -> Fraction:
    """Mux the streams, interleaved by decoding time.

    Each stream is pulled on its own; memory does not depend on how the source interleaves.

    Args:
        destination: the file to write; replaced when there.
        family: a key of `CONTAINERS`.
        outs: in the order of the source's streams.
        progress: told about seconds written.

    Returns:
        The end of the last packet of picture and sound, in seconds.

    Raises:
        UnsupportedError: codec and container do not go together.
        DiskFullError, UnwritableError, TruncatedError: as their names say.
    """
    import av

    with media_errors(writing=True):
        out = av.open(
            str(destination),
            "w",
            format=CONTAINERS[family].muxer,
            container_options=_muxer_options(family, outs),
        )
    copied = [(item.path, item.media, item.index) for item in outs if isinstance(item, Copied)]
    with media_errors(), out, Inputs(copied) as inputs:
        sources = [_Source(out, family, item, inputs) for item in outs]
        with media_errors(writing=True):
            # The encoders must be open before the header is written.
            out.start_encoding()
            for source in sources:
                source.restore_stream()
        # In whole ticks of all clocks together: fractions would take longer than the copying.
        ticks = lcm(*(_time_base(item).denominator for item in outs))
        last: int | Fraction = 0
        done = 0
        with media_errors(writing=True):  # what is read has its errors told by `timed`
            merged = heapq.merge(*(s.timed(n, ticks) for n, s in enumerate(sources)))
            try:
                for _, _, ends, packet in merged:
                    out.mux_one(packet)
                    if ends <= last:
                        continue
                    last = ends
                    if progress is not None and last >= (done + 1) * ticks:
                        done = int(last // ticks)
                        progress("writing", done, None)
            except av.error.ArgumentError as exc:
                if len(copied) == len(outs):
                    raise UnsupportedError(_TIMES) from exc
                raise
            out.close()
        end = Fraction(last) / ticks
    if family in _BOXES:
        blank_boxes(destination)
    if family == "mp3" and not any(_tells_delay(item) for item in outs):
        blank_delay(destination)
    return end


def _tells_delay(item: Out) -> bool:
    """Whether players leave out the beginning of a sound that its encoder put there."""
    if not isinstance(item, Copied):
        return True
    with media_errors(), open_input(item.path, item.media.still_format) as container:
        first = next(container.demux(container.streams[item.index]))
        return any(beside.data_type == "skip_samples" for beside in first.iter_sidedata())


def _time_base(item: Out) -> Fraction:
    if isinstance(item, WrittenCaptions):
        return Fraction(1)  # they begin with the presentation: no edit list has to say when
    if isinstance(item, EncodedSound):
        return Fraction(1, item.audio.rate_hz)
    return _stream_info(item).time_base


def _stream_info(item: Copied | EncodedPicture | EncodedSound) -> StreamInfo:
    if isinstance(item, EncodedPicture):
        return item.video
    if isinstance(item, EncodedSound):
        return item.audio
    return item.media.streams[item.index]


def _muxer_options(family: str, outs: list[Out]) -> dict[str, str]:
    options = {"fflags": "+bitexact"}
    if family in _BOXES:
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

    def __init__(self, out: OutputContainer, family: str, item: Out, inputs: Inputs) -> None:
        self.item, self._family, self._inputs = item, family, inputs
        # Of a copied stream's packets: asking each of them would take as long as copying it.
        self._clock: Fraction | None = None
        self._cleaner: PacketCleaner | None = None
        if isinstance(item, WrittenCaptions):
            self.hides = self._edits = False
            self.stream = add_captions(out, family, item)
            return
        # Edit lists say what is decoded but not heard; Matroska says what a codec's delay is.
        matroska = family in _MATROSKA
        delay = matroska and (isinstance(item, EncodedSound) or _stream_info(item).codec == "opus")
        self._edits = family in _BOXES
        self.hides = delay or self._edits or family in _SOUND_ONLY
        if isinstance(item, Copied):
            self.stream = self._add_copy(out, family, item)
        elif isinstance(item, EncodedPicture):
            self.stream = add_picture(out, family, item)
        else:
            self.stream = add_sound(out, item)
        self.stream.disposition = int(_stream_info(item).default)

    def _add_copy(self, out: OutputContainer, family: str, item: Copied) -> Any:
        self._input = self._inputs.of(item.path, item.media, item.index)
        template: Any = self._input.container.streams[item.index]
        self._clock = template.time_base
        stream = _like(out, template)
        stream.time_base = template.time_base
        stream.metadata.clear()
        info = item.media.streams[item.index]
        if not item.media.still_format:
            extradata = bytes(template.codec_context.extradata or b"")
            self._cleaner = PacketCleaner(info.codec, extradata)
            if self._cleaner.changed:
                stream.codec_context.extradata = self._cleaner.extradata or None
        if not isinstance(info, VideoInfo):
            return stream
        # Matroska says how long a frame is by the rate alone.
        stream.codec_context.framerate = info.rate
        own = template.codec_context.sample_aspect_ratio or 1
        if family in (*_MATROSKA, "avi") and own != info.sample_aspect:
            raise UnsupportedError(_STRETCHED)
        stream.codec_context.sample_aspect_ratio = info.sample_aspect
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
        if isinstance(self.item, Copied | WrittenCaptions) and self.item.language:
            self.stream.metadata["language"] = self.item.language

    def timed(
        self, order: int, ticks: int
    ) -> Iterator[tuple[int | Fraction, int, int | Fraction, Packet[Any]]]:
        """Every packet behind its decoding time, `order`, and its end (0 for subtitles), in ticks.

        Args:
            order: of streams whose packets have the same time.
            ticks: how many there are in a second.
        """
        clock, scale = Fraction(0), Fraction(0)
        each: int | Fraction = 0
        text = isinstance(self.item, WrittenCaptions)
        own = self._clock
        with media_errors():
            for packet in self._packets():
                pts, dts, base = packet.pts, packet.dts, packet.time_base if own is None else own
                at = pts if dts is None else dts
                if at is None or base is None:
                    raise TruncatedError(DAMAGED)
                if base is not clock and base != clock:
                    clock, scale = base, base * ticks
                    each = scale.numerator if scale.denominator == 1 else scale
                ends = 0 if text or pts is None else (pts + (packet.duration or 0)) * each
                yield at * each, order, ends, packet

    def _packets(self) -> Iterator[Packet[Any]]:
        cleaner = self._cleaner or self._encoder_s_cleaner()
        if cleaner is None:
            for packet in self._given():
                packet.stream = self.stream
                yield packet
            return
        push, stream = cleaner.push, self.stream
        for packet in self._given():
            for clean in push(packet):
                clean.stream = stream
                yield clean
        for clean in cleaner.flush():
            clean.stream = stream
            yield clean
        if isinstance(self.item, Copied):
            refuse_hidden_margin(cleaner)

    def _encoder_s_cleaner(self) -> PacketCleaner | None:
        """Encoders write their names and settings into the stream, and some have no switch.

        A still is rebuilt from its parts later, by rules of its own; subtitles are written plain.
        """
        if CONTAINERS[self._family].still_format or isinstance(self.item, WrittenCaptions):
            return None
        context = self.stream.codec_context
        return PacketCleaner(context.codec.canonical_name, bytes(context.extradata or b""))

    def _given(self) -> Iterator[Packet[Any]]:
        item = self.item
        if isinstance(item, Copied):
            codec = item.media.streams[item.index].codec
            kept = PREROLL.get(codec, 0) if self.hides else 0
            open_ended = item.media.container == "wav" and is_open_ended(item.path)
            packets = self._input.packets(item.index)
            shown = presented(packets, kept, open_ended=open_ended)
            yield from _moved(shown, item.later) if item.later else shown
        elif isinstance(item, EncodedPicture):
            yield from encode_picture(self.stream, item)
        elif isinstance(item, WrittenCaptions):
            yield from caption_packets(self.stream, self._family, item)
        else:
            yield from encode_sound(self.stream, item, hides=self._hides_from)

    def _hides_from(self, first: Fraction) -> bool:
        """An edit list that lets a stream begin late plays all of it."""
        return self.hides and not (self._edits and first > 0)


def _like(out: OutputContainer, template: Any) -> Any:
    """A stream for the same codec.

    Raises:
        UnsupportedError: the muxer has no code for it, though other programs' files do.
    """
    try:
        return out.add_stream_from_template(template, opaque=True)
    except ValueError as exc:
        raise UnsupportedError(
            "The input's picture or sound can't be copied into a container like its own; convert "
            "it first, e.g. with 'ffmpeg -i IN -c:v ffv1 -c:a flac OUT.mkv', which loses nothing."
        ) from exc


def _moved(packets: Iterable[Packet[Any]], later: Fraction) -> Iterator[Packet[Any]]:
    for packet in packets:
        ticks = round(later / (packet.time_base or 1))
        packet.pts = None if packet.pts is None else packet.pts + ticks
        packet.dts = None if packet.dts is None else packet.dts + ticks
        yield packet


def presented(
    packets: Iterable[Packet[Any]], preroll: int, *, open_ended: bool = False
) -> Iterator[Packet[Any]]:
    """The packets of one stream that are heard or seen, and the few that their decoding needs.

    An edit list can hide the beginning of a recording; whoever trimmed it on the phone believes it
    gone. Such packets are left out, but for the last `preroll` before the first that is presented.
    Of an open-ended file the last packet is as long as there is sound.
    """
    waiting: list[Packet[Any]] = []
    begun = False
    for packet in packets:
        if packet.dts is None and packet.pts is None:
            continue
        if packet.is_corrupt and not open_ended:
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


def remux(
    source: Path,
    destination: Path,
    media: MediaInfo,
    *,
    progress: Progress,
    captions: Sequence[WrittenCaptions] = (),
    languages: Sequence[str] = (),
) -> None:
    """Copy picture and sound into a fresh container of the same family, and nothing else.

    Args:
        source: what is copied.
        destination: the file to write.
        media: what `source` holds.
        progress: told about seconds written.
        captions: subtitle streams to write after those.
        languages: of picture and sound streams, in their order, ISO 639-2 or "" for each.

    Raises:
        TruncatedError: the source ends early.
    """
    kept = [stream for stream in media.streams if stream.role != "side"]
    outs: list[Out] = [
        Copied(path=source, media=media, index=stream.index, language=language)
        for stream, language in zip(kept, languages or ("",) * len(kept), strict=True)
    ]
    end = write_container(destination, media.container, [*outs, *captions], progress=progress)
    check_complete(media, end)
