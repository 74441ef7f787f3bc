"""Text subtitles as packets of the container they go into: text and times, no styles, no fonts."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from veilcast.errors import UnsupportedError
from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from av import Packet
    from av.container import OutputContainer

    from veilcast.types import Caption

CODECS = {
    "mp4": "mov_text",
    "mov": "mov_text",
    "m4a": "mov_text",
    "3gp": "mov_text",
    "mkv": "subrip",
    "webm": "webvtt",
}
"""How each container family holds text subtitles; those that are not here can't."""

_MICROSECOND = Fraction(1, US)
_MILLISECOND = Fraction(1, 1000)
_LONGEST = 1_000_000_000
"""Ticks of one sample: ISO/IEC 14496-12, 8.6.1.2 counts them in 32 bits, many readers in 31."""
_MOST_BYTES = 0xFFFF
"""Of one sample's text: 3GPP TS 26.245, 5.17 counts them in 16 bits."""
_MOST_AT_ONCE = 100
"""Texts that are shown together: more are nothing that anybody reads."""

_ALL_FORCED = 0x80000000
"""Of a tx3g sample description's flags: QuickTime File Format, "Subtitle sample description"."""

_STYLE_FIELDS = (
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
    "Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, "
    "Alignment, MarginL, MarginR, MarginV, Encoding"
)
_STYLE = "Default,Sans-Serif,18,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1"
_NEUTRAL = (
    f"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: {_STYLE_FIELDS}\nStyle: {_STYLE}\n"
    "\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)
"""Every subtitle of every file is described alike; libavcodec makes the tx3g header of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCaptions:
    """A subtitle stream to write.

    Attributes:
        captions: what is shown, times from the presentation start. Their spans are not looked at:
            the texts are written as they are.
        origin: where the presentation start lies in the written file, in seconds.
        default: players choose it among subtitles.
        forced: players show it even where subtitles are off.
        language: ISO 639-2, three letters, or "" to say nothing.
    """

    captions: tuple[Caption, ...]
    origin: Fraction = Fraction(0)
    default: bool = False
    forced: bool = False
    language: str = ""


def add_captions(out: OutputContainer, family: str, item: WrittenCaptions) -> Any:
    """The stream that the packets of these captions go into.

    Raises:
        UnsupportedError: this container holds no text subtitles.
    """
    from av.stream import Disposition

    codec = CODECS.get(family)
    if codec is None:
        raise UnsupportedError(
            "This container can't hold text subtitles; choose mp4, mov, mkv or webm with "
            "--set deliver.container=..., or leave the subtitles out."
        )
    stream: Any
    roles = Disposition.default if item.default else Disposition(0)
    if codec == "mov_text":
        stream = out.add_stream(codec)
        context = stream.codec_context
        context.subtitle_header = _NEUTRAL.encode("ascii")
        context.codec_tag = "tx3g"  # QuickTime's older `text` has another header
        stream.time_base = _MICROSECOND
        context.open()
        if item.forced:
            # As a disposition it would become user data of the track.
            flags = int.from_bytes(context.extradata[:4], "big") | _ALL_FORCED
            context.extradata = flags.to_bytes(4, "big") + context.extradata[4:]
    else:
        stream = out.add_mux_stream(codec)
        stream.time_base = _MILLISECOND
        if item.forced:
            roles |= Disposition.forced
    if item.language:
        stream.metadata["language"] = item.language
    stream.disposition = roles
    return stream


def caption_packets(stream: Any, family: str, item: WrittenCaptions) -> Iterator[Packet[Any]]:
    """The packets, in order.

    Raises:
        UnsupportedError: a text is longer than the container can hold.
    """
    from av import Packet

    codec = CODECS[family]
    tick = _MICROSECOND if codec == "mov_text" else _MILLISECOND
    make = {"mov_text": _sample, "webvtt": _cue, "subrip": _line}[codec]
    events = _events(item, tick)
    row: Iterable[Event] = events
    if codec == "mov_text":
        row = _in_a_row(events, max(0, round(item.origin / tick)))
    for start, end, text in row:
        packet = Packet(make(text))
        packet.time_base = tick
        packet.pts = packet.dts = start
        packet.duration = end - start
        packet.is_keyframe = True
        packet.stream = stream
        yield packet


Event = tuple[int, int, str]
"""From, to (in ticks of the file) and text."""


def _events(item: WrittenCaptions, tick: Fraction) -> list[Event]:
    events = []
    for caption in item.captions:
        start, end = (
            max(0, round((item.origin + Fraction(time_us, US)) / tick))
            for time_us in (caption.start_us, caption.end_us)
        )
        if caption.text:
            events.append((start, max(end, start + 1), caption.text))
    return sorted(events, key=lambda event: event[:2])


def _in_a_row(events: Sequence[Event], begin: int) -> Iterator[Event]:
    """One after the other, with empty ones between; what is shown together is one text.

    A track of samples has neither gaps nor overlaps (ISO/IEC 14496-12, 8.6.1).
    """
    edges = sorted({begin, *(start for start, _, _ in events), *(end for _, end, _ in events)})
    shown: list[Event] = []
    coming = 0
    last: Event | None = None
    for start, end in pairwise(edges):
        shown = [event for event in shown if event[1] > start]
        while coming < len(events) and events[coming][0] <= start:
            shown.append(events[coming])
            coming += 1
        if len(shown) > _MOST_AT_ONCE:
            raise UnsupportedError(
                "More subtitles are shown at once than an MP4 file can hold; deliver to mkv, or "
                "set metadata.subtitles=drop."
            )
        text = "\n".join(dict.fromkeys(event[2] for event in shown))
        if last is not None and last[2] == text and end - last[0] <= _LONGEST:
            last = (last[0], end, text)
            continue
        if last is not None:
            yield last
        *whole, at = range(start, end, _LONGEST)
        yield from ((each, each + _LONGEST, text) for each in whole)
        last = (at, end, text)
    if last is not None:
        yield last


def _sample(text: str) -> bytes:
    """3GPP TS 26.245, 5.17: the length, the text, and none of the boxes that may follow."""
    data = text.encode("utf-8")
    if len(data) > _MOST_BYTES:
        raise UnsupportedError(
            "A subtitle is longer than an MP4 file can hold; deliver to mkv or leave subtitles out."
        )
    return struct.pack(">H", len(data)) + data


def _line(text: str) -> bytes:
    return text.encode("utf-8")


def _cue(text: str) -> bytes:
    """W3C WebVTT 1, 4.2.2: a cue's text, in which these characters would begin markup."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.encode("utf-8")
