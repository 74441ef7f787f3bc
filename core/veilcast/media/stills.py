"""Whether a still is all there: decoders fill in what is missing with grey and say nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
"""In JPEG's entropy-coded data: any marker but stuffing and restarts (ITU-T T.81, B.1.1.2)."""
_EOI, _SOS = 0xD9, 0xDA


def is_whole(path: Path, demuxer: str) -> bool:
    """True when a JPEG reaches its end-of-image marker, or a PNG its IEND chunk."""
    data = path.read_bytes()
    return _jpeg_ends(data) if demuxer == "jpeg_pipe" else _png_ends(data)


def _jpeg_ends(data: bytes) -> bool:
    position = 2
    while position + 2 <= len(data):
        if data[position] != 0xFF:
            return False
        marker = data[position + 1]
        if marker == _EOI:
            return True
        if marker == 0xFF:
            position += 1  # fill byte
            continue
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker == _SOS:
            match = _MARKER.search(data, position)
            if match is None:
                return False
            position = match.start()
    return False


def _png_ends(data: bytes) -> bool:
    position = 8
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        if data[position + 4 : position + 8] == b"IEND":
            return True
        position += 12 + length
    return False
