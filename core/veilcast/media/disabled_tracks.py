"""Containers that say that a track or a part of the recording is not to be played.

A copy without that note would play what the person who made the recording had switched off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.errors import UnsupportedError
from veilcast.media.guard import media_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mediascrub.containers.matroska.track_entries import Element
    from mediascrub.containers.mp4.box_reader import BoxReader
    from veilcast.media.info import StreamInfo

_SEGMENT, _TRACKS, _ENTRY, _TYPE, _ENABLED = 0x18538067, 0x1654AE6B, 0xAE, 0x83, 0xB9
_DELAY = 0x56AA
_CHAPTERS, _EDITION, _ORDERED, _ATOM, _CHAPTER = 0x1043A770, 0x45B9, 0x45DD, 0xB6, 0x4598
_TRACK_TYPES = {1: "video", 2: "audio", 17: "subtitle"}
"""Types of Matroska's tracks that ffmpeg gives as streams."""
_DEEPEST = 16
_LONGEST_DELAY = 250_000_000
"""Nanoseconds; no codec needs as many."""
_DELAYED = (
    "A part of a track at its beginning is not played, and a copy would hold it; encode the "
    "recording anew as it is heard first, e.g. with 'ffmpeg -i IN -c:v copy -c:a libopus OUT.mkv'."
)
_SWITCHED_OFF = (
    "A track of the input is switched off, and nobody can say which of its streams it is; leave "
    "it out first: 'mkvmerge -o OUT.mkv -a TRACKS -d TRACKS IN.mkv'."
)
_EDITED = (
    "The input has chapters that say in which order it is played, or leave parts of it out, and a "
    "copy would play all of it. Cut it first, e.g. with 'mkvmerge -o OUT.mkv --no-chapters "
    "--split parts:FROM-TO,+FROM-TO IN.mkv', or take the chapters away with "
    "'mkvmerge -o OUT.mkv --no-chapters IN.mkv' when all of it may be seen."
)


def unplayed(path: Path, family: str, streams: Sequence[StreamInfo]) -> frozenset[int]:
    """The tracks of picture and sound that are switched off; a copy would play them.

    That is FlagEnabled in Matroska (RFC 9559, 5.1.4.1), and track_enabled (ISO/IEC 14496-12, 8.3.2)
    where it can't be kept: muxers switch on one track of a kind.

    Args:
        path: the file.
        family: of its container.
        streams: what is in it.

    Returns:
        Indexes of streams.

    Raises:
        UnsupportedError: chapters leave out parts, or a long CodecDelay does (5.1.7.1).
    """
    if family in ("mkv", "webm"):
        from mediascrub.containers.mp4.box_reader import BoxReader

        with media_errors(), BoxReader.open(path) as reader:
            flags = list(_enabled(reader))
        tracks = [stream for stream in streams if stream.type in _TRACK_TYPES.values()]
        if len(flags) != len(tracks):
            if all(flags):
                return frozenset()
            raise UnsupportedError(_SWITCHED_OFF)
        pairs = zip(tracks, flags, strict=True)
        return frozenset(track.index for track, on in pairs if not on and track.role != "side")
    if family in ("mp4", "mov", "m4a", "3gp"):
        played = [stream for stream in streams if stream.role != "side"]
        switched_on = {stream.role for stream in played if stream.default}
        # Where nothing at all is switched on, the flags were never set.
        if switched_on:
            return frozenset(s.index for s in played if s.role not in switched_on)
    return frozenset()


def _enabled(reader: BoxReader) -> Iterator[bool]:
    """Of each track with picture, sound or text in order: whether it is switched on."""
    from mediascrub.containers.matroska.track_entries import children

    for segment in children(reader, None, _SEGMENT):
        for part in children(reader, segment, _TRACKS, _CHAPTERS):
            if part.number == _TRACKS:
                for entry in children(reader, part, _ENTRY):
                    if any(ns > _LONGEST_DELAY for ns in _numbers(reader, entry, _DELAY)):
                        raise UnsupportedError(_DELAYED)
                    if _flag(reader, entry, _TYPE, 0) in _TRACK_TYPES:
                        yield _flag(reader, entry, _ENABLED, 1) != 0
                continue
            for edition in children(reader, part, _EDITION):
                if _flag(reader, edition, _ORDERED, 0) or _leaves_out(reader, edition, _DEEPEST):
                    raise UnsupportedError(_EDITED)


def _leaves_out(reader: BoxReader, parent: Element, deep: int) -> bool:
    """Whether a chapter, or one in it, is not to be played; as if so where they never end."""
    from mediascrub.containers.matroska.track_entries import children

    for atom in children(reader, parent, _ATOM):
        if not deep or not _flag(reader, atom, _CHAPTER, 1) or _leaves_out(reader, atom, deep - 1):
            return True
    return False


def _flag(reader: BoxReader, parent: Element, number: int, default: int) -> int:
    """A number in an element; of several, the first that differs from the default."""
    values = _numbers(reader, parent, number)
    return next((value for value in values if value != default), default)


def _numbers(reader: BoxReader, parent: Element, number: int) -> list[int]:
    from mediascrub.containers.matroska.track_entries import children

    return [
        int.from_bytes(reader.read(element.body, min(8, element.end - element.body)))
        for element in children(reader, parent, number)
        if element.end > element.body
    ]
