"""Data packets of ASF (specification, 5.2): every byte is a header's, a payload's or padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.reading import coded, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_MOST_PACKET = 1 << 20
_LENGTHS = (0, 1, 2, 4)


class _Broken(Exception):
    """A packet that is not as packets are; its text says in which way."""


def packets(source: Source, start: int, end: int, size: int, kept: set[int]) -> Iterator[Part]:
    """The packets of the data object, all of one size."""
    if not 0 < size <= _MOST_PACKET:
        yield unexpected("Data", "packets of no known size", start, end)
        return
    at = start
    while at + size <= end:
        packet = source.read(at, size)
        if not any(packet):
            kind: str | None = "empty packets"
        else:
            try:
                _check(packet, kept)
                kind = None
            except _Broken as exc:
                kind = str(exc)
            except IndexError:
                kind = "damaged packet"
        if kind is None:
            yield coded("Data/packets", "picture and sound", at, at + size)
        else:
            yield unexpected("Data/packets", kind, at, at + size)
        at += size
    if at < end:
        yield unexpected("Data", "data that no packet accounts for", at, end)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, code: int) -> int:
        """A field whose length is one of four (specification, 5.2.2)."""
        length = _LENGTHS[code & 3]
        self.at += length
        if self.at > len(self.data):
            raise IndexError
        return int.from_bytes(self.data[self.at - length : self.at], "little")

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]


def _check(packet: bytes, kept: set[int]) -> None:
    """Raise unless the packet holds payloads of picture and sound, and zeros."""
    reader = _Reader(packet)
    if packet[0] & 0x80:
        if packet[0] != 0x82 or packet[1] or packet[2]:
            raise _Broken("error correction data")
        reader.at = 3
    flags, properties = reader.byte(), reader.byte()
    length = reader.number(flags >> 5)
    reader.number(flags >> 1)
    padding = reader.number(flags >> 3)
    reader.at += 6
    if length not in (0, len(packet)) or padding > len(packet):
        raise _Broken("damaged packet")
    end = len(packet) - padding
    if flags & 1:
        head = reader.byte()
        for _ in range(head & 0x3F):
            _payload(reader, properties, kept, end, head >> 6)
    else:
        _payload(reader, properties, kept, end, None)
    if any(packet[reader.at :]):
        raise _Broken("padding with content")


def _payload(reader: _Reader, properties: int, kept: set[int], end: int, code: int | None) -> None:
    stream = reader.byte() & 0x7F
    reader.number(properties >> 4)
    reader.number(properties >> 2)
    replicated = reader.number(properties)
    if replicated == 1:
        reader.byte()
    elif replicated == 8:
        reader.at += 8
    elif replicated:
        raise _Broken("data beside the payload")
    size = end - reader.at if code is None else reader.number(code)
    if size < 0 or reader.at + size > end or (code is not None and not _LENGTHS[code]):
        raise _Broken("damaged packet")
    if stream not in kept:
        raise _Broken("data of no known stream")
    reader.at += size
