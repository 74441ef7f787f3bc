"""Vorbis and Theora: codec configurations with an empty comment header.

Their packets hold picture and sound only; tags and the encoder's name are in the second of three
headers, and Matroska keeps all three.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_COMMENTS = {"vorbis": b"\x03vorbis", "theora": b"\x81theora"}
_MUXER_S_OWN = (b"", b"ffmpeg", b"Lavf")
"""Vendors that FFmpeg's Ogg muxer writes, whatever it is given."""

_EMPTY = {
    # Packet type, codec, vendor of no length, no comments, and Vorbis's framing bit.
    "vorbis": b"\x03vorbis" + bytes(8) + b"\x01",
    "theora": b"\x81theora" + bytes(8),
}


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Xiph(extradata)


class Xiph:
    """Cleans one stream's configuration."""

    def __init__(self, extradata: bytes) -> None:
        self.removed: Counter[str] = Counter()
        self.extradata = extradata
        if not extradata:
            return
        codec = next((name for name, mark in _COMMENTS.items() if mark in extradata), None)
        if codec is None:
            raise DamagedError(kinds.DAMAGED)
        try:
            self.extradata = without_comments(codec, extradata)
        except (ValueError, IndexError) as exc:
            raise DamagedError(kinds.DAMAGED) from exc
        _, before, _ = headers(extradata)
        _, after, _ = headers(self.extradata)
        mark = _COMMENTS[codec]
        if before != after and (not before.startswith(mark) or _is_told(before[len(mark) :])):
            self.removed[kinds.TAG] += 1

    def packet(self, data: bytes) -> bytes | None:
        """See `mediascrub.codecs.scrubber.Scrubber`."""
        return data


def _is_told(header: bytes) -> bool:
    """Whether a comment header (Vorbis I, 5.2.1) says more than who wrote the container."""
    size = int.from_bytes(header[:4], "little")
    return header[4 : 4 + size] not in _MUXER_S_OWN or any(header[4 + size : 8 + size])


def without_comments(codec: str, extradata: bytes) -> bytes:
    """The codec configuration with an empty comment header.

    Args:
        codec: ``vorbis`` or ``theora``.
        extradata: three headers in Xiph lacing (Matroska's CodecPrivate), or each behind its length
            in 16 bits, big-endian, as FFmpeg's Ogg reader gives them.

    Raises:
        ValueError: it is neither.
    """
    identification, _, setup = headers(extradata)
    first, second = len(identification), len(_EMPTY[codec])
    return b"\x02" + _lace(first) + _lace(second) + identification + _EMPTY[codec] + setup


def _lace(size: int) -> bytes:
    return b"\xff" * (size // 255) + bytes([size % 255])


def headers(data: bytes) -> tuple[bytes, bytes, bytes]:
    """The three headers: identification, comments, setup.

    Raises:
        ValueError: there are fewer.
    """
    if data[:1] == b"\x02":
        sizes, at = [], 1
        for _ in range(2):
            size = 0
            while data[at : at + 1] == b"\xff":
                size, at = size + 255, at + 1
            size, at = size + data[at], at + 1
            sizes.append(size)
        first, second = at + sizes[0], at + sum(sizes)
        parts = data[at:first], data[first:second], data[second:]
    else:
        found = []
        rest = data
        for _ in range(3):
            size = int.from_bytes(rest[:2])
            found.append(rest[2 : 2 + size])
            rest = rest[2 + size :]
        parts = found[0], found[1], found[2]
    if not all(parts):
        raise ValueError("three headers are expected")
    return parts
