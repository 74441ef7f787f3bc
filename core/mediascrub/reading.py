"""Reading a file by pieces, and saying of its bytes what they are.

Sizes that a file claims are never believed: nothing is read or allocated by them alone.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from mediascrub.errors import StructureError, UnreadableError
from mediascrub.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Self

    from mediascrub.parts import Role

BLOCK = 1 << 20
"""Bytes read at a time."""

TRAILING = "data behind the end"

_TEXT = re.compile(
    rb"[A-Za-z0-9 .,:;'@_^/()-]{10}|([A-Za-z0-9 .,'@_-]\0){6}|(\0[A-Za-z0-9 .,'@_-]){6}"
)


class Source:
    """A file that is read by position, a block at a time.

    Attributes:
        block: bytes read at a time.
        size: bytes.
    """

    block = BLOCK

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self._at = 0
        self._block = b""

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """A file, open for reading by position.

        Raises:
            UnreadableError: it is not there, or may not be read.
            StructureError: it is empty.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as exc:
            raise UnreadableError("The file does not exist or may not be read.") from exc
        try:
            source = cls(descriptor)
            if not source.size:
                raise StructureError("The file is empty; get a complete copy of it.")
            yield source
        finally:
            os.close(descriptor)

    def read(self, at: int, count: int) -> bytes:
        """`count` bytes, or as many as there are. `count` must have a bound of its own.

        Raises:
            UnreadableError: the device fails, or the file became shorter.
        """
        count = min(count, self.size - at)
        if count <= 0:
            return b""
        start = at - self._at
        if start >= 0 and start + count <= len(self._block):
            return self._block[start : start + count]
        if count >= self.block:
            return self._pread(at, count)
        self._at, self._block = at, self._pread(at, min(self.block, self.size - at))
        return self._block[:count]

    def blocks(self, start: int, end: int) -> Iterator[bytes]:
        """All bytes from `start` to `end`, a block at a time."""
        while start < end:
            data = self.read(start, min(BLOCK, end - start))
            if not data:
                return
            yield data
            start += len(data)

    def only(self, start: int, end: int, value: int = 0) -> bool:
        """Whether all of these bytes have this value."""
        return all(data.count(value) == len(data) for data in self.blocks(start, end))

    def find(self, what: bytes, start: int, end: int) -> int:
        """Where it is first, or -1."""
        keep = len(what) - 1
        while start < end:
            data = self.read(start, min(BLOCK, end - start))
            at = data.find(what)
            if at >= 0:
                return start + at
            if len(data) <= keep:
                break
            start += len(data) - keep
            if len(data) < BLOCK:
                break
        return -1

    def _pread(self, at: int, count: int) -> bytes:
        pieces = []
        while count > 0:
            try:
                data = os.pread(self._descriptor, count, at)
            except OSError as exc:
                raise UnreadableError("The file can't be read; check the disk it is on.") from exc
            if not data:
                raise UnreadableError(
                    "The file changed while it was read; leave it alone and try again."
                )
            pieces.append(data)
            at, count = at + len(data), count - len(data)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Scattered(Source):
    """A file of which small pieces are read, far from each other."""

    block = 1 << 16


opened = Source.open


def not_this(name: str) -> StructureError:
    """The file does not even begin as its format does."""
    return StructureError(f"The file does not begin as {name} does; get an undamaged copy of it.")


def structure(place: str, kind: str, start: int, end: int) -> Part:
    """Bytes that playing needs, checked to be numbers and codes."""
    return _part("structure", place, kind, start, end)


def coded(place: str, kind: str, start: int, end: int) -> Part:
    """Picture or sound."""
    return _part("coded", place, kind, start, end)


def unexpected(place: str, kind: str, start: int, end: int, hipaa: str = "") -> Part:
    """Bytes that a delivered file may not have."""
    return _part("unexpected", place, kind, start, end, hipaa)


def judged(fine: bool, place: str, kind: str, start: int, end: int, hipaa: str = "") -> Part:
    """Structure where it was found to be fine, else unexpected."""
    if fine:
        return structure(place, kind, start, end)
    return unexpected(place, kind, start, end, hipaa)


def free(source: Source, place: str, start: int, end: int) -> Part:
    """Free space: room when it is all zeros, unexpected when something is in it."""
    if source.only(start, end):
        return _part("room", place, "free space", start, end)
    return unexpected(place, "free space with content", start, end)


def _part(role: Role, place: str, kind: str, start: int, end: int, hipaa: str = "") -> Part:
    return Part(place=place, kind=kind, start=start, end=end, role=role, hipaa=hipaa)


def joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Neighbours of one meaning as one part, and none without bytes.

    A recording has millions of packets: saying of each that it is one is of no use to anybody.
    """
    last: Part | None = None
    for part in parts:
        if part.start >= part.end:
            continue
        if last is not None and _alike(last, part):
            last = _part(last.role, last.place, last.kind, last.start, part.end, last.hipaa)
            continue
        if last is not None:
            yield last
        last = part
    if last is not None:
        yield last


def _alike(one: Part, other: Part) -> bool:
    return (one.role, one.place, one.kind, one.hipaa) == (
        other.role,
        other.place,
        other.kind,
        other.hipaa,
    )


def holds_text(data: bytes) -> bool:
    """Whether bytes that should be numbers look like words, in UTF-8 or UTF-16."""
    return _TEXT.search(data) is not None


def is_language(code: bytes) -> bool:
    """An ISO 639-2 code, or none."""
    return code in (b"\0\0\0", b"") or (len(code) == 3 and code.isalpha() and code.islower())


_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def crc32_unreflected(data: bytes, *, start: int = 0) -> int:
    """The CRC of Ogg (RFC 3533, 6; `start` 0) and of MPEG-2 sections (H.222.0, annex A; all ones).

    zlib's has the same polynomial with the bits of every byte the other way round.
    """
    import zlib

    value = zlib.crc32(data.translate(_REVERSED), start ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{value:032b}"[::-1], 2)
