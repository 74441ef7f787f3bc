"""HEIC files put together by hand: any items, references and properties around coded pictures."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def box(kind: bytes, *payload: bytes) -> bytes:
    data = b"".join(payload)
    return struct.pack(">I4s", len(data) + 8, kind) + data


def full_box(kind: bytes, version: int, flags: int, *payload: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *payload)


def hevc(picture: NDArray[np.uint8]) -> tuple[bytes, bytes]:
    """Configuration record and coded data of an RGB picture, without loss in Y'CbCr 4:4:4.

    The record's fields besides the parameter sets are those of ISO/IEC 14496-15, 8.3.3.1.
    """
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    context: Any = av.CodecContext.create("libx265", "w")
    context.width, context.height, context.pix_fmt = frame.width, frame.height, "yuv444p"
    context.time_base = Fraction(1, 25)
    context.options = {"x265-params": "lossless=1:log-level=none:info=0", "preset": "ultrafast"}
    frame = frame.reformat(format="yuv444p", dst_colorspace="ITU601", dst_color_range="JPEG")
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    stream = b"".join(bytes(p) for p in [*context.encode(frame), *context.encode(None)])
    units = [unit.rstrip(b"\0") for unit in stream.split(b"\0\0\1") if unit.rstrip(b"\0")]
    kinds: dict[int, list[bytes]] = {}
    for unit in units:
        kinds.setdefault(unit[0] >> 1 & 63, []).append(unit)
    sets = [(kind, kinds.get(kind, [])) for kind in (32, 33, 34)]
    level = kinds[33][0][3:15]
    head = bytes((1,)) + level + b"\xf0\0\xfc\xff\xf8\xf8\0\0\x0f" + bytes((len(sets),))
    record = head + b"".join(
        bytes((0x80 | kind,))
        + struct.pack(">H", len(units))
        + b"".join(struct.pack(">H", len(unit)) + unit for unit in units)
        for kind, units in sets
    )
    slices = [unit for kind, units in kinds.items() if kind < 32 for unit in units]
    return record, b"".join(struct.pack(">I", len(unit)) + unit for unit in slices)


@dataclass(kw_only=True)
class Item:
    """An item: its type, bytes and properties; `essential` are indices into `properties`."""

    kind: bytes
    data: bytes
    properties: list[bytes] = field(default_factory=list)
    hidden: bool = False
    content: bytes = b""


FULL_RANGE_601 = box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80))


def size_of(picture: NDArray[Any]) -> bytes:
    return full_box(b"ispe", 0, 0, struct.pack(">II", picture.shape[1], picture.shape[0]))


def coded(picture: NDArray[np.uint8], *properties: bytes, hidden: bool = False) -> Item:
    record, data = hevc(picture)
    own = [box(b"hvcC", record), size_of(picture), FULL_RANGE_601, *properties]
    return Item(kind=b"hvc1", data=data, properties=own, hidden=hidden)


def grid(rows: int, columns: int, width: int, height: int, *properties: bytes) -> Item:
    data = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)
    size = full_box(b"ispe", 0, 0, struct.pack(">II", width, height))
    return Item(kind=b"grid", data=data, properties=[size, *properties])


def heic(
    items: list[Item],
    *,
    references: Sequence[tuple[bytes, int, list[int]]] = (),
    brand: bytes = b"heic",
) -> bytes:
    """A file of these items, numbered from 1, the first of them primary."""
    entries = b"".join(
        full_box(
            b"infe",
            2,
            int(item.hidden),
            struct.pack(">HH", number, 0),
            item.kind,
            b"\0",
            item.content + b"\0" if item.content else b"",
        )
        for number, item in enumerate(items, 1)
    )
    known = [one for item in items for one in item.properties]
    owned, at = b"", 0
    for number, item in enumerate(items, 1):
        owned += struct.pack(">HB", number, len(item.properties))
        owned += bytes(at + n for n in range(1, len(item.properties) + 1))
        at += len(item.properties)
    linked = b"".join(
        box(
            kind,
            struct.pack(">HH", source, len(targets)),
            struct.pack(f">{len(targets)}H", *targets),
        )
        for kind, source, targets in references
    )

    def meta(first: int) -> bytes:
        places, offset = b"", first
        for number, item in enumerate(items, 1):
            places += struct.pack(">HHHII", number, 0, 1, offset, len(item.data))
            offset += len(item.data)
        return full_box(
            b"meta",
            0,
            0,
            full_box(b"hdlr", 0, 0, bytes(4) + b"pict" + bytes(13)),
            full_box(b"pitm", 0, 0, struct.pack(">H", 1)),
            full_box(b"iloc", 0, 0, b"\x44\0", struct.pack(">H", len(items)), places),
            full_box(b"iinf", 0, 0, struct.pack(">H", len(items)), entries),
            full_box(b"iref", 0, 0, linked) if linked else b"",
            box(
                b"iprp",
                box(b"ipco", *known),
                full_box(b"ipma", 0, 0, struct.pack(">I", len(items)), owned),
            ),
        )

    head = box(b"ftyp", brand, bytes(4), b"mif1", b"heic")
    body = b"".join(item.data for item in items)
    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", body)
