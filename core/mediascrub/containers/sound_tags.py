"""Tags that stand in front of sound, behind it, or in the middle: ID3, APE and Lyrics3."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.reading import unexpected

if TYPE_CHECKING:
    from mediascrub.parts import Part
    from mediascrub.reading import Source

_ID3V1, _APE_HEAD = 128, 32
_LYRICS = b"LYRICSBEGIN"
_MOST_LYRICS = 1 << 13
_LYRICS_END = re.compile(rb"LYRICS200|LYRICSEND")


def tag_at(source: Source, at: int) -> Part | None:
    """The tag that begins here, or None.

    ID3v2: id3.org, ID3v2.4.0 structure, 3.1; ID3v1; APEv2; Lyrics3 v2.00.
    """
    head = source.read(at, _APE_HEAD)
    if head[:3] == b"ID3" and len(head) >= 10 and not any(byte & 0x80 for byte in head[6:10]):
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte
        end = at + 10 + size + (10 if head[5] & 0x10 else 0)
        return unexpected("ID3v2", "tags and pictures", at, min(end, source.size))
    if head[:3] == b"TAG" and at + _ID3V1 == source.size:
        return unexpected("ID3v1", "tags", at, source.size)
    if head[:8] == b"APETAGEX" and len(head) == _APE_HEAD:
        size = int.from_bytes(head[12:16], "little")
        end = at + _APE_HEAD + (size if head[23] & 0x20 else 0)
        return unexpected("APE", "tags", at, min(end, source.size))
    if head.startswith(_LYRICS):
        found = _LYRICS_END.search(source.read(at, _MOST_LYRICS))
        if found is not None:
            return unexpected("Lyrics3", "lyrics", at, at + found.end())
    return None
