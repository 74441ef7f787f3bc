"""TIFF stills of one page: what showing them takes, read and written.

TIFF Revision 6.0 (1992) parts 1 and 2 (strips, LZW, predictor, alpha), with Deflate as in Adobe's
Technical Notes of 2002. Everything else that TIFF can hold (other pages, camera data, private tags)
is left out or refused with a reason.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from mediascrub.errors import DamagedError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DAMAGED = "The picture is damaged or ends early; get a complete copy of it."
_RAW = (
    "Raw camera files (DNG, CR2, NEF and others) are not supported: "
    "develop it into an 8 or 16 bit TIFF, PNG or JPEG first."
)
_PAGES = (
    "The TIFF has more than one page and only one can be vouched for; "
    "save each page as a file of its own first."
)
_UNKNOWN = (
    "This kind of TIFF (its compression, colours or depth) can't be vouched for; "
    "save it as an 8 or 16 bit grey or RGB TIFF in strips, or as PNG, first."
)
_TILES = "TIFF in tiles is not supported; save it in strips, or as PNG, first."

# Tags by their names in TIFF 6.0, section 8 and following.
SUBFILE, OLD_SUBFILE = 254, 255
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
OFFSETS, ORIENTATION, SAMPLES, ROWS, COUNTS = 273, 274, 277, 278, 279
X_RESOLUTION, Y_RESOLUTION, PLANAR, UNIT, PREDICTOR, COLOURS = 282, 283, 284, 296, 317, 320
_TILE_TAGS = (322, 323, 324, 325)
SUB_IFDS, EXTRA_SAMPLES, SAMPLE_FORMAT, ICC = 330, 338, 339, 34675
_RAW_TAGS = (33421, 33422, 50706)  # CFARepeatPatternDim, CFAPattern, DNGVersion
_RAW_PHOTOMETRIC = (32803, 34892)
_OLD_REDUCED = 2

NONE, CCITT, LZW, DEFLATE, OLD_DEFLATE, PACKBITS = 1, (2, 3, 4), 5, 8, 32946, 32773
_COMPRESSIONS = (NONE, *CCITT, LZW, DEFLATE, OLD_DEFLATE, PACKBITS)
_BYTE, _SHORT, _LONG, _RATIONAL, _UNDEFINED, _IFD = 1, 3, 4, 5, 7, 13
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_LETTERS = {_BYTE: "B", _SHORT: "H", _LONG: "I", _IFD: "I", _RATIONAL: "I", _UNDEFINED: "B"}
_MOST_IFDS, _MOST_VALUES = 64, 1 << 22
_PER_INCH = 72
"""What EXIF wants where nothing is known (CIPA DC-008, XResolution)."""
ASSOCIATED = 1
"""ExtraSamples: colours are already multiplied by alpha (TIFF 6.0, section 18)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffPicture:
    """The one picture of a TIFF.

    Attributes:
        order: ``<`` (II) or ``>`` (MM).
        fields: values of the tags that decoding needs, by tag; defaults are filled in.
        strips: offset and length of each in the file.
        resolution: X and Y as (numerator, denominator), or empty.
        icc: the colour profile, or empty.
        orientation: 1 to 8.
    """

    order: str
    fields: dict[int, tuple[int, ...]]
    strips: tuple[tuple[int, int], ...]
    resolution: tuple[tuple[int, int], ...]
    icc: bytes
    orientation: int = 1

    def first(self, tag: int) -> int:
        """The first value of a tag that is always there."""
        return self.fields[tag][0]

    @property
    def planes(self) -> int:
        """1 when samples are interleaved, else one plane for each sample."""
        return self.first(SAMPLES) if self.first(PLANAR) == 2 else 1

    @property
    def row_bits(self) -> int:
        """Bits of one row in one strip, without padding."""
        samples = 1 if self.planes > 1 else self.first(SAMPLES)
        return self.first(WIDTH) * samples * self.first(BITS)

    def strip_rows(self) -> list[int]:
        """How many rows each strip holds."""
        height, rows = self.first(HEIGHT), self.first(ROWS)
        return [min(rows, height - top) for top in range(0, height, rows)] * self.planes


Entries = dict[int, tuple[int, int, bytes]]
"""By tag: type, count, value bytes."""


