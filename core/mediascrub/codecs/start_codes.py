"""Streams of MPEG-1, MPEG-2, MPEG-4 part 2 and VC-1: units behind start codes."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING

from mediascrub.codecs.kinds import DAMAGED, STRAY
from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from re import Pattern

_START_CODE = re.compile(b"\x00\x00\x01")


class StartCodeScrubber(ABC):
    """What these codecs have in common."""

    suspicious: Pattern[bytes]
    """Start codes of units to look at; the rest is coded picture."""
    begins_bare = False
    """Whether coded picture may come before the first start code."""

    def __init__(self, extradata: bytes) -> None:
        """Prepare, and clean the codec configuration."""
        self.removed: Counter[str] = Counter()
        self.extradata = extradata
        if not self.begins_bare and _START_CODE.search(extradata) is None:
            # Not a codec configuration: decoders look for start codes in it.
            self.removed[STRAY] += bool(extradata.strip(b"\x00"))
            self.extradata = b""
        else:
            self.extradata = self.packet(extradata) or b""

    @abstractmethod
    def unit(self, code: int, unit: bytes) -> bytes | None:
        """A unit without its start code, cleaned: itself, another, or None.

        Zeros at its end are no part of it.
        """

    def packet(self, data: bytes) -> bytes | None:
        """See `mediascrub.codecs.scrubber.Scrubber`."""
        found = _START_CODE.search(data)
        first = found.start() if found else -1
        if first < 0:
            self.without_start_code(data)
            return data
        stray = first > 0 and not self.begins_bare and bool(data[:first].strip(b"\x00"))
        if not stray and self.suspicious.search(data, first) is None:
            return data
        out = bytearray() if stray else bytearray(data[:first])
        if stray:
            self.removed[STRAY] += 1
        same = not stray
        at = first
        while at >= 0:
            found = _START_CODE.search(data, at + 3)
            following = found.start() if found else -1
            end = found.start() if found else len(data)
            if self.suspicious.match(data, at) is None:
                out += data[at:end]
            else:
                code, unit = data[at + 3], data[at + 4 : end].rstrip(b"\x00")
                clean = self.unit(code, unit)
                if clean == unit:
                    out += data[at:end]
                else:
                    same = False
                    if clean is not None:
                        out += data[at : at + 4] + clean
                        # As many zeros as were there, where some count as the unit's own.
                        out += bytes(max(0, end - at - 4 - max(len(clean), len(unit))))
            at = following
        return data if same else bytes(out) or None

    def without_start_code(self, data: bytes) -> None:
        """A packet in which there is none.

        Raises:
            DamagedError: it can't be right.
        """
        if data.strip(b"\x00"):
            raise DamagedError(DAMAGED)
