"""Boxes by position: headers and small bodies, never more than was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mediascrub.reading import Scattered

if TYPE_CHECKING:
    from collections.abc import Iterator


class Box(NamedTuple):
    """A box: four-character code, first byte, first byte of its body, one after its last."""

    code: str
    start: int
    body: int
    end: int


class BoxReader(Scattered):
    """The boxes of a file by position."""

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

    def descend(self, start: int, end: int, *path: str) -> Box | None:
        """The first box down a path of codes."""
        found: Box | None = None
        for code in path:
            found = next((b for b in self.boxes(start, end) if b.code == code), None)
            if found is None:
                return None
            start, end = found.body, found.end
        return found
