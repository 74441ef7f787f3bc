"""AAC (ISO/IEC 14496-3, 13818-7) with nothing in its blocks but sound.

Each raw data block is read to its end, as elements have no lengths (see `aac_blocks`). Data stream
elements, comments of program configurations and fill elements become zeros, whatever their
extension type says; only replicated bands that follow their sound stay (4.4.2.7). So instructions
for dynamic range and surround go, too: what FFmpeg decodes stays the same. Bytes behind a block are
cut off.

What may be written inside replicated bands is not looked for.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.codecs.aac_blocks import LOW, MAIN, PREDICTING, Block, Core, Span
from mediascrub.codecs.aac_tables import rate_index
from mediascrub.codecs.bits import Bits, ShortError, zero_bits
from mediascrub.errors import DamagedError, UnsupportedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_READ = frozenset((MAIN, LOW, PREDICTING))
_REPLICATED = frozenset((5, 29))
_RATES = 13
_HEADER = 7
_CHECK = 2
"""Bytes of a header in ADTS, and of a checksum."""
_SYNC_SBR, _SYNC_PS = 0x2B7, 0x548
_FAAC = re.compile(rb"(\x00{3}libfaac )(\d{1,3}\.\d{1,3})(\x00*)")
_UNREAD = (
    "A sound stream of the input is of a kind of AAC in which text can stand where nobody looks "
    "(neither LC nor HE-AAC); convert it first: ffmpeg -i IN -map 0 -c copy -c:a aac OUT.mp4"
)


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`.

    Raises:
        UnsupportedError: it is of a profile whose blocks are not read.
    """
    return Aac(extradata)


