"""H.264 (ITU-T H.264, ISO/IEC 14496-10) without captions, encoders' settings and times of day.

Kept are coded pictures, parameter sets, and messages that decoding or showing them needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.codecs import sei_syntax as syntaxes
from mediascrub.codecs.bits import Bits, ShortError, packed, unescaped
from mediascrub.codecs.h264_sets import Sps, read_pps, read_sps
from mediascrub.codecs.nal_units import UNREADABLE, UnitScrubber
from mediascrub.codecs.sei import X264, Message, filtered, numeric, of_size
from mediascrub.errors import DamagedError, UnsupportedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_SEI, _SPS, _PPS, _FILLER = 6, 7, 8, 12
_EXACT = {9: 2, 10: 1, 11: 1}
"""Bytes of an access unit delimiter, an end of sequence, an end of stream."""
_PARTITIONS = frozenset((2, 3, 4))
_OTHER_LAYERS = frozenset((13, 14, 15, 19, 20, 21))
"""Scalable layers, other views and auxiliary pictures, and what is said of the latter: nobody has
looked at what they show.
"""
_PARTITIONED = (
    "The input's picture has parts that decoders pass over (data partitioning), so nobody can say "
    "what is in them; encode it anew first, e.g. with "
    "'ffmpeg -i IN -c:v libx264 -crf 18 -c:a copy OUT.mp4'."
)
_CHROMA_444 = 244
_X264 = re.compile(b".{16}(x264 - core ([0-9]{1,4}))(?![0-9])", re.DOTALL)
_DIRECT_MENDED, _LOSSLESS_MENDED = 34, 151
"""x264's first builds whose B pictures, and whose lossless and 4:4:4 ones, are by the standard."""
_CLOCKS = (1, 1, 1, 2, 2, 3, 3, 2, 3)
"""NumClockTS by pic_struct (table D-1)."""
_WITHOUT_EXTENSIONS = (66, 77, 88)


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return H264(extradata)


