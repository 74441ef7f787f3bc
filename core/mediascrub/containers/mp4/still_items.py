"""The items of a still picture's file: what each is, and where it lies (ISO/IEC 14496-12, 8.11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mediascrub.containers.mp4.box_reader import Box, BoxReader

MOST_META = 1 << 22
_PICTURES = ("hvc1", "av01", "avc1", "jpeg", "grid", "iovl", "iden", "tmap", "unci")
_KINDS = {"Exif": "EXIF", "mime": "XMP or other text", "uri ": "private item"}


@dataclass
class Item:
    """One item.

    Attributes:
        number: its identifier.
        type: four-character code.
        kind: what it is, for one that is not needed, otherwise "".
        extents: method (0 in the file, 1 in the item data), first byte, length.
    """

    number: int
    type: str = ""
    kind: str = "item"
    extents: list[tuple[int, int, int]] = field(default_factory=list)


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.pos = 0

    def take(self, size: int) -> int:
        value = int.from_bytes(self.data[self.pos : self.pos + size])
        self.pos += size
        return value

    @property
    def over(self) -> bool:
        return self.pos >= len(self.data)


def items_of(reader: BoxReader, meta: Box) -> dict[int, Item]:
    """Items by number. The primary picture and what it is put together from are needed."""
    items: dict[int, Item] = {}
    inside = {box.code: box for box in reader.boxes(meta.body + 4, meta.end)}
    if "iinf" in inside:
        _read_entries(reader, inside["iinf"], items)
    if "iloc" in inside:
        _read_places(_body(reader, inside["iloc"]), items)
    made_of, others = _references(reader, inside.get("iref"))
    pitm = inside.get("pitm")
    waiting = [_primary(_body(reader, pitm))] if pitm else []
    needed = set()
    while waiting:
        number = waiting.pop()
        if number not in needed:
            needed.add(number)
            waiting += made_of.get(number, [])
    for item in items.values():
        item.kind = _kind(item, item.number in needed, others)
    return items


def _kind(item: Item, needed: bool, others: dict[int, str]) -> str:
    if item.type in _PICTURES:
        return "" if needed else others.get(item.number, "another picture")
    return _KINDS.get(item.type, "unknown item")


def _body(reader: BoxReader, box: Box) -> bytes:
    return reader.read(box.body, min(box.end - box.body, MOST_META))


def _primary(body: bytes) -> int:
    return int.from_bytes(body[4:8] if body[:1] == b"\1" else body[4:6])


def _read_entries(reader: BoxReader, iinf: Box, items: dict[int, Item]) -> None:
    wide = reader.read(iinf.body, 1) != b"\0"
    for box in reader.boxes(iinf.body + (8 if wide else 6), iinf.end):
        head = reader.read(box.body, 16)
        size = 4 if head[:1] == b"\3" else 2
        number = int.from_bytes(head[4 : 4 + size])
        kind = head[6 + size : 10 + size].decode("latin-1")
        items.setdefault(number, Item(number)).type = kind


def _read_places(body: bytes, items: dict[int, Item]) -> None:
    """Extents, which one table has for all items (8.11.3)."""
    c = _Cursor(body)
    version = c.take(4) >> 24
    sizes = c.take(2)
    offset, length, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index = sizes & 15 if version in (1, 2) else 0
    count = c.take(4 if version == 2 else 2)
    while count and not c.over:
        count -= 1
        item = items.setdefault(number := c.take(4 if version == 2 else 2), Item(number))
        method = c.take(2) & 15 if version in (1, 2) else 0
        c.take(2)
        base, extents = c.take(base_size), c.take(2)
        while extents and not c.over and offset + length + index:
            extents -= 1
            c.take(index)
            start = base + c.take(offset)
            item.extents.append((method, start, c.take(length)))


def _references(reader: BoxReader, iref: Box | None) -> tuple[dict[int, list[int]], dict[int, str]]:
    """What pictures are put together from, and what other items are to them (8.11.12)."""
    made_of: dict[int, list[int]] = {}
    others: dict[int, str] = {}
    if iref is None:
        return made_of, others
    size = 4 if reader.read(iref.body, 1) == b"\1" else 2
    for box in reader.boxes(iref.body + 4, iref.end):
        c = _Cursor(_body(reader, box))
        source, count = c.take(size), c.take(2)
        targets = [c.take(size) for _ in range(min(count, len(c.data) // size))]
        if box.code == "dimg":
            made_of.setdefault(source, []).extend(targets)
        elif box.code == "thmb":
            others[source] = "thumbnail"
        elif box.code == "auxl":
            others[source] = "auxiliary picture"
    return made_of, others
