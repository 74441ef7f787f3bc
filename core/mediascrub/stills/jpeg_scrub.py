"""JPEG (ITU-T T.81, annex B): segments on a list are copied, the others left out."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from mediascrub.errors import DamagedError
from mediascrub.stills.jpeg_scans import shown
from mediascrub.stills.still_parts import AFTER_END, FOREIGN_EXIF, Part, clean_profile
from mediascrub.stills.tiff_picture import DAMAGED, is_orientation_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

START = b"\xff\xd8"
_EOI, _SOS = 0xD9, 0xDA
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
# Frame headers, Huffman and arithmetic tables, scans, quantisation, restart interval, lines.
_JPEG_KEPT = frozenset({*range(0xC0, 0xC8), *range(0xC9, 0xD0), _SOS, 0xDB, 0xDC, 0xDD})
_JFIF, _ADOBE, _ICC = b"JFIF\0", b"Adobe", b"ICC_PROFILE\0"
_EXIF = b"Exif\0\0"
_DQT, _DHT, _SCAN = "DB", "C4", "DA"
_FRAMES = frozenset(f"{n:02X}" for n in range(0xC0, 0xD0) if n not in (0xC4, 0xC8, 0xCC))
_JFIF_BYTES, _ADOBE_BYTES, _ICC_PIECE = 14, 12, 65_000


def strange(picture: bytes) -> list[str]:
    """What it holds besides the picture and what showing it takes; as `stills.still_residues`."""
    found, length = [], len(START)
    parts = list(_parts(picture))
    for part in parts:
        length += len(part.data) + len(part.tail) + (2 if part.name == "EOI" else 4)
        if part.data.startswith(_EXIF):
            if not is_orientation_only(part.data[len(_EXIF) :]):
                found.append(FOREIGN_EXIF)
        elif not _is_plain(part) and not part.data.startswith(_ICC):
            found.append("a private or textual JPEG segment")
    if _without_idle_tables(parts) != parts:
        found.append("a JPEG table that nothing uses")
    return [*found, AFTER_END] if length != len(picture) else found


def _parts(picture: bytes) -> Iterator[Part]:
    at = 2
    while True:
        if at + 2 > len(picture) or picture[at] != 0xFF:
            raise DamagedError(DAMAGED)
        marker = picture[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == _EOI:
            yield Part("EOI", b"")
            return
        if at + 4 > len(picture):
            raise DamagedError(DAMAGED)
        (length,) = struct.unpack_from(">H", picture, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(picture):
            raise DamagedError(DAMAGED)
        data, at = picture[at + 4 : end], end
        if marker == _SOS:
            at = _end_of_scan(picture, end)
        yield Part(f"{marker:02X}", data, picture[end:at])


def _end_of_scan(picture: bytes, at: int) -> int:
    """Where the next marker is that is no part of the entropy-coded data."""
    while True:
        at = picture.find(b"\xff", at)
        if at < 0 or at + 1 >= len(picture):
            raise DamagedError(DAMAGED)
        following = picture[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7:
            return at
        at += 2


def _is_plain(part: Part) -> bool:
    """True for a JPEG part that `scrub` writes."""
    if part.name == "EOI":
        return True
    marker = int(part.name, 16)
    return (
        marker in _JPEG_KEPT
        or (marker == _APP0 and part.data.startswith(_JFIF) and len(part.data) == _JFIF_BYTES)
        or (marker == _APP14 and part.data.startswith(_ADOBE) and len(part.data) == _ADOBE_BYTES)
    )


def scrub(picture: bytes, *, exif: bytes, common_profile: bool) -> bytes:
    """The same picture without metadata and hidden rows; as `stills.scrub_still`."""
    parts = _without_idle_tables(_parts(picture))
    profile = _profile(parts, common=common_profile)
    out = bytearray(START)

    def put(marker: int, data: bytes) -> None:
        out.extend(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data)

    for part in parts:
        if part.name == f"{_APP0:02X}" and part.data.startswith(_JFIF):
            # The last two bytes are the thumbnail's size: none.
            put(_APP0, part.data[: _JFIF_BYTES - 2] + b"\0\0")
    if exif:
        put(_APP1, _EXIF + exif)
    pieces = [profile[i : i + _ICC_PIECE] for i in range(0, len(profile), _ICC_PIECE)]
    for number, piece in enumerate(pieces, 1):
        put(_APP2, _ICC + bytes((number, len(pieces))) + piece)
    for part in parts:
        if part.name == f"{_APP14:02X}" and part.data.startswith(_ADOBE):
            # It says how colours are coded: without it, some pictures decode wrongly.
            put(_APP14, part.data[:_ADOBE_BYTES])
        elif part.name != "EOI" and int(part.name, 16) in _JPEG_KEPT:
            put(int(part.name, 16), part.data)
            out.extend(part.tail)
    clean = bytes(out + b"\xff\xd9")
    return shown(clean) or clean


def _without_idle_tables(parts: Iterable[Part]) -> list[Part]:
    """The parts with those tables only that a scan uses before they are defined anew.

    Quantisation tables are named by the frame's components (T.81, B.2.2), Huffman tables by those
    of the scans (B.2.3).

    Raises:
        DamagedError: a segment ends within a table.
    """
    kept: list[Part] = []
    needed: set[tuple[str, int]] = set()
    parts = list(parts)
    quantisation = {
        (_DQT, number) for part in parts if part.name in _FRAMES for number in part.data[8::3]
    }
    for part in reversed(parts):
        data = part.data
        if part.name == _SCAN and data:
            named = data[2 : 1 + 2 * data[0] : 2]
            needed |= quantisation | {(_DHT, number >> 4) for number in named}
            needed |= {(_DHT, 0x10 | number & 15) for number in named}
        elif part.name in (_DQT, _DHT):
            used = b""
            for key, table in reversed(list(_tables(part))):
                if key in needed:
                    needed.remove(key)
                    used = table + used
            if not used:
                continue
            data = used
        kept.append(Part(part.name, data, part.tail))
    return kept[::-1]


def _tables(part: Part) -> Iterator[tuple[tuple[str, int], bytes]]:
    """Each table of a segment, by its kind, class and number (B.2.4.1, B.2.4.2)."""
    data, at = part.data, 0
    while at < len(data):
        if part.name == _DQT:
            number, size = data[at] & 15, 129 if data[at] >> 4 else 65
        else:
            number, size = data[at], 17 + sum(data[at + 1 : at + 17])
        if at + size > len(data):
            raise DamagedError(DAMAGED)
        yield (part.name, number), data[at : at + size]
        at += size


def _profile(parts: list[Part], *, common: bool) -> bytes:
    pieces = sorted(
        (part.data[len(_ICC)], part.data[len(_ICC) + 2 :])
        for part in parts
        if part.name == f"{_APP2:02X}" and part.data.startswith(_ICC)
    )
    return clean_profile(b"".join(data for _, data in pieces), common=common)
