"""AAC (ISO/IEC 14496-3, 13818-7) with zeros for what stands before the sound in its blocks.

Data stream elements, fill elements and comments of program configurations are looked at where a
block begins with them, as encoders write them. What follows the coded sound can't be found without
decoding it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from veilcast.bitstream import kinds
from veilcast.bitstream.bits import Bits, ShortError, zero_bits

if TYPE_CHECKING:
    from veilcast.bitstream.scrubber import Scrubber

_DATA, _PROGRAM, _FILL = 4, 5, 6
_PLAIN_FILL = (0, 1, 2)
"""Extension types of fill, fill data, and data elements (table 4.121)."""
_GENERAL = frozenset((1, 2, 3, 4))
"""Object types whose blocks are made of such elements."""
_REPLICATED = frozenset((5, 29))
_REACH = 4096
_SYNC_SBR, _SYNC_PS = 0x2B7, 0x548


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `veilcast.bitstream.scrubber`."""
    return Aac(extradata)


class Aac:
    """Cleans one stream, bare or in ADTS frames."""

    def __init__(self, extradata: bytes) -> None:
        self.removed: Counter[str] = Counter()
        self._general = True
        self.extradata = extradata
        if extradata:
            self.extradata = self._configuration(extradata)

    def packet(self, data: bytes) -> bytes | None:
        """See `veilcast.bitstream.scrubber.Scrubber`."""
        start = 0
        if len(data) > 7 and data[0] == 0xFF and data[1] & 0xF6 == 0xF0 and not self.extradata:
            start = 7 if data[1] & 1 else 9
        if not self._general or start >= len(data) or data[start] >> 5 not in (4, 5, 6):
            return data
        out = bytearray(data)
        bits = Bits(data[start : start + _REACH])
        try:
            while bits.u(3) in (_DATA, _PROGRAM, _FILL):
                bits.at -= 3
                self._element(bits, out, start)
        except ShortError:
            pass  # as far as the packet goes
        return data if out == data else bytes(out)

    def _element(self, bits: Bits, out: bytearray, start: int) -> None:
        kind = bits.u(3)
        if kind == _DATA:
            bits.skip(4)
            aligned, count = bits.u(1), bits.u(8)
            count += bits.u(8) if count == 255 else 0
            if aligned:
                bits.skip(-bits.at % 8)
            self._clear(bits, out, start, 8 * count, kinds.AUXILIARY)
        elif kind == _PROGRAM:
            _program(bits)
            self._clear(bits, out, start, 8 * bits.u(8), kinds.COMMENT)
        else:
            count = bits.u(4)
            count += bits.u(8) - 1 if count == 15 else 0
            if not count:
                return
            extension = bits.u(4)
            bits.at -= 4
            if extension in _PLAIN_FILL:
                self._clear(bits, out, start, 8 * count, kinds.ENCODER)
            else:
                bits.skip(8 * count)

    def _clear(self, bits: Bits, out: bytearray, start: int, count: int, kind: str) -> None:
        """Set the next bits to zero, as far as the packet goes."""
        first = 8 * start + bits.at
        last = min(first + count, 8 * len(out))
        if last > first and zero_bits(out, first, last):
            self.removed[kind] += 1
        bits.skip(count)

    def _configuration(self, data: bytes) -> bytes:
        """AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) without comment and without a tail."""
        out, bits = bytearray(data), Bits(data)
        try:
            kind = _object_type(bits)
            _frequency(bits)
            channels = bits.u(4)
            if kind in _REPLICATED:
                _frequency(bits)
                kind = _object_type(bits)
            self._general = kind in _GENERAL
            if not self._general:
                return data
            bits.skip(1)
            if bits.u(1):
                bits.skip(14)
            bits.skip(1)
            if not channels:
                _program(bits)
                self._clear(bits, out, 0, 8 * bits.u(8), kinds.COMMENT)
            _backward_compatible(bits)
        except ShortError:
            return bytes(out)
        end = -(-bits.at // 8)
        if out[end:].strip(b"\x00"):
            self.removed[kinds.STRAY] += 1
            del out[end:]
        return bytes(out)


def _object_type(bits: Bits) -> int:
    kind = bits.u(5)
    return kind if kind != 31 else 32 + bits.u(6)


def _frequency(bits: Bits) -> None:
    if bits.u(4) == 15:
        bits.skip(24)


def _backward_compatible(bits: Bits) -> None:
    """What tells of replicated bands to decoders that know of them."""
    if bits.size - bits.at < 16:
        return
    begin = bits.at
    if bits.u(11) != _SYNC_SBR:
        bits.at = begin
        return
    if _object_type(bits) == 5 and bits.u(1):
        _frequency(bits)
        if bits.size - bits.at >= 12:
            begin = bits.at
            if bits.u(11) == _SYNC_PS:
                bits.skip(1)
            else:
                bits.at = begin


def _program(bits: Bits) -> None:
    """program_config_element (4.4.1.1) up to the length of its comment."""
    bits.skip(4 + 2 + 4)
    front, side, back, low, data, coupled = (bits.u(n) for n in (4, 4, 4, 2, 3, 4))
    for size in (4, 4, 3):
        if bits.u(1):
            bits.skip(size)
    bits.skip(5 * (front + side + back + coupled) + 4 * (low + data))
    bits.skip(-bits.at % 8)
