"""WAV, with EBU's BWF and RF64 (EBU Tech 3285 and 3306) and ITU-R BS.2088's BW64."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from mediascrub.containers.riff_chunks import Chunk, behind, chunks, other
from mediascrub.containers.windows_headers import is_sound_format
from mediascrub.reading import coded, joined, judged, not_this, opened, structure, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_UNSAID = 0xFFFFFFFF
_MOST_FORMAT = 4096
_UNPACKED = (0x0001, 0x0003, 0x0006, 0x0007, 0xFFFE)
"""Formats in which all samples are of one size."""


def walk(path: Path, file_format: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    """All parts of a WAV.

    Raises:
        StructureError: it does not begin as a WAV.
    """
    head = source.read(0, 12)
    if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
        raise not_this("a WAV")
    size = int.from_bytes(head[4:8], "little")
    walker = _Wave(source)
    at = 12
    yield structure("RIFF", "header", 0, at)
    end = min(8 + size, source.size)
    if head[:4] != b"RIFF" and size == _UNSAID:
        end, after, part = walker.long_sizes(at)
        yield part
        at = after
    end = max(end, at)
    long = walker.long_data
    if long is None:
        yield from chunks(source, at, end, "RIFF", walker.chunk)
    else:
        yield from walker.long_chunks(at, end, long)
    yield from behind(source, end)


class _Wave:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.align = 1
        self.seen: set[bytes] = set()
        self.long_data: int | None = None

    def long_sizes(self, at: int) -> tuple[int, int, Part]:
        """Sizes of 64 bits: where the form ends, where the next chunk is, and the part."""
        head = self.source.read(at, 36)
        if len(head) < 36 or head[:4] != b"ds64":
            return at, at, structure("RIFF", "header", at, at)
        size, form, data, _, table = struct.unpack("<IQQQI", head[4:36])
        after = min(at + 8 + size, self.source.size)
        self.long_data = data
        fine = size == 28 and table == 0
        part = judged(fine, "RIFF/ds64", "sizes", at, after)
        return min(8 + form, self.source.size), after, part

    def long_chunks(self, at: int, end: int, length: int) -> Iterator[Part]:
        """As `chunks`, but that the sound's size is in ds64."""
        start = at
        while start < end:
            head = self.source.read(start, 8)
            size = int.from_bytes(head[4:], "little")
            if head[:4] == b"data" or len(head) < 8 or start + 8 + size > end:
                break
            start += 8 + size + (size & 1)
        start = min(start, end)
        yield from chunks(self.source, at, start, "RIFF", self.chunk)
        if start == end:
            return
        head = self.source.read(start, 8)
        stop = start + 8 + length
        if head != b"data" + b"\xff" * 4 or stop > end:
            yield from chunks(self.source, start, end, "RIFF", self.chunk)
            return
        after = min(stop + (length & 1), end)
        yield from self.chunk(Chunk(b"data", start, start + 8, stop, after))
        if after > stop:
            yield judged(self.source.only(stop, after), "RIFF/padding", "padding", stop, after)
        yield from chunks(self.source, after, end, "RIFF", self.chunk)

    def chunk(self, chunk: Chunk) -> Iterator[Part]:
        span = chunk.start, chunk.end
        again = chunk.code in self.seen
        self.seen.add(chunk.code)
        if chunk.code == b"fmt " and not again:
            data = self.source.read(chunk.body, min(chunk.size, _MOST_FORMAT))
            fine = len(data) == chunk.size and is_sound_format(data)
            if fine and int.from_bytes(data[:2], "little") in _UNPACKED:
                self.align = max(1, int.from_bytes(data[12:14], "little"))
            yield judged(fine, "RIFF/fmt", "sound format", *span)
        elif chunk.code == b"fact" and not again:
            yield judged(chunk.size == 4, "RIFF/fact", "number of samples", *span)
        elif chunk.code == b"data" and not again:
            odd = chunk.size % self.align
            yield coded("RIFF/data", "sound", chunk.start, chunk.end - odd)
            if odd:
                yield unexpected(
                    "RIFF/data", "bytes that are no sample", chunk.end - odd, chunk.end
                )
        else:
            yield from other(self.source, chunk, "RIFF")
