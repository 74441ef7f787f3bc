"""Coded pictures that are never shown and that no shown one can refer to.

Encoders write pictures that are not shown, for later ones to refer to. Behind the last shown
picture, or before one that refers to nothing, they are of no use to anybody; but a changed bit
shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mediascrub.codecs import kinds
from mediascrub.errors import UnsupportedError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

_MOST = 64
_REFUSED = (
    "The input's video holds a picture that is never shown and that a changed bit would show; "
    "encode it anew as it is seen first: ffmpeg -i INPUT -c:a copy OUTPUT."
)


class Frame(NamedTuple):
    """What a coded picture's header says.

    Attributes:
        shown: it, or one that was decoded before, is shown.
        resets: neither it nor any later one refers to one before it.
    """

    shown: bool
    resets: bool


class Unseen:
    """Holds packets with unseen pictures only until a later one may need them."""

    def __init__(self, removed: Counter[str]) -> None:
        """Prepare.

        Args:
            removed: counts what is left out.
        """
        self._removed = removed
        self._held: list[bytes | None] = []
        self._mixed = False

    def push(self, data: bytes | None, frames: Iterable[Frame]) -> list[bytes | None]:
        """Take the next packet and what is coded in it; give those that are done, in order.

        Raises:
            UnsupportedError: an unseen picture is in one packet with others.
        """
        done: list[bytes | None] = []
        shown = pending = False
        for frame in frames:
            if frame.resets:
                if pending:
                    raise UnsupportedError(_REFUSED)
                done += self.flush()
            shown = shown or frame.shown
            pending = not frame.shown
            if frame.shown:
                done += self._held
                self._held, self._mixed = [], False
        if shown or not (pending or self._held):
            self._mixed = self._mixed or pending
            return [*done, data]
        if len(self._held) == _MOST:
            raise UnsupportedError(_REFUSED)
        self._held.append(data)
        return done

    def flush(self) -> list[bytes | None]:
        """Leave out what is held: nothing refers to it any more.

        Raises:
            UnsupportedError: as `push`.
        """
        if self._mixed:
            raise UnsupportedError(_REFUSED)
        left, self._held = self._held, []
        self._removed[kinds.UNSEEN] += sum(data is not None for data in left)
        if not self._removed[kinds.UNSEEN]:
            del self._removed[kinds.UNSEEN]
        return [None for _ in left]
