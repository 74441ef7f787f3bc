"""MP3 and its elder layers (ISO/IEC 11172-3, 2.4.1; ISO/IEC 13818-3): frames, and nothing else.

Tags in front (ID3v2), behind (ID3v1, APE, Lyrics3) and between frames have no part in it. The first
frame may be silent and say how long the recording is (Xing's and LAME's header).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from mediascrub.containers.sound_tags import tag_at
from mediascrub.reading import TRAILING, coded, joined, judged, not_this, opened, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_KBITS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_SYNC = re.compile(rb"\xff[\xe2-\xff]")
_PLACE = "frames"
_TOC = 100


class _Frame(NamedTuple):
    size: int
    kind: tuple[int, int, int]
    """Version, layer and sampling rate: all frames have the same."""
    side: int
    """Bytes of header and side information."""


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    at = 0
    kind: tuple[int, int, int] | None = None
    while at < source.size:
        tag = tag_at(source, at)
        if tag is not None:
            yield tag
            at = tag.end
            continue
        frame = _frame(source.read(at, 4))
        if frame is None or frame.kind != (kind or frame.kind) or at + frame.size > source.size:
            again = _next_frame(source, at + 1, kind)
            last = again == source.size
            yield unexpected("file", TRAILING if last else "data between frames", at, again)
            if last and kind is None:
                raise not_this("MPEG audio")
            at = again
            continue
        if kind is None:
            if not _follows(source, at + frame.size, frame.kind):
                again = _next_frame(source, at + 1, None)
                if again == source.size:
                    raise not_this("MPEG audio")
                yield unexpected("file", "data before the first frame", at, again)
                at = again
                continue
            kind = frame.kind
            yield _first(source.read(at, frame.size), frame, at)
        else:
            yield coded(_PLACE, "sound", at, at + frame.size)
        at += frame.size


def _frame(head: bytes) -> _Frame | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate, bits = head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or layer == 4 or rate == 3 or bits in (0, 15) or head[3] & 3 == 2:
        # Frames of free format do not say how long they are, so nobody knows what is between them.
        return None
    hertz = _RATES[version][rate]
    kbits = _KBITS[1 if version == 3 else 2, layer][bits - 1]
    padding = head[2] >> 1 & 1
    if layer == 1:
        size = (12_000 * kbits // hertz + padding) * 4
    else:
        slots = 72_000 if layer == 3 and version != 3 else 144_000
        size = slots * kbits // hertz + padding
    mono = head[3] >> 6 == 3
    side = (17 if mono else 32) if version == 3 else (9 if mono else 17)
    return _Frame(size, (version, layer, hertz), 4 + side)


def _follows(source: Source, at: int, kind: tuple[int, int, int]) -> bool:
    """Whether another frame follows, or tags, or nothing."""
    if at == source.size or tag_at(source, at) is not None:
        return True
    frame = _frame(source.read(at, 4))
    return frame is not None and frame.kind == kind


def _next_frame(source: Source, start: int, kind: tuple[int, int, int] | None) -> int:
    """Where frames, or tags, go on."""
    while start < source.size:
        data = source.read(start, 1 << 16)
        for match in re.finditer(rb"\xff[\xe2-\xff]|ID3|TAG|APETAGEX|LYRICSBEGIN", data):
            at = start + match.start()
            frame = _frame(source.read(at, 4))
            if frame is None:
                if data[match.start()] != 0xFF and tag_at(source, at) is not None:
                    return at
            elif frame.kind == (kind or frame.kind) and _follows(
                source, at + frame.size, frame.kind
            ):
                return at
        if len(data) < 1 << 16:
            break
        start += len(data) - 16
    return source.size


def _first(data: bytes, frame: _Frame, at: int) -> Part:
    """The first frame may be Xing's, which holds numbers where sound would be."""
    end = at + frame.size
    name = data[frame.side : frame.side + 4]
    if name in (b"Xing", b"Info"):
        fine = _is_xing(data, frame.side)
        return judged(fine, "frames/Xing", "length, delay and name of the encoder", at, end)
    if data[36:40] == b"VBRI":
        return judged(False, "frames/VBRI", "length and delay", at, end)
    return coded(_PLACE, "sound", at, end)


def _is_xing(data: bytes, side: int) -> bool:
    """Numbers, an encoder that says nothing, and zeros to the end of the frame."""
    flags = int.from_bytes(data[side + 4 : side + 8])
    if flags > 15 or any(data[4:side]):
        return False
    at = side + 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1)
    if flags & 4:
        table = data[at : at + _TOC]
        if any(one > other for one, other in pairwise(table)):
            return False
        at += _TOC
    at += 4 * (flags >> 3)
    name, rest = data[at : at + 9], data[at + 9 :]
    if name.rstrip(b"\0") not in (b"", b"Lavf", b"Lavc"):
        return False
    # Revision, low pass, gains, flags, delays, surround, preset, length and two checksums.
    numbers, behind = rest[:27], rest[27:]
    return not any(behind) and not any(numbers[2:10])
