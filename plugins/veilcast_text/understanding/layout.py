"""Where the lines of a picture stand to one another: what is a row, and what is below what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.plugin import TextLine

_ASLANT = 0.35
"""Radians by which the directions of two lines of one form may differ."""
_WIDE = 14.0
"""Heights of a line that may lie between a label and its value on the same row."""
_JOINED = 1.6
"""Heights between pieces of one line that were read apart."""
_BELOW = 2.6
"""Heights from the middle of a label to the middle of a value below."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line by its own directions: along the text, and down from it.

    Attributes:
        number: of the line.
        angle: the direction of the text, in radians.
        left: where it begins along its own direction, with `right`, `top` and `bottom` likewise.
    """

    number: int
    angle: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return max(1.0, self.bottom - self.top)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


class Page:
    """The lines of one picture."""

    def __init__(self, lines: Sequence[TextLine]) -> None:
        self._groups: list[list[Placed]] = []
        angles = [_angle(line) for line in lines]
        main: list[float] = []
        for number, angle in enumerate(angles):
            at = next((n for n, one in enumerate(main) if _apart(angle, one) < _ASLANT), None)
            if at is None:
                main.append(angle)
                self._groups.append([])
                at = len(main) - 1
            self._groups[at].append(_placed(number, lines[number], main[at]))
        self._group_of = {one.number: group for group in self._groups for one in group}
        self._by_number = {one.number: one for group in self._groups for one in group}

    def right_of(self, number: int) -> int | None:
        """The next line on the same row."""
        here = self._by_number[number]
        best = None
        for one in self._group_of[number]:
            gap = one.left - here.right
            if one.number == number or gap < -0.5 * here.height or not _same_row(here, one):
                continue
            if gap <= _WIDE * here.height and (best is None or one.left < best.left):
                best = one
        return best.number if best else None

    def row_of(self, number: int) -> list[int]:
        """All lines on the same row, with this one."""
        here = self._by_number[number]
        return [one.number for one in self._group_of[number] if _same_row(here, one)]

    def below(self, number: int) -> Iterator[int]:
        """The lines below in the same column, from the nearest on, while none is far away."""
        here = self._by_number[number]
        column = sorted(
            (
                one
                for one in self._group_of[number]
                if one.middle > here.middle + 0.5 * here.height and _same_column(here, one)
            ),
            key=lambda one: (one.middle, one.left, one.number),
        )
        last = here
        for one in column:
            if one.middle - last.middle > _BELOW * max(last.height, one.height):
                return
            yield one.number
            last = one

    def rows(self) -> Iterator[list[int]]:
        """Runs of lines side by side that may be pieces of one."""
        for group in self._groups:
            taken: set[int] = set()
            for one in sorted(group, key=lambda one: (one.left, one.middle, one.number)):
                if one.number in taken:
                    continue
                row = [one]
                while (after := self._piece_after(group, row[-1])) is not None:
                    if after.number in taken or after in row:
                        break
                    row.append(after)
                if len(row) > 1:
                    taken.update(piece.number for piece in row)
                    yield [piece.number for piece in row]

    @staticmethod
    def _piece_after(group: Sequence[Placed], here: Placed) -> Placed | None:
        near = [
            one
            for one in group
            if one is not here
            and _same_row(here, one)
            and -0.5 * here.height <= one.left - here.right <= _JOINED * here.height
            and one.left > here.left
        ]
        return min(near, key=lambda one: (one.left, one.number), default=None)


def _angle(line: TextLine) -> float:
    across = line.quad[1] - line.quad[0] + line.quad[2] - line.quad[3]
    return float(np.arctan2(across[1], across[0]))


def _apart(a: float, b: float) -> float:
    return abs((a - b + np.pi) % (2 * np.pi) - np.pi)


def _placed(number: int, line: TextLine, angle: float) -> Placed:
    along = np.array([np.cos(angle), np.sin(angle)])
    down = np.array([-along[1], along[0]])
    x, y = line.quad @ along, line.quad @ down
    # Of a line that is slightly aslant, the height is that of the text.
    height = (
        float(
            np.linalg.norm(line.quad[3] - line.quad[0])
            + np.linalg.norm(line.quad[2] - line.quad[1])
        )
        / 2
    )
    middle = float(y.mean())
    half = max(0.5, height / 2)
    return Placed(number, angle, float(x.min()), float(x.max()), middle - half, middle + half)


def _same_row(a: Placed, b: Placed) -> bool:
    small, large = sorted((a.height, b.height))
    return abs(a.middle - b.middle) < 0.6 * min(small, 0.7 * large) or (
        abs(a.middle - b.middle) < 0.5 * small
    )


def _same_column(label: Placed, one: Placed) -> bool:
    """Whether it stands below: it begins where the label does, or overlaps most of the label."""
    overlap = min(label.right, one.right) - max(label.left, one.left)
    aligned = abs(label.left - one.left) < 1.5 * max(label.height, one.height)
    return overlap > 0 and (
        aligned or overlap > 0.5 * min(label.right - label.left, one.right - one.left)
    )
