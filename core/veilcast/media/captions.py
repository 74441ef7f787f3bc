"""Text subtitles of a file, read as plain text and times."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from veilcast.errors import SettingError, TruncatedError, UnsupportedError
from veilcast.media.caption_packets import CODECS, WrittenCaptions
from veilcast.media.caption_text import FORMS, plain_text
from veilcast.media.guard import DAMAGED, media_errors, open_input
from veilcast.timing import US, us_floor
from veilcast.types import Caption

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.media.info import MediaInfo, StreamInfo

__all__ = [
    "MOST_EVENTS",
    "WrittenCaptions",
    "check_holds",
    "kind_of",
    "read_captions",
    "streams_of",
    "written",
]

PICTURES = frozenset(
    "arib_caption dvb_subtitle dvb_teletext dvd_subtitle hdmv_pgs_subtitle xsub".split()
)
"""Subtitles that are pictures, or characters that only a decoder of pictures reads."""
MOST_EVENTS = 200_000
"""A day of one event each half second: more is no recording's subtitles."""
TOO_LONG = "A subtitle of the input is too long to be one; set metadata.subtitles=drop."
_MOST_BYTES = 1 << 20
_MOST_CHARACTERS = 8192
"""Of one event, with the drawings that SSA may have in it, and of its text."""
_MOST_IN_ALL = 1 << 26
_MOST_TEXT = 1 << 23
"""Bytes of all events, and characters of all texts: ten hours in several languages are less."""
_LONGEST_US = 86_400 * US
_LATEST_US = 30 * _LONGEST_US
"""No event is shown for longer than a day, none later than a month after the start."""
_SHOWN_US = 5 * US
"""How long the last event is shown when nothing says when it ends."""


def kind_of(stream: StreamInfo) -> Literal["text", "picture", "other"]:
    """Whether a subtitle stream is text, pictures, or something that is not read here."""
    if stream.codec in FORMS:
        return "text"
    return "picture" if stream.codec in PICTURES else "other"


def streams_of(media: MediaInfo, kind: str = "text") -> tuple[StreamInfo, ...]:
    """The subtitle streams of one kind (see `kind_of`), in file order."""
    return tuple(s for s in media.side if s.type == "subtitle" and kind_of(s) == kind)


def check_holds(media: MediaInfo, family: str) -> None:
    """Make sure, before any work, that the delivered container can hold the text subtitles.

    Args:
        media: what the source holds.
        family: of the delivered file, a key of `CONTAINERS`.

    Raises:
        SettingError: it can't.
    """
    if streams_of(media) and family not in CODECS:
        raise SettingError(
            "The delivered container can't hold text subtitles; choose mp4, mov, mkv or webm with "
            "--set deliver.container=..., or set metadata.subtitles=drop."
        )


def read_captions(
    path: Path, media: MediaInfo, *, progress: Progress | None = None
) -> tuple[Caption, ...]:
    """Every event of every text subtitle stream that is shown and says something.

    An event that does not say when it ends is shown until the next one of its stream begins. What
    was shown before the presentation starts begins with it. Events that an edit list hides are not
    presented, and are left out.

    Args:
        path: under a neutral name.
        media: what it holds.
        progress: told how many events were read.

    Returns:
        By stream, then by time.

    Raises:
        UnsupportedError: the words can't be read, or there are too many.
        TruncatedError: the file is damaged.
    """
    streams = streams_of(media)
    found: dict[int, list[Caption]] = {stream.index: [] for stream in streams}
    if not streams:
        return ()
    count = size = length = 0
    for index, start, lasts, payload in _packets(path, found):
        count, size = count + 1, size + len(payload)
        if count > MOST_EVENTS or size > _MOST_IN_ALL or length > _MOST_TEXT:
            raise UnsupportedError(
                "The input has more subtitles than can be read; set metadata.subtitles=drop."
            )
        if progress is not None and count % 100 == 0:
            progress("reading subtitles", count, None)
        start_us = us_floor(start - media.origin)
        # Both edges are rounded alike: what ends when another begins must not overlap it.
        end_us = us_floor(start + lasts - media.origin) if lasts > 0 else start_us
        if abs(start_us) > _LATEST_US:
            raise UnsupportedError(
                "A subtitle of the input is shown at a time that no recording has; "
                "set metadata.subtitles=drop."
            )
        caption = Caption(
            stream=index,
            start_us=start_us,
            end_us=min(end_us, start_us + _LONGEST_US),
            text=plain_text(media.streams[index].codec, payload),
        )
        if len(caption.text) > _MOST_CHARACTERS:
            raise UnsupportedError(TOO_LONG)
        length += len(caption.text)
        found[index].append(caption)
    last_us = media.duration_us
    return tuple(caption for events in found.values() for caption in _shown(events, last_us))


def _packets(path: Path, wanted: Iterable[int]) -> Iterator[tuple[int, Fraction, Fraction, bytes]]:
    """Stream, start and length in seconds, and content."""
    from av.stream import Discard

    with media_errors(), open_input(path) as container:
        chosen = [container.streams[index] for index in wanted]
        for stream in container.streams:
            if stream not in chosen:
                stream.discard = Discard.all
        packet: Any
        for packet in container.demux(chosen):
            if packet.pts is None and packet.dts is None:
                if packet.size:
                    raise TruncatedError(DAMAGED)
                continue  # the end
            if packet.is_corrupt:
                raise TruncatedError(DAMAGED)
            if packet.is_discard:
                continue
            if packet.size > _MOST_BYTES:
                raise UnsupportedError(TOO_LONG)
            at = packet.pts if packet.pts is not None else packet.dts
            length = max(0, packet.duration or 0) * packet.time_base
            yield packet.stream.index, at * packet.time_base, Fraction(length), bytes(packet)


def _shown(events: list[Caption], last_us: int) -> Iterator[Caption]:
    """In order, each with an end, none before the start, none without words."""
    events.sort(key=lambda caption: (caption.start_us, caption.end_us))
    following: int | None = None  # when the next one begins that begins later
    ended = []
    for number in range(len(events) - 1, -1, -1):
        caption = events[number]
        if number + 1 < len(events) and events[number + 1].start_us > caption.start_us:
            following = events[number + 1].start_us
        if caption.end_us <= caption.start_us:
            end_us = last_us if last_us > caption.start_us else caption.start_us + _SHOWN_US
            caption = replace(caption, end_us=end_us if following is None else following)
        if caption.text and caption.end_us > 0:
            ended.append(replace(caption, start_us=max(0, caption.start_us)))
    yield from reversed(ended)


def written(
    captions: Iterable[Caption], source: MediaInfo, origin: Fraction, *, languages: bool
) -> tuple[WrittenCaptions, ...]:
    """The subtitle streams to write, in the order and with the roles that the source gives them.

    Args:
        captions: what is written, as it is; `Caption.stream` is an index in the source.
        source: what the source holds.
        origin: where the presentation start lies in the file that they are written to, seconds.
        languages: whether the language of each stream goes along.
    """
    by_stream: dict[int, list[Caption]] = {}
    for caption in captions:
        by_stream.setdefault(caption.stream, []).append(caption)
    return tuple(
        WrittenCaptions(
            captions=tuple(by_stream[stream.index]),
            origin=origin,
            default=stream.default,
            forced=stream.forced,
            language=stream.language if languages else "",
        )
        for stream in streams_of(source)
        if stream.index in by_stream
    )
