"""Taking the comments out of Vorbis's and Theora's codec headers.

In Matroska these codecs carry their whole comment header in the codec configuration, tags and all.
"""

from __future__ import annotations

_EMPTY = {
    # Packet type, codec, vendor of no length, no comments, and Vorbis's framing bit.
    "vorbis": b"\x03vorbis" + bytes(8) + b"\x01",
    "theora": b"\x81theora" + bytes(8),
}


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
