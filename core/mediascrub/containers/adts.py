"""AAC in ADTS frames (ISO/IEC 13818-7, 6.2; ISO/IEC 14496-3, 1.A.3.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mediascrub.containers.sound_tags import tag_at
from mediascrub.reading import TRAILING, coded, joined, not_this, opened, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_SYNC = re.compile(rb"\xff[\xf0\xf1\xf8\xf9]|ID3|TAG|APETAGEX", re.DOTALL)
_WINDOW = 1 << 16


class _Frame(NamedTuple):
    size: int
    kind: tuple[int, int]
    """Version, layer, protection, profile and rate: all frames have the same."""


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    at = 0
    kind: tuple[int, int] | None = None
    while at < source.size:
        tag = tag_at(source, at)
        if tag is not None:
            yield tag
            at = tag.end
            continue
        frame = _frame(source.read(at, 7))
        fine = frame is not None and frame.kind == (kind or frame.kind)
        if frame is not None and fine and kind is None:
            fine = _follows(source, at + frame.size, frame.kind)
        if frame is None or not fine or at + frame.size > source.size:
            again = _next(source, at + 1, kind)
            last = again == source.size
            if last and kind is None:
                raise not_this("AAC in ADTS")
            yield unexpected("file", TRAILING if last else "data between frames", at, again)
            at = again
            continue
        kind = frame.kind
        yield coded("frames", "sound", at, at + frame.size)
        at += frame.size


def _frame(head: bytes) -> _Frame | None:
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return None
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    least = 7 if head[1] & 1 else 9
    # The bits that carry a copyright identification, one a frame, spell something in time.
    if size <= least or head[3] & 0x0C:
        return None
    return _Frame(size, (head[1], head[2] & 0xFC))


def _follows(source: Source, at: int, kind: tuple[int, int]) -> bool:
    if at == source.size or tag_at(source, at) is not None:
        return True
    frame = _frame(source.read(at, 7))
    return frame is not None and frame.kind == kind


def _next(source: Source, start: int, kind: tuple[int, int] | None) -> int:
    """Where frames, or tags, go on."""
    while start < source.size:
        data = source.read(start, _WINDOW)
        for match in _SYNC.finditer(data):
            at = start + match.start()
            frame = _frame(source.read(at, 7))
            if frame is None:
                if data[match.start()] != 0xFF and tag_at(source, at) is not None:
                    return at
            elif frame.kind == (kind or frame.kind) and _follows(
                source, at + frame.size, frame.kind
            ):
                return at
        if len(data) < _WINDOW:
            break
        start += len(data) - 16
    return source.size
