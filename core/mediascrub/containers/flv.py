"""FLV (Adobe, "Flash Video File Format Specification" 10.1, annex E): tags of sound and picture."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from mediascrub.reading import (
    TRAILING,
    coded,
    joined,
    judged,
    not_this,
    opened,
    unexpected,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_AUDIO, _VIDEO, _SCRIPT = 8, 9, 18
_PROPERTIES = frozenset(
    b"duration width height videodatarate framerate videocodecid audiodatarate audiosamplerate"
    b" audiosamplesize stereo audiocodecid filesize lasttimestamp lastkeyframetimestamp hasVideo"
    b" hasAudio hasMetadata hasKeyframes hasCuePoints canSeekToEnd audiosize videosize datasize"
    b" audiodelay".split()
)
_MOST_SCRIPT = 1 << 16
_COMMAND_FRAME = 5


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    head = source.read(0, 13)
    if head[:3] != b"FLV" or len(head) < 13:
        raise not_this("an FLV")
    fine = head[3] == 1 and not head[4] & 0xFA and head[5:] == b"\0\0\0\x09" + bytes(4)
    yield judged(fine, "header", "header", 0, 13)
    at = 13
    while at < source.size:
        head = source.read(at, 16)
        size = int.from_bytes(head[1:4])
        end = at + 15 + size
        # A tag ends with its own length, so that one can go backwards.
        if (
            len(head) < 11
            or end > source.size
            or source.read(end - 4, 4) != struct.pack(">I", size + 11)
        ):
            yield unexpected("file", TRAILING, at, source.size)
            return
        yield _tag(source, head, at, end)
        at = end


def _tag(source: Source, head: bytes, at: int, end: int) -> Part:
    kind, size = head[0], end - at - 15
    if any(head[8:11]):
        return unexpected("tag", "a stream number, which is always zero", at, end)
    if kind == _AUDIO:
        return coded("tags", "picture and sound", at, end)
    if kind == _VIDEO and size:
        if head[11] >> 4 == _COMMAND_FRAME:
            return unexpected("video/command", "command", at, end)
        return coded("tags", "picture and sound", at, end)
    if kind == _SCRIPT:
        data = source.read(at + 11, min(size, _MOST_SCRIPT))
        fine = len(data) == size and _is_plain(data)
        return judged(fine, "script data", "numbers about the streams" if fine else "tags", at, end)
    return unexpected("unknown", "unknown tag", at, end)


def _is_plain(data: bytes) -> bool:
    """Whether onMetaData holds numbers under their usual names only (AMF 0)."""
    start = b"\x02\x00\x0aonMetaData\x08"
    if not data.startswith(start) or not data.endswith(b"\0\0\x09"):
        return False
    at = len(start) + 4
    while at < len(data) - 3:
        length = int.from_bytes(data[at : at + 2])
        name, kind = data[at + 2 : at + 2 + length], data[at + 2 + length : at + 3 + length]
        if name not in _PROPERTIES or kind not in (b"\0", b"\1"):
            return False
        at += 3 + length + (8 if kind == b"\0" else 1)
    return at == len(data) - 3
