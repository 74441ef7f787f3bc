"""Stills with nothing in them but the picture and what showing it takes.

The picture's coded data is copied byte for byte, so pixels can't change. Only segments (JPEG, ITU-T
T.81 annex B) and chunks (PNG, W3C PNG third edition) on a list are taken over, so that what nobody
has heard of stays behind too: ExifTool neither lists nor removes private PNG chunks.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from veilcast.errors import TruncatedError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAMAGED = "The picture is damaged or ends early; get a complete copy of it."

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "pHYs"}
    | {"cICP", "mDCV", "cLLI"}
)

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
# Frame headers, Huffman and arithmetic tables, scans, quantisation, restart interval, lines.
_JPEG_KEPT = frozenset({*range(0xC0, 0xC8), *range(0xC9, 0xD0), _SOS, 0xDB, 0xDC, 0xDD})
_JFIF, _ADOBE, _ICC = b"JFIF\0", b"Adobe", b"ICC_PROFILE\0"
_JFIF_BYTES, _ADOBE_BYTES, _ICC_PIECE = 14, 12, 65_000
_ICC_HEADER = 128


class Part(NamedTuple):
    """A segment or chunk: its name, and all its bytes but for length, marker and checksum."""

    name: str
    data: bytes
    tail: bytes = b""
    """The entropy-coded data that follows a JPEG scan's header."""


def scrubbed(picture: bytes, *, orientation: int | None, keep_profile: bool) -> bytes:
    """A JPEG or PNG without metadata.

    Args:
        picture: the file.
        orientation: EXIF orientation 1-8 to write as the only EXIF tag.
        keep_profile: take the ICC colour profile over, without its date and identity.

    Raises:
        TruncatedError: the picture ends early.
        UnsupportedError: it is neither JPEG nor PNG.
    """
    parts = list(_parts(picture))
    profile = _profile(parts) if keep_profile else b""
    exif = _exif(orientation) if orientation not in (None, 1) else b""
    if picture.startswith(_PNG_START):
        return _png(parts, profile, exif)
    return _jpeg(parts, profile, exif)


def strange_parts(picture: bytes) -> list[str]:
    """What a JPEG or PNG holds besides the picture and what showing it takes.

    EXIF and ICC parts are not strange: what is in them is ExifTool's to say.

    Raises:
        TruncatedError: the picture ends early.
        UnsupportedError: it is neither JPEG nor PNG.
    """
    png = picture.startswith(_PNG_START)
    found = []
    length = 0
    for part in _parts(picture):
        length += len(part.data) + len(part.tail)
        if png:
            length += 12
            if part.name not in _PNG_KEPT | {"eXIf", "iCCP"}:
                found.append("a private or textual PNG chunk")
        else:
            length += 2 if part.name == "EOI" else 4
            if not _is_plain(part) and not part.data.startswith((_ICC, b"Exif\0\0")):
                found.append("a private or textual JPEG segment")
    if length + (len(_PNG_START) if png else 2) != len(picture):
        found.append("data after the end of the picture")
    return found


def _parts(picture: bytes) -> Iterator[Part]:
    if picture.startswith(_PNG_START):
        return _png_parts(picture)
    if picture.startswith(b"\xff\xd8"):
        return _jpeg_parts(picture)
    raise UnsupportedError("Only JPEG and PNG stills can be freed of metadata; convert it first.")


def _png_parts(picture: bytes) -> Iterator[Part]:
    at, name = len(_PNG_START), ""
    while name != "IEND":
        if at + 12 > len(picture):
            raise TruncatedError(_DAMAGED)
        (length,) = struct.unpack_from(">I", picture, at)
        if at + 12 + length > len(picture):
            raise TruncatedError(_DAMAGED)
        name = picture[at + 4 : at + 8].decode("latin-1")
        yield Part(name, picture[at + 8 : at + 8 + length])
        at += 12 + length


def _jpeg_parts(picture: bytes) -> Iterator[Part]:
    at = 2
    while True:
        if at + 2 > len(picture) or picture[at] != 0xFF:
            raise TruncatedError(_DAMAGED)
        marker = picture[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == _EOI:
            yield Part("EOI", b"")
            return
        if at + 4 > len(picture):
            raise TruncatedError(_DAMAGED)
        (length,) = struct.unpack_from(">H", picture, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(picture):
            raise TruncatedError(_DAMAGED)
        data, at = picture[at + 4 : end], end
        if marker == _SOS:
            at = _end_of_scan(picture, end)
        yield Part(f"{marker:02X}", data, picture[end:at])


def _end_of_scan(picture: bytes, at: int) -> int:
    """Where the next marker is that is no part of the entropy-coded data."""
    while True:
        at = picture.find(b"\xff", at)
        if at < 0 or at + 1 >= len(picture):
            raise TruncatedError(_DAMAGED)
        following = picture[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7:
            return at
        at += 2


def _is_plain(part: Part) -> bool:
    """True for a JPEG part that `_jpeg` writes."""
    if part.name == "EOI":
        return True
    marker = int(part.name, 16)
    return (
        marker in _JPEG_KEPT
        or (marker == _APP0 and part.data.startswith(_JFIF) and len(part.data) == _JFIF_BYTES)
        or (marker == _APP14 and part.data.startswith(_ADOBE) and len(part.data) == _ADOBE_BYTES)
    )


def _jpeg(parts: list[Part], profile: bytes, exif: bytes) -> bytes:
    out = bytearray(b"\xff\xd8")

    def put(marker: int, data: bytes) -> None:
        out.extend(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data)

    for part in parts:
        if part.name == f"{_APP0:02X}" and part.data.startswith(_JFIF):
            # The last two bytes are the thumbnail's size: none.
            put(_APP0, part.data[: _JFIF_BYTES - 2] + b"\0\0")
    if exif:
        put(_APP1, b"Exif\0\0" + exif)
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
    return bytes(out + b"\xff\xd9")


def _png(parts: list[Part], profile: bytes, exif: bytes) -> bytes:
    out = bytearray(_PNG_START)

    def put(name: str, data: bytes) -> None:
        body = name.encode("latin-1") + data
        out.extend(struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body)))

    for part in parts:
        if part.name in _PNG_KEPT and not (profile and part.name == "sRGB"):
            put(part.name, part.data)
        if part.name == "IHDR":
            if profile:
                put("iCCP", b"ICC profile\0\0" + zlib.compress(profile, 9))
            if exif:
                put("eXIf", exif)
    return bytes(out)


def _profile(parts: list[Part]) -> bytes:
    """The ICC profile, without its creation date and its identity (ICC.1:2022, 7.2)."""
    pieces = sorted(
        (part.data[len(_ICC)], part.data[len(_ICC) + 2 :])
        for part in parts
        if part.name == f"{_APP2:02X}" and part.data.startswith(_ICC)
    )
    profile = b"".join(data for _, data in pieces)
    for part in parts:
        if part.name == "iCCP":
            try:
                profile = zlib.decompress(part.data.partition(b"\0")[2][1:])
            except zlib.error as exc:
                raise TruncatedError(_DAMAGED) from exc
    if len(profile) < _ICC_HEADER:
        return b""
    return profile[:24] + bytes(12) + profile[36:84] + bytes(16) + profile[100:]


def _exif(orientation: int | None) -> bytes:
    """A TIFF structure with one tag: 0x0112, a short."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
