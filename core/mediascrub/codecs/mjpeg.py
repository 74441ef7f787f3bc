"""Motion JPEG (ITU-T T.81, annex B) without application data, comments and embedded pictures.

A packet holds one picture, or the two fields of one.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.errors import DamagedError
from mediascrub.stills import jpeg_scans

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_SOI, _EOI, _SOS, _APP0, _APP14, _COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xEE, 0xFE
# Frame headers, Huffman and arithmetic tables, scans, quantisation, restart interval, lines,
# JPEG-LS's frame header and parameters.
_CODED = frozenset((*range(0xC0, 0xC8), *range(0xC9, 0xD0), _SOS, 0xDB, 0xDC, 0xDD, 0xF7, 0xF8))
_FRAMES = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), 0xF7))
_USUAL = frozenset((0xC0, 0xC1, 0xC2))
"""Frames of Huffman-coded blocks."""
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
_MARKER = re.compile(b"\xff[^\x00\xd0-\xd7\xff]")
_LS_MARKER = re.compile(b"\xff[\x80-\xcf\xd8-\xfe]")
_NEXT = re.compile(b"\xff[\xc0-\xfe]")
_THUMBNAIL = (b"JFXX\0", b"Exif\0", b"MPF\0")
_COMMENTS = (b"CS=ITU601", b"MULTISCOPE II")
_BEGINNINGS = (b"Intel(R) JPEG Library, version 1", b"Metasoft MJPEG Codec")
"""By these, decoders know of other colours, of pictures upside down, and of another aspect."""
_FIELDS = 10
"""Bytes of QuickTime's atom ``fiel``."""
_FLAGS = {b"colr": 5, b"xfrm": 5}
"""How colours are coded in lossless JPEG."""


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Mjpeg(extradata)


class Mjpeg:
    """Cleans one stream."""

    def __init__(self, extradata: bytes) -> None:
        self.removed: Counter[str] = Counter()
        # Of all that containers put there, decoders need the order of fields only.
        self.extradata = extradata[:_FIELDS] if extradata[4:8] == b"fiel" else b""
        if len(extradata) > len(self.extradata):
            self.removed[kinds.STRAY] += 1

    def packet(self, data: bytes) -> bytes | None:
        """See `mediascrub.codecs.scrubber.Scrubber`."""
        if not data:
            return data
        begin = data.find(b"\xff\xd8")
        if begin < 0:
            raise DamagedError(kinds.DAMAGED)
        first, frame, at = self._picture(data, begin)
        pieces, same = self._shown(first), begin == 0 and not self._changed
        same = same and pieces is first
        # A second field has the size of the first; anything else behind the end is no part of it.
        gap = re.compile(b"[\x00\xff]*(?=\xff\xd8)").match(data, at)
        if gap is not None and frame:
            second, again, end = self._second(data, gap.end())
            if again == frame:
                same = same and not self._changed
                last = self._shown(second)
                pieces = [*pieces, data[at : gap.end()], *last]
                at, same = end, same and last is second
        if begin:
            self.removed[kinds.STRAY] += 1
        rest = data[at:].strip(b"\x00\xff")
        if rest:
            embedded = b"\xff\xd8\xff" in data[at:]
            self.removed[kinds.PICTURE if embedded else kinds.STRAY] += 1
        if same and not rest:
            return data
        return b"".join(pieces)

    def _second(self, data: bytes, at: int) -> tuple[list[bytes], bytes, int]:
        """A second field, or nothing when it can't be read or is none."""
        before = Counter(self.removed)
        try:
            found = self._picture(data, at)
        except DamagedError:
            found = [], b"", at
        if not found[1]:
            self.removed = before
        return found

    def _shown(self, pieces: list[bytes]) -> list[bytes]:
        """The same pieces, or the picture without what its coded data holds and nobody sees.

        Lossless pictures and those of 12 bits stay as they are: nothing at hand reads them.
        Frames that end early are usual in recordings that were cut off, and hide nothing.
        """
        shown = jpeg_scans.shown(b"".join(pieces), complete=False) if self._usual else None
        if shown is None:
            return pieces
        self.removed[kinds.HIDDEN_PICTURE] += 1
        return [shown]

    def _picture(self, data: bytes, at: int) -> tuple[list[bytes], bytes, int]:
        """The kept pieces of the picture that begins here, its size, and where it ends."""
        self._changed, self._usual = False, True
        frame = b""
        lossless = False
        pieces = [data[at : at + 2]]
        at += 2
        while at < len(data):
            found = _NEXT.search(data, at)
            if found is None or data[at : found.start()].strip(b"\xff"):
                self._drop(kinds.STRAY)
            if found is None:
                return pieces, frame, len(data)
            marker, at = data[found.start() + 1], found.start() + 2
            if marker == _EOI:
                return [*pieces, b"\xff\xd9"], frame, at
            if marker in _ALONE or marker == _SOI:
                if marker == _SOI:
                    self._drop(kinds.STRAY)
                continue
            end = at + int.from_bytes(data[at : at + 2])
            if end > len(data) or end < at + 2:
                raise DamagedError(kinds.DAMAGED)
            body = data[at + 2 : end]
            if marker in _FRAMES and not frame:
                frame, lossless = body[:5] or b"\x00", marker == 0xF7
                self._usual = marker in _USUAL and body[:1] == b"\x08"
            clean = self._segment(marker, body)
            if clean is not None:
                pieces.append(bytes((0xFF, marker)) + (len(clean) + 2).to_bytes(2) + clean)
            at = end
            if marker == _SOS:
                scan = (_LS_MARKER if lossless else _MARKER).search(data, end)
                at = scan.start() if scan else len(data)
                pieces.append(data[end:at])
        return pieces, frame, at

    def _drop(self, kind: str) -> None:
        self._changed = True
        self.removed[kind] += 1

    def _segment(self, marker: int, body: bytes) -> bytes | None:
        """What is kept of a segment: itself, another, or nothing."""
        if marker in _CODED:
            return body
        clean = self._needed(marker, body)
        if clean == body:
            return body
        if marker == _COM:
            self._drop(kinds.COMMENT)
        elif body.startswith(_THUMBNAIL) or (clean is not None and len(body) > len(clean) + 64):
            self._drop(kinds.PICTURE)
        else:
            self._drop(kinds.USER_DATA)
        return clean

    def _needed(self, marker: int, body: bytes) -> bytes | None:
        """What decoding needs of application data and comments."""
        clean: bytes | None = None
        if marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 12:
            clean = body[:12] + b"\0\0"
        elif marker == _APP0 and body.startswith(b"AVI1") and len(body) > 4:
            # Which field comes first. The sizes of fields behind it are no longer true.
            clean = body[:5] + bytes(min(len(body), 14) - 5)
        elif marker == _APP14 and body.startswith(b"Adobe") and len(body) >= 12:
            clean = body[:12]
        elif marker == _COM and body.startswith(b"AVID"):
            polarity = body[12:13] if body[12:13] in (b"\x01", b"\x02") else b"\0"
            clean = b"AVID".ljust(12, b"\0") + polarity + b"\0\0"
        elif marker == _COM:
            known = [text for text in _COMMENTS if body in (text, text + b"\n", text + b"\0")]
            known += [text for text in _BEGINNINGS if body.startswith(text)]
            clean = next(iter(known), None)
        elif body[:4] in _FLAGS:
            clean = body[: _FLAGS[body[:4]]]
        return clean
