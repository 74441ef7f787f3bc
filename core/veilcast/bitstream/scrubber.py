"""What every codec's scrubber does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections import Counter


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
            TruncatedError: the packet can't be taken apart, so nobody can say what is in it.
        """
