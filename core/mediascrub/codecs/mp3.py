"""MPEG audio layer III (ISO/IEC 11172-3, 13818-3) with zeros for ancillary data.

A frame's main data may begin in the frames before it. What lies between the main data of one frame
and that of the next is ancillary: LAME writes its name there. Only the next frames tell where it
ends, so packets are held back for a few frames.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.codecs.bits import Bits, zero_bits
from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_KBITS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = (44_100, 48_000, 32_000)
_LONGEST_HEAD = 38
_FIXED = (0xFE, 0x0C)
"""Bits of a header that no frame of a stream changes: version and layer, sample rate."""
_TAGS = (b"ID3", b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"LYRICS200")


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Mp3(extradata)


def _is_wave_header(data: bytes) -> bool:
    """Whether it is what follows WAVEFORMATEX in AVI: MPEGLAYER3WAVEFORMAT's numbers."""
    flags, frames = int.from_bytes(data[2:6], "little"), int.from_bytes(data[8:10], "little")
    return len(data) == 12 and data[:2] == b"\1\0" and flags <= 2 and frames == 1


@dataclass(slots=True)
class _Frame:
    """A frame that waits for those after it.

    Attributes:
        data: all of it, or None for a packet that is no frame.
        changed: whether something was set to zero.
        room: where its room for main data begins in the stream of all such rooms, in bytes.
        head: bytes before that room.
        original: the packet.
    """

    data: bytearray | None
    original: bytes
    room: int
    head: int
    changed: bool = False

    @property
    def end(self) -> int:
        return self.room + (len(self.data) - self.head if self.data is not None else 0)


