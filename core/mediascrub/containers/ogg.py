"""Ogg (RFC 3533) with the codecs that it usually has, and the comments that they share.

Headers: Vorbis I specification, 4.2; Opus: RFC 7845; Theora specification, 6; FLAC: Ogg mapping 1.0
(RFC 9639, 10.1); Speex manual, 8; VP8: the mapping of FFmpeg.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from mediascrub.containers.ogg_headers import Headers
from mediascrub.errors import StructureError
from mediascrub.reading import (
    TRAILING,
    coded,
    crc32_unreflected,
    joined,
    not_this,
    opened,
    unexpected,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_PAGE = 27
_MAGIC = b"OggS"
_MOST_PAGE = _PAGE + 255 + 255 * 255
_MOST_TRIED = 10_000
_MOST_PENDING = 256
_MOST_HEADER = 1 << 24


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        if source.read(0, 4) != _MAGIC:
            raise not_this("an Ogg file")
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    walker = _Walker()
    at = 0
    while at < source.size:
        page = _page(source, at)
        if page:
            yield from walker.page(page, at)
            at += len(page)
            continue
        again = _next_page(source, at + 1)
        yield from walker.flush()
        last = again == source.size
        yield unexpected("file", TRAILING if last else "data between pages", at, again)
        at = again
    yield from walker.flush()


def _page(source: Source, at: int) -> bytes:
    """A whole page with the right checksum, or nothing."""
    head = source.read(at, _PAGE + 255)
    if head[:5] != b"OggS\0" or len(head) < _PAGE or head[5] > 7:
        return b""
    count = head[26]
    size = _PAGE + count + sum(head[_PAGE : _PAGE + count])
    page = source.read(at, size)
    if len(page) < size:
        return b""
    (said,) = struct.unpack_from("<I", page, 22)
    return page if crc32_unreflected(page[:22] + bytes(4) + page[26:]) == said else b""


def _next_page(source: Source, start: int) -> int:
    tried = 0
    while True:
        at = source.find(_MAGIC, start, source.size)
        if at < 0:
            return source.size
        if _page(source, at):
            return at
        tried += 1
        if tried > _MOST_TRIED:
            raise StructureError("The Ogg file is damaged all over; get an undamaged copy of it.")
        start = at + 1


class _Stream:
    """One logical stream: its header packets are put together, the rest is picture or sound."""

    def __init__(self) -> None:
        self.headers: Headers | None = None
        self.packet = bytearray()
        self.next_page = 0
        self.last_position = -1
        self.ended = False

    @property
    def unknown(self) -> tuple[str, str] | None:
        """What is in it, when it is no picture or sound."""
        return self.headers.unknown if self.headers is not None else None

    @property
    def done(self) -> bool:
        """Whether all its headers were there."""
        return self.headers is not None and self.headers.done


class _Waiting(NamedTuple):
    start: int
    end: int
    stream: _Stream
    header: bool
    """It holds more than the stream's first packet, and that is no picture or sound."""


class _Walker:
    """What was learnt of the file so far.

    Pages wait until the header packets that they hold parts of are complete.
    """

    def __init__(self) -> None:
        self._streams: dict[int, _Stream] = {}
        self._waiting: list[_Waiting] = []
        self._sound_has_begun = False

    def page(self, page: bytes, at: int) -> Iterator[Part]:
        """The parts that are now sure."""
        position, serial, number = struct.unpack_from("<qII", page, 6)
        end = at + len(page)
        stream = self._streams.get(serial)
        wrong = ""
        if page[5] & 2:
            if stream is not None or self._sound_has_begun:
                wrong = "a stream that begins when others are under way"
                self._streams.setdefault(serial, _Stream()).ended = True
            else:
                stream = self._streams[serial] = _Stream()
        elif stream is None or stream.ended or number != stream.next_page:
            wrong = "a page of no known stream"
        elif stream.done and position != -1 and position < stream.last_position:
            wrong = "positions that go back"
        if wrong or stream is None:
            yield from self.flush()
            yield unexpected("page", wrong, at, end)
            return
        stream.next_page = number + 1
        stream.ended = bool(page[5] & 4)
        stream.last_position = max(position, stream.last_position)
        header = not stream.done
        if header:
            self._headers(stream, page)
        elif stream.unknown is None:
            self._sound_has_begun = True
        self._waiting.append(_Waiting(at, end, stream, header and not page[5] & 2))
        known = all(item.stream.done for item in self._waiting)
        if known or len(self._waiting) > _MOST_PENDING:
            yield from self.flush()

    def flush(self) -> Iterator[Part]:
        """All pages that wait."""
        for start, end, stream, header in self._waiting:
            if stream.unknown is not None:
                yield unexpected(*stream.unknown, start, end)
            elif not stream.done:
                yield unexpected("page/headers", "headers that are not complete", start, end)
            elif header and stream.headers is not None and stream.headers.tagged:
                yield unexpected("page/comments", "comments", start, end)
            else:
                yield coded("pages", "picture and sound", start, end)
        self._waiting = []

    @staticmethod
    def _headers(stream: _Stream, page: bytes) -> None:
        """Take the page's packets in, as long as they are headers."""
        count = page[26]
        at = _PAGE + count
        for lacing in page[_PAGE : _PAGE + count]:
            stream.packet += page[at : at + lacing]
            at += lacing
            if lacing == 255 or stream.done:
                continue
            packet = bytes(stream.packet)
            stream.packet.clear()
            if stream.headers is None:
                stream.headers = Headers(packet)
            else:
                stream.headers.take(packet)
        if len(stream.packet) > _MOST_HEADER:
            stream.headers = Headers(b"")
            stream.packet.clear()
