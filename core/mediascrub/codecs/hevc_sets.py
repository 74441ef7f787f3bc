"""Parameter sets of HEVC: what they say of messages, and where they end (ITU-T H.265, 7.3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from mediascrub.codecs.bits import Bits, ShortError, unescaped
from mediascrub.codecs.cropping import Crop
from mediascrub.codecs.hevc_extensions import picture_end, sequence_end, without_extensions

_PROFILE = 88
_MOST = 64
_LARGEST_BLOCK = 6
"""Of coding tree blocks, 64 samples wide (7.4.3.2.1), as a binary logarithm."""


@dataclass(frozen=True, slots=True)
class Hrd:
    """hrd_parameters (E.2.2): how long the fields of timing messages are, in bits."""

    delays: bool = False
    removal: int = 0
    output: int = 0
    units: bool = False
    unit_removal: int = 0
    unit_output: int = 0
    units_in_timing: bool = False


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set."""

    id: int
    frame_field_info: bool
    hrd: Hrd
    crop: Crop | None


def read_vps(unit: bytes) -> bytes:
    """The unit of a video parameter set without an extension or anything behind it (7.3.2.1).

    Raises:
        ShortError: it ends early, or has what the standard does not allow.
    """
    bits = Bits(unescaped(unit[2:]))
    bits.skip(4 + 1 + 1 + 6)
    layers = bits.u(3)
    bits.skip(1 + 16)
    _profile_tier_level(bits, layers)
    _ordering(bits, layers)
    highest = bits.u(6)
    for _ in range(_count(bits)):
        bits.skip(highest + 1)
    if bits.u(1):
        bits.skip(64)
        if bits.u(1):
            bits.ue()
        hrd = Hrd()
        for number in range(_count(bits)):
            bits.ue()
            common = bits.u(1) if number else 1
            hrd = _hrd(bits, layers, hrd if not common else None)
    return without_extensions(unit, bits)


def read_sps(unit: bytes) -> tuple[Sps, bytes]:
    """A sequence parameter set, and its unit without anything behind it (7.3.2.2).

    Raises:
        ShortError: it ends early, or has what the standard does not allow.
    """
    bits = Bits(unescaped(unit[2:]))
    bits.skip(4)
    layers = bits.u(3)
    bits.skip(1)
    _profile_tier_level(bits, layers)
    number, chroma = bits.to(15), bits.to(3)
    if chroma == 3:
        bits.skip(1)
    _numbers(bits, 2)
    window = [bits.ue() for _ in range(4)] if bits.u(1) else []
    _numbers(bits, 2)
    order = bits.ue() + 4
    _ordering(bits, layers)
    block = bits.ue() + 3 + bits.ue()
    crop = _crop(window, chroma, block) if window else None
    _numbers(bits, 4)
    if bits.u(1) and bits.u(1):
        _scaling_lists(bits)
    bits.skip(2)
    if bits.u(1):
        bits.skip(8)
        _numbers(bits, 2)
        bits.skip(1)
    _reference_sets(bits)
    if bits.u(1):
        for _ in range(_count(bits)):
            bits.skip(order + 1)
    bits.skip(2)
    info, hrd = _vui(bits, layers) if bits.u(1) else (False, Hrd())
    return Sps(number, info, hrd, crop), sequence_end(unit, bits)


def read_pps(unit: bytes) -> tuple[int, int, bytes]:
    """Numbers of a picture parameter set and of its sequence's, and its unit without a tail.

    Raises:
        ShortError: it ends early, or has what the standard does not allow.
    """
    bits = Bits(unescaped(unit[2:]))
    number, sequence = bits.to(63), bits.to(15)
    bits.skip(1 + 1 + 3 + 1 + 1)
    bits.to(14)
    bits.to(14)
    bits.within(-74, 25)
    bits.skip(1)
    skipped = bits.u(1)
    if bits.u(1):
        bits.to(3)
    bits.within(-12, 12)
    bits.within(-12, 12)
    bits.skip(4)
    tiles, _ = bits.u(1), bits.u(1)
    if tiles:
        columns, rows = _count(bits), _count(bits)
        if not bits.u(1):
            _numbers(bits, columns + rows)
        bits.skip(1)
    bits.skip(1)
    if bits.u(1):
        bits.skip(1)
        if not bits.u(1):
            bits.within(-6, 6)
            bits.within(-6, 6)
    if bits.u(1):
        _scaling_lists(bits)
    bits.skip(1)
    bits.to(4)
    bits.skip(1)
    return number, sequence, picture_end(unit, bits, transform_skip=bool(skipped))