class Mp3:
    """Cleans one stream."""

    def __init__(self, extradata: bytes) -> None:
        self.removed: Counter[str] = Counter()
        self.extradata = extradata if _is_wave_header(extradata) else b""
        if extradata != self.extradata:
            self.removed[kinds.STRAY] += 1
        self._frames: deque[_Frame] = deque()
        self._room = 0
        self._given = False
        self._fixed: tuple[int, int] | None = None
        self._told_bits = 0
        """Up to here it is known what is main data."""

    def packet(self, data: bytes) -> bytes | None:
        """Without tags and without bytes behind the frame."""
        found = self._frame(data)
        if found.data is None:
            return None
        return data if len(found.data) == len(data) else bytes(found.data)

    def push(self, data: bytes) -> list[bytes | None]:
        """See `mediascrub.codecs.scrubber.LateScrubber`."""
        self._given = True
        frame = self._frame(data)
        self._frames.append(frame)
        if frame.data is not None:
            begin, bits = _main_data(bytes(frame.data))
            self._room = frame.end
            start = (frame.room - begin) * 8
            self._zero(self._told_bits, start)
            self._told_bits = max(self._told_bits, start, min(start + bits, frame.end * 8))
        return self._ready(self._told_bits // 8)

    def flush(self) -> list[bytes | None]:
        """See `mediascrub.codecs.scrubber.LateScrubber`.

        Raises:
            DamagedError: there was no frame in any packet.
        """
        if self._given and self._fixed is None:
            raise DamagedError(kinds.DAMAGED)
        self._zero(self._told_bits, self._room * 8)
        return self._ready(self._room + 1)

    def _ready(self, told: int) -> list[bytes | None]:
        out: list[bytes | None] = []
        while self._frames and (self._frames[0].end <= told or self._frames[0].data is None):
            frame = self._frames.popleft()
            if frame.data is None:
                out.append(None)
                continue
            if frame.changed:
                self.removed[kinds.AUXILIARY] += 1
            same = not frame.changed and len(frame.data) == len(frame.original)
            out.append(frame.original if same else bytes(frame.data))
        return out

    def _zero(self, start: int, end: int) -> None:
        """Set bits of the rooms for main data to zero."""
        for frame in self._frames:
            first, last = max(start, frame.room * 8), min(end, frame.end * 8)
            if frame.data is None or first >= last:
                continue
            offset = frame.head * 8 - frame.room * 8
            frame.changed = zero_bits(frame.data, first + offset, last + offset) or frame.changed

    def _frame(self, data: bytes) -> _Frame:
        begin = self._begin(data)
        if begin:
            self.removed[kinds.TAG if data.startswith(_TAGS) else kinds.STRAY] += 1
        if begin == len(data):
            return _Frame(None, data, self._room, 0)
        frame = data[begin:]
        size, head = _layout(frame)
        if len(frame) < head:  # the recording was cut off in the middle of its last frame
            self.removed[kinds.STRAY] += 1
            return _Frame(None, data, self._room, 0)
        self._fixed = frame[1] & _FIXED[0], frame[2] & _FIXED[1]
        if len(frame) > size:
            self.removed[kinds.TAG if frame.startswith(_TAGS, size) else kinds.STRAY] += 1
        return _Frame(bytearray(frame[:size]), data, self._room, head)

    def _begin(self, data: bytes) -> int:
        """Where the packet's frame begins: its end, if there is none.

        Demuxers put what belongs to no frame before the next one, and decoders pass over it. A
        header there has to be of the stream's kind, and its frame has to end with the packet.
        """
        if data[:1] == b"\xff" and len(data) > 1 and data[1] & 0xE0 == 0xE0:
            return 0
        at = data.find(b"\xff", 1)
        while 0 <= at <= len(data) - 4:
            if self._fits(data[at : at + 4], len(data) - at):
                return at
            at = data.find(b"\xff", at + 1)
        return len(data)

    def _fits(self, header: bytes, size: int) -> bool:
        fixed = header[1] & _FIXED[0], header[2] & _FIXED[1]
        # A header of free format says nothing of its frame's size.
        if header[1] & 0xE0 != 0xE0 or not header[2] >> 4 or fixed != (self._fixed or fixed):
            return False
        try:
            return _layout(header)[0] == size
        except DamagedError:
            return False


def _layout(data: bytes) -> tuple[int, int]:
    """A frame's size and where its main data has room, in bytes (2.4.1.3, 2.4.1.7).

    Raises:
        DamagedError: it is no frame of layer III.
    """
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        raise DamagedError(kinds.DAMAGED)
    version, layer, rate = data[1] >> 3 & 3, data[1] >> 1 & 3, data[2] >> 2 & 3
    if layer != 1 or version == 1 or rate == 3 or data[2] >> 4 == 15:
        raise DamagedError(kinds.DAMAGED)
    first = version == 3
    rate_hz = _RATES[rate] >> (0 if first else 1 if version == 2 else 2)
    kbits = _KBITS[1 if first else 2][data[2] >> 4]
    # Of free format, a packet is all that tells the size.
    size = (144 if first else 72) * kbits * 1000 // rate_hz + (data[2] >> 1 & 1)
    if not kbits:
        size = max(len(data), _LONGEST_HEAD)
    mono = data[3] >> 6 == 3
    side = (17 if mono else 32) if first else (9 if mono else 17)
    head = 4 + side + (0 if data[1] & 1 else 2)
    if size < head:
        raise DamagedError(kinds.DAMAGED)
    return size, head


def _main_data(data: bytes) -> tuple[int, int]:
    """Where main data begins, in bytes before the frame, and how many bits it has (2.4.1.7)."""
    first, mono = data[1] >> 3 & 3 == 3, data[3] >> 6 == 3
    bits = Bits(data[4 + (0 if data[1] & 1 else 2) :][:32])
    channels = 1 if mono else 2
    begin = bits.u(9 if first else 8)
    if first:
        bits.skip((5 if mono else 3) + 4 * channels)
    else:
        bits.skip(channels)
    total = 0
    for _ in range((2 if first else 1) * channels):
        total += bits.u(12)
        bits.skip(59 - 12 if first else 63 - 12)
    return begin, total
