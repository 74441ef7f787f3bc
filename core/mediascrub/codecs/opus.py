"""Opus (RFC 6716, RFC 7845) without what encoders may put into padding."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.errors import DamagedError, UnsupportedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_HEAD = 19
_MAPPED_FAMILIES = frozenset((1, 2, 255))
_DEMIXED_FAMILY = 3
_SILENCE = 255
_LONGEST_SKIP = 12_000
"""Samples at 48 kHz; decoders need 3840 to converge (RFC 7845, 4.6), and packets are up to 5760."""
_SKIPPED = (
    "A part of the input's sound at its beginning is not played, and a copy would hold it; encode "
    "the sound anew as it is heard first: ffmpeg -i INPUT -c copy -c:a libopus OUTPUT."
)
_UNHEARD = (
    "The input's sound holds a channel that is not played and that a changed byte would bring "
    "back; encode the sound anew as it is heard first: "
    "ffmpeg -i INPUT -c copy -c:a libopus OUTPUT."
)


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Opus(extradata)


class Opus:
    """Cleans one stream."""

    def __init__(self, extradata: bytes) -> None:
        self.removed: Counter[str] = Counter()
        self._streams = 1
        self.extradata = extradata
        if not extradata.startswith(b"OpusHead"):
            return
        if len(extradata) < _HEAD:
            raise DamagedError(kinds.DAMAGED)
        if int.from_bytes(extradata[10:12], "little") > _LONGEST_SKIP:
            raise UnsupportedError(_SKIPPED)
        channels, family, size = extradata[9], extradata[18], _HEAD
        if family:
            self._streams, coupled = (*extradata[19:21], 0, 0)[:2]
            size = _HEAD + 2 + channels
            if family == _DEMIXED_FAMILY:
                size = _HEAD + 2 + 2 * channels * (self._streams + coupled)
            elif family not in _MAPPED_FAMILIES:
                raise DamagedError(kinds.DAMAGED)
            _refuse_unheard(extradata[:size], channels, self._streams + coupled)
        if len(extradata) > size:
            self.removed[kinds.STRAY] += 1
            self.extradata = extradata[:size]

    def packet(self, data: bytes) -> bytes | None:
        """See `mediascrub.codecs.scrubber.Scrubber`."""
        if self._streams == 1 and (not data or data[0] & 3 != 3):
            return data  # no padding but in packets of code 3
        out = bytearray(data)
        at = 0
        for number in range(self._streams):
            at = self._stream(out, at, last=number == self._streams - 1)
        if out == data:
            return data
        self.removed[kinds.AUXILIARY] += 1
        return bytes(out)

    def _stream(self, out: bytearray, at: int, *, last: bool) -> int:
        """Set one stream's padding to zero, as RFC 6716, 3.2.5 wants it; and where it ends.

        All streams but the last tell the length of their last frame (appendix B).
        """
        try:
            code, at = out[at] & 3, at + 1
            if code == 0:
                return len(out) if last else _after(out, at, 1, told=0)
            if code == 1:
                return len(out) if last else _after(out, at, 2, told=0)
            if code == 2:
                size, at = _length(out, at)
                return len(out) if last else _after(out, at, 1, told=size)
            flags, at = out[at], at + 1
            padding = 0
            while flags & 0x40:
                byte, at = out[at], at + 1
                padding += min(byte, 254)
                if byte != 255:
                    break
            count, told = flags & 0x3F, 0
            if flags & 0x80:
                for _ in range(count - 1):
                    size, at = _length(out, at)
                    told += size
            if last:
                end = len(out)
            else:
                equal = 1 if flags & 0x80 else count
                end = _after(out, at, equal, told=told) + padding
        except IndexError:
            raise DamagedError(kinds.DAMAGED) from None
        if end > len(out) or end - padding < at:
            raise DamagedError(kinds.DAMAGED)
        out[end - padding : end] = bytes(padding)
        return end


def _refuse_unheard(head: bytes, channels: int, coded: int) -> None:
    """Every coded channel must be heard in one that is played (RFC 7845, 5.1.1; RFC 8486, 3.2).

    Raises:
        DamagedError: the mapping ends early, or is to play what is not there.
        UnsupportedError: a coded channel is in no played one, so nobody listened to it.
    """
    if head[18] == _DEMIXED_FAMILY:
        matrix, column = head[_HEAD + 2 :], 2 * channels
        if len(matrix) < column * coded:
            raise DamagedError(kinds.DAMAGED)
        heard = {n for n in range(coded) if any(matrix[n * column : (n + 1) * column])}
    else:
        mapping = head[_HEAD + 2 :]
        heard = set(mapping) - {_SILENCE}
        if len(mapping) < channels or any(number >= coded for number in heard):
            raise DamagedError(kinds.DAMAGED)
    if len(heard) < coded:
        raise UnsupportedError(_UNHEARD)


def _length(data: bytearray, at: int) -> tuple[int, int]:
    """A frame's length (3.2.1), and where it ends."""
    if data[at] < 252:
        return data[at], at + 1
    return data[at] + 4 * data[at + 1], at + 2


def _after(data: bytearray, at: int, equal: int, *, told: int) -> int:
    """The end of the frames: so many of the length that is told last, and `told` bytes more."""
    size, at = _length(data, at)
    end = at + size * equal + told
    if end > len(data):
        raise DamagedError(kinds.DAMAGED)
    return end