class H264(UnitScrubber):
    """Cleans one stream."""

    as_they_are = frozenset((1, 5))

    def __init__(self, extradata: bytes) -> None:
        configured = extradata[:1] == b"\x01"
        if configured and len(extradata) < 7:
            raise DamagedError(kinds.DAMAGED)
        super().__init__((extradata[4] & 3) + 1 if configured else 0)
        self._sps: dict[int, Sps] = {}
        self._pps: dict[int, int] = {}
        self._active: int | None = None
        if configured:
            self.extradata = self._configuration(extradata)
        else:
            self.extradata = self.packet(extradata) or b""

    def type_of(self, first: int) -> int:
        return first & 0x1F

    def coded(self, unit: bytes) -> None:
        """Learns from a slice header (7.3.3) which picture parameter set is in use."""
        bits = Bits(unescaped(unit[1:]))
        try:
            bits.ue()
            bits.ue()
            self._active = bits.ue()
        except ShortError:
            self._active = None

    def unit(self, kind: int, unit: bytes) -> bytes | None:
        if kind == _SEI:
            return filtered(unit, 1, self._judged, self.removed)
        if kind in (_SPS, _PPS):
            clean = self._parameters(kind, unit)
            if clean != unit:
                self.removed[kinds.STRAY] += 1
            return clean
        if kind in _EXACT:
            if len(unit) > _EXACT[kind]:
                self.removed[kinds.STRAY] += 1
            return unit[: _EXACT[kind]]
        if kind in _PARTITIONS:
            raise UnsupportedError(_PARTITIONED)
        if kind in _OTHER_LAYERS:
            self.removed[kinds.LAYER] += 1
        else:
            self.removed[kinds.FILLER if kind == _FILLER else kinds.FOREIGN] += 1
        return None

    def _parameters(self, kind: int, unit: bytes) -> bytes:
        try:
            if kind == _SPS:
                sps, clean = read_sps(unit)
                self._sps[sps.id] = sps
                if sps.crop is not None:
                    self.crops.add(sps.crop)
            else:
                number, sequence, clean = read_pps(unit, self._sps)
                self._pps[number] = sequence
        except ShortError:
            raise UnsupportedError(UNREADABLE) from None
        return clean

    def _judged(self, message: Message) -> bytes | None:
        if message.type == 0:
            return of_size(message.payload, self._buffering_period)
        if message.type == 1:
            return self._timing(message.payload)
        if message.type == 5:
            return self._build(message.payload)
        return numeric(message, syntaxes.AVC)

    def _buffering_period(self, bits: Bits) -> None:
        """buffering_period (D.1.2)."""
        sps = self._sps.get(bits.ue())
        if sps is None:
            raise ShortError
        for hrd in (sps.nal, sps.vcl):
            if hrd:
                bits.skip(2 * hrd.initial * hrd.schedules)

    def _timing(self, payload: bytes) -> bytes | None:
        """pic_timing (D.1.3) without its clock time stamps, which are times of day.

        None when it can't be read, or when there was nothing else in it.
        """
        sps = self._in_use()
        if sps is None:
            return None
        bits = Bits(payload)
        try:
            if sps.hrd:
                bits.skip(sps.hrd.removal + sps.hrd.output)
            clocks = 0
            if sps.pic_struct:
                structure = bits.u(4)
                if structure >= len(_CLOCKS):
                    return None
                clocks = _CLOCKS[structure]
            plain = bits.ended() + "0" * clocks
            stamps = sum(_clock(bits, sps) for _ in range(clocks))
        except ShortError:
            return None
        if not stamps and bits.size - bits.at < 8:
            return payload
        if not plain:
            return None
        return packed(plain + "1" if len(plain) % 8 else plain)

    def _in_use(self) -> Sps | None:
        """The sequence parameter set of the packet's first slice."""
        number = self._pps.get(self._active) if self._active is not None else None
        if number is None and len(self._sps) == 1:
            return next(iter(self._sps.values()))
        return self._sps.get(number) if number is not None else None

    def _build(self, payload: bytes) -> bytes | None:
        """x264's build number alone, where decoders need it to be right.

        Old builds coded some pictures against the standard, and decoders follow them when they see
        the number.
        """
        found = _X264.match(payload)
        if found is None:
            return None
        lossless = any(sps.profile == _CHROMA_444 for sps in self._sps.values())
        faulty = int(found[2]) < (_LOSSLESS_MENDED if lossless else _DIRECT_MENDED)
        return X264 + found[1] if faulty else None

    def _configuration(self, data: bytes) -> bytes:
        """An AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1.2)."""
        out, at = bytearray(data[:5]), 5
        try:
            for mask, allowed in ((0x1F, (7, 15)), (0xFF, (8,))):
                units, at = self._listed(data, at, mask, allowed)
                out += units
            if data[1] not in _WITHOUT_EXTENSIONS and len(data) >= at + 4:
                units, end = self._listed(data, at + 3, 0xFF, (13,))
                out += data[at : at + 3] + units
                at = end
        except IndexError:
            raise DamagedError(kinds.DAMAGED) from None
        if at < len(data):
            self.removed[kinds.STRAY] += 1
        return bytes(out)

    def _listed(
        self, data: bytes, at: int, mask: int, allowed: tuple[int, ...]
    ) -> tuple[bytes, int]:
        """A count and as many units behind their lengths; and where they end."""
        count, first = data[at] & mask, data[at] & ~mask
        at += 1
        kept = []
        for _ in range(count):
            start, at = at + 2, at + 2 + int.from_bytes(data[at : at + 2])
            if at > len(data) or start >= at:
                raise IndexError
            unit = data[start:at]
            clean = self.unit(self.type_of(unit[0]), unit)
            if clean is not None and self.type_of(clean[0]) not in allowed:
                self.removed[kinds.FOREIGN] += 1
            elif clean is not None:
                kept.append(len(clean).to_bytes(2) + clean)
        return bytes([first | len(kept)]) + b"".join(kept), at


def _clock(bits: Bits, sps: Sps) -> int:
    """Read one clock time stamp (D.1.3); 1 when there was one."""
    if not bits.u(1):
        return 0
    bits.skip(2 + 1 + 5)
    full = bits.u(1)
    bits.skip(1 + 1 + 8)
    if full:
        bits.skip(6 + 6 + 5)
    elif bits.u(1):
        bits.skip(6)
        if bits.u(1):
            bits.skip(6)
            if bits.u(1):
                bits.skip(5)
    bits.skip(sps.hrd.offset if sps.hrd else 24)
    return 1
