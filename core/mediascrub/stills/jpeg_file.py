"""JPEG (ITU-T T.81, annex B): segments and entropy-coded data up to the end marker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.errors import DamagedError, StructureError, UnsupportedError
from mediascrub.reading import (
    BLOCK,
    TRAILING,
    coded,
    joined,
    judged,
    not_this,
    opened,
    structure,
    unexpected,
)
from mediascrub.stills import jpeg_scans
from mediascrub.stills.still_metadata import is_plain_exif, is_plain_profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_SOI, _EOI, _SOS, _DHT, _DQT, _DNL, _DRI, _DAC = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDC, 0xDD, 0xCC
_APP0, _APP1, _APP2, _APP14, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {_DHT, 0xC8, _DAC})
_JFIF, _EXIF, _ICC, _ADOBE = b"JFIF\0", b"Exif\0\0", b"ICC_PROFILE\0", b"Adobe"
_MARKER = re.compile(rb"\xff[^\0\xd0-\xd7]", re.DOTALL)
_MOST_BYTES = 1 << 30
"""As of the stills that are taken: the coded data is examined as a whole."""
_TOO_LARGE = "A picture of this size can't be examined; save it in a smaller size."
_KNOWN = (
    (_APP0, b"JFXX\0", ("APP0/JFXX", "thumbnail")),
    (_APP0, b"JFIF\0", ("APP0/JFIF", "thumbnail")),
    (_APP0, b"AVI1", ("APP0/AVI1", "field order")),
    (_APP1, b"http://ns.adobe.com/xap/1.0/\0", ("APP1/XMP", "XMP metadata")),
    (_APP1, b"http://ns.adobe.com/xmp/extension/\0", ("APP1/XMP", "XMP metadata")),
    (_APP1, _EXIF, ("APP1/EXIF", "EXIF metadata")),
    (_APP2, b"MPF\0", ("APP2/MPF", "index of further pictures")),
    (_APP2, b"FPXR\0", ("APP2/FPXR", "FlashPix data")),
    (_APP2, _ICC, ("APP2/ICC", "colour profile")),
    (0xED, b"Photoshop 3.0\0", ("APP13/IPTC", "IPTC and Photoshop metadata")),
    (_APP14, _ADOBE, ("APP14/Adobe", "colour transform with content")),
)


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        if source.read(0, 2) != b"\xff\xd8":
            raise not_this("a JPEG")
        yield from joined(_Jpeg(source).parts())


class _Jpeg:
    """What was learnt of the picture so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: set[str] = set()
        self.profiles: dict[int, bool] = {}

    def parts(self) -> Iterator[Part]:
        yield structure("SOI", "marker", 0, 2)
        at, strange = 2, False
        hidden: bool | None = None
        while True:
            head = self.source.read(at, 4)
            if len(head) < 2 or head[0] != 0xFF:
                yield unexpected("file", "data that no segment accounts for", at, self.source.size)
                return
            marker = head[1]
            if marker == 0xFF:
                yield structure("fill", "fill byte", at, at + 1)
                at += 1
                continue
            if marker == _EOI:
                yield structure("EOI", "marker", at, at + 2)
                yield from self.behind(at + 2)
                return
            end = at + 2 + int.from_bytes(head[2:])
            if len(head) < 4 or end < at + 4 or end > self.source.size or marker == _SOI:
                yield unexpected("file", "data that no segment accounts for", at, self.source.size)
                return
            part = self.segment(marker, self.source.read(at + 4, end - at - 4), at, end)
            yield part
            # A file with something unexpected in it is found out already, and may be no picture.
            strange = strange or part.role == "unexpected"
            at = end
            if marker == _SOS:
                at = self.end_of_scan(end)
                if hidden is None and not strange:
                    hidden = not self.is_shown()
                if hidden:
                    yield unexpected("scan", "picture data that is not shown", end, at)
                else:
                    yield coded("scan", "picture", end, at)

    def end_of_scan(self, at: int) -> int:
        """Where the next marker is that is no part of the entropy-coded data (T.81, B.1.1.5)."""
        while at < self.source.size:
            data = self.source.read(at, BLOCK)
            found = _MARKER.search(data)
            if found is not None:
                return at + found.start()
            if len(data) < BLOCK:
                return self.source.size
            at += len(data) - 1
        return self.source.size

    def segment(self, marker: int, data: bytes, at: int, end: int) -> Part:
        if marker in _CHECKS:
            return judged(_CHECKS[marker](data), "tables", "numbers for decoding", at, end)
        if marker in _FRAMES:
            fine = "SOF" not in self.seen and _is_frame(data)
            self.seen.add("SOF")
            return judged(fine, "SOF", "picture header", at, end)
        if marker == _COM:
            return unexpected("COM", "comment", at, end)
        fine, place, kind = self.application(marker, data)
        return judged(fine, place, kind, at, end)

    def application(self, marker: int, data: bytes) -> tuple[bool, str, str]:
        place, kind = f"APP{marker - _APP0}" if marker & 0xF0 == 0xE0 else "unknown", "unknown data"
        for known, start, what in _KNOWN:
            if marker == known and data.startswith(start):
                place, kind = what
                break
        again = place in self.seen
        self.seen.add(place)
        if place == "APP0/JFIF":
            fine = not again and len(data) == 14 and data[12:] == b"\0\0"
            return fine, place, "picture header" if fine else kind
        if place == "APP14/Adobe":
            return not again and len(data) == 12, place, kind
        if place == "APP1/EXIF":
            return not again and is_plain_exif(data[len(_EXIF) :]), place, kind
        if place == "APP2/ICC":
            return self.is_profile(data), place, kind
        return False, place, kind

    def is_profile(self, data: bytes) -> bool:
        """A profile in one piece, or a piece of one that is plain as a whole (ICC.1, B.4)."""
        if len(data) < len(_ICC) + 2 or data[len(_ICC)] > data[len(_ICC) + 1]:
            return False
        if data[len(_ICC) : len(_ICC) + 2] == b"\1\1":
            return is_plain_profile(data[len(_ICC) + 2 :])
        count = data[len(_ICC) + 1]
        if count not in self.profiles:
            self.profiles[count] = self.whole_profile(count)
        return self.profiles[count]

    def whole_profile(self, count: int) -> bool:
        """All pieces together, in the order in which they stand."""
        pieces: list[bytes] = []
        at = 2
        while len(pieces) < count:
            head = self.source.read(at, 18)
            size = int.from_bytes(head[2:4])
            if len(head) < 18 or head[0] != 0xFF or head[1] in (_SOS, _EOI) or size < 2:
                return False
            if head[1] == _APP2 and head[4:16] == _ICC:
                if head[16] != len(pieces) + 1 or head[17] != count:
                    return False
                pieces.append(self.source.read(at + 18, size - 16))
            at += 2 + size
        return is_plain_profile(b"".join(pieces))

    def is_shown(self) -> bool:
        """Whether the picture has all that its coded data holds; as `jpeg_scans.shown`."""
        if self.source.size > _MOST_BYTES:
            raise StructureError(_TOO_LARGE)
        try:
            return jpeg_scans.shown(self.source.read(0, self.source.size)) is None
        except (DamagedError, UnsupportedError) as exc:
            raise StructureError(str(exc)) from exc

    def behind(self, at: int) -> Iterator[Part]:
        if at < self.source.size:
            second = self.source.read(at, 3) == b"\xff\xd8\xff"
            yield unexpected(
                "file", "a second picture" if second else TRAILING, at, self.source.size
            )


