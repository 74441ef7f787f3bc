"""Headers of blocks: track, time, flags and lacing (RFC 9559, 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mediascrub.containers.matroska.track_entries import Element
    from mediascrub.reading import Source

_DAMAGED = "block that is damaged"
_SIMPLE_FLAGS, _FLAGS = 0x8F, 0x0E
"""Bits with a meaning: keyframe, invisible, lacing, discardable; the last is SimpleBlock's only."""
_MOST_LACES = 4096


def block_fault(reader: Source, element: Element, *, simple: bool) -> tuple[int, str]:
    """The block's track, and what is wrong with its header, or ""."""
    head = reader.read(element.body, min(12, element.end - element.body))
    if not head or not head[0]:
        return 0, _DAMAGED
    width = 9 - head[0].bit_length()
    if len(head) < width + 3:
        return 0, _DAMAGED
    number = int.from_bytes(head[:width]) & (1 << 7 * width) - 1
    flags = head[width + 2]
    if flags & ~(_SIMPLE_FLAGS if simple else _FLAGS):
        return number, "reserved field in use"
    lacing = flags >> 1 & 3
    at = element.body + width + 3
    if lacing and not _laces_fit(reader, at, element.end, lacing):
        return number, _DAMAGED
    return number, ""


def _laces_fit(reader: Source, at: int, end: int, lacing: int) -> bool:
    """Whether the frames are as long as the block (10.3): 1 Xiph's lacing, 2 fixed, 3 EBML's."""
    data = reader.read(at, min(_MOST_LACES, end - at))
    if not data:
        return False
    count, length, at, total, size = data[0], end - at, 1, 0, 0
    if lacing == 2:
        return (length - 1) % (count + 1) == 0
    for n in range(count):
        if lacing == 1:
            size = 0
            while data[at : at + 1] == b"\xff":
                size, at = size + 255, at + 1
            size, at = size + int.from_bytes(data[at : at + 1]), at + 1
        else:
            first = int.from_bytes(data[at : at + 1])
            width = 9 - first.bit_length()
            value = int.from_bytes(data[at : at + width]) & (1 << 7 * width) - 1
            # From the second on, the difference to the one before.
            size, at = (value if not n else size + value - (1 << 7 * width - 1) + 1), at + width
        total += size
        if at > len(data) or size < 0:
            return False
    return at + total <= length
