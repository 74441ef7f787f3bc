"""HEVC (ITU-T H.265, ISO/IEC 23008-2) without captions, encoders' settings and times of day.

Kept are coded pictures, parameter sets, and messages that decoding or showing them needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.codecs import sei_syntax as syntaxes
from mediascrub.codecs.bits import Bits, ShortError, unescaped
from mediascrub.codecs.hevc_sets import Sps, read_pps, read_sps, read_vps
from mediascrub.codecs.nal_units import UNREADABLE, UnitScrubber
from mediascrub.codecs.sei import Message, filtered, numeric, of_size
from mediascrub.errors import DamagedError, UnsupportedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber, View

_VPS, _SPS, _PPS, _DELIMITER, _FILLER, _PREFIX, _SUFFIX = 32, 33, 34, 35, 38, 39, 40
_EXACT = {_DELIMITER: 3, 36: 2, 37: 2}
"""Bytes of an access unit delimiter, an end of sequence, an end of stream."""
_FIXED_HEADER = 22
_ARRAYS = frozenset((_VPS, _SPS, _PPS, _PREFIX, _SUFFIX))
_PICTURE_TIMING, _HASH = 1, 132
_HASH_BYTES = (16, 2, 4)
"""MD5, CRC, checksum (table D.9), for each colour component."""


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Hevc(extradata)


class Hevc(UnitScrubber):
    """Cleans one stream."""

    as_they_are = frozenset((*range(10), *range(16, 22)))

    def __init__(self, extradata: bytes) -> None:
        # As FFmpeg tells them apart: a start code begins with two zeros.
        configured = len(extradata) > 3 and any(extradata[:2]) and extradata[:3] != b"\0\0\1"
        if configured and len(extradata) <= _FIXED_HEADER:
            raise DamagedError(kinds.DAMAGED)
        super().__init__((extradata[21] & 3) + 1 if configured else 0)
        self._sps: dict[int, Sps] = {}
        self._pps: dict[int, int] = {}
        self._active: int | None = None
        if configured:
            self.extradata = self._configuration(extradata)
        else:
            self.extradata = self.packet(extradata) or b""

    def type_of(self, first: int) -> int:
        return (first >> 1) & 0x3F

    def of_another_layer(self, data: View, start: int) -> bool:
        """A second view, or transparency (nuh_layer_id, 7.4.2.2): nobody looked at it."""
        return bool(data[start] & 1) or (start + 1 < len(data) and data[start + 1] > 7)

    def coded(self, unit: bytes) -> None:
        """Learns from a slice segment header (7.3.6.1) which picture parameter set is in use."""
        bits = Bits(unescaped(unit[2:]))
        try:
            bits.skip(1 + (16 <= self.type_of(unit[0]) <= 23))
            self._active = bits.ue()
        except ShortError:
            self._active = None

    def unit(self, kind: int, unit: bytes) -> bytes | None:
        if kind in (_PREFIX, _SUFFIX):
            return filtered(unit, 2, self._judged, self.removed)
        if kind in (_VPS, _SPS, _PPS):
            clean = self._parameters(kind, unit)
            if clean != unit:
                self.removed[kinds.STRAY] += 1
            return clean
        if kind in _EXACT:
            if len(unit) > _EXACT[kind]:
                self.removed[kinds.STRAY] += 1
            return unit[: _EXACT[kind]]
        self.removed[kinds.FILLER if kind == _FILLER else kinds.FOREIGN] += 1
        return None

    def _parameters(self, kind: int, unit: bytes) -> bytes:
        try:
            if kind == _VPS:
                return read_vps(unit)
            if kind == _SPS:
                sps, clean = read_sps(unit)
                self._sps[sps.id] = sps
                if sps.crop is not None:
                    self.crops.add(sps.crop)
            else:
                number, sequence, clean = read_pps(unit)
                self._pps[number] = sequence
        except ShortError:
            raise UnsupportedError(UNREADABLE) from None
        return clean

    def _judged(self, message: Message) -> bytes | None:
        payload = message.payload
        if message.type == _PICTURE_TIMING:
            return of_size(payload, self._timing)
        if message.type == _HASH:
            size = _HASH_BYTES[payload[0]] if payload and payload[0] < len(_HASH_BYTES) else 0
            return payload if size and len(payload) in (1 + size, 1 + 3 * size) else None
        return numeric(message, syntaxes.HEVC)

    def _timing(self, bits: Bits) -> None:
        """pic_timing (D.2.3): says which field a picture is; holds no time of day."""
        sps = self._in_use()
        if sps is None:
            raise ShortError
        if sps.frame_field_info:
            bits.skip(4 + 2 + 1)
        hrd = sps.hrd
        if not hrd.delays:
            return
        bits.skip(hrd.removal + hrd.output + hrd.unit_output * hrd.units)
        if hrd.units and hrd.units_in_timing:
            units, common = bits.ue(), bits.u(1)
            bits.skip(hrd.unit_removal * common)
            for number in range(min(units, bits.size) + 1):
                bits.ue()
                bits.skip(hrd.unit_removal * (not common and number < units))

    def _in_use(self) -> Sps | None:
        """The sequence parameter set of the packet's first slice."""
        number = self._pps.get(self._active) if self._active is not None else None
        if number is None and len(self._sps) == 1:
            return next(iter(self._sps.values()))
        return self._sps.get(number) if number is not None else None

    def _configuration(self, data: bytes) -> bytes:
        """An HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1.2)."""
        arrays, at = [], _FIXED_HEADER + 1
        for _ in range(data[_FIXED_HEADER]):
            if at + 3 > len(data):
                raise DamagedError(kinds.DAMAGED)
            kind, count = data[at] & 0x3F, int.from_bytes(data[at + 1 : at + 3])
            first, kept = data[at], []
            at += 3
            for _ in range(count):
                start, at = at + 2, at + 2 + int.from_bytes(data[at : at + 2])
                if at > len(data) or start >= at:
                    raise DamagedError(kinds.DAMAGED)
                clean = self._listed(kind, data[start:at])
                if clean is not None:
                    kept.append(len(clean).to_bytes(2) + clean)
            if kept:
                arrays.append(bytes([first]) + len(kept).to_bytes(2) + b"".join(kept))
        if at < len(data):
            self.removed[kinds.STRAY] += 1
        if len(arrays) == data[_FIXED_HEADER] and not self.removed:
            return data
        return data[:_FIXED_HEADER] + bytes([len(arrays)]) + b"".join(arrays)

    def _listed(self, kind: int, unit: bytes) -> bytes | None:
        """A unit of the configuration, which holds no picture."""
        if self.of_another_layer(unit, 0):
            self.removed[kinds.LAYER] += 1
            return None
        actual = self.type_of(unit[0])
        if actual != kind or kind not in _ARRAYS:
            self.removed[kinds.FOREIGN] += 1
            return None
        return self.unit(kind, unit)
