"""Strips of a TIFF as samples, to the byte: what they hold and where they end.

A strip may be longer than what a decoder reads of it, and may decode to more rows than are shown.
Both are places where anything can hide.
"""

from __future__ import annotations

import zlib

from mediascrub.errors import DamagedError
from mediascrub.stills.tiff_picture import DAMAGED, DEFLATE, LZW, NONE, OLD_DEFLATE, PACKBITS

_CLEAR, _END, _FULL, _WIDEST = 256, 257, 4096, 12


def unpacked(strip: bytes, compression: int, most: int) -> tuple[bytes, int]:
    """A strip's samples, and how many of its bytes they took.

    Args:
        strip: as in the file.
        compression: a TIFF compression: none, LZW, Deflate or PackBits.
        most: how many bytes of samples to give at most.

    Raises:
        DamagedError: it can't be decoded.
    """
    if compression == NONE:
        return strip[:most], min(most, len(strip))
    if compression in (DEFLATE, OLD_DEFLATE):
        return _inflated(strip, most)
    if compression == PACKBITS:
        return _packbits(strip, most)
    if compression == LZW:
        return _lzw(strip, most)
    raise DamagedError(DAMAGED)


def _inflated(strip: bytes, most: int) -> tuple[bytes, int]:
    decoder = zlib.decompressobj()
    try:
        raw = decoder.decompress(strip, most)
    except zlib.error as exc:
        raise DamagedError(DAMAGED) from exc
    left = len(decoder.unused_data) + len(decoder.unconsumed_tail)
    return raw, len(strip) - left


def _packbits(strip: bytes, most: int) -> tuple[bytes, int]:
    """TIFF 6.0, section 9."""
    out, at = bytearray(), 0
    while len(out) < most and at < len(strip):
        head = strip[at]
        if head < 128:
            out += strip[at + 1 : at + 2 + head]
            at += 2 + head
        elif head == 128:
            at += 1
        else:
            out += strip[at + 1 : at + 2] * (257 - head)
            at += 2
    return bytes(out[:most]), min(at, len(strip))


_ROOTS = [*(bytes((n,)) for n in range(256)), b"", b""]


def _lzw(strip: bytes, most: int) -> tuple[bytes, int]:
    """TIFF 6.0, section 13: codes of 9 to 12 bits, high bits first, wider one code early."""
    table, width, last = list(_ROOTS), 9, b""
    out, held, bits, at = bytearray(), 0, 0, 0
    while at < len(strip) or bits >= width:  # some writers leave the end code out
        if bits < width:
            held = (held << 8 | strip[at]) & 0xFFFFFF
            bits += 8
            at += 1
            continue
        bits -= width
        code = held >> bits & ((1 << width) - 1)
        if code == _CLEAR:
            table, width, last = list(_ROOTS), 9, b""
            continue
        if code == _END or len(out) >= most:
            break
        entry = _entry(code, table, last)
        if last and len(table) < _FULL:
            table.append(last + entry[:1])
        out += entry
        last = entry
        if len(table) >= (1 << width) - 1 and width < _WIDEST:
            width += 1
    return bytes(out[:most]), at


def _entry(code: int, table: list[bytes], last: bytes) -> bytes:
    if code < len(table) and (last or code < _CLEAR):
        return table[code]
    if code == len(table) and last:
        return last + last[:1]
    raise DamagedError(DAMAGED)


_WIDER = (254, 766, 1790)
"""From which code after a clear code on they have 10, 11 and 12 bits."""
_ALIKE = 4100
"""So many codes are looked at together; encoders clear the table before it has 4096 entries."""


def lzw_extent(strip: bytes, most: int) -> tuple[int, int]:
    """As `unpacked` for LZW, but only how many samples there are, which is far quicker to know.

    How wide a code is depends only on how many came before it, and how many samples it stands for
    only on the code at which its entry was made.

    Raises:
        DamagedError: it can't be decoded.
    """
    import numpy as np

    ordinals = np.arange(_ALIKE)
    widths = np.searchsorted(_WIDER, ordinals, side="right") + 9
    ends = np.cumsum(widths)
    data = np.frombuffer(strip + bytes(4), np.uint8).astype(np.uint32)
    at, found, bits = 0, 0, 8 * len(strip)
    while found < most:
        there = int(np.searchsorted(ends, bits - at, side="right"))
        if not there:
            return found, len(strip)  # without an end code
        stops = at + ends[:there]
        starts = stops - widths[:there]
        first = starts >> 3
        window = data[first] << 16 | data[first + 1] << 8 | data[first + 2]
        codes = window >> (24 - (starts & 7) - widths[:there]).astype(np.uint32)
        codes &= ((1 << widths[:there]) - 1).astype(np.uint32)
        special = np.flatnonzero((codes == _CLEAR) | (codes == _END))
        if not special.size and there == _ALIKE:
            samples, used = _lzw(strip, most)
            return len(samples), used
        count = int(special[0]) if special.size else there
        found += _lengths(codes[:count].tolist())
        if not special.size:
            return found, len(strip)
        at = int(stops[count])
        if codes[count] == _END:
            return found, -(-at // 8)
    return found, -(-at // 8)


def _lengths(codes: list[int]) -> int:
    """How many samples the codes since a clear code stand for."""
    lengths: list[int] = []
    try:
        for code in codes:
            lengths.append(1 if code < _CLEAR else lengths[code - _END - 1] + 1)
    except IndexError as exc:
        raise DamagedError(DAMAGED) from exc
    return sum(lengths)
