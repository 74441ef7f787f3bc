"""Streams made of NAL units (ITU-T H.264 and H.265): taking them apart and together again."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Literal

from mediascrub.codecs.kinds import DAMAGED, LAYER, STRAY
from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mediascrub.codecs.cropping import Crop
    from mediascrub.codecs.scrubber import Given, View

UNREADABLE = (
    "A parameter set of the input's picture can't be read to its end, so nobody can say what is in "
    "it; encode the picture anew first, e.g. with "
    "'ffmpeg -i IN -c:v libx264 -crf 18 -c:a copy OUT.mp4'."
)
_START = b"\x00\x00\x01"
_START_CODE = re.compile(_START)
_BREAK = re.compile(b"\x00\x00[\x00\x01]")
"""What no unit holds: it ends before. Searching for it is thrice as fast as with `bytes.find`."""
_MANY, _BLOCK = 1 << 15, 1 << 16
"""Bytes that are worth looking at by blocks, and bytes of a block, which the cache holds."""
_LONGEST_PREFIX = 4
_HEADER = 48
"""Bytes that hold the beginning of a slice header."""


class UnitScrubber(ABC):
    """What H.264 and HEVC have in common.

    A packet holds units behind their lengths (ISO/IEC 14496-15) or behind start codes (annex B of
    either standard).

    Attributes:
        crops: what the sequence parameter sets met so far say is not shown.
    """

    as_they_are: frozenset[int]
    """Types of units that hold coded pictures and nothing else."""
    reads_views: Literal[True] = True

    def __init__(self, prefix: int) -> None:
        """Prepare.

        Args:
            prefix: bytes of a unit's length, 0 for start codes.
        """
        self.removed: Counter[str] = Counter()
        self.crops: set[Crop] = set()
        self._prefix = prefix
        self._strange = False
        self._told: bytes | None = None

    @abstractmethod
    def type_of(self, first: int) -> int:
        """A unit's type, from its first byte."""

    @abstractmethod
    def unit(self, kind: int, unit: bytes) -> bytes | None:
        """A unit that holds no coded picture, cleaned: itself, another, or None."""

    def of_another_layer(self, data: View, start: int) -> bool:
        """Whether the unit is of a layer that a plain decoder passes over, by its header."""
        return False

    def coded(self, unit: bytes) -> None:
        """The beginning of the packet's first coded picture, told before other units are asked for.

        Of the last packet that had one, where this one has none.
        """
        return

    def packet(self, data: Given) -> Given | bytes | None:
        """See `mediascrub.codecs.scrubber.ViewScrubber`."""
        self._strange = False
        spans = list(self._behind_lengths(data) if self._prefix else self._behind_start_codes(data))
        found = self._pictures(data, spans)
        if found == len(spans) and not self._strange:
            return data
        if self._told is not None:
            self.coded(self._told)
            self._told = None
        kept: list[tuple[int, int, bytes | None]] = []
        same = True
        for start, end in spans:
            kind = self.type_of(data[start])
            if self.of_another_layer(data, start):
                self.removed[LAYER] += 1
                same = False
                continue
            if kind in self.as_they_are:
                kept.append((start, end, None))
                continue
            unit = bytes(data[start:end])
            clean = self.unit(kind, unit)
            same = same and clean == unit
            if clean is not None:
                kept.append((start, end, clean))
        if same and not self._strange:
            return data
        return self._joined(data, kept) or None

    def _pictures(self, data: View, spans: list[tuple[int, int]]) -> int:
        """How many units hold coded pictures; keeps the beginning of the first."""
        found = 0
        for start, end in spans:
            pictures = self.type_of(data[start]) in self.as_they_are
            if pictures and not self.of_another_layer(data, start):
                if not found:
                    self._told = bytes(data[start : min(end, start + _HEADER)])
                found += 1
        return found

    def _behind_lengths(self, data: View) -> Iterator[tuple[int, int]]:
        at, size, prefix = 0, len(data), self._prefix
        while at < size:
            start = at + prefix
            if start > size:
                self._stray()  # decoders ignore what is too short for a length
                return
            at = start + int.from_bytes(data[at:start])
            if at > size:
                raise DamagedError(DAMAGED)
            end = _without_zeros(data, start, _break(data, start, at))
            if end < at and bytes(data[end:at]).strip(b"\x00"):
                self._stray()
            if end > start:
                yield start, end
            else:
                self._strange = True

    def _behind_start_codes(self, data: View) -> Iterator[tuple[int, int]]:
        code = _START_CODE.search(data)
        if code is not None and bytes(data[: code.start()]).strip(b"\x00"):
            self._stray()
        if code is None and bytes(data).strip(b"\x00"):
            raise DamagedError(DAMAGED)
        while code is not None:
            start = code.end()
            found = _BREAK.search(data, start)
            code = _START_CODE.search(data, found.start()) if found else None
            limit = code.start() if code else len(data)
            end = _without_zeros(data, start, found.start() if found else limit)
            if end < limit and bytes(data[end:limit]).strip(b"\x00"):
                self._stray()
            if end > start:
                yield start, end
            else:
                self._strange = True

    def _stray(self) -> None:
        self.removed[STRAY] += 1
        self._strange = True

    def _joined(self, data: View, kept: list[tuple[int, int, bytes | None]]) -> bytes:
        pieces: list[bytes | memoryview] = []
        view = memoryview(data)
        for start, end, clean in kept:
            unit = view[start:end] if clean is None else clean
            if self._prefix:
                if len(unit) >= 1 << (8 * self._prefix):
                    raise DamagedError(DAMAGED)
                pieces.append(len(unit).to_bytes(self._prefix))
            else:
                long = not pieces or data[max(0, start - _LONGEST_PREFIX) : start] == b"\0\0\0\1"
                pieces.append(b"\x00" * long + _START)
            pieces.append(unit)
        return b"".join(pieces)


def _break(data: View, start: int, end: int) -> int:
    """Where the first break of these bytes begins, or their end."""
    if end - start >= _MANY:
        start = _before_break(data, start, end)
    found = _BREAK.search(data, start, end)
    return found.start() if found else end


def _before_break(data: View, start: int, end: int) -> int:
    """A place up to which there is no break, a block or less before the first.

    Most units have none, and looking at many bytes at a time shows it twice as fast.
    """
    import numpy as np

    unit = np.frombuffer(data, np.uint8)[start:end]
    for at in range(0, len(unit) - 2, _BLOCK):
        block = unit[at : at + _BLOCK + 2]
        bits = block[2:] & 0xFE  # nothing is left of the 0 or 1 that ends a break
        bits |= block[:-2]
        bits |= block[1:-1]
        if not bits.min():
            return start + at
    return end


def _without_zeros(data: View, start: int, end: int) -> int:
    """Where a unit ends that does not end in zeros."""
    while end > start and not data[end - 1]:
        end -= 1
    return end
