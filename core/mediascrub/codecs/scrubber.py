"""What every codec's scrubber does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from collections import Counter


View: TypeAlias = bytes | memoryview
"""A packet's content, or a look at it where it is."""
Given = TypeVar("Given", bytes, memoryview)


class Scrubber(Protocol):
    """Takes out of one stream's packets what is not picture or sound.

    Attributes:
        extradata: the codec configuration without it.
        removed: how many of each kind were taken out so far, by a name for people, e.g.
            ``captions``, ``encoder settings``, ``time code``.
    """

    extradata: bytes
    removed: Counter[str]

    def packet(self, data: bytes) -> bytes | None:
        """The packet without them: the very same object when there were none.

        None when nothing of it is left.

        Raises:
            DamagedError: the packet can't be taken apart, so nobody can say what is in it.
        """


@runtime_checkable
class ViewScrubber(Scrubber, Protocol):
    """One that looks at packets where they are: large ones take long to copy."""

    reads_views: Literal[True]

    def packet(self, data: Given) -> Given | bytes | None:
        """As `Scrubber.packet`; nothing is kept of a view once it is done."""


@runtime_checkable
class LateScrubber(Scrubber, Protocol):
    """One that must see later packets before it knows what a packet holds.

    Its `packet` does what can be done without knowing them; `push` and `flush` do all.
    """

    def push(self, data: bytes) -> list[bytes | None]:
        """Take one packet, and give those that are done, in order.

        Raises:
            DamagedError: as `packet`.
        """

    def flush(self) -> list[bytes | None]:
        """Give the rest: there are no more packets."""
