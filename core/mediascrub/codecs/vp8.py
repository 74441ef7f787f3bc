"""VP8 (RFC 6386) without pictures that nobody sees."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mediascrub.codecs.unshown import Frame, Unseen

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_TAG = 3
_INTER, _SHOWN = 0x01, 0x10


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Vp8(extradata)


class Vp8:
    """Cleans one stream."""

    def __init__(self, extradata: bytes) -> None:
        self.removed: Counter[str] = Counter()
        self.extradata = extradata
        self._unseen = Unseen(self.removed)

    def packet(self, data: bytes) -> bytes | None:
        """See `mediascrub.codecs.scrubber.Scrubber`."""
        return data

    def push(self, data: bytes) -> list[bytes | None]:
        """See `mediascrub.codecs.scrubber.LateScrubber`."""
        if len(data) < _TAG:
            return self._unseen.push(data, ())  # the picture before is shown once more
        # The frame tag (9.1); a key frame replaces all that can be referred to (9.7).
        frame = Frame(shown=bool(data[0] & _SHOWN), resets=not data[0] & _INTER)
        return self._unseen.push(data, (frame,))

    def flush(self) -> list[bytes | None]:
        """See `mediascrub.codecs.scrubber.LateScrubber`."""
        return self._unseen.flush()
