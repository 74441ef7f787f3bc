"""Fields of a box or element, read one after the other, each becoming a part of its file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mediascrub.containers.encoder_builds import BUILD, START
from mediascrub.parts import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from mediascrub.parts import Role

    Handler = Callable[["Fields"], None]

MOST_BYTES = 1 << 20
"""What a box of fields may have at most; only sample tables and media data are larger."""

_WORDS = re.compile(rb"[\x20-\x7e]{12,}")
_LONG_WORDS = re.compile(rb"[\x20-\x7e]{20,}")
_REPEATED = re.compile(rb"(.)\1{2,}", re.DOTALL)


class Fields:
    """A cursor over bytes that leaves a part for every field it passes.

    Nothing is raised for what does not fit: bytes that are missing end the reading, and others than
    should be there become unexpected parts. So whoever uses it only says what is expected.

    Args:
        data: the bytes.
        base: where the first of them is in the file.
        place: of the parts.
        kind: of the parts that are as expected.
    """

    def __init__(self, data: bytes, base: int, place: str, kind: str) -> None:
        self.data = data
        self.base = base
        self.place = place
        self.kind = kind
        self.pos = 0
        self.end = len(data)
        self.parts: list[Part] = []

    @property
    def left(self) -> int:
        return self.end - self.pos

    def peek(self, size: int, skip: int = 0) -> bytes:
        """The next bytes without passing them."""
        return self.data[self.pos + skip : min(self.pos + skip + size, self.end)]

    def add(self, size: int, role: Role, kind: str = "", hipaa: str = "") -> bytes:
        """Pass some bytes as a part of the given role; fewer when there are fewer."""
        start = self.pos
        if size > self.left:
            size, role, kind, hipaa = self.left, "unexpected", "incomplete field", ""
        self.pos += size
        if size:
            part = Part(
                place=self.place,
                kind=kind or self.kind,
                start=self.base + start,
                end=self.base + self.pos,
                role=role,
                hipaa=hipaa,
            )
            self.parts.append(part)
        return self.data[start : self.pos]

    def numbers(self, size: int) -> bytes:
        """Numbers that may have any value."""
        return self.add(size, "structure")

    def uint(self, size: int, most: int, least: int = 0, kind: str = "number out of range") -> int:
        """An unsigned number, unexpected outside its range."""
        value = int.from_bytes(self.peek(size))
        good = least <= value <= most
        self.add(size, "structure" if good else "unexpected", "" if good else kind)
        return value

    def zero(self, size: int, kind: str = "reserved field in use", hipaa: str = "") -> None:
        """Bytes that must be zero."""
        if any(self.peek(size)):
            self.add(size, "unexpected", kind, hipaa)
        else:
            self.add(size, "structure")

    def one_of(self, size: int, allowed: Collection[bytes], kind: str) -> bytes:
        """Bytes that must be one of a few."""
        good = self.peek(size) in allowed
        return self.add(size, "structure" if good else "unexpected", "" if good else kind)

    def unexpected(self, kind: str, size: int | None = None, hipaa: str = "") -> None:
        """Bytes that a delivered file has no use for; all that are left by default."""
        self.add(self.left if size is None else min(size, self.left), "unexpected", kind, hipaa)

    def opaque(self, size: int, most: int = 4096) -> None:
        """A decoder's set-up that is not taken apart: short, without words or user data.

        The build of an MPEG-4 encoder, by which decoders know its faults, may be there. As many
        printable characters in a row as chance brings about are no words, nor is one character many
        times over, which tables are full of.
        """
        end = min(self.pos + size, self.end)
        words = _WORDS if size <= 512 else _LONG_WORDS
        while self.pos < end:
            at = self.data.find(START, self.pos, end)
            plain = at if at >= 0 else end
            bad = size > most or words.search(_REPEATED.sub(rb"\1", self.data[self.pos : plain]))
            kind = "words in a codec's set-up" if bad else ""
            self.add(plain - self.pos, "unexpected" if bad else "structure", kind)
            if at >= 0:
                following = self.data.find(START[:3], at + 4, end)
                stop = end if following < 0 else following
                kept = BUILD.fullmatch(self.data[at + len(START) : stop])
                self.add(stop - at, *(("structure",) if kept else ("unexpected", "user data")))

    def within(self, size: int, place: str, kind: str) -> Fields:
        """Fields of the next `size` bytes, to be read before this one goes on."""
        inner = Fields(self.data, self.base, place, kind)
        inner.pos, inner.parts = self.pos, self.parts
        inner.end = self.pos = min(self.pos + size, self.end)
        return inner

    def done(self) -> None:
        """Nothing more is expected."""
        self.unexpected("bytes behind the last field")

    def boxes(self, known: Mapping[str, tuple[str, Handler]], terminator: bool = False) -> None:
        """The rest as boxes (ISO/IEC 14496-12, 4.2), of which each may be there once."""
        seen = set()
        while self.left >= 8:
            size = int.from_bytes(self.peek(4))
            name = self.peek(4, 4).decode("latin-1")
            if not 8 <= size <= self.left:
                break
            if name == "free":  # what was taken out in place
                self._room(size)
                continue
            entry = known.get(name)
            if entry is None or name in seen:
                self.unexpected("unknown box" if entry is None else "second box of its kind", size)
                continue
            seen.add(name)
            label = name.strip("\0 ") or "end"
            inner = self.within(size, f"{self.place}/{label}", entry[0])
            inner.numbers(8)
            entry[1](inner)
            inner.done()
        if terminator and self.peek(4) == bytes(4) and self.left in (4, 8):
            self.zero(self.left)

    def _room(self, size: int) -> None:
        """8.1.2: free space, which may hold nothing."""
        empty = not any(self.peek(size - 8, 8))
        self.add(8, "room", "free space")
        if empty:
            self.add(size - 8, "room", "free space")
        else:
            self.unexpected("data in free space", size - 8)

    def finished(self) -> list[Part]:
        """All parts, which tile the bytes."""
        self.done()
        return self.parts


def full_box(f: Fields, versions: Collection[int] = (0,), flags: Collection[int] = (0,)) -> int:
    """Version and flags (ISO/IEC 14496-12, 4.2); returns the version."""
    version = f.uint(1, 255)
    if version not in versions:
        f.unexpected("unknown version")
        return version
    f.one_of(3, {n.to_bytes(3) for n in flags}, "flags in use")
    return version


def merged(parts: Iterable[Part]) -> Iterator[Part]:
    """Neighbours of one place, kind and role as one part; empty ones left out."""
    first: Part | None = None
    end = 0
    for part in parts:
        if part.end <= part.start:
            continue
        if first is None or not _alike(first, part):
            if first is not None:
                yield _until(first, end)
            first = part
        end = part.end
    if first is not None:
        yield _until(first, end)


def _alike(a: Part, b: Part) -> bool:
    return a.role == b.role and a.kind == b.kind and a.place == b.place and a.hipaa == b.hipaa


def _until(part: Part, end: int) -> Part:
    return part if part.end == end else replace(part, end=end)
