"""WebP stills: their chunks, and a file put together from those that showing the picture takes.

RFC 9649 (WebP Image Format) says what the chunks are; RFC 6386, 9.1, how a VP8 key frame begins.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mediascrub.errors import DamagedError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator


DAMAGED = "The picture is damaged or ends early; get a complete copy of it."
_HEAD = 12
_ICC, _ALPHA, _EXIF = 0x20, 0x10, 0x08
_KEY_FRAME = b"\x9d\x01\x2a"
_LOSSLESS = 0x2F


class Chunk(NamedTuple):
    """A RIFF chunk: its four-character code and its payload without the byte that pads it."""

    name: bytes
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WebpPicture:
    """What shows a WebP still.

    Attributes:
        coded: the chunk ``VP8 `` (lossy) or ``VP8L`` (lossless).
        alpha: the payload of ``ALPH``, or empty.
        width: pixels.
        height: pixels.
        transparent: whether alpha counts.
        icc: the colour profile, or empty.
    """

    coded: Chunk
    alpha: bytes
    width: int
    height: int
    transparent: bool
    icc: bytes


def chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks of a WebP file, in order (RFC 9649, 2.3 and 2.4).

    Raises:
        DamagedError: it ends early, or its lengths do not fit.
    """
    if len(data) < _HEAD or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise DamagedError(DAMAGED)
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise DamagedError(DAMAGED)
    at = _HEAD
    while at < end:
        if at + 8 > end:
            raise DamagedError(DAMAGED)
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        # Some writers leave the last padding byte out of the count, or out altogether.
        if at + 8 + size > end:
            raise DamagedError(DAMAGED)
        yield Chunk(data[at : at + 4], data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2


def read_webp(data: bytes) -> WebpPicture:
    """The one picture of a WebP file.

    Raises:
        DamagedError: it is damaged or ends early.
        UnsupportedError: it is animated.
    """
    alpha, icc, coded = b"", b"", None
    canvas: tuple[int, int] | None = None
    for chunk in chunks(data):
        if chunk.name in (b"ANIM", b"ANMF"):
            raise UnsupportedError("Animated WebP is not supported; convert it to a video first.")
        if chunk.name == b"VP8X" and len(chunk.data) >= 10:
            sides = (chunk.data[4:7], chunk.data[7:10])
            width, height = (int.from_bytes(side, "little") + 1 for side in sides)
            canvas = width, height
        elif chunk.name == b"ICCP" and not icc:
            icc = chunk.data
        elif chunk.name == b"ALPH" and coded is None:
            alpha = chunk.data
        elif chunk.name in (b"VP8 ", b"VP8L"):
            if coded is not None:
                raise DamagedError(DAMAGED)
            coded = chunk
    if coded is None:
        raise DamagedError(DAMAGED)
    width, height, transparent = _size(coded)
    if canvas not in (None, (width, height)):
        raise DamagedError(DAMAGED)
    lossy = coded.name == b"VP8 "
    return WebpPicture(
        coded=coded,
        alpha=alpha if lossy else b"",
        width=width,
        height=height,
        transparent=bool(alpha) if lossy else transparent,
        icc=icc,
    )


def _size(coded: Chunk) -> tuple[int, int, bool]:
    """Width, height and, of a lossless picture, whether it uses alpha."""
    data = coded.data
    if coded.name == b"VP8 ":
        if len(data) < 10 or data[3:6] != _KEY_FRAME or data[0] & 1:
            raise DamagedError(DAMAGED)
        width, height = struct.unpack_from("<HH", data, 6)
        return width & 0x3FFF, height & 0x3FFF, False
    if len(data) < 5 or data[0] != _LOSSLESS:
        raise DamagedError(DAMAGED)
    bits = int.from_bytes(data[1:5], "little")
    return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1, bool(bits >> 28 & 1)


def assembled(picture: WebpPicture, *, icc: bytes = b"", exif: bytes = b"") -> bytes:
    """A WebP file with this picture, its coded data as it is (RFC 9649, 2.5 to 2.7).

    Args:
        picture: what to show; its own profile does not count.
        icc: the colour profile to embed, if any.
        exif: the EXIF data (a TIFF structure) to embed, if any.
    """
    out = bytearray()

    def put(name: bytes, data: bytes) -> None:
        out.extend(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2))

    if icc or exif or picture.alpha:
        flags = (_ICC if icc else 0) | (_EXIF if exif else 0)
        flags |= _ALPHA if picture.transparent else 0
        sides = (picture.width - 1, picture.height - 1)
        put(b"VP8X", bytes((flags, 0, 0, 0)) + b"".join(n.to_bytes(3, "little") for n in sides))
    if icc:
        put(b"ICCP", icc)
    if picture.alpha:
        put(b"ALPH", picture.alpha)
    put(*picture.coded)
    if exif:
        put(b"EXIF", exif)
    return b"RIFF" + struct.pack("<I", len(out) + 4) + b"WEBP" + bytes(out)
