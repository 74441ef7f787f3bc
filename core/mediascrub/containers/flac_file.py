"""FLAC (RFC 9639): metadata blocks, then frames that prove themselves by their checksums."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from mediascrub.containers.flac_frames import frames
from mediascrub.containers.ogg_headers import is_plain_comment
from mediascrub.containers.sound_tags import tag_at
from mediascrub.reading import free, joined, judged, not_this, opened, structure, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_STREAMINFO, _PADDING, _SEEKTABLE, _COMMENT = 0, 1, 3, 4
_OTHERS = {
    2: ("APPLICATION", "application data"),
    5: ("CUESHEET", "cue sheet"),
    6: ("PICTURE", "picture"),
}
_MOST_COMMENT = 4096
_POINT = 18
_NO_POINT = b"\xff" * 8


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    at = 0
    while (tag := tag_at(source, at)) is not None:
        yield tag
        at = tag.end
    if source.read(at, 4) != b"fLaC":
        raise not_this("a FLAC file")
    yield structure("fLaC", "marker", at, at + 4)
    at += 4
    rate = 0
    last = False
    while not last:
        head = source.read(at, 4)
        end = at + 4 + int.from_bytes(head[1:])
        if len(head) < 4 or end > source.size:
            yield unexpected("metadata", "data that no block accounts for", at, source.size)
            return
        last = head[0] >= 0x80
        kind = head[0] & 0x7F
        if kind == _STREAMINFO and not rate:
            info = source.read(at + 4, min(end - at - 4, 34))
            rate = _sampling_rate(info)
            fine = end - at == 38 and rate > 0
            yield judged(fine, "STREAMINFO", "stream header", at, end)
        else:
            yield from _block(source, kind, at, end)
        at = end
    yield from frames(source, at)


def _sampling_rate(info: bytes) -> int:
    if len(info) < 34:
        return 0
    least, most = struct.unpack_from(">HH", info)
    return int.from_bytes(info[10:13]) >> 4 if 16 <= least <= most else 0


def _block(source: Source, kind: int, at: int, end: int) -> Iterator[Part]:
    if kind == _PADDING:
        yield structure("PADDING", "block header", at, at + 4)
        yield free(source, "PADDING", at + 4, end)
    elif kind == _SEEKTABLE:
        fine = _is_seek_table(source, at + 4, end)
        yield judged(fine, "SEEKTABLE", "seek table", at, end)
    elif kind == _COMMENT:
        data = source.read(at + 4, min(end - at - 4, _MOST_COMMENT))
        fine = len(data) == end - at - 4 and is_plain_comment(data)
        yield judged(fine, "VORBIS_COMMENT", "comments", at, end)
    else:
        place, what = _OTHERS.get(kind, ("unknown", "unknown block"))
        yield unexpected(place, what, at, end)


def _is_seek_table(source: Source, start: int, end: int) -> bool:
    """Points in ascending order that lie in the file; places kept free are at the end."""
    if (end - start) % _POINT:
        return False
    last = -1
    for at in range(start, end, _POINT):
        point = source.read(at, _POINT)
        if point[:8] == _NO_POINT:
            if any(point[8:]):
                return False
            continue
        sample, offset, count = struct.unpack(">QQH", point)
        if sample <= last or offset > source.size or not count:
            return False
        last = sample
    return True
