"""Syntax of the SEI messages that are kept, to know how long they are.

Numbers of clauses are those of ITU-T H.264 (08/2021) and H.265 (08/2021). Each function reads one
payload to its end.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mediascrub.codecs.bits import Bits


def film_grain(bits: Bits, *, hevc: bool) -> None:
    """film_grain_characteristics (D.1.20; D.2.21): decoders apply it."""
    if bits.u(1):
        return
    bits.skip(2)
    if bits.u(1):
        bits.skip(3 + 3 + 1 + 8 + 8 + 8)
    bits.skip(2 + 4)
    present = [bits.u(1) for _ in range(3)]
    for _ in range(sum(present)):
        intervals, values = bits.u(8) + 1, bits.u(3) + 1
        for _ in range(intervals):
            bits.skip(16)
            for _ in range(values):
                bits.se()
    _lasts(bits, hevc=hevc)


def frame_packing(bits: Bits, *, hevc: bool) -> None:
    """frame_packing_arrangement (D.1.26; D.2.16): two views in one picture."""
    bits.ue()
    if not bits.u(1):
        kind, quincunx = bits.u(7), bits.u(1)
        bits.skip(6 + 6)
        if not quincunx and kind != 5:
            bits.skip(16)
        bits.skip(8)
        _lasts(bits, hevc=hevc)
    bits.skip(1)


def display_orientation(bits: Bits, *, hevc: bool) -> None:
    """display_orientation (D.1.27; D.2.17)."""
    if bits.u(1):
        return
    bits.skip(1 + 1 + 16)
    _lasts(bits, hevc=hevc)
    if not hevc:
        bits.skip(1)


def _lasts(bits: Bits, *, hevc: bool) -> None:
    """For how long a message holds: a flag in HEVC, a period in H.264."""
    if hevc:
        bits.skip(1)
    else:
        bits.ue()


def avc_recovery_point(bits: Bits) -> None:
    """recovery_point (H.264 D.1.8): where decoding may begin without an IDR picture."""
    bits.ue()
    bits.skip(1 + 1 + 2)


def hevc_recovery_point(bits: Bits) -> None:
    """recovery_point (H.265 D.2.8)."""
    bits.se()
    bits.skip(1 + 1)


def active_parameter_sets(bits: Bits) -> None:
    """active_parameter_sets (H.265 D.2.21)."""
    bits.skip(4 + 1 + 1)
    for _ in range(bits.ue() + 1):
        bits.ue()


def alpha_channel(bits: Bits) -> None:
    """alpha_channel_info (H.265 F.14.2.8): without it, transparency is lost."""
    if bits.u(1):
        return
    bits.skip(3)
    depth = bits.u(3) + 9
    bits.skip(2 * depth)
    if bits.u(1):
        return
    if bits.u(1):
        bits.skip(1)


AVC: Mapping[int, Callable[[Bits], None]] = {
    6: avc_recovery_point,
    19: partial(film_grain, hevc=False),
    45: partial(frame_packing, hevc=False),
    47: partial(display_orientation, hevc=False),
}
HEVC: Mapping[int, Callable[[Bits], None]] = {
    6: hevc_recovery_point,
    19: partial(film_grain, hevc=True),
    45: partial(frame_packing, hevc=True),
    47: partial(display_orientation, hevc=True),
    129: active_parameter_sets,
    165: alpha_channel,
}
