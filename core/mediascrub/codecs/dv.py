"""DV (IEC 61834, SMPTE ST 314) without dates, time codes, and the sound inside the picture.

A frame is a row of blocks of 80 bytes. Blocks beside the picture hold packs of five bytes, each
named by its first.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_BLOCK = 80
_SEQUENCE = 150
_HEADER, _SUBCODE, _VAUX, _AUDIO = 0, 1, 2, 3
_NOTHING = b"\xff" * 5
"""A pack that says that there is no information."""
_KEPT = {_SUBCODE: b"", _VAUX: b"\x60\x61", _AUDIO: b"\x50\x51"}
"""Source and source control of picture and sound: system, aspect, sampling."""
_NAMED = {
    0x13: kinds.TIME_CODE,
    0x14: kinds.TIME_CODE,
    0x52: kinds.RECORDED,
    0x53: kinds.RECORDED,
    0x62: kinds.RECORDED,
    0x63: kinds.RECORDED,
    0x65: kinds.CAPTIONS,
    0x70: kinds.CAMERA,
    0x71: kinds.CAMERA,
}
_PACKS = {_SUBCODE: range(6, 54, 8), _VAUX: range(3, 78, 5), _AUDIO: range(3, 8, 5)}
"""Where packs begin in a block."""
_RESERVED = {_HEADER: (8, 80), _SUBCODE: (51, 80), _VAUX: (78, 80)}
_SOUND = slice(8, 80)


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Dv(extradata)


class Dv:
    """Cleans one stream."""

    def __init__(self, extradata: bytes) -> None:
        self.removed: Counter[str] = Counter()
        self.extradata = b""  # DV has no configuration
        if extradata.strip(b"\x00"):
            self.removed[kinds.STRAY] += 1

    def packet(self, data: bytes) -> bytes | None:
        """See `mediascrub.codecs.scrubber.Scrubber`."""
        whole = len(data) - len(data) % (_BLOCK * _SEQUENCE)
        if not whole:
            if not data:
                return data
            raise DamagedError(kinds.DAMAGED)
        out = bytearray(data[:whole])
        found: set[str] = set()
        if len(data) > whole:
            found.add(kinds.STRAY)
        for sequence in range(0, whole, _BLOCK * _SEQUENCE):
            end = sequence + _BLOCK * _SEQUENCE
            # Blocks 0 to 5 lie before the pictures; then each 16th is sound.
            for at in range(sequence, sequence + 6 * _BLOCK, _BLOCK):
                self._block(out, at, found)
            for at in range(sequence + 6 * _BLOCK, end, 16 * _BLOCK):
                self._block(out, at, found)
        self.removed.update(found)
        return data if out == data else bytes(out)

    def _block(self, out: bytearray, at: int, found: set[str]) -> None:
        section = out[at] >> 5
        for offset in _PACKS.get(section, ()):
            start = at + offset
            pack = out[start : start + 5]
            if pack != _NOTHING and pack[0] not in _KEPT[section]:
                found.add(_NAMED.get(pack[0], kinds.AUXILIARY))
                out[start : start + 5] = _NOTHING
        if section == _AUDIO:
            sound = slice(at + _SOUND.start, at + _SOUND.stop)
            if any(out[sound]):
                found.add(kinds.HIDDEN_SOUND)
                out[sound] = bytes(_SOUND.stop - _SOUND.start)
        if section in _RESERVED:
            first, last = _RESERVED[section]
            room = out[at + first : at + last]
            if room.strip(b"\xff") and room.strip(b"\x00"):
                found.add(kinds.STRAY)
                out[at + first : at + last] = b"\xff" * (last - first)
