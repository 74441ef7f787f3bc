"""AIFF and AIFF-C (Apple, "Audio Interchange File Format" 1.3 and AIFF-C draft of 1991)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

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

_VERSION = struct.pack(">I", 0xA2805140)
"""The only one there is: the date of the format's own description."""
_NAMES = {
    b"NAME": "title",
    b"AUTH": "author",
    b"(c) ": "copyright",
    b"ANNO": "annotation",
    b"COMT": "comments",
    b"MARK": "markers",
    b"INST": "instrument",
    b"MIDI": "MIDI data",
    b"AESD": "channel status",
    b"APPL": "application data",
    b"ID3 ": "ID3 tags",
    b"SAXL": "accelerator data",
}
_PLAIN = {b"AUTH", b"NAME", b"ANNO", b"COMT", b"MARK", b"INST", b"MIDI", b"AESD", b"APPL", b"SAXL"}
_CODINGS = {b"raw ", b"GSM ", b"MP3 "} | set(
    b"""NONE none sowt twos fl32 FL32 fl64 FL64 in24 in32 ulaw ULAW alaw ALAW ima4 MAC3 MAC6 QDM2
    QDMC Qclp G722 ADP4 .mp3 SDX2 23ni""".split()
)


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    head = source.read(0, 12)
    if head[:4] != b"FORM" or head[8:] not in (b"AIFF", b"AIFC"):
        raise not_this("an AIFF")
    end = max(12, min(8 + int.from_bytes(head[4:8]), source.size))
    yield structure("FORM", "header", 0, 12)
    at = 12
    seen: set[bytes] = set()
    while at < end:
        head = source.read(at, 8)
        size = int.from_bytes(head[4:])
        stop = at + 8 + size
        if len(head) < 8 or stop > end:
            yield unexpected("FORM", "data that no chunk accounts for", at, end)
            break
        yield from _chunk(source, head[:4], at, stop, head[:4] in seen)
        seen.add(head[:4])
        at = stop
        if size & 1 and at < end:
            fine = source.read(at, 1) == b"\0"
            kind = "padding" if fine else "padding with content"
            yield judged(fine, "FORM/padding", kind, at, at + 1)
            at += 1
    if end < source.size:
        yield unexpected("file", TRAILING, end, source.size)


def _chunk(source: Source, code: bytes, at: int, end: int, again: bool) -> Iterator[Part]:
    size = end - at - 8
    data = source.read(at + 8, min(size, 64))
    if code == b"COMM" and not again:
        yield judged(size <= 64 and _is_common(data), "FORM/COMM", "sound format", at, end)
    elif code == b"FVER" and not again:
        yield judged(size == 4 and data == _VERSION, "FORM/FVER", "version", at, end)
    elif code == b"SSND" and not again and size >= 8:
        offset, block = struct.unpack_from(">II", data)
        fine = offset == 0 and block == 0
        yield judged(fine, "FORM/SSND", "alignment", at, at + 16)
        yield coded("FORM/SSND", "sound", at + 16, end)
    elif code == b"CHAN" and not again:
        yield judged(size == 12, "FORM/CHAN", "places of speakers", at, end)
    elif code == b"wave" and not again:
        # Apple's codec configuration: nothing that these codecs need.
        yield unexpected("FORM/wave", "codec configuration", at, end)
    elif code in (b"FLLR", b"PAD "):
        yield structure("FORM/padding", "chunk header", at, at + 8)
        yield free(source, "FORM/padding", at + 8, end)
    else:
        name = "FORM/" + (
            code.decode() if code in _PLAIN else "tags" if code in _NAMES else "unknown"
        )
        yield unexpected(name, _NAMES.get(code, "unknown chunk"), at, end)


def _is_common(data: bytes) -> bool:
    """Numbers; in AIFF-C a code, and the name of the coding, which has to be empty."""
    if len(data) == 18:
        return True
    return len(data) == 24 and data[18:22] in _CODINGS and data[22:] == b"\0\0"
