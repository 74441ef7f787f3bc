"""Configurations that are bits rather than bytes: AAC's (ISO/IEC 14496-3, 1.6.2)."""

from __future__ import annotations

_SBR, _PS, _ESCAPE = 5, 29, 31
_GENERAL = (1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23)
_SYNC_SBR, _SYNC_PS = 0x2B7, 0x548


class _Bits:
    def __init__(self, data: bytes) -> None:
        self.value = int.from_bytes(data)
        self.left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self.left:
            raise ValueError("too few bits")
        self.left -= count
        return self.value >> self.left & (1 << count) - 1

    def peek(self, count: int) -> int:
        return self.value >> self.left - count & (1 << count) - 1 if count <= self.left else -1

    def rest_is_zero(self) -> bool:
        return not self.value & (1 << self.left) - 1


def plain_audio_config(data: bytes) -> bool:
    """Whether an AudioSpecificConfig is nothing but its fields, without a comment.

    Object types that are not general audio (low delay, USAC) are only bounded in length.
    """
    bits = _Bits(data)
    try:
        kind = _object_type(bits)
        _rate(bits)
        channels = bits.take(4)
        if kind in (_SBR, _PS):
            _rate(bits)
            kind = _object_type(bits)
        if kind not in _GENERAL:
            return len(data) <= 64
        if not _general(bits, kind, channels):
            return False
        _extensions(bits)
    except ValueError:
        return False
    return bits.rest_is_zero()


def _object_type(bits: _Bits) -> int:
    kind = bits.take(5)
    return 32 + bits.take(6) if kind == _ESCAPE else kind


def _rate(bits: _Bits) -> None:
    if bits.take(4) == 15:
        bits.take(24)


def _general(bits: _Bits, kind: int, channels: int) -> bool:
    """GASpecificConfig (4.4.1)."""
    bits.take(1)
    if bits.take(1):
        bits.take(14)
    extension = bits.take(1)
    if not channels and not _program(bits):
        return False
    if kind in (6, 20):
        bits.take(3)
    if extension:
        bits.take({22: 16, 17: 3, 19: 3, 20: 3, 23: 3}.get(kind, 0))
        bits.take(1)
    return True


def _program(bits: _Bits) -> bool:
    """program_config_element (4.4.1.1); its comment may be zeros."""
    bits.take(10)
    front, side, back = bits.take(4), bits.take(4), bits.take(4)
    low, data, coupling = bits.take(2), bits.take(3), bits.take(4)
    for present in (4, 4, 3):
        if bits.take(1):
            bits.take(present)
    bits.take(5 * (front + side + back + coupling) + 4 * (low + data))
    bits.take(bits.left % 8)
    return bits.take(8 * bits.take(8)) == 0  # as long as it was, or gone


def _extensions(bits: _Bits) -> None:
    if bits.peek(11) != _SYNC_SBR:
        return
    bits.take(11)
    if _object_type(bits) == _SBR and bits.take(1):
        _rate(bits)
        if bits.peek(11) == _SYNC_PS:
            bits.take(12)
