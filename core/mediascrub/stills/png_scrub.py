"""PNG (W3C PNG, third edition): chunks on a list are copied, the others left out."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from mediascrub.errors import DamagedError
from mediascrub.stills.png_file import unpacked_bytes
from mediascrub.stills.still_parts import AFTER_END, FOREIGN_EXIF, HIDDEN, Part, clean_profile
from mediascrub.stills.tiff_picture import DAMAGED, is_orientation_only
from mediascrub.stills.transparency import erased_png

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_PROFILE = 1 << 24
_BLOCK = 1 << 20
_HEADER_BYTES, _COLOUR = 13, 9
_COLOURS, _PALETTE, _WITH_ALPHA = (0, 2, 3, 4, 6), 3, (4, 6)
_OF_ITS_COLOURS = ("sBIT", "bKGD")
"""Their sizes are those of the kind of picture."""
START = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset(
    {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "pHYs"}
    | {"cICP", "mDCV", "cLLI"}
)


def strange(picture: bytes) -> list[str]:
    """What it holds besides the picture and what showing it takes; as `stills.still_residues`."""
    found, length = [], len(START)
    for part in _parts(picture):
        length += 12 + len(part.data)
        if part.name not in _KEPT | {"eXIf", "iCCP"}:
            found.append("a private or textual PNG chunk")
        if part.name == "eXIf" and not is_orientation_only(part.data):
            found.append(FOREIGN_EXIF)
    if length != len(picture):
        return [*found, AFTER_END]
    header = picture[16 : 16 + _HEADER_BYTES]
    if header[_COLOUR] in _WITH_ALPHA and erased_png(picture) is not None:
        found.append(HIDDEN)
    return found


def _parts(picture: bytes) -> Iterator[Part]:
    at, name = len(START), ""
    while name != "IEND":
        if at + 12 > len(picture):
            raise DamagedError(DAMAGED)
        (length,) = struct.unpack_from(">I", picture, at)
        if at + 12 + length > len(picture):
            raise DamagedError(DAMAGED)
        name = picture[at + 4 : at + 8].decode("latin-1")
        yield Part(name, picture[at + 8 : at + 8 + length])
        at += 12 + length


def scrub(picture: bytes, *, exif: bytes, common_profile: bool) -> bytes:
    """The same picture without metadata; as `stills.scrub_still`."""
    parts = list(_parts(picture))
    profile = _profile(parts, common=common_profile)
    out = bytearray(START)

    def put(name: str, data: bytes) -> None:
        body = name.encode("latin-1") + data
        out.extend(struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body)))

    header = next((part.data for part in parts if part.name == "IHDR"), b"")
    if len(header) != _HEADER_BYTES or header[_COLOUR] not in _COLOURS:
        raise DamagedError(DAMAGED)
    pieces = _picture([part.data for part in parts if part.name == "IDAT"], header)
    anew = erased_png(picture) if header[_COLOUR] in _WITH_ALPHA else None
    if anew is not None:
        fresh = list(_parts(anew))
        parts = [part for part in parts if part.name not in _OF_ITS_COLOURS]
        parts[0], header = fresh[0], fresh[0].data
        pieces = [part.data for part in fresh if part.name == "IDAT"]
    parts = _without_hidden_entries(parts, header)
    for part in parts:
        if part.name == "IDAT":
            # All of them in the place of the first: they stand in a row.
            for piece in pieces:
                put("IDAT", piece)
            pieces = []
        elif part.name == "PLTE" and header[_COLOUR] != _PALETTE:
            continue  # only a suggestion where samples are colours themselves
        elif part.name in _KEPT and not (profile and part.name == "sRGB"):
            put(part.name, part.data)
        if part.name == "IHDR":
            if profile:
                put("iCCP", b"ICC profile\0\0" + zlib.compress(profile, 9))
            if exif:
                put("eXIf", exif)
    return bytes(out)


def _without_hidden_entries(parts: list[Part], header: bytes) -> list[Part]:
    """With black for the colours of a palette that are wholly transparent."""
    alphas = next((part.data for part in parts if part.name == "tRNS"), b"")
    if header[_COLOUR] != _PALETTE or 0 not in alphas:
        return parts

    def cleared(colours: bytes) -> bytes:
        done = bytearray(colours)
        for number, alpha in enumerate(alphas):
            if alpha == 0:
                done[3 * number : 3 * number + 3] = bytes(3)
        return bytes(done[: len(colours)])

    return [Part(part.name, cleared(part.data)) if part.name == "PLTE" else part for part in parts]


def _picture(pieces: list[bytes], header: bytes) -> list[bytes]:
    """The deflated picture without what is behind its stream and behind its last row.

    It is deflated anew only where there are more rows than are shown.
    """
    expected, stream = unpacked_bytes(header), zlib.decompressobj()
    unpacked, kept = 0, []
    try:
        for piece in pieces:
            if stream.eof:
                break
            data = piece
            while data and unpacked <= expected:
                unpacked += len(stream.decompress(data, _BLOCK))
                data = stream.unconsumed_tail
            if unpacked > expected:
                return _deflated_anew(pieces, expected)
            kept.append(piece[: len(piece) - len(stream.unused_data)])
    except zlib.error as exc:
        raise DamagedError(DAMAGED) from exc
    return kept


def _deflated_anew(pieces: list[bytes], expected: int) -> list[bytes]:
    stream, packer = zlib.decompressobj(), zlib.compressobj()
    out = []
    for piece in pieces:
        data = piece
        while data and expected:
            samples = stream.decompress(data, min(_BLOCK, expected))
            expected -= len(samples)
            out.append(packer.compress(samples))
            data = stream.unconsumed_tail
    return [b"".join([*out, packer.flush()])]


def _profile(parts: list[Part], *, common: bool) -> bytes:
    profile = b""
    for part in parts:
        if part.name == "iCCP":
            try:
                decoder = zlib.decompressobj()
                profile = decoder.decompress(part.data.partition(b"\0")[2][1:], _MOST_PROFILE)
            except zlib.error as exc:
                raise DamagedError(DAMAGED) from exc
            if decoder.unconsumed_tail:
                raise DamagedError(DAMAGED)
    return clean_profile(profile, common=common)