def read_tiff(data: bytes) -> TiffPicture:
    """The one page of a TIFF.

    Raises:
        DamagedError: it is damaged or ends early.
        UnsupportedError: it has more pages, is raw, or of a kind that can't be vouched for.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        raise DamagedError(DAMAGED)
    if data[8:10] == b"CR" or struct.unpack_from(f"{order}H", data, 2)[0] not in (42, 43):
        raise UnsupportedError(_RAW)
    if struct.unpack_from(f"{order}H", data, 2)[0] == 43:
        raise UnsupportedError(_UNKNOWN)  # BigTIFF
    ifds = _ifds(data, order)
    page = ifds[0]
    if any(tag in page for tag in _RAW_TAGS) or _reduced(page, order):
        raise UnsupportedError(_RAW)
    if any(value in _RAW_PHOTOMETRIC for value in _values(page, PHOTOMETRIC, order)):
        raise UnsupportedError(_RAW)
    if not all(_reduced(other, order) for other in ifds[1:]):
        raise UnsupportedError(_PAGES)
    return _picture(page, order, len(data))


def _ifds(data: bytes, order: str) -> list[Entries]:
    """Every image file directory: the chain, and the sub-directories of each."""
    found: list[Entries] = []
    seen: set[int] = set()
    waiting = [struct.unpack_from(f"{order}I", data, 4)[0]]
    while waiting:
        at = waiting.pop(0)
        if at in seen or len(seen) >= _MOST_IFDS:
            raise DamagedError(DAMAGED)
        seen.add(at)
        entries, following = _ifd(data, at, order)
        found.append(entries)
        if following:
            waiting.append(following)
        waiting += _values(entries, SUB_IFDS, order)
    return found


def _ifd(data: bytes, at: int, order: str) -> tuple[Entries, int]:
    if at < 8 or at + 2 > len(data):
        raise DamagedError(DAMAGED)
    (count,) = struct.unpack_from(f"{order}H", data, at)
    end = at + 2 + 12 * count
    if not count or end > len(data):
        raise DamagedError(DAMAGED)
    entries: Entries = {}
    for place in range(at + 2, end, 12):
        tag, kind, number = struct.unpack_from(f"{order}HHI", data, place)
        size = _SIZES.get(kind, 1) * number
        start = place + 8
        if size > 4:
            (start,) = struct.unpack_from(f"{order}I", data, start)
        if start + size > len(data):
            # Private tags point where they like; what decoding needs must be there.
            continue
        entries[tag] = kind, number, data[start : start + size]
    # Some writers leave the last pointer out.
    following = struct.unpack_from(f"{order}I", data, end)[0] if end + 4 <= len(data) else 0
    return entries, following


def _values(entries: Entries, tag: int, order: str) -> tuple[int, ...]:
    """The whole numbers of a tag, empty when it is not there."""
    kind, number, raw = entries.get(tag, (_SHORT, 0, b""))
    if kind not in _LETTERS or number > _MOST_VALUES:
        raise DamagedError(DAMAGED)
    if kind == _RATIONAL:
        number *= 2
    return struct.unpack(f"{order}{number}{_LETTERS[kind]}", raw)


def _reduced(entries: Entries, order: str) -> bool:
    """Whether a directory is a smaller copy of the picture (TIFF 6.0, NewSubfileType bit 0)."""
    flags = _values(entries, SUBFILE, order) or (0,)
    return bool(flags[0] & 1) or _values(entries, OLD_SUBFILE, order) == (_OLD_REDUCED,)


def _picture(page: Entries, order: str, size: int) -> TiffPicture:
    def values(tag: int, *default: int) -> tuple[int, ...]:
        return _values(page, tag, order) or default

    if any(tag in page for tag in _TILE_TAGS):
        raise UnsupportedError(_TILES)
    fields = {tag: values(tag) for tag in (WIDTH, HEIGHT, PHOTOMETRIC, OFFSETS, COUNTS)}
    if not all(fields.values()):
        raise DamagedError(DAMAGED)
    fields[SAMPLES] = values(SAMPLES, 1)
    samples = fields[SAMPLES][0]
    fields |= {
        BITS: values(BITS, 1),
        COMPRESSION: values(COMPRESSION, NONE),
        FILL_ORDER: values(FILL_ORDER, 1),
        ROWS: values(ROWS, (1 << 32) - 1),
        PLANAR: values(PLANAR, 1),
        PREDICTOR: values(PREDICTOR, 1),
        SAMPLE_FORMAT: values(SAMPLE_FORMAT, 1),
        COLOURS: values(COLOURS),
        EXTRA_SAMPLES: values(EXTRA_SAMPLES),
    }
    width, height, rows = (fields[tag][0] for tag in (WIDTH, HEIGHT, ROWS))
    if not width or not height or not rows:
        raise DamagedError(DAMAGED)
    fields[ROWS] = (min(rows, height),)
    _vouch(fields, samples)
    strips = tuple(zip(fields.pop(OFFSETS), fields.pop(COUNTS), strict=False))
    picture = TiffPicture(
        order=order,
        fields=fields,
        strips=strips,
        resolution=_resolution(values(X_RESOLUTION), values(Y_RESOLUTION)),
        icc=page[ICC][2] if ICC in page else b"",
        orientation=values(ORIENTATION, 1)[0],
    )
    # Counted before they are listed: a hostile height makes billions of strips.
    per_plane = -(-height // fields[ROWS][0])
    if len(strips) != per_plane * picture.planes or any(a + n > size for a, n in strips):
        raise DamagedError(DAMAGED)
    return picture


def _vouch(fields: dict[int, tuple[int, ...]], samples: int) -> None:
    """Refuse what is not a plain picture of grey, palette or RGB samples."""
    bits, (photometric, *_) = set(fields[BITS]), fields[PHOTOMETRIC]
    compression, planar = fields[COMPRESSION][0], fields[PLANAR][0]
    depth = fields[BITS][0]
    kinds = {
        0: ((1, 2), (1, 2, 4, 8, 16)),
        1: ((1, 2), (1, 2, 4, 8, 16)),
        2: ((3, 4), (8, 16)),
        3: ((1,), (1, 2, 4, 8)),
    }
    counts, depths = kinds.get(photometric, ((), ()))
    good = (
        samples in counts
        and depth in depths
        and len(bits) == 1
        and len(fields[BITS]) in (1, samples)
        and set(fields[SAMPLE_FORMAT]) == {1}
        and fields[FILL_ORDER] == (1,)
        and fields[PREDICTOR][0] in (1, 2)
        and (fields[PREDICTOR][0] == 1 or compression in (LZW, DEFLATE, OLD_DEFLATE))
        and (fields[PREDICTOR][0] == 1 or depth in (8, 16))
        and compression in _COMPRESSIONS
        and (compression not in CCITT or (depth == samples == 1 and photometric in (0, 1)))
        and planar in (1, 2)
        and (planar == 1 or samples > 2)
        and (samples == 1 or depth in (8, 16))
        and len(fields[EXTRA_SAMPLES]) == (samples in (2, 4))
        and (photometric != 3 or len(fields[COLOURS]) == 3 << depth)
    )
    if not good:
        raise UnsupportedError(_UNKNOWN)
    fields[BITS] = (depth,) * samples
    if photometric != 3:
        fields[COLOURS] = ()


def _resolution(across: Sequence[int], down: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """What says that pixels are not square; how large a picture is on paper nobody needs."""
    if len(across) != 2 or len(down) != 2 or not all((*across, *down)):
        return ()
    return resolution(Fraction(*down) / Fraction(*across))


def resolution(aspect: Fraction) -> tuple[tuple[int, int], ...]:
    """X and Y resolution of pixels that are so much wider than they are high; empty for 1."""
    down = aspect * _PER_INCH
    if aspect == 1 or max(down.as_integer_ratio()) >= 1 << 32:
        return ()
    return (_PER_INCH, 1), down.as_integer_ratio()


def write_tiff(
    picture: TiffPicture, strips: Iterable[bytes], *, icc: bytes = b"", orientation: int = 1
) -> bytes:
    """A fresh TIFF of one page, with only the tags that showing it takes.

    Args:
        picture: fields, byte order and resolution; its offsets, lengths and profile do not count.
        strips: the coded strips, in order.
        icc: the colour profile to embed, if any.
        orientation: 1 to 8, written when it is not 1 (TIFF 6.0, Orientation).
    """
    order = picture.order
    body = bytearray()
    offsets, counts = [], []
    for strip in strips:
        offsets.append(8 + len(body))
        counts.append(len(strip))
        body += strip + bytes(len(strip) % 2)
    shorts = (BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, PLANAR, PREDICTOR, COLOURS, EXTRA_SAMPLES)
    values: dict[int, tuple[int, tuple[int, ...]]] = {
        tag: (_SHORT, picture.fields[tag]) for tag in shorts if picture.fields.get(tag)
    }
    values |= {tag: (_LONG, picture.fields[tag]) for tag in (WIDTH, HEIGHT, ROWS)}
    values |= {OFFSETS: (_LONG, tuple(offsets)), COUNTS: (_LONG, tuple(counts))}
    if picture.fields[PREDICTOR] == (1,):
        del values[PREDICTOR]
    if orientation != 1:
        values[ORIENTATION] = _SHORT, (orientation,)
    for tag, ratio in zip((X_RESOLUTION, Y_RESOLUTION), picture.resolution, strict=False):
        values[tag] = _RATIONAL, ratio
    if icc:
        values[ICC] = _UNDEFINED, tuple(icc)
    return _laid_out(order, body, values)


def _laid_out(order: str, body: bytearray, values: dict[int, tuple[int, tuple[int, ...]]]) -> bytes:
    """Header, strips, then the directory and what does not fit into it."""
    at = 8 + len(body)
    beyond = at + 2 + 12 * len(values) + 4
    directory, extra = bytearray(struct.pack(f"{order}H", len(values))), bytearray()
    for tag, (kind, numbers) in sorted(values.items()):
        raw = struct.pack(f"{order}{len(numbers)}{_LETTERS[kind]}", *numbers)
        count = len(numbers) // (2 if kind == _RATIONAL else 1)
        if len(raw) > 4:
            place = struct.pack(f"{order}I", beyond + len(extra))
            extra += raw + bytes(len(raw) % 2)
        else:
            place = raw.ljust(4, b"\0")
        directory += struct.pack(f"{order}HHI", tag, kind, count) + place
    head = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, at)
    return bytes(head + body + directory + bytes(4) + extra)


def orientation_only(value: int) -> bytes:
    """EXIF data of one tag: Orientation, 1 to 8."""
    return _laid_out(">", bytearray(), {ORIENTATION: (_SHORT, (value,))})


_ORIENTING_BYTES = 128
_ORIENTING: dict[int, list[tuple[int, ...]]] = {
    ORIENTATION: [(value,) for value in range(1, 9)],
    X_RESOLUTION: [(_PER_INCH, 1)],
    Y_RESOLUTION: [(_PER_INCH, 1)],
    UNIT: [(1,), (2,)],
    531: [(1,), (2,)],  # YCbCrPositioning
}


def is_orientation_only(exif: bytes) -> bool:
    """Whether EXIF data holds an orientation, and no more than the standard wants beside it.

    Resolution and the position of chroma samples (CIPA DC-008, table 4) are mandatory there.
    """
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or not 8 <= len(exif) <= _ORIENTING_BYTES:
        return False
    try:
        entries, following = _ifd(exif, struct.unpack_from(f"{order}I", exif, 4)[0], order)
        said = {tag: _values(entries, tag, order) for tag in entries}
    except DamagedError:
        return False
    return not following and all(value in _ORIENTING.get(tag, ()) for tag, value in said.items())


def upright(exif: bytes) -> bytes:
    """EXIF data with the orientation 1, for a picture that was turned already."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return exif
    (at,) = struct.unpack_from(f"{order}I", exif, 4)
    if at + 2 > len(exif):
        return exif
    patched = bytearray(exif)
    (count,) = struct.unpack_from(f"{order}H", exif, at)
    for place in range(at + 2, min(at + 2 + 12 * count, len(exif) - 11), 12):
        if struct.unpack_from(f"{order}HH", exif, place) == (ORIENTATION, _SHORT):
            struct.pack_into(f"{order}H", patched, place + 8, 1)
    return bytes(patched)
