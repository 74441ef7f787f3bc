"""Chunks of RIFF files: AVI, WAV and WebP.

Chunks of a four-character code, a length and data, padded to two bytes (Microsoft and IBM,
"Multimedia Programming Interface and Data Specifications 1.0", RIFF).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mediascrub.reading import TRAILING, unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mediascrub.parts import Part
    from mediascrub.reading import Source

NAMES: dict[bytes, tuple[str, str, str]] = {
    b"bext": ("bext", "broadcast metadata", ""),
    b"iXML": ("iXML", "production metadata", ""),
    b"axml": ("axml", "metadata", ""),
    b"_PMX": ("_PMX", "XMP metadata", ""),
    b"XMP ": ("XMP", "XMP metadata", ""),
    b"id3 ": ("id3", "ID3 tags", ""),
    b"ID3 ": ("id3", "ID3 tags", ""),
    b"cue ": ("cue", "cue points", ""),
    b"plst": ("plst", "play list", ""),
    b"smpl": ("smpl", "sampler settings", ""),
    b"inst": ("inst", "instrument", ""),
    b"acid": ("acid", "loop settings", ""),
    b"cart": ("cart", "broadcast metadata", ""),
    b"chna": ("chna", "broadcast metadata", ""),
    b"levl": ("levl", "peak envelope", ""),
    b"PEAK": ("PEAK", "peaks and when they were measured", "C"),
    b"DISP": ("DISP", "title or picture", ""),
    b"umid": ("umid", "material identifier", ""),
    b"IDIT": ("IDIT", "recording date", "C"),
    b"ISMP": ("ISMP", "time code", ""),
    b"ISFT": ("ISFT", "software", ""),
    b"strn": ("strn", "stream name", ""),
    b"strd": ("strd", "driver data", ""),
    b"EXIF": ("EXIF", "EXIF metadata", ""),
}
"""Chunks that are known and carry no picture or sound: place, kind, HIPAA letter."""

_LISTS = {b"INFO": "tags", b"adtl": "labels of cue points", b"exif": "EXIF metadata"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its code, where it starts, its data, and where the next one starts."""

    code: bytes
    start: int
    body: int
    end: int
    after: int

    @property
    def size(self) -> int:
        return self.end - self.body


def chunks(
    source: Source,
    start: int,
    end: int,
    place: str,
    each: Callable[[Chunk], Iterator[Part]],
) -> Iterator[Part]:
    """The chunks between two positions, padding bytes included.

    What fits into no chunk is unexpected; a chunk that claims to go on behind the end is too.
    """
    at = start
    while at < end:
        head = source.read(at, 8)
        size = int.from_bytes(head[4:], "little")
        if len(head) < 8 or at + 8 + size > end:
            yield unexpected(place, "data that no chunk accounts for", at, end)
            return
        stop = at + 8 + size
        chunk = Chunk(head[:4], at, at + 8, stop, min(stop + (size & 1), end))
        last = None
        for part in each(chunk):
            if last is not None:
                yield last
            last = part
        if chunk.after > stop:
            if last is not None and source.read(stop, 1) == b"\0":
                last = replace(last, end=chunk.after)
            else:
                if last is not None:
                    yield last
                last = unexpected(f"{place}/padding", "padding with content", stop, chunk.after)
        if last is not None:
            yield last
        at = chunk.after


def other(source: Source, chunk: Chunk, place: str) -> Iterator[Part]:
    """A chunk that is neither picture nor sound nor needed for playing."""
    if chunk.code in (b"JUNK", b"PAD ", b"JUNQ", b"FLLR"):
        name = "JUNK" if chunk.code == b"JUNK" else "padding"
        if source.only(chunk.body, chunk.end):
            # The eight bytes of its head are no zeros, but nothing can be hidden in them.
            yield free_chunk(chunk, f"{place}/{name}")
        else:
            yield unexpected(f"{place}/{name}", "free space with content", chunk.start, chunk.end)
        return
    if chunk.code == b"LIST":
        kind = source.read(chunk.body, 4)
        name = kind.decode("latin-1") if kind in _LISTS else "unknown"
        what = _LISTS.get(kind, "unknown list")
        yield unexpected(f"{place}/{name}", what, chunk.start, chunk.end)
        return
    name, what, hipaa = NAMES.get(chunk.code, ("unknown", "unknown chunk", ""))
    yield unexpected(f"{place}/{name}", what, chunk.start, chunk.end, hipaa)


def free_chunk(chunk: Chunk, place: str) -> Part:
    """A chunk that was checked to hold zeros only."""
    from mediascrub.parts import Part

    return Part(place=place, kind="free space", start=chunk.start, end=chunk.end, role="room")


def behind(source: Source, end: int) -> Iterator[Part]:
    """What follows the RIFF form, which nothing may."""
    if end < source.size:
        yield unexpected("file", TRAILING, end, source.size)
