"""AV1 (AV1 Bitstream & Decoding Process Specification) without what is not seen.

That is captions, time codes, padding, and pictures that are never shown.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.codecs.bits import Bits, ShortError
from mediascrub.codecs.unshown import Frame, Unseen
from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_SEQUENCE, _DELIMITER, _METADATA, _PADDING = 1, 2, 5, 15
_FRAMES = frozenset((3, 6))
_PICTURES = frozenset((1, 3, 4, 6, 7, 8))
_FIXED = {1: 4, 2: 24}
"""Bytes of: content light level, mastering display (5.8.3, 5.8.4)."""
_SCALABILITY, _T35, _TIME_CODE = 3, 4, 5
_CONFIGURED, _CONFIGURATION = 0x81, 4


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Av1(extradata)


class Av1:
    """Cleans one stream, in the low-overhead format (5.2)."""

    def __init__(self, extradata: bytes) -> None:
        self.removed: Counter[str] = Counter()
        self._unseen = Unseen(self.removed)
        self._frames: list[Frame] = []
        self._reduced = False
        # av1C (AV1 in ISOBMFF, 2.3.3) begins with a bit that OBUs never have.
        head = _CONFIGURATION if extradata[:1] == bytes([_CONFIGURED]) else 0
        units = extradata[head:]
        clean = self.packet(units)
        self.extradata = extradata if clean is units else extradata[:head] + (clean or b"")

    def push(self, data: bytes) -> list[bytes | None]:
        """See `mediascrub.codecs.scrubber.LateScrubber`."""
        clean = self.packet(data)
        return self._unseen.push(clean, self._frames)

    def flush(self) -> list[bytes | None]:
        """See `mediascrub.codecs.scrubber.LateScrubber`."""
        return self._unseen.flush()

    def packet(self, data: bytes) -> bytes | None:
        """See `mediascrub.codecs.scrubber.Scrubber`."""
        self._frames = []
        kept: list[bytes | memoryview] = []
        view = memoryview(data)
        same = True
        at = 0
        while at < len(data):
            start, header = at, data[at]
            kind, extended, sized = header >> 3 & 15, header >> 2 & 1, header >> 1 & 1
            at += 1 + extended
            size = len(data) - at
            if sized:
                size, at = _leb128(data, at)
            end = at + size
            if header & 0x80 or end > len(data):
                raise DamagedError(kinds.DAMAGED)
            if kind in _PICTURES:
                self._look(kind, data[at : min(at + 1, end)])
                kept.append(view[start:end])
            else:
                payload = data[at:end]
                clean = self._unit(kind, payload)
                same = same and clean == payload
                if clean == payload:
                    kept.append(view[start:end])
                elif clean is not None:
                    head = bytes([header | 2]) + data[start + 1 : start + 1 + extended]
                    kept.append(head + _as_leb128(len(clean)) + clean)
            at = end
        return data if same else b"".join(kept) or None

    def _look(self, kind: int, head: bytes) -> None:
        """Whether a frame is shown (5.9.2); a key frame that is replaces all slots (7.20)."""
        if kind == _SEQUENCE and head:
            self._reduced = bool(head[0] & 0x08)  # sequence_header_obu (5.5.1)
        elif kind in _FRAMES and head:
            again, inter, shown = head[0] & 0x80, head[0] & 0x60, head[0] & 0x10
            seen = bool(self._reduced or again or shown)
            resets = bool(self._reduced or (not again and not inter and shown))
            self._frames.append(Frame(shown=seen, resets=resets))

    def _unit(self, kind: int, payload: bytes) -> bytes | None:
        """The payload of an OBU that is no coded picture, or what is kept of it."""
        if kind == _DELIMITER:
            if payload:
                self.removed[kinds.STRAY] += 1
            return b""
        if kind == _METADATA:
            return self._metadata(payload)
        self.removed[kinds.FILLER if kind == _PADDING else kinds.FOREIGN] += 1
        return None

    def _metadata(self, payload: bytes) -> bytes | None:
        """metadata_obu (5.8.1): HDR and scalability, with nothing behind them."""
        kind, at = _leb128(payload, 0)
        size = _FIXED.get(kind)
        if kind == _SCALABILITY:
            size = _scalability(payload[at:])
        if size is not None and len(payload) >= at + size:
            clean = payload[: at + size] + b"\x80"
            if payload.rstrip(b"\x00") == clean:
                return payload
            self.removed[kinds.STRAY] += 1
            return clean
        named = {_T35: kinds.CAPTIONS, _TIME_CODE: kinds.TIME_CODE}
        found = named.get(kind, kinds.MESSAGE)
        if kind == _T35 and payload[at + 1 : at + 3] == b"\x00\x3c":
            found = kinds.DYNAMIC_HDR
        self.removed[found] += 1
        return None


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """A number (4.10.5), and where it ends."""
    value = 0
    for index in range(8):
        if at + index >= len(data):
            break
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise DamagedError(kinds.DAMAGED)


def _as_leb128(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def _scalability(data: bytes) -> int | None:
    """Bytes of metadata_scalability (5.8.5), or None when it ends early or not on a byte."""
    bits = Bits(data[:2048])
    try:
        if bits.u(8) != 14:
            return 1
        layers = bits.u(2) + 1
        sizes, descriptions, groups = bits.u(1), bits.u(1), bits.u(1)
        bits.skip(3)
        bits.skip(32 * layers * sizes + 8 * layers * descriptions)
        if groups:
            for _ in range(bits.u(8)):
                bits.skip(3 + 1 + 1)
                bits.skip(8 * bits.u(3))
    except ShortError:
        return None
    return bits.at // 8
