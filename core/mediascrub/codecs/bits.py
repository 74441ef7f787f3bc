"""Bits: reading and writing them, and the escapes that keep start codes out of them."""

from __future__ import annotations

import re

_LONGEST_CODE = 32
_TO_ESCAPE = re.compile(b"\x00\x00(?=[\x00-\x03])")


class ShortError(Exception):
    """There are fewer bits than the syntax asks for, or others than it allows."""


class Bits:
    """Reads bits, the most significant first. For headers: what is long is read by bytes.

    Attributes:
        at: the next bit.
        size: how many there are.
    """

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self.size = 8 * len(data)
        self.at = 0

    def u(self, count: int) -> int:
        """An unsigned number of so many bits."""
        end = self.at + count
        if end > self.size:
            raise ShortError
        self.at = end
        return (self._value >> (self.size - end)) & ((1 << count) - 1)

    def ue(self) -> int:
        """An Exp-Golomb code (ITU-T H.264, 9.1), unsigned."""
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > _LONGEST_CODE:
                raise ShortError
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """An Exp-Golomb code (ITU-T H.264, 9.1.1), signed."""
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)

    def to(self, most: int) -> int:
        """An unsigned Exp-Golomb code that the standard lets be so large at most."""
        value = self.ue()
        if value > most:
            raise ShortError
        return value

    def within(self, least: int, most: int) -> int:
        """A signed Exp-Golomb code between those, as the standard has it."""
        value = self.se()
        if not least <= value <= most:
            raise ShortError
        return value

    def skip(self, count: int) -> None:
        """Pass over so many bits."""
        if self.at + count > self.size:
            raise ShortError
        self.at += count

    def rest(self) -> int:
        """The bits not read yet, as a number."""
        return self._value & ((1 << (self.size - self.at)) - 1)

    def ended(self) -> str:
        """The bits read so far as text of 0 and 1."""
        if not self.at:
            return ""
        return format(self._value >> (self.size - self.at), f"0{self.at}b")


def stop_bit_only(bits: Bits) -> bool:
    """Whether nothing but rbsp_trailing_bits follows (H.264, 7.3.2.11), and zeros."""
    left = bits.size - bits.at
    return left > 0 and bits.rest() == 1 << (left - 1)


def packed(bits: str) -> bytes:
    """Text of 0 and 1 as bytes, filled up with zeros."""
    size = -(-len(bits) // 8)
    return int(bits.ljust(8 * size, "0") or "0", 2).to_bytes(size)


def unescaped(data: bytes) -> bytes:
    """Without emulation prevention bytes (H.264, 7.4.1)."""
    return data.replace(b"\x00\x00\x03", b"\x00\x00")


def escaped(data: bytes) -> bytes:
    """With emulation prevention bytes (H.264, 7.4.1)."""
    return _TO_ESCAPE.sub(b"\x00\x00\x03", data)


def zero_bits(data: bytearray, first: int, last: int) -> bool:
    """Set bits to zero; whether one was not.

    Args:
        data: changed in place.
        first: the first bit, counted from the most significant of the first byte.
        last: one after the last.
    """
    start, end = first // 8, -(-last // 8)
    size = 8 * (end - start)
    value = int.from_bytes(data[start:end])
    mask = ((1 << (last - first)) - 1) << (size - (last - start * 8))
    if not value & mask:
        return False
    data[start:end] = (value & ~mask).to_bytes(end - start)
    return True
