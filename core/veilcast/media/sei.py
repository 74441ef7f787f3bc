"""Taking an encoder's signature out of H.264."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av import Packet

_START_CODE = re.compile(b"\x00\x00\x00\x01|\x00\x00\x01")
_SEI = 6
_USER_DATA_UNREGISTERED = 5


def without_user_data(packet: Packet[Any]) -> Packet[Any]:
    """The packet without SEI NAL units of unregistered user data (H.264 annex D.1.7).

    x264 writes its version and settings into the first frame that way and has no switch for it.

    Args:
        packet: in byte-stream format (annex B), as encoders give it.
    """
    import av

    data = bytes(packet)
    starts = list(_START_CODE.finditer(data))
    kept = bytearray()
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        unit = data[match.end() : following.start() if following else len(data)]
        if len(unit) > 1 and unit[0] & 0x1F == _SEI and unit[1] == _USER_DATA_UNREGISTERED:
            continue
        kept += data[match.start() : match.end()] + unit
    if not starts or len(kept) == len(data):
        return packet
    fresh: Packet[Any] = av.Packet(bytes(kept))
    fresh.pts, fresh.dts, fresh.duration = packet.pts, packet.dts, packet.duration
    fresh.time_base = packet.time_base
    fresh.is_keyframe = packet.is_keyframe
    return fresh
