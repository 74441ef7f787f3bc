"""MPEG-1 and MPEG-2 video (ISO/IEC 11172-2, ITU-T H.262) without user data and time codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.codecs.bits import Bits, ShortError, packed, zero_bits
from mediascrub.codecs.start_codes import StartCodeScrubber
from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_PICTURE, _USER_DATA, _SEQUENCE, _EXTENSION, _GROUP = 0x00, 0xB2, 0xB3, 0xB5, 0xB8
_ENDS = frozenset((0xB4, 0xB7))
_COPYRIGHT, _CAMERA = 4, 11
_KEPT_EXTENSIONS = frozenset((1, 2, 3, 5, 7, 8, 9, 10))
"""Sequence, sequence display, quantisation matrices, scalable ones, picture display and coding."""
_TMPGENC = b"\x00TMPGEXS\x00"
"""FFmpeg's decoder takes other quantisation for streams that say so: an old encoder's fault."""
_REACH = 28
_EXTRA = re.escape(bytes(byte for byte in range(256) if byte & 4))
"""First bytes of slices that say, behind five bits of quantiser, that there is more."""
_LONGEST_EXTRA = 4096
_SLICES = range(0x01, 0xB0)


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Mpeg2(extradata)


class Mpeg2(StartCodeScrubber):
    """Cleans one stream."""

    # Everything but slices, which are 01 to AF; and slices with extra information.
    suspicious = re.compile(b"\x00\x00\x01(?:[\x00\xb0-\xff]|[\x01-\xaf][%b])" % _EXTRA, re.DOTALL)

    def unit(self, code: int, unit: bytes) -> bytes | None:
        known = {
            _USER_DATA: self._user_data,
            _PICTURE: self._picture,
            _SEQUENCE: self._sequence,
            _GROUP: self._group,
            _EXTENSION: self._extension,
        }
        if code in _SLICES:
            return self._slice(unit)
        if code in _ENDS:
            return self._cut(unit, b"")
        if code not in known:
            self.removed[kinds.FOREIGN] += 1
            return None
        try:
            return known[code](unit)
        except ShortError:
            return unit  # shorter than its syntax, but for zeros: nothing is behind it

    def _cut(self, unit: bytes, clean: bytes) -> bytes:
        if clean.rstrip(b"\x00") == unit:
            return unit
        self.removed[kinds.STRAY] += 1
        return clean

    def _user_data(self, unit: bytes) -> bytes | None:
        if _TMPGENC in (unit + b"\x00")[:_REACH]:
            if unit + b"\x00" == _TMPGENC:
                return unit
            self.removed[kinds.USER_DATA] += 1
            return _TMPGENC
        captions = unit[:4] in (b"GA94", b"DTG1") or unit[:2] in (b"CC", b"\x05\x02")
        self.removed[kinds.CAPTIONS if captions else kinds.USER_DATA] += 1
        return None

    def _group(self, unit: bytes) -> bytes:
        """Group of pictures header (H.262, 6.2.2.6): its time code is set to zero."""
        bits = Bits(unit.ljust(4, b"\x00"))
        before, _, after, flags = bits.u(12), bits.u(1), bits.u(12), bits.u(2)
        if before or after:
            self.removed[kinds.TIME_CODE] += 1
        clean = packed(f"{0:012b}1{0:012b}{flags:02b}")
        if unit[4:]:
            self.removed[kinds.STRAY] += 1
        return unit if clean.rstrip(b"\x00") == unit else clean

    def _extension(self, unit: bytes) -> bytes | None:
        bits = Bits(unit)
        number = bits.u(4)
        if number not in _KEPT_EXTENSIONS:
            named = {_COPYRIGHT: kinds.COPYRIGHT, _CAMERA: kinds.CAMERA}
            self.removed[named.get(number, kinds.FOREIGN)] += 1
            return None
        if number == 1:
            bits.skip(44)
        elif number == 2:
            bits.skip(3)
            bits.skip((24 if bits.u(1) else 0) + 14 + 1 + 14)
        elif number == 3:
            _matrices(bits, 4)
        elif number == 8:
            bits.skip(29)
            if bits.u(1):
                bits.skip(20)
        else:  # of no profile that is in use, but for pan and scan: as long as its offsets
            return unit if len(unit) <= 14 else self._cut(unit, unit[:14])
        return self._cut(unit, packed(bits.ended()))

    def _slice(self, unit: bytes) -> bytes:
        """Zeros for a slice's extra information (6.2.4): it stays as long as it was."""
        bits, out = Bits(unit[:_LONGEST_EXTRA]), bytearray(unit)
        bits.skip(5)  # there is at least a byte
        same = True
        reserved = 7  # of the first eight bits, MPEG-2 says with one whether all is intra coded
        try:
            while bits.u(1):
                bits.skip(8)
                same = not zero_bits(out, bits.at - reserved, bits.at) and same
                reserved = 8
        except ShortError:
            if len(unit) > _LONGEST_EXTRA:
                raise DamagedError(kinds.DAMAGED) from None
        if same:
            return unit
        self.removed[kinds.USER_DATA] += 1
        return bytes(out)

    def _sequence(self, unit: bytes) -> bytes:
        """Sequence header (6.2.2.1)."""
        bits = Bits(unit)
        bits.skip(12 + 12 + 4 + 4 + 18 + 1 + 10 + 1)
        _matrices(bits, 2)
        return self._cut(unit, packed(bits.ended()))

    def _picture(self, unit: bytes) -> bytes:
        """Picture header (6.2.3) without extra information."""
        bits = Bits(unit.ljust(5, b"\x00"))
        bits.skip(10)
        kind = bits.u(3)
        bits.skip(16)
        if kind in (2, 3):
            bits.skip(4 * (kind - 1))
        return self._cut(unit, packed(bits.ended() + "0"))


def _matrices(bits: Bits, count: int) -> None:
    for _ in range(count):
        if bits.u(1):
            bits.skip(64 * 8)
