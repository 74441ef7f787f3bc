"""AVI: Microsoft's "AVI RIFF File Reference", with the OpenDML extensions 1.02 (Matrox, 1996)."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from mediascrub.containers.riff_chunks import Chunk, chunks, other
from mediascrub.containers.windows_headers import is_picture_format, is_sound_format
from mediascrub.reading import (
    BLOCK,
    TRAILING,
    coded,
    joined,
    judged,
    not_this,
    opened,
    structure,
    unexpected,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_HANDLER = re.compile(rb"[A-Za-z0-9 ._-]{4}|[\0-\xff]{2}\0\0", re.DOTALL)
"""A code, or for sound the number of its format."""
_CODE = re.compile(rb"(\d\d)(dc|db|wb|pc)")
_TYPES = {b"dc": b"vids", b"db": b"vids", b"pc": b"vids", b"wb": b"auds"}
_KNOWN_FLAGS = 0x0FFF0111
_MOST_FIELDS = 2
_MOST_STREAMS = 100
"""Chunks name their stream by two decimal digits."""


def walk(path: Path, file_format: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    """All parts of an AVI.

    Raises:
        StructureError: it does not begin as an AVI.
    """
    head = source.read(0, 12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"AVI ":
        raise not_this("an AVI")
    walker = _Avi(source)
    at = 0
    while at < source.size:
        head = source.read(at, 12)
        form = b"AVIX" if at else b"AVI "
        size = int.from_bytes(head[4:8], "little")
        if head[:4] != b"RIFF" or head[8:] != form or size < 4:
            yield unexpected("file", TRAILING, at, source.size)
            return
        end = min(at + 8 + size, source.size)
        yield structure("RIFF", "header", at, at + 12)
        yield from chunks(source, at + 12, end, "RIFF", walker.top)
        at = end


class _Avi:
    """What was learnt of the file so far."""

    def __init__(self, source: Source) -> None:
        from array import array

        self.source = source
        self.streams: list[bytes] = []
        self.movie = 0
        self.in_record = False
        self.starts = array("Q")
        self.sizes = array("I")

    def top(self, chunk: Chunk) -> Iterator[Part]:
        if chunk.code == b"LIST":
            kind = self.source.read(chunk.body, 4)
            inner = {b"hdrl": self.header, b"movi": self.movie_chunk}.get(kind)
            if inner is not None and chunk.size >= 4:
                if kind == b"movi":
                    self.movie = self.movie or chunk.body
                place = f"RIFF/{kind.decode()}"
                yield structure(place, "list", chunk.start, chunk.body + 4)
                yield from chunks(self.source, chunk.body + 4, chunk.end, place, inner)
                return
        if chunk.code == b"idx1":
            yield self.old_index(chunk)
            return
        yield from self.rest(chunk, "RIFF")

    def rest(self, chunk: Chunk, place: str) -> Iterator[Part]:
        """Chunks that may be in any list."""
        if chunk.code == b"JUNK" and self.is_reserved(chunk):
            yield structure(f"{place}/JUNK", "room for an index", chunk.start, chunk.end)
            return
        yield from other(self.source, chunk, place)

    def is_reserved(self, chunk: Chunk) -> bool:
        """An OpenDML index or header that a muxer made room for and did not need."""
        head = self.source.read(chunk.body, 24)
        if len(head) < 24 or chunk.size < 24:
            return False
        if head[:8] == b"odmldmlh":
            fine = head[8:12] == struct.pack("<I", chunk.size - 12)
            return fine and self.source.only(chunk.body + 12, chunk.end)
        index = head[:8] == b"\x04" + bytes(7) and _CODE.fullmatch(head[8:12]) is not None
        return index and self.source.only(chunk.body + 12, chunk.end)

    def header(self, chunk: Chunk) -> Iterator[Part]:
        place = "RIFF/hdrl"
        if chunk.code == b"avih":
            data = self.source.read(chunk.body, min(chunk.size, 64))
            fine = chunk.size == 56 and not any(data[40:])
            yield judged(fine, f"{place}/avih", "main header", chunk.start, chunk.end)
            return
        kind = self.source.read(chunk.body, 4) if chunk.code == b"LIST" else b""
        if kind == b"odml":
            data = self.source.read(chunk.body, 16)
            fine = data[4:8] == b"dmlh" and chunk.size == 260
            fine = fine and data[8:12] == struct.pack("<I", chunk.size - 12)
            fine = fine and self.source.only(chunk.body + 16, chunk.end)
            yield judged(fine, f"{place}/odml", "extended header", chunk.start, chunk.end)
        elif kind == b"strl" and len(self.streams) < _MOST_STREAMS:
            yield from self.stream(chunk)
        else:
            yield from self.rest(chunk, place)

    def stream(self, chunk: Chunk) -> Iterator[Part]:
        place = "RIFF/hdrl/strl"
        start = self.source.read(chunk.body + 4, 12)
        kind = start[8:12] if start[:4] == b"strh" else b""
        self.streams.append(kind)
        if kind not in (b"vids", b"auds"):
            yield unexpected(place, "a stream that is neither picture nor sound", *_span(chunk))
            return
        yield structure(place, "list", chunk.start, chunk.body + 4)
        yield from chunks(self.source, chunk.body + 4, chunk.end, place, self.stream_chunk)

    def stream_chunk(self, chunk: Chunk) -> Iterator[Part]:
        place = "RIFF/hdrl/strl"
        kind = self.streams[-1]
        data = self.source.read(chunk.body, min(chunk.size, BLOCK - 1))
        if chunk.code == b"strh":
            fine = chunk.size in (48, 56, 64) and data[:4] == kind
            fine = fine and _HANDLER.fullmatch(data[4:8]) is not None
            yield judged(fine, f"{place}/strh", "stream header", *_span(chunk))
        elif chunk.code == b"strf":
            check = is_picture_format if kind == b"vids" else is_sound_format
            fine = chunk.size == len(data) and check(data)
            yield judged(fine, f"{place}/strf", "stream format", *_span(chunk))
        elif chunk.code == b"vprp":
            yield judged(_is_vprp(data), f"{place}/vprp", "video properties", *_span(chunk))
        elif chunk.code == b"indx":
            yield self.super_index(chunk)
        else:
            yield from self.rest(chunk, place)

    def movie_chunk(self, chunk: Chunk) -> Iterator[Part]:
        place = "RIFF/movi"
        match = _CODE.fullmatch(chunk.code)
        if match is not None:
            number = int(match[1])
            if number < len(self.streams) and self.streams[number] == _TYPES[match[2]]:
                self.starts.append(chunk.start)
                self.sizes.append(chunk.size)
                yield coded(place, "picture and sound", *_span(chunk))
            else:
                yield unexpected(place, "data of no known stream", *_span(chunk))
            return
        record = chunk.code == b"LIST" and self.source.read(chunk.body, 4) == b"rec "
        if record and chunk.size >= 4 and not self.in_record:
            # Records do not nest.
            self.in_record = True
            yield structure(f"{place}/rec", "list", chunk.start, chunk.body + 4)
            yield from chunks(
                self.source, chunk.body + 4, chunk.end, f"{place}/rec", self.movie_chunk
            )
            self.in_record = False
        elif re.fullmatch(rb"ix\d\d", chunk.code):
            yield self.standard_index(chunk)
        elif chunk.code[:2].isdigit():
            kind = "text" if chunk.code[2:] in (b"tx", b"sb") else "data of no known stream"
            yield unexpected(place, kind, *_span(chunk))
        else:
            yield from self.rest(chunk, place)

    def super_index(self, chunk: Chunk) -> Part:
        head = self.source.read(chunk.body, 24)
        place, kind = "RIFF/hdrl/strl/indx", "index"
        if len(head) < 24 or chunk.size < 24:
            return unexpected(place, kind, *_span(chunk))
        longs, sub, what, used = struct.unpack_from("<HBBI", head)
        fine = (longs, sub, what) == (4, 0, 0) and _CODE.fullmatch(head[8:12]) is not None
        fine = fine and not any(head[12:]) and 24 + 16 * used <= chunk.size <= BLOCK
        if fine:
            entries = self.source.read(chunk.body + 24, 16 * used)
            for offset, size, length in struct.iter_unpack("<QII", entries):
                fine = fine and offset + size <= self.source.size and length < 1 << 31
            fine = fine and self.source.only(chunk.body + 24 + 16 * used, chunk.end)
        return judged(fine, place, kind, *_span(chunk))

    def standard_index(self, chunk: Chunk) -> Part:
        import numpy as np

        head = self.source.read(chunk.body, 24)
        place, kind = "RIFF/movi/ix", "index"
        if len(head) < 24 or chunk.size < 24:
            return unexpected(place, kind, *_span(chunk))
        longs, sub, what, used, _, base, reserved = struct.unpack("<HBBI4sQI", head)
        fine = (longs, sub, what, reserved) == (2, 0, 1, 0) and 24 + 8 * used <= chunk.size
        fine = fine and _CODE.fullmatch(head[8:12]) is not None and base <= self.source.size
        fine = fine and self.source.only(chunk.body + 24 + 8 * used, chunk.end)
        at = chunk.body + 24
        for data in self.source.blocks(at, at + 8 * used) if fine else ():
            pairs = np.frombuffer(data, "<u4").reshape(-1, 2).astype(np.uint64)
            fine = fine and self.points(pairs[:, 0] + np.uint64(base - 8), pairs[:, 1] & 0x7FFFFFFF)
        return judged(bool(fine), place, kind, *_span(chunk))

    def old_index(self, chunk: Chunk) -> Part:
        """Positions count from `movi`, or from the beginning of the file."""
        import numpy as np

        fine = chunk.size % 16 == 0
        for data in self.source.blocks(chunk.body, chunk.end) if fine else ():
            rows = np.frombuffer(data, "<u4").reshape(-1, 4)
            codes = rows[:, :1].copy().view(np.uint8).reshape(-1, 4)
            fine = fine and bool(np.isin(codes[:, :2], np.frombuffer(b"0123456789", "u1")).all())
            fine = fine and not (rows[:, 1] & ~np.uint32(_KNOWN_FLAGS)).any()
            offsets, sizes = rows[:, 2].astype(np.uint64), rows[:, 3].astype(np.uint64)
            fine = fine and any(
                self.points(offsets + np.uint64(base), sizes) for base in (self.movie, 0)
            )
        return judged(bool(fine), "RIFF/idx1", "index", *_span(chunk))

    def points(self, starts: object, sizes: object) -> bool:
        """Whether there are chunks of these sizes at these places."""
        import numpy as np

        known, lengths = np.frombuffer(self.starts, "u8"), np.frombuffer(self.sizes, "u4")
        if not len(known):
            return not len(starts)  # type: ignore[arg-type]
        found = np.minimum(np.searchsorted(known, starts), len(known) - 1)  # type: ignore[call-overload]
        return bool((known[found] == starts).all() and (lengths[found] == sizes).all())


def _span(chunk: Chunk) -> tuple[int, int]:
    return chunk.start, chunk.end


def _is_vprp(data: bytes) -> bool:
    """Nine numbers, and eight for each field; all but the aspect ratio are small."""
    if len(data) < 36 or len(data) % 4:
        return False
    numbers = struct.unpack(f"<{len(data) // 4}I", data)
    fields = numbers[8]
    if not 1 <= fields <= _MOST_FIELDS or len(numbers) != 9 + 8 * fields:
        return False
    return all(number < 1 << 16 for place, number in enumerate(numbers) if place != 5)
