"""TIFF (Adobe, revision 6.0, and BigTIFF): directories, what their tags point to, and pictures.

Directories may lie anywhere and point anywhere, so the file is read in two steps: first everything
that is pointed to is noted, then the file is tiled with it. What nothing points to is unexpected.
"""

from __future__ import annotations

import heapq
import struct
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from mediascrub.errors import StructureError
from mediascrub.reading import (
    coded,
    joined,
    judged,
    not_this,
    opened,
    structure,
    unexpected,
)
from mediascrub.stills.still_metadata import is_plain_profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_SIZES |= {17: 8, 18: 8}
_NUMBERS = {1, 3, 4, 5, 6, 8, 9, 10, 11, 12, 16, 17, 18}
_KEPT = {
    **dict.fromkeys((254, 255, 256, 257, 259, 262, 263, 264, 265, 266, 274, 277, 278), 1),
    **dict.fromkeys((282, 283, 284, 286, 287, 290, 292, 293, 296, 317, 322, 323), 1),
    258: 8,
    280: 8,
    281: 8,
    297: 2,
    301: 3 << 16,
    318: 2,
    319: 6,
    320: 3 << 16,
    321: 2,
    338: 8,
    339: 8,
    340: 8,
    341: 8,
    512: 1,
    515: 1,
    529: 3,
    530: 2,
    531: 1,
    532: 12,
}
"""Tags that decoding or showing takes, and how many values each may have."""
_STARTS, _LENGTHS = {273: 279, 324: 325, 513: 514}, {279, 325, 514}
_TABLES = {519: 64, 520: 64, 521: 64}
_JPEG_TABLES, _PROFILE = 347, 34675
_NAMES = {
    269: ("DocumentName", "title", ""),
    270: ("ImageDescription", "description", ""),
    271: ("Make", "camera", ""),
    272: ("Model", "camera", ""),
    285: ("PageName", "title", ""),
    305: ("Software", "software", ""),
    306: ("DateTime", "date", "C"),
    315: ("Artist", "author", ""),
    316: ("HostComputer", "computer", ""),
    330: ("SubIFDs", "further pictures", ""),
    333: ("InkNames", "names of inks", ""),
    700: ("XMP", "XMP metadata", ""),
    33432: ("Copyright", "copyright", ""),
    33550: ("GeoTIFF", "where it was taken", "B"),
    33723: ("IPTC", "IPTC metadata", ""),
    33922: ("GeoTIFF", "where it was taken", "B"),
    34377: ("Photoshop", "Photoshop metadata", ""),
    _PROFILE: ("ICC", "colour profile", ""),
    34665: ("EXIF", "EXIF metadata", ""),
    34735: ("GeoTIFF", "where it was taken", "B"),
    34853: ("GPS", "where it was taken", "B"),
    40965: ("Interoperability", "EXIF metadata", ""),
    37500: ("MakerNote", "maker notes", ""),
}
_DIRECTORIES = (330, 34665, 34853, 40965)
_MOST_ENTRIES = 1024
_MOST_DIRECTORIES = 256
_MOST_PARTS = 1 << 20
_MOST_PIECES = 1 << 18
_MOST_VALUE = 1 << 24


class _Form(NamedTuple):
    """Byte order, and how long counts and positions are."""

    order: str
    big: bool

    def numbers(self, code: str, data: bytes) -> tuple[int, ...]:
        return struct.unpack(self.order + code, data)


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_Tiff(source).parts())