def _is_frame(data: bytes) -> bool:
    return len(data) >= 9 and len(data) == 6 + 3 * data[5] and data[0] in (8, 12, 16)


def _is_huffman(data: bytes) -> bool:
    """Counts of codes that fit (T.81, annex C), and a symbol for each."""
    at = 0
    while at < len(data):
        if at + 17 > len(data) or data[at] & 0xEC:
            return False
        counts = data[at + 1 : at + 17]
        room = sum(count << (15 - place) for place, count in enumerate(counts))
        symbols = data[at + 17 : at + 17 + sum(counts)]
        if room > 1 << 16 or len(symbols) < sum(counts) or len(set(symbols)) < len(symbols):
            return False
        at += 17 + sum(counts)
    return True


def _is_quantisation(data: bytes) -> bool:
    at = 0
    while at < len(data):
        if data[at] & 0xEC:
            return False
        at += 129 if data[at] >> 4 else 65
    return at == len(data)


def _is_scan(data: bytes) -> bool:
    return len(data) >= 6 and len(data) == 4 + 2 * data[0]


_CHECKS = {
    _DHT: _is_huffman,
    _DQT: _is_quantisation,
    _DRI: lambda data: len(data) == 2,
    _DNL: lambda data: len(data) == 2,
    _DAC: lambda data: len(data) % 2 == 0 and len(data) <= 16,
    _SOS: _is_scan,
}
