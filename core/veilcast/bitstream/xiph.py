"""Vorbis and Theora: codec configurations with an empty comment header.

Their packets hold picture and sound only; tags and the encoder's name are in the second of three
headers, and Matroska keeps all three.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from veilcast.bitstream import kinds
from veilcast.errors import TruncatedError
from veilcast.media.xiph import headers, without_comments

if TYPE_CHECKING:
    from veilcast.bitstream.scrubber import Scrubber

_COMMENTS = {"vorbis": b"\x03vorbis", "theora": b"\x81theora"}
_MUXER_S_OWN = (b"", b"ffmpeg", b"Lavf")
"""Vendors that FFmpeg's Ogg muxer writes, whatever it is given."""


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `veilcast.bitstream.scrubber`."""
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
            raise TruncatedError(kinds.DAMAGED)
        try:
            self.extradata = without_comments(codec, extradata)
        except (ValueError, IndexError) as exc:
            raise TruncatedError(kinds.DAMAGED) from exc
        _, before, _ = headers(extradata)
        _, after, _ = headers(self.extradata)
        mark = _COMMENTS[codec]
        if before != after and (not before.startswith(mark) or _is_told(before[len(mark) :])):
            self.removed[kinds.TAG] += 1

    def packet(self, data: bytes) -> bytes | None:
        """See `veilcast.bitstream.scrubber.Scrubber`."""
        return data


def _is_told(header: bytes) -> bool:
    """Whether a comment header (Vorbis I, 5.2.1) says more than who wrote the container."""
    size = int.from_bytes(header[:4], "little")
    return header[4 : 4 + size] not in _MUXER_S_OWN or any(header[4 + size : 8 + size])