class _Tiff:
    """What was learnt of the file so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: set[int] = set()
        self.found: list[tuple[int, int, Part]] = []
        """A heap of parts by start, in the order of their finding where starts are equal."""

    def parts(self) -> Iterator[Part]:
        head = self.source.read(0, 16)
        form = {
            b"II*\0": _Form("<", False),
            b"MM\0*": _Form(">", False),
            b"II+\0": _Form("<", True),
            b"MM\0+": _Form(">", True),
        }.get(head[:4])
        length = 16 if form is not None and form.big else 8
        if form is None or len(head) < length:
            raise not_this("a TIFF")
        fine = not form.big or form.numbers("HH", head[4:8]) == (8, 0)
        self.note(judged(fine, "header", "header", 0, length))
        first = form.numbers("Q", head[8:]) if form.big else form.numbers("I", head[4:8])
        self.directories(form, first[0])
        yield from self.tiled()

    def note(self, part: Part) -> None:
        if len(self.found) >= _MOST_PARTS:
            raise StructureError("The TIFF is in more pieces than any picture; get another copy.")
        heapq.heappush(self.found, (part.start, len(self.found), part))

    def tiled(self) -> Iterator[Part]:
        """Every byte once: where two claim the same, it is said to be what begins first."""
        at = 0
        while self.found:
            part = heapq.heappop(self.found)[2]
            start, end = max(part.start, at), min(part.end, self.source.size)
            if start >= end:
                continue
            if start > at:
                yield self.gap(at, start)
            yield type(part)(
                place=part.place,
                kind=part.kind,
                start=start,
                end=end,
                role=part.role,
                hipaa=part.hipaa,
            )
            at = end
        if at < self.source.size:
            yield self.gap(at, self.source.size)

    def gap(self, start: int, end: int) -> Part:
        """A byte or few of zeros between things that begin at even places is alignment."""
        if end - start < (16 if end < self.source.size else 2) and self.source.only(start, end):
            return structure("alignment", "alignment", start, end)
        return unexpected("file", "data that nothing points to", start, end)

    def directories(self, form: _Form, first: int) -> None:
        """The chain of directories; only the first one is the picture."""
        at, place = first, "IFD"
        while at:
            at = self.directory(form, at, place)
            place = "further IFD"

    def directory(self, form: _Form, at: int, place: str) -> int:
        """Note a directory and what it points to; return where the next one is.

        Directories that point to each other are read once.
        """
        if at in self.seen or len(self.seen) >= _MOST_DIRECTORIES:
            return 0
        self.seen.add(at)
        head, entry = (8, 20) if form.big else (2, 12)
        data = self.source.read(at, head)
        count = form.numbers("Q" if form.big else "H", data)[0] if len(data) == head else 0
        end = at + head + entry * count + (8 if form.big else 4)
        if not 0 < count <= _MOST_ENTRIES or end > self.source.size:
            return 0
        rows = self.source.read(at + head, entry * count)
        clean = place == "IFD"
        positions: dict[int, tuple[int, int, int]] = {}
        for offset in range(0, len(rows), entry):
            start = at + head + offset
            item = _entry(form, rows[offset : offset + entry], start)
            clean = item is not None and self.value(form, item, place) and clean
            if item is not None:
                self.inner(form, item)
                positions[item[0]] = (item[1], item[2], item[3])
        self.note(judged(clean, place, "directory" if clean else "directory with tags", at, end))
        self.pictures(form, positions, place)
        tail = self.source.read(end - (8 if form.big else 4), 8 if form.big else 4)
        return int(form.numbers("Q" if form.big else "I", tail)[0])

    def inner(self, form: _Form, item: tuple[int, int, int, int]) -> None:
        """Directories inside a directory: EXIF, GPS, further pictures."""
        tag, kind, count, at = item
        if tag in _DIRECTORIES:
            for start in islice(self.values(form, (kind, count, at)), 256):
                self.directory(form, start, _NAMES[tag][0])

    def value(self, form: _Form, item: tuple[int, int, int, int], place: str) -> bool:
        """Whether a tag may be there with this value. Its value is noted."""
        tag, kind, count, at = item
        size = _SIZES[kind] * count
        end = at + size
        shown = place == "IFD"
        if end > self.source.size:
            return False
        inline = size <= (8 if form.big else 4)
        most = _KEPT.get(tag, 0)
        if tag in _STARTS or tag in _LENGTHS or tag in _TABLES:
            most = _MOST_PIECES
        fine = shown and kind in _NUMBERS and 0 < count <= most
        if tag in (_JPEG_TABLES, _PROFILE):
            data = self.source.read(at, min(size, _MOST_VALUE))
            check = is_plain_profile if tag == _PROFILE else _is_tables
            fine = shown and len(data) == size and check(data)
        if inline:
            rest = self.source.read(end, (8 if form.big else 4) - size)
            return fine and not any(rest)
        name, what, hipaa = _NAMES.get(tag, ("unknown", "unknown tag", ""))
        if tag in _KEPT or tag in _STARTS or tag in _LENGTHS or fine:
            name, what = "value", "numbers for decoding"
        self.note(judged(fine, f"{place}/{name}", what, at, end, hipaa))
        return fine

    def pictures(self, form: _Form, tags: dict[int, tuple[int, int, int]], place: str) -> None:
        """The strips or tiles of a directory."""
        for starts, lengths in _STARTS.items():
            if starts not in tags or lengths not in tags:
                continue
            pairs = zip(
                self.values(form, tags[starts]), self.values(form, tags[lengths]), strict=False
            )
            for at, size in pairs:
                if place == "IFD":
                    self.note(coded("picture", "picture", at, at + size))
                else:
                    self.note(unexpected(place, "a further picture", at, at + size))

    def values(self, form: _Form, tag: tuple[int, int, int]) -> Iterator[int]:
        kind, count, at = tag
        code = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(kind)
        if code is None:
            return
        size = _SIZES[kind]
        for first in range(0, min(count, _MOST_PIECES), 4096):
            data = self.source.read(at + first * size, min(4096, count - first) * size)
            many = len(data) // size
            yield from form.numbers(f"{many}{code}", data[: many * size])
            if many < 4096:
                return


def _entry(form: _Form, row: bytes, start: int) -> tuple[int, int, int, int] | None:
    """Tag, type, count and where the value is; None when there is no such type."""
    tag, kind = form.numbers("HH", row[:4])
    if kind not in _SIZES:
        return None
    if form.big:
        (count,) = form.numbers("Q", row[4:12])
        outside = _SIZES[kind] * count > 8
        return tag, kind, count, form.numbers("Q", row[12:])[0] if outside else start + 12
    (count,) = form.numbers("I", row[4:8])
    outside = _SIZES[kind] * count > 4
    return tag, kind, count, form.numbers("I", row[8:])[0] if outside else start + 8


def _is_tables(data: bytes) -> bool:
    """JPEG's tables for all strips: segments of tables between a start and an end marker."""
    if data[:2] != b"\xff\xd8" or data[-2:] != b"\xff\xd9":
        return False
    at = 2
    while at < len(data) - 2:
        if data[at] != 0xFF or data[at + 1] not in (0xC4, 0xDB, 0xDD):
            return False
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
    return at == len(data) - 2
