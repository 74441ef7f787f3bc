"""WebP (RFC 9649): chunks of VP8 or VP8L, what shows them, and what must go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.containers.riff_chunks import Chunk, behind, chunks, other
from mediascrub.reading import BLOCK, coded, joined, judged, not_this, opened, structure, unexpected
from mediascrub.stills.still_metadata import is_plain_exif, is_plain_profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_RESERVED = 0b11000001
_METADATA = 0b00001100
_ALPHA_RESERVED = 0b11000000
_FRAME_RESERVED = 0b11111100


def walk(path: Path, file_format: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    """All parts of a WebP.

    Raises:
        StructureError: it does not begin as a WebP.
    """
    head = source.read(0, 12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise not_this("a WebP")
    end = min(8 + int.from_bytes(head[4:8], "little"), source.size)
    end = max(end, 12)
    walker = _WebP(source)
    yield structure("RIFF", "header", 0, 12)
    yield from chunks(source, 12, end, "RIFF", walker.chunk)
    yield from behind(source, end)


class _WebP:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.pictures = 0
        self.animated = False
        self.seen: set[bytes] = set()

    def chunk(self, chunk: Chunk) -> Iterator[Part]:
        span = chunk.start, chunk.end
        data = self.source.read(chunk.body, min(chunk.size, BLOCK - 1))
        whole = len(data) == chunk.size
        again = chunk.code in self.seen
        self.seen.add(chunk.code)
        if chunk.code == b"VP8X" and not again:
            self.animated = bool(data[:1]) and bool(data[0] & 2)
            fine = len(data) == 10 and not data[0] & _RESERVED and not any(data[1:4])
            yield judged(fine, "RIFF/VP8X", "picture header", *span)
        elif chunk.code == b"ANIM" and not again:
            yield judged(chunk.size == 6, "RIFF/ANIM", "animation settings", *span)
        elif chunk.code == b"ICCP" and not again:
            fine = whole and is_plain_profile(data)
            yield judged(fine, "RIFF/ICCP", "colour profile", *span)
        elif chunk.code == b"EXIF" and not again:
            exif = data.removeprefix(b"Exif\0\0")
            fine = whole and is_plain_exif(exif)
            yield judged(fine, "RIFF/EXIF", "EXIF metadata", *span)
        elif chunk.code == b"ANMF" and self.animated and chunk.size >= 16:
            fine = not data[15] & _FRAME_RESERVED
            yield judged(fine, "RIFF/ANMF", "frame header", chunk.start, chunk.body + 16)
            self.pictures, self.seen = 0, self.seen - {b"ALPH"}
            yield from chunks(self.source, chunk.body + 16, chunk.end, "RIFF/ANMF", self.picture)
            self.pictures = 1
        else:
            yield from self.picture(chunk)

    def picture(self, chunk: Chunk) -> Iterator[Part]:
        """Still or frame: alpha, then one picture."""
        span = chunk.start, chunk.end
        head = self.source.read(chunk.body, min(chunk.size, 16))
        if chunk.code in (b"VP8 ", b"VP8L") and not self.pictures:
            lossless = chunk.code == b"VP8L"
            fine = head[:1] == b"\x2f" if lossless else head[3:6] == b"\x9d\x01\x2a"
            self.pictures += fine
            if fine:
                yield coded("RIFF/picture", "picture", *span)
            else:
                yield unexpected("RIFF/picture", "a picture that is none", *span)
        elif chunk.code == b"ALPH" and head and not head[0] & _ALPHA_RESERVED:
            if self.pictures:
                yield unexpected("RIFF/ALPH", "a picture that is not shown", *span)
            else:
                yield coded("RIFF/ALPH", "picture", *span)
        elif chunk.code in (b"VP8 ", b"VP8L", b"ANMF"):
            yield unexpected("RIFF/picture", "a picture that is not shown", *span)
        else:
            yield from other(self.source, chunk, "RIFF")
