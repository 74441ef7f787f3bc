"""Walking Matroska and WebM (RFC 8794, RFC 9559).

Elements that a player needs are read to the last number; of blocks only the header is read. All
other elements are unexpected, as are needed ones in another place or a second time.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from mediascrub.containers.fields import MOST_BYTES, Fields, merged
from mediascrub.containers.matroska.blocks import block_fault
from mediascrub.containers.matroska.element_schema import (
    ADDITIONAL,
    BLOCK,
    CLUSTER,
    CODEC_PRIVATE,
    CRC,
    EBML,
    SEGMENT,
    SIMPLE_BLOCK,
    TOP,
    TRACK_ENTRY,
    VOID,
    Spec,
)
from mediascrub.containers.matroska.element_values import CODECS
from mediascrub.containers.matroska.track_entries import Element, Track, elements, track_of
from mediascrub.errors import StructureError
from mediascrub.parts import Part
from mediascrub.reading import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_CHECKED = 1 << 24
"""Longest body whose checksum is compared; clusters, whose blocks are not read, are not."""


class _Headers(Source):
    """Of blocks only the headers are read, which are far from each other."""

    block = 1 << 13


def walk(path: Path, family: str) -> Iterator[Part]:
    """The parts of a file, as `mediascrub.walk` says.

    Raises:
        StructureError: it does not begin as Matroska does, or ends before its elements do.
        UnreadableError: it can't be read.
    """
    with _Headers.open(path) as reader:
        yield from merged(_File(reader).parts())


class _File:
    def __init__(self, reader: Source) -> None:
        self.reader = reader
        self.tracks: dict[int, Track] = {}
        self.track: Track | None = None

    def parts(self) -> Iterator[Part]:
        at = 0
        for wanted in (EBML, SEGMENT):
            element = next(elements(self.reader, at, self.reader.size), None)
            while wanted == SEGMENT and element is not None and element.number == VOID:
                yield from self._void(element, "")
                at = element.end
                element = next(elements(self.reader, at, self.reader.size), None)
            if element is None or element.number != wanted:
                raise StructureError(
                    "The file is damaged at its beginning, or ends before its contents do; "
                    "copy it again from where it came."
                )
            yield from self._master(element, TOP[wanted], TOP[wanted].name)
            at = element.end
        end = self.reader.size
        yield Part(place="end", kind="trailing data", start=at, end=end, role="unexpected")

    def _master(self, element: Element, spec: Spec, place: str) -> Iterator[Part]:
        """An element of elements. It can't be deeper than the schema is."""
        yield _structure(element.start, element.body, place)
        allowed = spec.children or {}
        at, seen = element.body, set()
        for child in elements(self.reader, element.body, element.end):
            at = child.end
            known = allowed.get(child.number)
            if child.number == VOID:
                yield from self._void(child, place)
            elif child.number == CRC and child.start == element.body:
                yield from self._checksum(child, element, place)
            elif known is None or (child.number in seen and not known.several):
                kind = "unknown element" if known is None else "second element of its kind"
                yield _unexpected(child, f"{place}/{known.name if known else 'unknown'}", kind)
            else:
                if not known.several:
                    seen.add(child.number)
                yield from self._known(child, known, f"{place}/{known.name}")
        if at < element.end:
            yield Part(
                place=place,
                kind="bytes that are no element",
                start=at,
                end=element.end,
                role="unexpected",
            )

    def _known(self, element: Element, spec: Spec, place: str) -> Iterator[Part]:
        if element.number == TRACK_ENTRY:
            track = track_of(self.reader, element)
            if track.number in self.tracks:
                track.kind = "second track of its number"
            self.tracks.setdefault(track.number, track)
            self.track = track
            if track.kind:
                yield _unexpected(element, place, track.kind)
                return
        if spec.children is not None:
            yield from self._master(element, spec, place)
        elif element.number in (SIMPLE_BLOCK, BLOCK):
            yield self._block(element, place, simple=element.number == SIMPLE_BLOCK)
        elif element.number == ADDITIONAL:
            yield self._addition(element, place)
        else:
            yield from self._leaf(element, spec, place)

    def _block(self, element: Element, place: str, *, simple: bool) -> Part:
        number, fault = block_fault(self.reader, element, simple=simple)
        track = self.track = self.tracks.get(number)
        if track is None and not fault:
            fault = "block of an unknown track"
        elif track is not None and track.kind:
            fault = track.kind
        if fault:
            return _unexpected(element, place, fault)
        return Part(
            place=place,
            kind="picture, sound or text",
            start=element.start,
            end=element.end,
            role="coded",
        )

    def _addition(self, element: Element, place: str) -> Part:
        """The alpha channel of VP8 and VP9 is a frame of its own (WebM, Alpha Channel).

        It is not decoded here: it begins as a frame does, and has no words in it.
        """
        first = self.reader.read(element.body, 10)
        codec = self.track.codec if self.track is not None else ""
        vp9 = codec == "V_VP9" and first[:1] and first[0] >> 6 == 2
        # A key frame of VP8 has a start code behind its three bytes (RFC 6386, 9.1).
        vp8 = codec == "V_VP8" and first[:1] and (first[0] & 1 or first[3:6] == b"\x9d\x01\x2a")
        size = min(element.end - element.body, MOST_BYTES)
        probe = Fields(self.reader.read(element.body, size), element.body, place, "element")
        probe.opaque(size, MOST_BYTES)
        plain = size == element.end - element.body and not any(
            part.role == "unexpected" for part in probe.parts
        )
        if (vp9 or vp8) and plain:
            return Part(
                place=place,
                kind="alpha channel",
                start=element.start,
                end=element.end,
                role="coded",
            )
        return _unexpected(element, place, "addition to a block")

    def _leaf(self, element: Element, spec: Spec, place: str) -> Iterator[Part]:
        read = spec.read
        if element.number == CODEC_PRIVATE and self.track is not None:
            read = CODECS.get(self.track.codec)
        size = element.end - element.start
        if read is None:
            yield _unexpected(element, place, spec.refused, spec.hipaa)
        elif size > MOST_BYTES:
            yield _unexpected(element, place, "value that is too long")
        else:
            fields = Fields(self.reader.read(element.start, size), element.start, place, "element")
            fields.numbers(element.body - element.start)
            read(fields)
            yield from fields.finished()

    def _void(self, element: Element, place: str) -> Iterator[Part]:
        empty = self.reader.only(element.body, element.end)
        yield Part(
            place=f"{place}/Void".lstrip("/"),
            kind="free space" if empty else "data in free space",
            start=element.start,
            end=element.end,
            role="room" if empty else "unexpected",
        )

    def _checksum(self, crc: Element, parent: Element, place: str) -> Iterator[Part]:
        """A CRC-32 of what follows it in its parent (RFC 8794, 11.3.1)."""
        given = self.reader.read(crc.body, crc.end - crc.body)
        good = len(given) == 4
        if good and parent.number not in (CLUSTER, SEGMENT) and parent.end - crc.end <= _CHECKED:
            value = 0
            for data in self.reader.blocks(crc.end, parent.end):
                value = zlib.crc32(data, value)
            good = given == value.to_bytes(4, "little")
        place = f"{place}/CRC-32"
        if good:
            yield _structure(crc.start, crc.end, place)
        else:
            yield _unexpected(crc, place, "checksum of nothing")


def _structure(start: int, end: int, place: str) -> Part:
    return Part(place=place, kind="element", start=start, end=end, role="structure")


def _unexpected(element: Element, place: str, kind: str, hipaa: str = "") -> Part:
    return Part(
        place=place,
        kind=kind,
        start=element.start,
        end=element.end,
        role="unexpected",
        hipaa=hipaa,
    )
