"""How a stored picture is turned for display: the eight symmetries of a rectangle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veilcast.errors import UnsupportedError
from veilcast.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_ONE = 1 << 16
_W_ONE = 1 << 30
_SLACK = 1000
"""An entry this much smaller than its neighbour is a rounding error of a zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """A stored picture becomes the displayed one by swapping its axes, then mirroring.

    Attributes:
        transposed: rows become columns first, so that width and height change places.
        mirrored_across: then left and right change places.
        mirrored_down: then top and bottom change places.
    """

    transposed: bool = False
    mirrored_across: bool = False
    mirrored_down: bool = False

    @classmethod
    def from_matrix(cls, matrix: Sequence[int] | None) -> Orientation:
        """From a display matrix (ISO/IEC 14496-12, 8.3.2: a b u c d v x y w); None is upright.

        A stored point (p, q) is displayed at (a p + c q + x, b p + d q + y). Players move the
        turned picture to the origin and show it at its own size, so x, y and scale do not count.

        Raises:
            UnsupportedError: it is no multiple of 90 degrees with or without a mirror.
        """
        if matrix is None:
            return cls()
        a, b, u, c, d, v = tuple(matrix)[:6] if len(matrix) == 9 else (0,) * 6
        straight, crossed = min(abs(a), abs(d)), min(abs(b), abs(c))
        if u == v == 0 and straight > max(abs(b), abs(c)) * _SLACK:
            return cls(mirrored_across=a < 0, mirrored_down=d < 0)
        if u == v == 0 and crossed > max(abs(a), abs(d)) * _SLACK:
            return cls(transposed=True, mirrored_across=c < 0, mirrored_down=b < 0)
        raise UnsupportedError(
            "The picture is turned by an angle that is not a multiple of 90 degrees; "
            "re-encode the input upright first."
        )

    @classmethod
    def from_exif(cls, value: int | None) -> Orientation:
        """From the EXIF tag Orientation (0x0112), 1 to 8; None is upright."""
        return _EXIF[(value or 1) - 1]

    @property
    def exif(self) -> int:
        """The EXIF tag Orientation, 1 to 8."""
        return _EXIF.index(self) + 1

    @property
    def is_identity(self) -> bool:
        """Whether the picture is displayed as it is stored."""
        return not (self.transposed or self.mirrored_across or self.mirrored_down)

    def matrix(self) -> tuple[int, ...]:
        """The display matrix, nine integers, without translation."""
        across = -_ONE if self.mirrored_across else _ONE
        down = -_ONE if self.mirrored_down else _ONE
        if self.transposed:
            return (0, down, 0, across, 0, 0, 0, 0, _W_ONE)
        return (across, 0, 0, 0, down, 0, 0, 0, _W_ONE)

    def displayed_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height as displayed, from those stored."""
        return (height, width) if self.transposed else (width, height)

    def to_displayed(self, picture: NDArray[Any]) -> NDArray[Any]:
        """A view of a stored picture, shape (rows, columns, ...), as displayed."""
        if self.transposed:
            picture = picture.swapaxes(0, 1)
        rows = slice(None, None, -1) if self.mirrored_down else slice(None)
        columns = slice(None, None, -1) if self.mirrored_across else slice(None)
        return picture[rows, columns]

    def to_stored(self, picture: NDArray[Any]) -> NDArray[Any]:
        """A view of a displayed picture, shape (rows, columns, ...), as stored."""
        rows = slice(None, None, -1) if self.mirrored_down else slice(None)
        columns = slice(None, None, -1) if self.mirrored_across else slice(None)
        picture = picture[rows, columns]
        return picture.swapaxes(0, 1) if self.transposed else picture

    def box_to_stored(self, box: Box, width: int, height: int) -> Box:
        """A box of the displayed picture, `width` by `height` pixels, in stored pixels."""
        x = width - box.right if self.mirrored_across else box.x
        y = height - box.bottom if self.mirrored_down else box.y
        if self.transposed:
            return Box(x=y, y=x, width=box.height, height=box.width)
        return Box(x=x, y=y, width=box.width, height=box.height)


_EXIF = tuple(
    Orientation(transposed=transposed, mirrored_across=across, mirrored_down=down)
    for transposed, across, down in (
        (False, False, False),
        (False, True, False),
        (False, True, True),
        (False, False, True),
        (True, False, False),
        (True, True, False),
        (True, True, True),
        (True, False, True),
    )
)
"""By EXIF Orientation - 1."""
