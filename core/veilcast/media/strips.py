"""Strips of a TIFF as samples, to the byte: what they hold and where they end.

A strip may be longer than what a decoder reads of it, and may decode to more rows than are shown.
Both are places where anything can hide.
"""

from __future__ import annotations

import zlib

from veilcast.errors import TruncatedError
from veilcast.media.tiff import DAMAGED, DEFLATE, LZW, NONE, OLD_DEFLATE, PACKBITS

_CLEAR, _END, _FULL, _WIDEST = 256, 257, 4096, 12


def unpacked(strip: bytes, compression: int, most: int) -> tuple[bytes, int]:
    """A strip's samples, and how many of its bytes they took.

    Args:
        strip: as in the file.
        compression: a TIFF compression: none, LZW, Deflate or PackBits.
        most: how many bytes of samples to give at most.

    Raises:
        TruncatedError: it can't be decoded.
    """
    if compression == NONE:
        return strip[:most], min(most, len(strip))
    if compression in (DEFLATE, OLD_DEFLATE):
        return _inflated(strip, most)
    if compression == PACKBITS:
        return _packbits(strip, most)
    if compression == LZW:
        return _lzw(strip, most)
    raise TruncatedError(DAMAGED)


def _inflated(strip: bytes, most: int) -> tuple[bytes, int]:
    decoder = zlib.decompressobj()
    try:
        raw = decoder.decompress(strip, most)
    except zlib.error as exc:
        raise TruncatedError(DAMAGED) from exc
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
    raise TruncatedError(DAMAGED)