def _numbers(bits: Bits, count: int) -> None:
    for _ in range(count):
        bits.ue()


def _count(bits: Bits) -> int:
    count = bits.ue()
    if count > 1024:
        raise ShortError
    return count


def _crop(window: list[int], chroma: int, block: int) -> Crop:
    """What lies outside the conformance window (7.4.3.2.1).

    Coding tree blocks explain less than one of them, for encoders that code whole ones.

    Args:
        window: offsets at the left, right, top and bottom, in units of chroma samples.
        chroma: chroma_format_idc.
        block: the binary logarithm of a coding tree block's size.
    """
    across, down = 2 if chroma in (1, 2) else 1, 2 if chroma == 1 else 1
    left, right, top, bottom = window
    size = 1 << min(block, _LARGEST_BLOCK)
    return Crop(
        left=left * across,
        right=right * across,
        top=top * down,
        bottom=bottom * down,
        block_width=size,
        block_height=size,
    )


def _profile_tier_level(bits: Bits, layers: int) -> None:
    """profile_tier_level (7.3.3)."""
    bits.skip(_PROFILE + 8)
    present = [(bits.u(1), bits.u(1)) for _ in range(layers)]
    if layers:
        bits.skip(2 * (8 - layers))
    for profile, level in present:
        bits.skip(_PROFILE * profile + 8 * level)


def _ordering(bits: Bits, layers: int) -> None:
    _numbers(bits, 3 * (layers + 1 if bits.u(1) else 1))


def _scaling_lists(bits: Bits) -> None:
    """scaling_list_data (7.3.4)."""
    for size in range(4):
        for _ in range(2 if size == 3 else 6):
            if not bits.u(1):
                bits.ue()
                continue
            if size > 1:
                bits.within(-7, 247)
            for _ in range(min(64, 1 << (4 + 2 * size))):
                bits.within(-128, 127)


def _reference_sets(bits: Bits) -> None:
    """st_ref_pic_set (7.3.7), all of them."""
    total, pictures = bits.ue(), 0
    if total > _MOST:
        raise ShortError
    for index in range(total):
        if index and bits.u(1):
            bits.skip(1)
            bits.ue()
            # A picture stays when it is used, or when it is said to stay.
            pictures = sum(bits.u(1) or bits.u(1) for _ in range(pictures + 1))
            continue
        before, after = bits.ue(), bits.ue()
        pictures = before + after
        if pictures > _MOST:
            raise ShortError
        for _ in range(pictures):
            bits.ue()
            bits.skip(1)


def _vui(bits: Bits, layers: int) -> tuple[bool, Hrd]:
    """vui_parameters (E.2.1)."""
    if bits.u(1) and bits.u(8) == 255:
        bits.skip(32)
    if bits.u(1):
        bits.skip(1)
    if bits.u(1):
        bits.skip(3 + 1)
        if bits.u(1):
            bits.skip(24)
    if bits.u(1):
        _numbers(bits, 2)
    bits.skip(2)
    info = bool(bits.u(1))
    if bits.u(1):
        _numbers(bits, 4)
    hrd = Hrd()
    if bits.u(1):
        bits.skip(64)
        if bits.u(1):
            bits.ue()
        if bits.u(1):
            hrd = _hrd(bits, layers, None)
    if bits.u(1):
        bits.skip(3)
        _numbers(bits, 5)
    return info, hrd


def _hrd(bits: Bits, layers: int, common: Hrd | None) -> Hrd:
    """hrd_parameters; `common` are those of the one before, where they are not repeated."""
    hrd = common or Hrd()
    kinds = 1
    if common is None:
        kinds = bits.u(1) + bits.u(1)
        if kinds:
            hrd = _common(bits)
    for _ in range(layers + 1):
        fixed = bits.u(1) or bits.u(1)
        low_delay = 0
        if fixed:
            bits.ue()
        else:
            low_delay = bits.u(1)
        schedules = 1 if low_delay else _count(bits) + 1
        for _ in range(kinds * schedules):
            _numbers(bits, 4 if hrd.units else 2)
            bits.skip(1)
    return hrd


def _common(bits: Bits) -> Hrd:
    units = bits.u(1)
    removal = output = in_timing = 0
    if units:
        bits.skip(8)
        removal, in_timing, output = bits.u(5) + 1, bits.u(1), bits.u(5) + 1
    bits.skip(4 + 4 + 4 * units)
    bits.skip(5)
    return Hrd(
        delays=True,
        removal=bits.u(5) + 1,
        output=bits.u(5) + 1,
        units=bool(units),
        unit_removal=removal,
        unit_output=output,
        units_in_timing=bool(in_timing),
    )