class Aac:
    """Cleans one stream, bare or in ADTS frames."""

    def __init__(self, extradata: bytes) -> None:
        self.removed: Counter[str] = Counter()
        self._core: Core | None = None
        self.extradata = extradata
        if extradata:
            self.extradata = self._configuration(extradata)

    def packet(self, data: bytes) -> bytes | None:
        """See `mediascrub.codecs.scrubber.Scrubber`.

        Raises:
            DamagedError: its blocks can't be read to their ends.
            UnsupportedError: it is of a profile whose blocks are not read.
        """
        try:
            # A bare block that begins so would be empty: decoders look for headers everywhere.
            out = self._framed(data) if _is_framed(data, 0) else self._bare(data)
        except ShortError:
            raise DamagedError(kinds.DAMAGED) from None
        return data if out == data else out or None

    def _bare(self, data: bytes) -> bytes:
        if self._core is None:
            raise ShortError
        block = self._block(data, self._core)
        return block + self._behind(data[len(block) :])

    def _framed(self, data: bytes) -> bytes:
        """Frames of ADTS (1.A.2.2), mostly one."""
        out = []
        at = 0
        while _is_framed(data, at):
            size = max(_HEADER, (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5)
            frame = data[at : at + size]
            at += size
            try:
                out.append(self._frame(frame))
            except ShortError:
                if at <= len(data):
                    raise
                self.removed[kinds.STRAY] += 1  # a recording that was cut ends within a frame
        return b"".join(out) + self._behind(data[at:])

    def _frame(self, data: bytes) -> bytes:
        """One frame, without the checksums, which would be wrong where something was removed."""
        head = bytearray(data[:_HEADER])
        rate, count, checked = head[2] >> 2 & 15, (head[6] & 3) + 1, not head[1] & 1
        if rate >= _RATES:
            raise ShortError
        core = Core(_readable((head[2] >> 6) + 1), rate, 1024)
        if head[2] & 0x02 or head[3] & 0x0C:
            # The private bit, and those that spell a copyright number in time.
            head[2], head[3] = head[2] & ~0x02, head[3] & ~0x0C
            self.removed[kinds.COPYRIGHT] += 1
        at = _HEADER + (_CHECK * count if checked else 0)
        blocks = []
        for _ in range(count):
            blocks.append(self._block(data[at:], core))
            at += len(blocks[-1]) + (_CHECK if checked and count > 1 else 0)
        body = b"".join(blocks) + self._behind(data[at:])
        size = _HEADER + len(body)
        head[1] |= 1
        head[3] = head[3] & 0xFC | size >> 11
        head[4], head[5] = size >> 3 & 0xFF, head[5] & 0x1F | (size & 7) << 5
        return bytes(head) + body

    def _block(self, data: bytes, core: Core) -> bytes:
        """A raw data block to its last byte, which the data begin with."""
        block = Block(data, core)
        size = -(-block.at // 8)
        out = bytearray(data[:size])
        for span in block.spans:
            before = bytes(out)
            zero_bits(out, span.first, span.last)
            if span.kind == kinds.ENCODER:
                _keep_delay(before, out, span)
            if out != before:
                self.removed[span.kind] += 1
        if block.at < 8 * size and zero_bits(out, block.at, 8 * size):
            self.removed[kinds.STRAY] += 1
        return bytes(out)

    def _behind(self, data: bytes) -> bytes:
        """What follows blocks or frames: zeros say nothing."""
        if not data.strip(b"\x00"):
            return data
        self.removed[kinds.STRAY] += 1
        return b""

    def _configuration(self, data: bytes) -> bytes:
        """AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) without comment and without a tail."""
        out, bits = bytearray(data), Bits(data)
        try:
            kind = _object_type(bits)
            rate = _rate(bits)
            channels = bits.u(4)
            if kind in _REPLICATED:
                _rate(bits)
                kind = _object_type(bits)
            _readable(kind)
            frame = 960 if bits.u(1) else 1024
            if bits.u(1):
                bits.skip(14)
            bits.skip(1)
            if not channels:
                _program(bits)
                first = bits.at + 8
                bits.skip(8 * bits.u(8))
                if zero_bits(out, first, bits.at):
                    self.removed[kinds.COMMENT] += 1
            self._core = Core(kind, rate, frame)
            _backward_compatible(bits)
        except ShortError:
            return bytes(out)
        end = -(-bits.at // 8)
        if out[end:].strip(b"\x00"):
            self.removed[kinds.STRAY] += 1
            del out[end:]
        return bytes(out)


def _is_framed(data: bytes, at: int) -> bool:
    return len(data) - at > _HEADER and data[at] == 0xFF and data[at + 1] & 0xF6 == 0xF0


def _keep_delay(before: bytes, out: bytearray, span: Span) -> None:
    """Leave FAAC's mark in a fill element, without its version.

    FFmpeg leaves out the delay of an encoder that it knows by that mark.
    """
    size = span.last - span.first
    behind = 8 * len(before) - span.last
    held = int.from_bytes(before) >> behind & (1 << size) - 1
    # Behind the extension type and 13 bits there is the mark, so a bit late for whole bytes.
    mark = _FAAC.fullmatch((held << 1).to_bytes(size // 8 + 1))
    if mark is not None:
        kept = b"".join((mark[1], re.sub(rb"\d", b"0", mark[2]), mark[3]))
        cleared = int.from_bytes(out) | int.from_bytes(kept) >> 1 << behind
        out[:] = cleared.to_bytes(len(out))


def _readable(kind: int) -> int:
    if kind not in _READ:
        raise UnsupportedError(_UNREAD)
    return kind


def _object_type(bits: Bits) -> int:
    kind = bits.u(5)
    return kind if kind != 31 else 32 + bits.u(6)


def _rate(bits: Bits) -> int:
    """The index of a sampling rate, or of the one that a rate in Hz counts as."""
    index = bits.u(4)
    if index == 15:
        return rate_index(bits.u(24))
    if index >= _RATES:
        raise ShortError
    return index


def _backward_compatible(bits: Bits) -> None:
    """What tells of replicated bands to decoders that know of them."""
    if bits.size - bits.at < 16:
        return
    begin = bits.at
    if bits.u(11) != _SYNC_SBR:
        bits.at = begin
        return
    if _object_type(bits) == 5 and bits.u(1):
        _rate(bits)
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
