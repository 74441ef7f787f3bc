"""Parameter sets of H.264: what they say of messages, and where they end (ITU-T H.264, 7.3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from mediascrub.codecs.bits import Bits, ShortError, escaped, packed, stop_bit_only, unescaped
from mediascrub.codecs.cropping import Crop

_WITH_CHROMA = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
_WITHOUT_MORE = (66, 77, 88)
_MACROBLOCK = 16


@dataclass(frozen=True, slots=True)
class Hrd:
    """hrd_parameters (E.1.2): how long the fields of timing messages are, in bits."""

    schedules: int
    initial: int
    removal: int
    output: int
    offset: int


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set."""

    id: int
    profile: int
    constraints: int
    chroma: int
    nal: Hrd | None
    vcl: Hrd | None
    pic_struct: bool
    crop: Crop | None

    @property
    def hrd(self) -> Hrd | None:
        """The one whose lengths count: both must say the same (E.2.2)."""
        return self.nal or self.vcl


def read_sps(unit: bytes) -> tuple[Sps, bytes]:
    """A sequence parameter set, and its unit without anything behind it.

    Raises:
        ShortError: it ends early, or has values that 7.4.2.1.1 does not allow.
    """
    bits = Bits(unescaped(unit[1:]))
    profile, constraints = bits.u(8), bits.u(8)
    bits.skip(8)
    number, chroma = bits.to(31), 1
    if profile in _WITH_CHROMA:
        chroma = bits.to(3)
        if chroma == 3:
            bits.skip(1)
        bits.to(6)
        bits.to(6)
        bits.skip(1)
        if bits.u(1):
            _scaling_lists(bits, 12 if chroma == 3 else 8)
    bits.to(12)
    _order_count(bits)
    bits.ue()
    bits.skip(1)
    bits.ue()
    bits.ue()
    frames = bits.u(1)
    if not frames:
        bits.skip(1)
    bits.skip(1)
    crop = _crop(bits, chroma, frames) if bits.u(1) else None
    nal, vcl, pic_struct = _vui(bits) if bits.u(1) else (None, None, False)
    found = Sps(number, profile, constraints, chroma, nal, vcl, pic_struct, crop)
    return found, _cut(unit, bits)


def read_pps(unit: bytes, known: dict[int, Sps]) -> tuple[int, int, bytes]:
    """Numbers of a picture parameter set and of its sequence's, and its unit without a tail.

    Raises:
        ShortError: it ends early, has values that 7.4.2.2 does not allow, or slice groups, which
            FFmpeg does not decode; or it has a tail and its sequence is not known.
    """
    bits = Bits(unescaped(unit[1:]))
    number, sequence = bits.to(255), bits.to(31)
    sps = known.get(sequence)
    bits.skip(2)
    bits.to(0)
    bits.to(31)
    bits.to(31)
    bits.skip(1)
    if bits.u(2) > 2:
        raise ShortError
    bits.within(-62, 25)
    bits.within(-26, 25)
    bits.within(-12, 12)
    bits.skip(3)
    at = bits.at
    if sps is None:
        for lists in (2, 6):
            bits.at = at
            _transforms(bits, lists)
            if _ended(bits):
                return number, sequence, unit
        raise ShortError
    if sps.profile not in _WITHOUT_MORE or not sps.constraints & 0xE0:
        _transforms(bits, 6 if sps.chroma == 3 else 2)
    return number, sequence, _cut(unit, bits)


def _transforms(bits: Bits, lists: int) -> None:
    """The end of a picture parameter set, which older profiles do not have.

    Args:
        bits: up to it.
        lists: how many scaling lists there are of 8 x 8 blocks.
    """
    if not _ended(bits):
        eight = bits.u(1)
        if bits.u(1):
            _scaling_lists(bits, 6 + lists * eight)
        bits.within(-12, 12)


def _ended(bits: Bits) -> bool:
    return stop_bit_only(bits) or bits.at == bits.size


def _cut(unit: bytes, bits: Bits) -> bytes:
    if _ended(bits):
        return unit
    return unit[:1] + escaped(packed(bits.ended() + "1"))


def _crop(bits: Bits, chroma: int, frames: int) -> Crop:
    """What lies outside the shown picture (7.4.2.1.1, frame cropping).

    Macroblocks explain less than 16 samples of it, and less than 32 lines where two fields are
    made of them.
    """
    across = 2 if chroma in (1, 2) else 1
    down = (2 if chroma == 1 else 1) * (2 - frames)
    left, right, top, bottom = (bits.ue() for _ in range(4))
    return Crop(
        left=left * across,
        right=right * across,
        top=top * down,
        bottom=bottom * down,
        block_width=_MACROBLOCK,
        block_height=_MACROBLOCK * (2 - frames),
    )


def _scaling_lists(bits: Bits, count: int) -> None:
    for index in range(count):
        if bits.u(1):
            last = following = 8
            for _ in range(16 if index < 6 else 64):
                if following:
                    following = (last + bits.within(-128, 127)) % 256
                last = following or last


def _order_count(bits: Bits) -> None:
    kind = bits.to(2)
    if kind == 0:
        bits.to(12)
    elif kind == 1:
        bits.skip(1)
        bits.se()
        bits.se()
        count = bits.ue()
        if count > 255:
            raise ShortError
        for _ in range(count):
            bits.se()


def _vui(bits: Bits) -> tuple[Hrd | None, Hrd | None, bool]:
    """vui_parameters (E.1.1)."""
    if bits.u(1) and bits.u(8) == 255:
        bits.skip(32)
    if bits.u(1):
        bits.skip(1)
    if bits.u(1):
        bits.skip(3 + 1)
        if bits.u(1):
            bits.skip(24)
    if bits.u(1):
        bits.ue()
        bits.ue()
    if bits.u(1):
        bits.skip(32 + 32 + 1)
    nal = _hrd(bits) if bits.u(1) else None
    vcl = _hrd(bits) if bits.u(1) else None
    if nal or vcl:
        bits.skip(1)
    pic_struct = bits.u(1)
    if bits.u(1):
        bits.skip(1)
        for _ in range(6):
            bits.ue()
    return nal, vcl, bool(pic_struct)


def _hrd(bits: Bits) -> Hrd:
    schedules = bits.ue() + 1
    if schedules > 32:
        raise ShortError
    bits.skip(4 + 4)
    for _ in range(schedules):
        bits.ue()
        bits.ue()
        bits.skip(1)
    initial, removal, output = bits.u(5) + 1, bits.u(5) + 1, bits.u(5) + 1
    return Hrd(schedules, initial, removal, output, bits.u(5))
