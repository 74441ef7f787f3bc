"""Reading boxes from a file: headers, small bodies, tables. Never more than was asked for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from mediascrub.errors import StructureError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIECE = 1 << 20


class Box(NamedTuple):
    """A box: four-character code, first byte, first byte of its body, one after its last."""

    code: str
    start: int
    body: int
    end: int


class Reader:
    """Bytes of a file by position."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    def read(self, at: int, size: int) -> bytes:
        """Bytes at a position: as many as there are.

        Raises:
            UnreadableError: the device fails, or the file became shorter.
        """
        size = min(size, self.size - at)
        if size <= 0:
            return b""
        try:
            self._file.seek(at)
            data = self._file.read(size)
        except OSError as exc:
            raise UnreadableError("The file can't be read; check the device it is on.") from exc
        if len(data) != size:
            raise UnreadableError(
                "The file changed while it was read; leave it alone and try again."
            )
        return data

    def zeros(self, start: int, end: int) -> bool:
        """Whether all bytes of a range are zero."""
        return all(not any(self.read(at, min(PIECE, end - at))) for at in range(start, end, PIECE))

    def box(self, at: int, end: int) -> Box | None:
        """The box at a position, or None where no box fits between there and `end`."""
        head = self.read(at, min(16, end - at))
        if len(head) < 8:
            return None
        size, body = int.from_bytes(head[:4]), at + 8
        if size == 1 and len(head) == 16:
            size, body = int.from_bytes(head[8:]), at + 16
        elif size == 0:
            size = end - at
        if size < body - at or at + size > end:
            return None
        return Box(head[4:8].decode("latin-1"), at, body, at + size)

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        """Boxes from `start` on, until one does not fit."""
        while start < end:
            box = self.box(start, end)
            if box is None:
                return
            yield box
            start = box.end

    def find(self, start: int, end: int, *path: str) -> Box | None:
        """The first box down a path of codes."""
        found: Box | None = None
        for code in path:
            found = next((b for b in self.boxes(start, end) if b.code == code), None)
            if found is None:
                return None
            start, end = found.body, found.end
        return found


@contextmanager
def opened(path: Path, ahead: int = 1 << 16) -> Iterator[Reader]:
    """A reader for a file.

    Args:
        path: the file.
        ahead: how many bytes are read at least, whatever is asked for.

    Raises:
        UnreadableError: it can't be opened.
        StructureError: it has no bytes.
    """
    try:
        file = path.open("rb", buffering=ahead)
    except OSError as exc:
        raise UnreadableError("The file can't be opened; check that it is there.") from exc
    with file:
        reader = Reader(file)
        if not reader.size:
            raise StructureError("The file has no bytes; copy it again from where it came.")
        yield reader
