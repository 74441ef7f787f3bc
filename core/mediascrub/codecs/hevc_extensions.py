"""How HEVC's parameter sets end: what extensions of the standard add (ITU-T H.265, 7.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.codecs.bits import ShortError, escaped, packed, stop_bit_only

if TYPE_CHECKING:
    from mediascrub.codecs.bits import Bits

_RANGE, _LAYERS = 0x80, 0x40
"""Of the eight flags: format range extensions, and those for several layers."""


def without_extensions(unit: bytes, bits: Bits) -> bytes:
    """A video parameter set without its extension, which is about other layers (7.3.2.1).

    Args:
        unit: all of it.
        bits: it, read up to the flag that says whether there is one.
    """
    before = bits.ended()
    if not bits.u(1) and (stop_bit_only(bits) or bits.at == bits.size):
        return unit
    return unit[:2] + escaped(packed(before + "01"))


def sequence_end(unit: bytes, bits: Bits) -> bytes:
    """The unit of a sequence parameter set without anything behind it (7.3.2.2.1).

    Raises:
        ShortError: it has an extension that nobody here can read.
    """
    flags = _flags(bits)
    if flags & ~(_RANGE | _LAYERS):
        raise ShortError
    bits.skip(9 * bool(flags & _RANGE))
    bits.skip(1 * bool(flags & _LAYERS))
    return cut(unit, bits)


def picture_end(unit: bytes, bits: Bits, *, transform_skip: bool) -> bytes:
    """The unit of a picture parameter set without anything behind it (7.3.2.3.1).

    Raises:
        ShortError: it has an extension that nobody here can read.
    """
    flags = _flags(bits)
    if flags & ~_RANGE:
        raise ShortError
    if flags:
        if transform_skip:
            bits.to(3)
        bits.skip(1)
        if bits.u(1):
            bits.to(3)
            for _ in range(2 * (bits.to(5) + 1)):
                bits.within(-12, 12)
        bits.to(6)
        bits.to(6)
    return cut(unit, bits)


def cut(unit: bytes, bits: Bits) -> bytes:
    """The unit without what follows the bits that were read, but for rbsp_trailing_bits."""
    if stop_bit_only(bits) or bits.at == bits.size:
        return unit
    return unit[:2] + escaped(packed(bits.ended() + "1"))


def _flags(bits: Bits) -> int:
    return bits.u(8) if bits.u(1) else 0
