"""What a still says of itself before anything decodes it: whether it is whole, and how large.

Decoders fill in what is missing with grey and say nothing, and a few bytes can ask for a picture
that no memory holds.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediascrub.stills import tiff_picture as tiff
from mediascrub.stills import webp_picture as webp
from veilcast.errors import TruncatedError, UnsupportedError
from veilcast.media.guard import DAMAGED

if TYPE_CHECKING:
    from pathlib import Path

_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
"""In JPEG's entropy-coded data: any marker but stuffing and restarts (ITU-T T.81, B.1.1.2)."""
_EOI, _SOS = 0xD9, 0xDA
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG frame headers (ITU-T T.81, table B.1)."""
_TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"IIRO", b"IIRS", b"MMOR", b"IIU\0")
"""Plain, Big, and those of Olympus's and Panasonic's raw files, for which there is a reason."""
MOST_PIXELS = 250_000_000
"""Beyond the largest cameras of telephones, and at most 2 GB in any pixel format."""
MOST_BYTES = 1 << 30
TOO_LARGE = (
    "The picture is larger than Veilcast takes on (250 million pixels, or 1 GB); "
    "cut it into parts, or make it smaller, first."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StillFacts:
    """What ffmpeg does not tell of a still.

    Attributes:
        icc: its colour profile, where ffmpeg's encoder does not keep it.
        premultiplied: colours are already multiplied by alpha.
    """

    icc: bytes = b""
    premultiplied: bool = False


def still_format(head: bytes) -> str | None:
    """The demuxer that reads a still, by its first 4096 bytes; None when it is none.

    Raises:
        UnsupportedError: it is a still of a kind that is not supported.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg_pipe"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        if b"acTL" in head:
            raise UnsupportedError("Animated PNG is not supported; convert it to a video first.")
        return "png_pipe"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp_pipe"
    return "tiff_pipe" if head[:4] in _TIFFS else None


def examine(path: Path, demuxer: str) -> StillFacts:
    """Make sure that a still is whole and of a sane size.

    Raises:
        TruncatedError: it is damaged or ends early.
        UnsupportedError: it is too large, or of a kind that is not supported.
    """
    if path.stat().st_size > MOST_BYTES:
        raise UnsupportedError(TOO_LARGE)
    data = path.read_bytes()
    facts = StillFacts()
    if demuxer == "jpeg_pipe":
        width, height = _jpeg(data)
    elif demuxer == "png_pipe":
        width, height = _png(data)
    elif demuxer == "webp_pipe":
        flat = webp.read_webp(data)
        width, height, facts = flat.width, flat.height, StillFacts(icc=flat.icc)
    else:
        page = tiff.read_tiff(data)
        width, height = page.first(tiff.WIDTH), page.first(tiff.HEIGHT)
        premultiplied = page.fields[tiff.EXTRA_SAMPLES] == (tiff.ASSOCIATED,)
        facts = StillFacts(icc=page.icc, premultiplied=premultiplied)
    if width * height > MOST_PIXELS:
        raise UnsupportedError(TOO_LARGE)
    return facts


def _jpeg(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG that reaches its end-of-image marker."""
    size = (0, 0)
    position = 2
    while position + 2 <= len(data):
        if data[position] != 0xFF:
            break
        marker = data[position + 1]
        if marker == _EOI:
            return size
        if marker == 0xFF:
            position += 1  # fill byte
            continue
        if marker in _FRAMES and position + 9 <= len(data):
            height, width = struct.unpack_from(">HH", data, position + 5)
            size = max(size, (width, height), key=lambda sides: sides[0] * sides[1])
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker == _SOS:
            match = _MARKER.search(data, position)
            if match is None:
                break
            position = match.start()
    raise TruncatedError(DAMAGED)


def _png(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG that reaches its IEND chunk."""
    position = 8
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        if data[position + 4 : position + 8] == b"IEND":
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        position += 12 + length
    raise TruncatedError(DAMAGED)
