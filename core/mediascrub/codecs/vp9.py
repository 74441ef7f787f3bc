"""VP9 (VP9 Bitstream & Decoding Process Specification, 0.6) without pictures that nobody sees."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.codecs.bits import Bits, ShortError
from mediascrub.codecs.unshown import Frame, Unseen
from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mediascrub.codecs.scrubber import Scrubber

_INDEXED = 0b110
_MARKER, _HIGHEST_PROFILE = 2, 3


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Vp9(extradata)


class Vp9:
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
        return self._unseen.push(data, [_frame(head) for head in _heads(data)])

    def flush(self) -> list[bytes | None]:
        """See `mediascrub.codecs.scrubber.LateScrubber`."""
        return self._unseen.flush()


def _heads(data: bytes) -> Iterator[bytes]:
    """The beginning of each frame of a superframe (annex B), or of the only one."""
    last = data[-1] if data else 0
    count, width = (last & 7) + 1, (last >> 3 & 3) + 1
    index = 2 + count * width
    if last >> 5 != _INDEXED or len(data) < index or data[-index] != last:
        if data:
            yield data[:2]
        return
    at, end = 0, len(data) - index
    for number in range(count):
        told = end + 1 + number * width
        size = int.from_bytes(data[told : told + width], "little")
        if at + size > end:
            raise DamagedError(kinds.DAMAGED)
        if size:
            yield data[at : min(at + 2, at + size)]
        at += size


def _frame(head: bytes) -> Frame:
    """The beginning of uncompressed_header (6.2); a key frame replaces all slots (7.2)."""
    bits = Bits(head)
    try:
        if bits.u(2) != _MARKER:
            raise DamagedError(kinds.DAMAGED)
        profile = bits.u(1) | bits.u(1) << 1
        if profile == _HIGHEST_PROFILE:
            bits.skip(1)
        if bits.u(1):
            return Frame(shown=True, resets=False)
        inter, shown = bits.u(1), bits.u(1)
    except ShortError:
        raise DamagedError(kinds.DAMAGED) from None
    return Frame(shown=bool(shown), resets=not inter)
