"""HEIC and AVIF stills: where the one picture's coded data is, and what goes with it.

ISO/IEC 23008-12 (HEIF) over ISO/IEC 14496-12 (boxes and items), AVIF 1.1. Only what showing the
primary item takes is read; thumbnails, depth, mattes, gain maps and hidden items are no part of it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from veilcast.errors import TruncatedError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator

DAMAGED = "The picture is damaged or ends early; get a complete copy of it."
SUFFIXES = (".heic", ".heif", ".hif", ".avif")
_UNKNOWN = (
    "This kind of HEIC or AVIF can't be vouched for (an image sequence, an overlay, transparency "
    "or HDR); convert it to PNG or JPEG first."
)
_MORE = (
    "The HEIC or AVIF holds more than one picture and only one can be vouched for; "
    "save each as a file of its own first."
)
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"avif", b"miaf")
_SEQUENCES = (b"hevc", b"hevx", b"msf1", b"avis")
_CODED = {b"hvc1": (b"hvcC", "hevc"), b"av01": (b"av1C", "libdav1d")}
_KNOWN = (b"hvcC", b"av1C", b"ispe", b"pixi", b"colr", b"irot", b"imir", b"clap", b"pasp", b"a1lx")
_ALPHA = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")
_HIDDEN = 1
_MOST_TILES = 4096


class Property(NamedTuple):
    """An item property (ISO/IEC 23008-12, 9.3): its box type and payload."""

    kind: bytes
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A coded picture by itself: an item of its own, or a tile of a grid.

    Attributes:
        codec: ffmpeg's decoder.
        setup: the decoder's configuration record.
        data: the coded picture.
        width: pixels.
        height: pixels.
    """

    codec: str
    setup: bytes
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeifPicture:
    """The primary picture.

    Attributes:
        tiles: row by row.
        columns: how many tiles are in a row.
        width: pixels of the whole, before it is turned.
        height: pixels of the whole, before it is turned.
        turns: properties ``clap``, ``irot`` and ``imir`` in the order in which they apply.
        colour: payloads of ``colr``.
        exif: the EXIF data (a TIFF structure), or empty.
        xmp: the XMP packet, or empty.
    """

    tiles: tuple[Coded, ...]
    columns: int
    width: int
    height: int
    turns: tuple[Property, ...]
    colour: tuple[bytes, ...]
    exif: bytes
    xmp: bytes


def is_heif(head: bytes) -> bool:
    """Whether a file that begins so is a HEIC or AVIF still."""
    return head[4:8] == b"ftyp" and (head[8:12] in _BRANDS or head[8:12] in _SEQUENCES)


def read_heif(data: bytes) -> HeifPicture:
    """The primary picture of a HEIC or AVIF.

    Raises:
        TruncatedError: it is damaged or ends early.
        UnsupportedError: it holds more pictures, or is of a kind that can't be vouched for.
    """
    try:
        return _Items(data).picture()
    except (struct.error, IndexError, KeyError) as exc:
        raise TruncatedError(DAMAGED) from exc


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the payload of each box (ISO/IEC 14496-12, 4.2)."""
    while at < end:
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        size = size or end - at
        if size < head or at + size > end:
            raise TruncatedError(DAMAGED)
        yield kind, at + head, at + size
        at += size


class _Reader:
    """Numbers one after the other."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end

    def number(self, size: int) -> int:
        if self._at + size > self._end:
            raise TruncatedError(DAMAGED)
        self._at += size
        return int.from_bytes(self._data[self._at - size : self._at])

    def text(self) -> bytes:
        """Up to a zero."""
        stop = self._data.find(b"\0", self._at, self._end)
        stop = self._end if stop < 0 else stop
        found = self._data[self._at : stop]
        self._at = stop + 1
        return found

    @property
    def left(self) -> int:
        return self._end - self._at


