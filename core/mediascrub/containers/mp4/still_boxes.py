"""The boxes of still pictures: HEIC and its kin (ISO/IEC 23008-12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediascrub.containers.codec_configs import CONFIGURATIONS
from mediascrub.containers.fields import Fields, full_box
from mediascrub.containers.mp4.box_names import unexpected
from mediascrub.containers.mp4.movie_headers import hdlr
from mediascrub.containers.mp4.sample_entries import colour
from mediascrub.containers.mp4.still_items import MOST_META, items_of
from mediascrub.containers.mp4.tracks import Track
from mediascrub.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mediascrub.containers.fields import Handler
    from mediascrub.containers.mp4.box_reader import Box, BoxReader
    from mediascrub.containers.mp4.media_data import Accounts
    from mediascrub.containers.mp4.still_items import Item


def item_chunks(reader: BoxReader, meta: Box) -> list[tuple[Any, Any, Track]]:
    """Where the items' bytes lie, as `Accounts` takes them."""
    import numpy as np

    idat = reader.descend(meta.body + 4, meta.end, "idat")
    found = []
    for item in items_of(reader, meta).values():
        starts, ends = [], []
        for method, start, length in item.extents:
            base = idat.body if method == 1 and idat else 0
            if method in (0, 1) and base + start + length <= reader.size:
                starts.append(base + start)
                ends.append(base + start + length)
        track = Track(meta.start, item.number, "pict", item.kind, "", None)
        found.append((np.array(starts, np.int64), np.array(ends, np.int64), track))
    return found


def heif(reader: BoxReader, meta: Box, accounts: Accounts, problem: str) -> Iterator[Part]:
    """The parts of the box that describes the items.

    Args:
        reader: the file.
        meta: the box.
        accounts: of media and item data.
        problem: what is wrong with where the items lie, or "".
    """
    items = items_of(reader, meta)
    readers: dict[str, Handler] = {
        "hdlr": hdlr,
        "pitm": _pitm,
        "iinf": lambda f: _iinf(f, items),
        "iref": lambda f: _iref(f, items),
        "iprp": _iprp,
        "iloc": lambda f: _iloc(f, problem),
    }
    head = reader.read(meta.start, meta.body - meta.start + 4)
    fields = Fields(head, meta.start, "meta", "items")
    fields.numbers(meta.body - meta.start)
    full_box(fields)
    yield from fields.finished()
    at, seen = meta.body + 4, set()
    for box in reader.boxes(at, meta.end):
        at = box.end
        if box.code == "idat" and "idat" not in seen:
            yield Part(
                place="meta/idat",
                kind="item data",
                start=box.start,
                end=box.body,
                role="structure",
            )
            yield from accounts.parts(box.body, box.end)
        elif box.code in readers and box.code not in seen and box.end - box.start <= MOST_META:
            data = reader.read(box.start, box.end - box.start)
            fields = Fields(data, box.start, f"meta/{box.code}", "items")
            fields.numbers(box.body - box.start)
            readers[box.code](fields)
            yield from fields.finished()
        else:
            yield from unexpected(reader, box, "meta")
        seen.add(box.code)
    yield Part(
        place="meta", kind="bytes that are no box", start=at, end=meta.end, role="unexpected"
    )


def _pitm(f: Fields) -> None:
    f.numbers(4 if full_box(f, (0, 1)) else 2)


def _iinf(f: Fields, items: dict[int, Item]) -> None:
    f.numbers(4 if full_box(f, (0, 1)) else 2)
    while f.left >= 8 and 8 <= int.from_bytes(f.peek(4)) <= f.left:
        entry = f.within(int.from_bytes(f.peek(4)), f"{f.place}/infe", "item")
        wide = 4 if entry.peek(1, 8) == b"\3" else 2
        item = items.get(int.from_bytes(entry.peek(wide, 12)))
        if entry.peek(4, 4) != b"infe" or item is None or item.kind:
            entry.unexpected(item.kind if item and item.kind else "unknown item")
            continue
        entry.numbers(8)
        full_box(entry, (2, 3))
        entry.numbers(wide)
        entry.zero(2, "protection")
        entry.numbers(4)
        entry.one_of(entry.left, {b"\0", b""}, "item's name")


def _iref(f: Fields, items: dict[int, Item]) -> None:
    wide = 4 if full_box(f, (0, 1)) else 2
    while f.left >= 8 and 8 <= int.from_bytes(f.peek(4)) <= f.left:
        entry = f.within(int.from_bytes(f.peek(4)), f.place, "reference")
        item = items.get(int.from_bytes(entry.peek(wide, 8)))
        if entry.peek(4, 4) != b"dimg" or item is None or item.kind:
            entry.unexpected("reference to an item that is not needed")
            continue
        entry.numbers(8 + wide)
        count = int.from_bytes(entry.numbers(2))
        entry.numbers(min(count * wide, entry.left))
        entry.done()


def _iloc(f: Fields, problem: str) -> None:
    if problem:
        f.unexpected(problem)
        return
    version = full_box(f, (0, 1, 2))
    sizes = int.from_bytes(f.numbers(2))
    extent = (sizes >> 12) + (sizes >> 8 & 15) + (sizes & 15 if version else 0)
    wide = 4 if version == 2 else 2
    count = int.from_bytes(f.numbers(wide))
    while count and f.left:
        count -= 1
        f.numbers(wide + (2 if version else 0))
        f.zero(2, "reference to another file")
        f.numbers(sizes >> 4 & 15)
        f.numbers(min(int.from_bytes(f.numbers(2)) * extent, f.left))


def _iprp(f: Fields) -> None:
    f.boxes({"ipco": ("properties", _ipco), "ipma": ("properties", _ipma)})


def _ipco(f: Fields) -> None:
    while f.left >= 8 and 8 <= int.from_bytes(f.peek(4)) <= f.left:
        # The same property may be there several times.
        size = int.from_bytes(f.peek(4))
        inner = f.within(size, f.place, f.kind)
        inner.boxes(_PROPERTIES)
        inner.done()


def _ipma(f: Fields) -> None:
    """8.11.14: associations are numbers; as many as it says."""
    version = f.uint(1, 1)
    flags = f.uint(3, 1)
    count = int.from_bytes(f.numbers(4))
    while count and f.left:
        count -= 1
        f.numbers(4 if version else 2)
        number = f.uint(1, 255)
        f.numbers(min(number * (2 if flags else 1), f.left))


def _ispe(f: Fields) -> None:
    full_box(f)
    f.numbers(8)


def _pixi(f: Fields) -> None:
    full_box(f)
    channels = f.uint(1, 16)
    for _ in range(channels):
        f.uint(1, 64)


def _turn(f: Fields) -> None:
    f.uint(1, 3)


def _numbers(size: int) -> Handler:
    def read(f: Fields) -> None:
        f.numbers(size)

    return read


_PROPERTIES: dict[str, tuple[str, Handler]] = {
    **{code: CONFIGURATIONS[code] for code in ("hvcC", "avcC", "av1C")},
    "ispe": ("size", _ispe),
    "pixi": ("depth", _pixi),
    "colr": ("colour", colour),
    "irot": ("rotation", _turn),
    "imir": ("mirroring", _turn),
    "clap": ("clean aperture", _numbers(32)),
    "pasp": ("aspect", _numbers(8)),
    "clli": ("light level", _numbers(4)),
    "mdcv": ("mastering display", _numbers(24)),
}
