"""Elements by position, and what a track's description says of it (RFC 8794; RFC 9559, 5.1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mediascrub.containers.matroska.element_schema import CLUSTER, SECTIONS, SEGMENT
from mediascrub.containers.matroska.element_values import PICTURE, SOUND, TEXT, header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mediascrub.reading import Source

_LONGEST_HEADER = 12
_NUMBER, _TYPE, _CODEC = 0xD7, 0x83, 0x86
_PLAYED = {1: PICTURE, 2: SOUND, 17: TEXT}
_KINDS = {
    1: "picture of an unknown codec",
    2: "sound of an unknown codec",
    3: "track of several kinds",
    16: "logo",
    17: "subtitles",
    18: "buttons",
    32: "control data",
    33: "timed metadata",
}


class Element(NamedTuple):
    """An element: identifier, first byte, first byte of its body, one after its last."""

    number: int
    start: int
    body: int
    end: int


@dataclass
class Track:
    """One track: its number and codec, and what it is where it is not played, otherwise ""."""

    number: int
    codec: str
    kind: str


def elements(reader: Source, start: int, end: int) -> Iterator[Element]:
    """Elements from `start` on, until one does not fit."""
    while start < end:
        data = reader.read(start, min(_LONGEST_HEADER, end - start))
        number, size, body = header(data, 0)
        if size < -1:
            return
        body += start
        if size >= 0:
            stop = body + size
        elif number == SEGMENT:
            stop = end
        elif number == CLUSTER:
            stop = _end_of_cluster(reader, body, end)
        else:
            return
        if stop > end:
            return
        yield Element(number, start, body, stop)
        start = stop


def children(reader: Source, parent: Element | None, *numbers: int) -> Iterator[Element]:
    """The elements with one of these numbers in another one, or in the file itself."""
    start, end = (0, reader.size) if parent is None else (parent.body, parent.end)
    return (element for element in elements(reader, start, end) if element.number in numbers)


def _end_of_cluster(reader: Source, at: int, end: int) -> int:
    """A cluster of unknown size ends where something begins that can't be in it (RFC 8794, 6.2)."""
    while at < end:
        number, size, body = header(reader.read(at, min(_LONGEST_HEADER, end - at)), 0)
        if size < 0 or number in SECTIONS or at + body + size > end:
            break
        at += body + size
    return at


def track_of(reader: Source, entry: Element) -> Track:
    """What a TrackEntry describes."""
    values: dict[int, bytes] = {}
    for element in elements(reader, entry.body, entry.end):
        if element.number in (_NUMBER, _TYPE, _CODEC):
            size = min(element.end - element.body, 64)
            values.setdefault(element.number, reader.read(element.body, size))
    number, kind = (int.from_bytes(values.get(n, b"")[:8]) for n in (_NUMBER, _TYPE))
    codec = values.get(_CODEC, b"").rstrip(b"\0").decode("latin-1")
    played = codec in _PLAYED.get(kind, {})
    return Track(number, codec, "" if played else _KINDS.get(kind, "unknown track"))
