"""MPEG-4 part 2 (ISO/IEC 14496-2) without user data and times of day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.codecs.bits import Bits, packed
from mediascrub.codecs.start_codes import StartCodeScrubber
from mediascrub.containers.encoder_builds import BUILD

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_USER_DATA, _GROUP, _VOP, _STUFFING = 0xB2, 0xB3, 0xB6, 0xC3
_KEPT = frozenset((*range(0x30), 0xB0, 0xB1, 0xB5, _VOP, 0xB7))
_EXACT = {0xB0: 1, 0xB1: 0}
"""Bytes of profile and level, and of the end of a sequence."""
_DAY_S = 24 * 60 * 60
_NOT_CODED = b"\x7f"


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Mpeg4(extradata)


class Mpeg4(StartCodeScrubber):
    """Cleans one stream."""

    # Everything but pictures (B6), and visual objects and their layers (00 to 2F).
    suspicious = re.compile(b"\x00\x00\x01[\x30-\xb4\xb7-\xff]")

    def __init__(self, extradata: bytes) -> None:
        self._first_s: int | None = None
        super().__init__(extradata)

    def packet(self, data: bytes) -> bytes | None:
        """See `mediascrub.codecs.scrubber.Scrubber`."""
        clean = super().packet(data)
        if self._first_s is None and b"\x00\x00\x01\xb6" in data:
            self._first_s = 0
        return clean

    def unit(self, code: int, unit: bytes) -> bytes | None:
        if code == _USER_DATA:
            found = BUILD.match(unit)
            clean = found[0] if found else None
            if clean != unit:
                self.removed[kinds.ENCODER if found else kinds.USER_DATA] += 1
            return clean
        if code == _GROUP:
            return self._group(unit)
        if code not in _KEPT:
            self.removed[kinds.FILLER if code == _STUFFING else kinds.FOREIGN] += 1
            return None
        if code in _EXACT and len(unit) > _EXACT[code]:
            self.removed[kinds.STRAY] += 1
            return unit[: _EXACT[code]]
        return unit

    def _group(self, unit: bytes) -> bytes:
        """Group_of_VideoObjectPlane (6.2.4): its time counts from the stream's first one.

        Pictures count their time from it, and direct prediction of B pictures counts on that: the
        distances must stay.
        """
        bits = Bits(unit.ljust(3, b"\x00"))
        hours, minutes, _, seconds, flags = (bits.u(n) for n in (5, 6, 1, 6, 2))
        time_s = (hours * 60 + minutes) * 60 + seconds
        if self._first_s is None:
            self._first_s = time_s
        if self._first_s:
            self.removed[kinds.TIME_CODE] += 1
            time_s = (time_s - self._first_s) % _DAY_S
        hours, minutes, seconds = time_s // 3600, time_s // 60 % 60, time_s % 60
        # Behind the flags: a zero and ones up to the next byte (5.2.4).
        clean = packed(f"{hours:05b}{minutes:06b}1{seconds:06b}{flags:02b}0111")
        if unit[3:]:
            self.removed[kinds.STRAY] += 1
        elif not self._first_s:
            return unit
        return clean

    def without_start_code(self, data: bytes) -> None:
        # A picture that is not coded stands as one byte in AVI files with packed B frames.
        if data != _NOT_CODED:
            super().without_start_code(data)
