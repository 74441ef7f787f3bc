"""Wave64 (Sony Pictures Digital, "Sony Wave64"): RIFF with GUIDs and lengths of 64 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.containers.windows_headers import is_sound_format
from mediascrub.reading import (
    TRAILING,
    coded,
    free,
    joined,
    judged,
    not_this,
    opened,
    structure,
    unexpected,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_RIFF = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")
_NAMES = {
    b"bext": ("bext", "broadcast metadata"),
    b"list": ("list", "tags"),
    b"levl": ("levl", "peak envelope"),
    b"mark": ("marker", "markers"),
    b"summ": ("summary list", "tags"),
}
_HEAD = 24
_MOST_FORMAT = 4096


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    head = source.read(0, 40)
    if head[:16] != _RIFF or head[24:40] != b"wave" + _TAIL:
        raise not_this("a Wave64")
    end = max(40, min(int.from_bytes(head[16:24], "little"), source.size))
    yield structure("riff", "header", 0, 40)
    at = 40
    seen: set[bytes] = set()
    while at < end:
        head = source.read(at, _HEAD)
        size = int.from_bytes(head[16:], "little")
        if len(head) < _HEAD or not _HEAD <= size <= end - at:
            yield unexpected("riff", "data that no chunk accounts for", at, end)
            break
        stop = at + size
        yield from _chunk(source, head[:16], at, stop, head[:16] in seen)
        seen.add(head[:16])
        # Chunks begin at multiples of eight bytes.
        at = min(stop + -size % 8, end)
        if at > stop:
            fine = source.only(stop, at)
            kind = "padding" if fine else "padding with content"
            yield judged(fine, "riff/padding", kind, stop, at)
    if end < source.size:
        # The last chunk's padding is counted by some writers and not by others.
        last = min(end + -end % 8, source.size)
        if source.only(end, last):
            yield structure("riff/padding", "padding", end, last)
            end = last
        if end < source.size:
            yield unexpected("file", TRAILING, end, source.size)


def _chunk(source: Source, code: bytes, at: int, end: int, again: bool) -> Iterator[Part]:
    name = code[:4] if code[4:] == _TAIL else b""
    size = end - at - _HEAD
    if name == b"fmt " and not again:
        data = source.read(at + _HEAD, min(size, _MOST_FORMAT)).rstrip(b"\0")
        # It may be padded with zeros, which only its own count tells from content.
        whole = source.read(at + _HEAD, min(size, _MOST_FORMAT))
        used = 18 + int.from_bytes(whole[16:18], "little") if len(whole) >= 18 else 16
        fine = len(data) <= used and size <= _MOST_FORMAT and is_sound_format(whole[:used])
        yield judged(fine, "riff/fmt", "sound format", at, end)
    elif name == b"fact" and not again:
        yield judged(size in (4, 8), "riff/fact", "number of samples", at, end)
    elif name == b"data" and not again:
        yield coded("riff/data", "sound", at, end)
    elif name in (b"junk", b"JUNK"):
        yield structure("riff/junk", "chunk header", at, at + _HEAD)
        yield free(source, "riff/junk", at + _HEAD, end)
    else:
        place, kind = _NAMES.get(code[:4], ("unknown", "unknown chunk"))
        yield unexpected(f"riff/{place}", kind, at, end)
