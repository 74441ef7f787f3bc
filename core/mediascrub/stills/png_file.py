"""PNG (W3C, third edition): chunks with checksums, and a picture that fills its stream."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from mediascrub.reading import (
    BLOCK,
    TRAILING,
    coded,
    holds_text,
    joined,
    not_this,
    opened,
    structure,
    unexpected,
)
from mediascrub.stills.still_metadata import is_plain_exif, is_plain_profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_START = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_LENGTHS = {
    b"gAMA": (4,),
    b"cHRM": (32,),
    b"sRGB": (1,),
    b"sBIT": (1, 2, 3, 4),
    b"bKGD": (1, 2, 6),
    b"pHYs": (9,),
    b"cICP": (4,),
    b"mDCV": (24,),
    b"mDCv": (24,),
    b"cLLI": (8,),
    b"cLLi": (8,),
}
"""Chunks of numbers, with the lengths that they may have."""
_NAMES = {
    b"tEXt": ("tEXt", "text", ""),
    b"zTXt": ("zTXt", "text", ""),
    b"iTXt": ("iTXt", "text", ""),
    b"tIME": ("tIME", "date of the last change", "C"),
    b"eXIf": ("eXIf", "EXIF metadata", ""),
    b"iCCP": ("iCCP", "colour profile", ""),
    b"sPLT": ("sPLT", "suggested palette", ""),
    b"hIST": ("hIST", "histogram", ""),
    b"acTL": ("acTL", "animation", ""),
    b"fcTL": ("fcTL", "animation", ""),
    b"fdAT": ("fdAT", "further pictures", ""),
    b"caBX": ("caBX", "content credentials", ""),
    b"PLTE": ("PLTE", "palette", ""),
    b"IHDR": ("IHDR", "picture header", ""),
}
_PROFILE_NAMES = (b"ICC profile", b"icc", b"icm", b"ICC Profile")
_MOST_PROFILE = 1 << 24
_MOST_METADATA = 1 << 22
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""Adam7: first column and row, and the distance to the next ones."""


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        if source.read(0, 8) != _START:
            raise not_this("a PNG")
        yield from joined(_Png(source).parts())


class _Png:
    """What was learnt of the picture so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: set[bytes] = set()
        self.expected = -1
        self.colours = False
        self.unpacked = 0
        self.stream = zlib.decompressobj()
        self.broken = False

    def parts(self) -> Iterator[Part]:
        yield structure("signature", "signature", 0, 8)
        at = 8
        while at < self.source.size:
            head = self.source.read(at, 8)
            size = int.from_bytes(head[:4])
            end = at + 12 + size
            if len(head) < 8 or end > self.source.size:
                yield unexpected("file", "data that no chunk accounts for", at, self.source.size)
                return
            name = head[4:]
            yield self.chunk(name, at, end)
            at = end
            self.seen.add(name)
            if name == b"IEND":
                break
        if at < self.source.size:
            yield unexpected("file", TRAILING, at, self.source.size)

    def chunk(self, name: bytes, at: int, end: int) -> Part:
        size = end - at - 12
        if name == b"IDAT":
            return self.picture(at, end)
        data = self.source.read(at + 8, min(size, _MOST_METADATA))
        whole = len(data) == size and self.is_sound(at, end)
        if whole and self.is_fine(name, data) and name not in self.seen:
            return structure(name.decode(), "numbers for showing the picture", at, end)
        place, kind, hipaa = _NAMES.get(name, ("unknown", "private chunk", ""))
        if name in _LENGTHS or name in (b"IEND", b"tRNS"):
            place, kind = name.decode(), "numbers of a wrong kind"
        return unexpected(place, kind, at, end, hipaa)

    def is_sound(self, at: int, end: int) -> bool:
        """Whether the chunk has the right checksum."""
        value = 0
        for data in self.source.blocks(at + 4, end - 4):
            value = zlib.crc32(data, value)
        return value == int.from_bytes(self.source.read(end - 4, 4))

    def is_fine(self, name: bytes, data: bytes) -> bool:
        if name == b"PLTE" and self.colours:
            # Only a suggestion where samples are colours themselves: room for anything.
            return len(data) % 3 == 0 and not holds_text(data)
        check = _CHECKS.get(name)
        if name in _LENGTHS:
            return len(data) in _LENGTHS[name]
        if name == b"IHDR":
            return not self.seen and self.header(data)
        if name == b"IEND":
            return not data and b"IDAT" in self.seen
        return check is not None and check(data)

    def header(self, data: bytes) -> bool:
        if len(data) != 13:
            return False
        width, height, depth, colour, method, filters, interlaced = struct.unpack(">IIBBBBB", data)
        if colour not in _CHANNELS or depth not in (1, 2, 4, 8, 16) or method or filters:
            return False
        if interlaced > 1 or not 0 < width < 1 << 31 or not 0 < height < 1 << 31:
            return False
        self.expected, self.colours = unpacked_bytes(data), bool(colour & 2 and not colour & 1)
        return True

    def picture(self, at: int, end: int) -> Part:
        """A piece of the compressed picture: the last one ends with it, and so do its samples."""
        place, kind = "IDAT", "picture"
        if b"IEND" in self.seen or self.expected < 0 or self.broken or self.stream.eof:
            if end - at > 12:
                return unexpected(place, "data behind the picture", at, end)
            return coded(place, kind, at, end)
        for data in self.source.blocks(at + 8, end - 4):
            self.unpack(data)
        if not self.is_sound(at, end) or self.broken:
            self.broken = True
            return unexpected(place, "a damaged picture", at, end)
        if self.stream.unused_data or self.unpacked > self.expected:
            return unexpected(place, "data behind the picture", at, end)
        return coded(place, kind, at, end)

    def unpack(self, data: bytes) -> None:
        """Count the samples. What a small stream claims to become is not kept."""
        while data and not self.broken and not self.stream.eof and self.unpacked <= self.expected:
            try:
                self.unpacked += len(self.stream.decompress(data, BLOCK))
            except zlib.error:
                self.broken = True
            data = self.stream.unconsumed_tail


def unpacked_bytes(header: bytes) -> int:
    """How many bytes the picture is once it is inflated (W3C PNG, third edition, 7.2 and 8).

    Args:
        header: the content of an IHDR chunk that is right.
    """
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    bits, total = depth * _CHANNELS[colour], 0
    for x, y, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-max(0, width - x) // across), -(-max(0, height - y) // down)
        if columns and rows:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _is_profile(data: bytes) -> bool:
    name, _, packed = data.partition(b"\0")
    if name not in _PROFILE_NAMES or packed[:1] != b"\0":
        return False
    stream = zlib.decompressobj()
    try:
        profile = stream.decompress(packed[1:], _MOST_PROFILE)
    except zlib.error:
        return False
    return stream.eof and not stream.unused_data and is_plain_profile(profile)


_CHECKS = {
    b"PLTE": lambda data: len(data) % 3 == 0 and 0 < len(data) <= 768,
    b"tRNS": lambda data: 0 < len(data) <= 256,
    b"eXIf": is_plain_exif,
    b"iCCP": _is_profile,
}
