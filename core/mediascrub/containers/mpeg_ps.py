"""MPEG-PS (ISO/IEC 13818-1, 2.5; ISO/IEC 11172-1): packs of packets, as on DVD and in `.mpg`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.reading import (
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

_PACK, _SYSTEM, _MAP, _END = 0xBA, 0xBB, 0xBC, 0xB9
_PRIVATE, _PADDING = 0xBD, 0xBE
_START = re.compile(rb"\x00\x00\x01[\xb9-\xff]", re.DOTALL)
_SOUND_NUMBERS = frozenset({*range(0x80, 0x90), *range(0xA0, 0xA8), *range(0xC0, 0xD0)})
"""AC-3 and DTS, LPCM, E-AC-3 in a private stream, by the first byte of the payload (DVD-Video)."""
_NAMES = {
    0xBC: ("PSM", "map of streams"),
    0xBF: ("private stream 2", "navigation or private data"),
    0xF0: ("ECM", "conditional access"),
    0xF1: ("EMM", "conditional access"),
    0xF2: ("DSM-CC", "data carousel"),
    0xF3: ("MHEG", "interactive content"),
    0xFC: ("metadata", "metadata"),
    0xFF: ("PSD", "directory of streams"),
}
_WINDOW = 1 << 16


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    at = _next(source, 0)
    if at == source.size:
        raise not_this("a program stream")
    if at:
        yield unexpected("file", "data before the first pack", 0, at)
    while at < source.size:
        head = source.read(at, 32)
        if head[:3] != b"\0\0\1" or len(head) < 4 or head[3] < _END:
            again = _next(source, at + 1)
            last = again == source.size
            yield unexpected("file", TRAILING if last else "data between packets", at, again)
            at = again
            continue
        kind = head[3]
        if kind == _END:
            yield structure("packs", "end code", at, at + 4)
            at += 4
        elif kind == _PACK:
            part = _pack(source, head, at)
            yield part
            at = part.end
        else:
            end = at + 6 + int.from_bytes(head[4:6])
            if len(head) < 6 or end > source.size or end == at + 6:
                again = _next(source, at + 1)
                yield unexpected("packets", "packets of no sensible length", at, again)
                at = again
                continue
            yield _packet(source, kind, at, end)
            at = end


def _next(source: Source, start: int) -> int:
    """Where the next start code of a pack or packet is."""
    while start < source.size:
        data = source.read(start, _WINDOW)
        found = _START.search(data)
        if found is not None:
            return start + found.start()
        if len(data) < _WINDOW:
            break
        start += len(data) - 3
    return source.size


def _pack(source: Source, head: bytes, at: int) -> Part:
    """A clock and a rate; in MPEG-2 up to seven bytes of stuffing behind them."""
    place = "packs"
    if len(head) >= 14 and head[4] & 0xC4 == 0x44:
        stuffing = head[13] & 7
        end = at + 14 + stuffing
        fine = end <= source.size and head[14 : 14 + stuffing] == b"\xff" * stuffing
        if fine:
            return coded(place, "picture and sound", at, end)
        return unexpected("packs/header", "stuffing with content", at, min(end, source.size))
    if len(head) >= 12 and head[4] & 0xF1 == 0x21:
        return coded(place, "picture and sound", at, at + 12)
    return unexpected("packs/header", "damaged header", at, min(at + 4, source.size))


def _packet(source: Source, kind: int, at: int, end: int) -> Part:
    if kind == _SYSTEM:
        data = source.read(at, end - at)
        return judged(_is_system(data), "packs/system header", "bounds of streams", at, end)
    if kind == _PADDING:
        return _padding(source, at, end)
    if 0xC0 <= kind <= 0xEF or kind in (_PRIVATE, 0xFD):
        return _media(source, kind, at, end)
    place, what = _NAMES.get(kind, ("unknown", "packets of no known stream"))
    return unexpected(place, what, at, end)


def _padding(source: Source, at: int, end: int) -> Part:
    body = source.read(at + 6, end - at - 6)
    # MPEG-1's padding may have the header of a packet.
    stuffing = body.lstrip(b"\x0f")
    if stuffing.count(0xFF) == len(stuffing) or not any(body):
        # Every other packet may be one: no part of its own.
        return coded("packs", "picture and sound", at, end)
    return unexpected("packs/padding", "padding with content", at, end)


def _media(source: Source, kind: int, at: int, end: int) -> Part:
    data = source.read(at, min(end - at, 6 + 3 + 255 + 1))
    start = _payload(data)
    if start < 0:
        return unexpected("packets/header", "private data or stuffing with content", at, end)
    number = data[start] if start < len(data) else 0
    if kind == _PRIVATE and number not in _SOUND_NUMBERS:
        what = "picture subtitles" if 0x20 <= number < 0x40 else "private data"
        return unexpected("private stream 1", what, at, end)
    return coded("packs", "picture and sound", at, end)


def _is_system(data: bytes) -> bool:
    """Rates and flags, then three bytes of numbers for each stream (2.5.3.5)."""
    if len(data) < 12 or (len(data) - 12) % 3 or not data[6] & 0x80:
        return False
    rows = [data[at : at + 3] for at in range(12, len(data), 3)]
    return all(row[0] >= 0xB8 and row[1] & 0xC0 == 0xC0 for row in rows)


def _payload(data: bytes) -> int:
    """Where the payload starts behind a header of numbers, or -1."""
    if len(data) > 8 and data[6] & 0xC0 == 0x80:
        return _payload_2(data)
    # MPEG-1 (11172-1, 2.4.3.3): stuffing, buffer size, time stamps.
    at = 6
    while data[at : at + 1] == b"\xff" and at < 6 + 16:
        at += 1
    if at < len(data) and data[at] & 0xC0 == 0x40:
        at += 2
    if at >= len(data):
        return -1
    top = data[at] >> 4
    if top == 2:
        return at + 5
    if top == 3:
        return at + 10
    return at + 1 if data[at] == 0x0F else -1


def _payload_2(data: bytes) -> int:
    flags, length = data[7], data[8]
    fields = data[9 : 9 + length]
    if len(fields) < length or flags & 0x3E or flags >> 6 == 1 or data[6] & 0x30:
        return -1
    used = {2: 5, 3: 10}.get(flags >> 6, 0)
    if flags & 1:
        # Of the extensions only the buffer's size, and an extended stream number of one byte.
        if len(fields) <= used:
            return -1
        extension = fields[used]
        used += 1
        if extension & 0xE0:
            return -1
        used += 2 if extension & 0x10 else 0
        if extension & 1:
            if fields[used : used + 1] != b"\x81":
                return -1
            used += 2
    rest = fields[used:]
    return 9 + length if used <= length and rest.count(0xFF) == len(rest) else -1