class _Items:
    """The items of the file's meta box."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._types: dict[int, tuple[bytes, int, bytes]] = {}
        self._places: dict[int, tuple[int, list[tuple[int, int]]]] = {}
        self._references: list[tuple[bytes, int, list[int]]] = []
        self._properties: list[Property] = []
        self._owned: dict[int, list[tuple[int, bool]]] = {}
        self._idat = (0, 0)
        self._primary = 0
        self._taken = 0
        top = {kind: (start, end) for kind, start, end in _boxes(data, 0, len(data))}
        if b"moov" in top or data[8:12] in _SEQUENCES:
            raise UnsupportedError(_UNKNOWN)
        start, end = top[b"meta"]
        readers = {
            b"pitm": self._read_primary,
            b"iinf": self._read_types,
            b"iloc": self._read_places,
            b"iref": self._read_references,
            b"iprp": self._read_properties,
        }
        for kind, first, last in _boxes(data, start + 4, end):
            if kind == b"idat":
                self._idat = first, last
            elif kind in readers:
                readers[kind](first, last)

    def _read_primary(self, at: int, end: int) -> None:
        reader = _Reader(self._data, at, end)
        self._primary = reader.number(4 if reader.number(4) >> 24 else 2)

    def _read_types(self, at: int, end: int) -> None:
        version = self._data[at]
        for kind, first, last in _boxes(self._data, at + (8 if version else 6), end):
            reader = _Reader(self._data, first, last)
            head = reader.number(4)
            if kind != b"infe" or head >> 24 not in (2, 3):
                raise UnsupportedError(_UNKNOWN)
            item = reader.number(4 if head >> 24 == 3 else 2)
            reader.number(2)
            name = reader.number(4).to_bytes(4)
            reader.text()
            self._types[item] = name, head & _HIDDEN, reader.text() if reader.left > 0 else b""

    def _read_places(self, at: int, end: int) -> None:
        """ISO/IEC 14496-12, 8.11.3."""
        reader = _Reader(self._data, at, end)
        version = reader.number(4) >> 24
        sizes = reader.number(2)
        offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
        index_size = sizes & 15 if version else 0
        wide = 4 if version == 2 else 2
        for _ in range(reader.number(wide)):
            item = reader.number(wide)
            method = reader.number(2) & 15 if version else 0
            if reader.number(2):
                raise UnsupportedError(_UNKNOWN)  # the data is in another file
            base = reader.number(base_size)
            extents = []
            for _ in range(reader.number(2)):
                reader.number(index_size)
                offset = base + reader.number(offset_size)
                extents.append((offset, reader.number(length_size)))
            self._places[item] = method, extents

    def _read_references(self, at: int, end: int) -> None:
        wide = 4 if self._data[at] else 2
        for kind, first, last in _boxes(self._data, at + 4, end):
            reader = _Reader(self._data, first, last)
            source = reader.number(wide)
            targets = [reader.number(wide) for _ in range(reader.number(2))]
            self._references.append((kind, source, targets))

    def _read_properties(self, at: int, end: int) -> None:
        for kind, first, last in _boxes(self._data, at, end):
            if kind == b"ipco":
                self._properties += [
                    Property(name, self._data[a:b])
                    for name, a, b in _boxes(self._data, first, last)
                ]
            elif kind == b"ipma":
                self._read_owned(first, last)

    def _read_owned(self, at: int, end: int) -> None:
        reader = _Reader(self._data, at, end)
        head = reader.number(4)
        index_bytes = 2 if head & 1 else 1
        essential = 0x8000 if head & 1 else 0x80
        for _ in range(reader.number(4)):
            item = reader.number(4 if head >> 24 else 2)
            pairs = [reader.number(index_bytes) for _ in range(reader.number(1))]
            owned = self._owned.setdefault(item, [])
            owned += [(pair & (essential - 1), bool(pair & essential)) for pair in pairs]

    def picture(self) -> HeifPicture:
        """The primary picture, if it is the only one."""
        kind = self._types[self._primary][0]
        if kind not in (*_CODED, b"grid"):
            raise UnsupportedError(_UNKNOWN)
        self._check_alone()
        properties = self._of(self._primary)
        width, height = self._size(self._primary)
        if kind == b"grid":
            tiles, columns = self._grid(width, height)
        else:
            tiles, columns = (self._coded(self._primary),), 1
        return HeifPicture(
            tiles=tiles,
            columns=columns,
            width=width,
            height=height,
            turns=tuple(p for p in properties if p.kind in (b"clap", b"irot", b"imir")),
            colour=tuple(
                p.data for p in (*properties, *self._colour_of_tiles()) if p.kind == b"colr"
            ),
            exif=self._exif(),
            xmp=self._xmp(),
        )

    def _check_alone(self) -> None:
        """No other picture, and nothing that changes what this one looks like."""
        helpers = {self._primary}
        for kind, source, targets in self._references:
            if kind in (b"thmb", b"auxl"):
                helpers.add(source)
            if kind == b"dimg":
                helpers.update(targets)
            if kind == b"auxl" and self._primary in targets:
                urn = [p.data[4:] for p in self._of(source, any_kind=True) if p.kind == b"auxC"]
                if any(name.split(b"\0")[0] in _ALPHA for name in urn):
                    raise UnsupportedError(_UNKNOWN)
        # `tmap` says how a gain map makes the primary brighter on other displays.
        pictures = {
            item
            for item, (kind, hidden, _) in self._types.items()
            if not hidden and kind in (*_CODED, b"grid", b"iovl", b"iden", b"jpeg")
        }
        if pictures - helpers:
            raise UnsupportedError(_MORE)

    def _of(self, item: int, *, any_kind: bool = False) -> list[Property]:
        """The properties of an item, in order."""
        found = []
        for index, essential in self._owned.get(item, []):
            if not index:
                continue
            one = self._properties[index - 1]
            if essential and one.kind not in _KNOWN and not any_kind:
                raise UnsupportedError(_UNKNOWN)
            found.append(one)
        return found

    def _size(self, item: int) -> tuple[int, int]:
        sizes = [p.data for p in self._of(item) if p.kind == b"ispe"]
        width, height = struct.unpack_from(">II", sizes[0], 4)
        return width, height

    def _targets(self, kind: bytes, source: int) -> list[int]:
        return [
            one
            for k, origin, ones in self._references
            if (k, origin) == (kind, source)
            for one in ones
        ]

    def _grid(self, width: int, height: int) -> tuple[tuple[Coded, ...], int]:
        """ISO/IEC 23008-12, 6.6.2.3."""
        data = self._bytes(self._primary)
        rows, columns = data[2] + 1, data[3] + 1
        if struct.unpack_from(">II" if data[1] & 1 else ">HH", data, 4) != (width, height):
            raise TruncatedError(DAMAGED)
        items = self._targets(b"dimg", self._primary)
        if len(items) != rows * columns:
            raise TruncatedError(DAMAGED)
        if len(items) > _MOST_TILES:
            raise UnsupportedError(_UNKNOWN)
        tiles = tuple(self._coded(item) for item in items)
        first = tiles[0]
        if any((t.width, t.height) != (first.width, first.height) for t in tiles):
            raise TruncatedError(DAMAGED)
        if first.width * columns < width or first.height * rows < height:
            raise TruncatedError(DAMAGED)
        return tiles, columns

    def _colour_of_tiles(self) -> list[Property]:
        """Where the grid itself says nothing, its first tile's colour is that of all."""
        tiles = self._targets(b"dimg", self._primary)
        own = any(p.kind == b"colr" for p in self._of(self._primary))
        return [] if own or not tiles else self._of(tiles[0])

    def _coded(self, item: int) -> Coded:
        kind = self._types[item][0]
        if kind not in _CODED:
            raise UnsupportedError(_UNKNOWN)
        box, codec = _CODED[kind]
        setup = [p.data for p in self._of(item) if p.kind == box]
        width, height = self._size(item)
        return Coded(
            codec=codec, setup=setup[0], data=self._bytes(item), width=width, height=height
        )

    def _bytes(self, item: int) -> bytes:
        method, extents = self._places[item]
        if method > 1:
            raise UnsupportedError(_UNKNOWN)
        start, end = self._idat if method else (0, len(self._data))
        parts = []
        for offset, length in extents:
            size = length or end - start - offset
            # No byte is in two pictures: else a small file could ask for endless memory.
            self._taken += size
            if start + offset + size > end or size < 0 or self._taken > len(self._data):
                raise TruncatedError(DAMAGED)
            parts.append(self._data[start + offset : start + offset + size])
        return b"".join(parts)

    def _exif(self) -> bytes:
        """ISO/IEC 23008-12, annex A.2.1: how many bytes are before the TIFF structure."""
        for item, (kind, _, _) in self._types.items():
            if kind == b"Exif":
                data = self._bytes(item)
                return data[4 + int.from_bytes(data[:4]) :]
        return b""

    def _xmp(self) -> bytes:
        for item, (kind, _, content) in self._types.items():
            if kind == b"mime" and content == b"application/rdf+xml":
                return self._bytes(item)
        return b""
