"""FLAC (RFC 9639): what stands behind the last frame, and behind the stream's description.

Demuxers hand over what follows the last frame as a part of it: tags, an archive, anything.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from mediascrub.codecs import kinds
from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_STREAMINFO_BYTES = 34
_LEAST_FRAME = 8
_POLYNOMIAL = 0x8005


def scrubber(extradata: bytes) -> FlacScrubber:
    """For one stream, by its STREAMINFO block (8.2)."""
    return FlacScrubber(extradata)


class FlacScrubber:
    """Cuts the last packet where its frame ends."""

    def __init__(self, extradata: bytes) -> None:
        """Take the description of the stream; what follows it is dropped."""
        self.removed: Counter[str] = Counter()
        self.extradata = extradata[:_STREAMINFO_BYTES]
        if self.extradata != extradata:
            self.removed[kinds.TAG] += 1
        self._last: bytes | None = None

    def packet(self, data: bytes) -> bytes:
        """The packet as it is: only the last one can hold more than a frame."""
        return data

    def push(self, data: bytes) -> list[bytes | None]:
        """Give the packet before this one."""
        before, self._last = self._last, data
        return [] if before is None else [before]

    def flush(self) -> list[bytes | None]:
        """Give the last packet, cut where its frame ends.

        Raises:
            DamagedError: it ends nowhere.
        """
        last, self._last = self._last, None
        if last is None:
            return []
        ends = list(_ends(last))
        if not last or (ends and ends[-1] == len(last)):
            return [last]
        samples = _decoded(last, self.extradata)
        for end in ends:
            # A checksum of 16 bits is right by chance now and then; the samples are not.
            if samples is not None and _decoded(last[:end], self.extradata) == samples:
                self.removed[kinds.STRAY] += 1
                return [last[:end]]
        raise DamagedError(kinds.DAMAGED)


def _ends(frame: bytes) -> Iterator[int]:
    """Where the bytes so far end in their own checksum (9.3)."""
    table, value = _table(), 0
    for at, byte in enumerate(frame, 1):
        value = (value << 8 & 0xFFFF) ^ table[value >> 8 ^ byte]
        if value == 0 and at >= _LEAST_FRAME:
            yield at


@cache
def _table() -> tuple[int, ...]:
    """The CRC-16 of every byte."""
    table = []
    for byte in range(256):
        value = byte << 8
        for _ in range(8):
            value = value << 1 ^ (_POLYNOMIAL if value & 0x8000 else 0)
        table.append(value & 0xFFFF)
    return tuple(table)


def _decoded(frame: bytes, extradata: bytes) -> list[bytes] | None:
    """The samples of one packet, or None where it can't be decoded."""
    import av

    decoder: Any = av.CodecContext.create("flac", "r")
    decoder.extradata = extradata
    try:
        packet: Any = av.Packet(len(frame))
        packet.update(frame)
        return [bytes(plane) for one in decoder.decode(packet) for plane in one.planes]
    except av.error.FFmpegError:
        return None
