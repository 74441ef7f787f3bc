"""FLAC's frames (RFC 9639, 9): where one ends is where the next begins, and a checksum proves it.

Headers have a CRC-8 and frames a CRC-16. Looking for headers is a search for two bytes; the
checksums of whole frames are reckoned for many stretches of 128 bytes side by side, by arrays.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mediascrub.containers.sound_tags import tag_at
from mediascrub.reading import TRAILING, coded, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_LANE = 128
_MOST_HEADER = 16
_CHUNK = 1 << 20
_MOST_FRAME = 1 << 24
_MOST_TRIED = 64
"""Headers inside a frame that claim to begin the next one."""
_SIZES = {1: 192, **{n: 144 << n for n in range(2, 6)}, **{n: 1 << n for n in range(8, 16)}}


class _Header(NamedTuple):
    at: int
    first: int
    """Its first sample, or its number where all frames are equally long."""
    next: int
    variable: bool


def frames(source: Source, start: int) -> Iterator[Part]:
    """All that follows the metadata: frames, and what is none."""
    at = start
    data, base = b"", start
    pending: _Header | None = None
    checker = _Checker()
    tried = 0
    while True:
        more = source.read(base + len(data), _CHUNK)
        data += more
        last = not more or base + len(data) >= source.size
        checker.feed(data)
        for header in _headers(data, base, last):
            if pending is None:
                if header.at > at:
                    yield from _strange(source, at, header.at)
                pending = header
            elif header.variable == pending.variable and header.first == pending.next:
                yield _frame(checker, base, pending.at, header.at)
                pending = header
            elif tried < _MOST_TRIED and checker.is_frame(pending.at - base, header.at - base):
                # Frames were cut out here: what follows is sound all the same.
                yield _frame(checker, base, pending.at, header.at)
                pending = header
            tried = 0 if at != pending.at else tried + 1
            at = pending.at
        if last:
            break
        keep = at if pending is not None else max(at, base + len(data) - _MOST_HEADER)
        if pending is None and keep > at:
            yield from _strange(source, at, keep)
            at = keep
        elif len(data) > _MOST_FRAME:
            yield unexpected("frames", "bytes that belong to no frame", at, base + len(data))
            at = keep = base + len(data)
            pending = None
        data, base = data[keep - base :], keep
    if pending is None:
        yield from _strange(source, at, source.size)
        return
    yield from _end(source, checker, base, pending.at)


def _frame(checker: _Checker, base: int, start: int, end: int) -> Part:
    if checker.is_frame(start - base, end - base):
        return coded("frames", "sound", start, end)
    return unexpected("frames", "bytes that belong to no frame", start, end)


def _end(source: Source, checker: _Checker, base: int, start: int) -> Iterator[Part]:
    """The last frame, and tags behind it."""
    end = source.size
    tags = []
    for length in (128,):
        tag = tag_at(source, end - length) if end - length > start else None
        if tag is not None and tag.end == end:
            tags.append(tag)
            end = tag.start
    if checker.is_frame(start - base, end - base):
        yield coded("frames", "sound", start, end)
    else:
        stop = checker.end_of_frame(start - base, end - base)
        yield coded("frames", "sound", start, base + stop if stop else start)
        yield unexpected("file", TRAILING, base + stop if stop else start, end)
    yield from tags


def _strange(source: Source, start: int, end: int) -> Iterator[Part]:
    if start < end:
        yield unexpected("file", "bytes that belong to no frame", start, end)


def _headers(data: bytes, base: int, last: bool) -> Iterator[_Header]:
    """Frame headers with the right checksum, in order. The same data may be searched again."""
    for match in _SYNC.finditer(data):
        at = match.start()
        if at + _MOST_HEADER > len(data) and not last:
            return
        header = _header(data[at : at + _MOST_HEADER])
        if header is not None:
            number, size, variable = header
            step = size if variable else 1
            yield _Header(base + at, number, number + step, variable)


def _header(head: bytes) -> tuple[int, int, bool] | None:
    """Number, samples, and whether frames differ in length; None when it is no header."""
    if len(head) < 6 or head[3] & 1:
        return None
    size_code, rate_code = head[2] >> 4, head[2] & 15
    if size_code == 0 or rate_code == 15 or head[3] >> 4 > 10 or head[3] >> 1 & 7 == 3:
        return None
    more = _MORE[head[4] >> 3] if head[4] < 0xF8 else {0xFC: 5, 0xFD: 5, 0xFE: 6}.get(head[4], 4)
    if more < 0 or head[4] == 0xFF:
        return None
    number = head[4] if not more else head[4] & (0x3F >> more)
    at = 5 + more
    for byte in head[5:at]:
        if byte & 0xC0 != 0x80:
            return None
        number = number << 6 | byte & 0x3F
    size = _SIZES.get(size_code, 0)
    if size_code in (6, 7):
        size = int.from_bytes(head[at : at + size_code - 5]) + 1
        at += size_code - 5
    at += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if len(head) <= at or _crc8(head[:at]) != head[at]:
        return None
    return number, size, bool(head[1] & 1)


_MORE = [0] * 16 + [-1] * 8 + [1] * 4 + [2] * 2 + [3] + [4]
"""Bytes that follow the first one of a number as UTF-8 writes it, by its upper five bits."""


@cache
def _table8() -> bytes:
    out = bytearray()
    for value in range(256):
        for _ in range(8):
            value = (value << 1 ^ 0x07) & 0xFF if value & 0x80 else value << 1  # noqa: PLW2901
        out.append(value)
    return bytes(out)


def _crc8(data: bytes) -> int:
    table, value = _table8(), 0
    for byte in data:
        value = table[value ^ byte]
    return value


@cache
def _table16() -> list[int]:
    out = []
    for value in range(256):
        value <<= 8  # noqa: PLW2901
        for _ in range(8):
            value = (value << 1 ^ 0x8005) & 0xFFFF if value & 0x8000 else value << 1  # noqa: PLW2901
        out.append(value)
    return out


def _step(value: int, byte: int) -> int:
    return (value << 8 & 0xFFFF) ^ _table16()[value >> 8 ^ byte]


@cache
def _skip() -> tuple[list[int], list[int]]:
    """What a lane of zeros makes of the upper and of the lower byte of a checksum."""

    def through(value: int) -> int:
        for _ in range(_LANE):
            value = _step(value, 0)
        return value

    return [through(n << 8) for n in range(256)], [through(n) for n in range(256)]


class _Checker:
    """CRC-16s of stretches of the data that was fed (RFC 9639, 9.3)."""

    def __init__(self) -> None:
        self._data = b""
        self._lanes: list[int] = []

    def feed(self, data: bytes) -> None:
        """Reckon the checksum of every lane on its own."""
        import numpy as np

        self._data = data
        count = len(data) // _LANE
        rows: Any = np.frombuffer(data, np.uint8, count * _LANE).reshape(count, _LANE)
        columns = np.ascontiguousarray(rows.T).astype(np.uint16)
        table = np.array(_table16(), np.uint16)
        value = np.zeros(count, np.uint16)
        for column in columns:
            value = (value << 8) ^ table[(value >> 8) ^ column]
        self._lanes = value.tolist()

    def _state(self, value: int, start: int, end: int) -> int:
        table = _table16()
        for byte in self._data[start:end]:
            value = (value << 8 & 0xFFFF) ^ table[value >> 8 ^ byte]
        return value

    def is_frame(self, start: int, end: int) -> bool:
        """Whether the bytes end in their own checksum."""
        if end - start < 8:
            return False
        first, last = -(-start // _LANE), end // _LANE
        if first >= last:
            return self._state(0, start, end) == 0
        value = self._state(0, start, first * _LANE)
        upper, lower = _skip()
        for lane in self._lanes[first:last]:
            value = upper[value >> 8] ^ lower[value & 0xFF] ^ lane
        return self._state(value, last * _LANE, end) == 0

    def end_of_frame(self, start: int, end: int) -> int:
        """Where the shortest stretch from `start` that ends in its own checksum ends, or 0."""
        table, value, found = _table16(), 0, 0
        for at, byte in enumerate(self._data[start:end], start + 1):
            value = (value << 8 & 0xFFFF) ^ table[value >> 8 ^ byte]
            if value == 0 and at - start >= 8 and not found:
                found = at
        return found
