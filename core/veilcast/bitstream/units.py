"""Streams made of NAL units (ITU-T H.264 and H.265): taking them apart and together again."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING

from veilcast.bitstream.kinds import DAMAGED, LAYER, STRAY
from veilcast.errors import TruncatedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_START = b"\x00\x00\x01"
_START_CODE = re.compile(_START)
_BREAK = re.compile(b"\x00\x00[\x00\x01]")
"""What no unit holds: it ends before. Searching for it is thrice as fast as with `bytes.find`."""
_LONGEST_PREFIX = 4
_HEADER = 48
"""Bytes that hold the beginning of a slice header."""


class UnitScrubber(ABC):
    """What H.264 and HEVC have in common.

    A packet holds units behind their lengths (ISO/IEC 14496-15) or behind start codes (annex B of
    either standard).
    """

    as_they_are: frozenset[int]
    """Types of units that hold coded pictures and nothing else."""

    def __init__(self, prefix: int) -> None:
        """Prepare.

        Args:
            prefix: bytes of a unit's length, 0 for start codes.
        """
        self.removed: Counter[str] = Counter()
        self._prefix = prefix
        self._strange = False

    @abstractmethod
    def type_of(self, first: int) -> int:
        """A unit's type, from its first byte."""

    @abstractmethod
    def unit(self, kind: int, unit: bytes) -> bytes | None:
        """A unit that holds no coded picture, cleaned: itself, another, or None."""

    def of_another_layer(self, data: bytes, start: int) -> bool:
        """Whether the unit is of a layer that a plain decoder passes over, by its header."""
        return False

    def coded(self, unit: bytes) -> None:
        """The beginning of a coded picture's unit, told before the others of its packet."""
        return

    def packet(self, data: bytes) -> bytes | None:
        """See `veilcast.bitstream.scrubber.Scrubber`."""
        self._strange = False
        spans = list(self._behind_lengths(data) if self._prefix else self._behind_start_codes(data))
        for start, end in spans:
            pictures = self.type_of(data[start]) in self.as_they_are
            if pictures and not self.of_another_layer(data, start):
                self.coded(data[start : min(end, start + _HEADER)])
                break
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
            unit = data[start:end]
            clean = self.unit(kind, unit)
            same = same and clean == unit
            if clean is not None:
                kept.append((start, end, clean))
        if same and not self._strange:
            return data
        return self._joined(data, kept) or None

    def _behind_lengths(self, data: bytes) -> Iterator[tuple[int, int]]:
        at, size, prefix = 0, len(data), self._prefix
        while at < size:
            start = at + prefix
            if start > size:
                self._stray()  # decoders ignore what is too short for a length
                return
            at = start + int.from_bytes(data[at:start])
            if at > size:
                raise TruncatedError(DAMAGED)
            found = _BREAK.search(data, start, at)
            end = _without_zeros(data, start, found.start() if found else at)
            if data[end:at].strip(b"\x00"):
                self._stray()
            if end > start:
                yield start, end
            else:
                self._strange = True

    def _behind_start_codes(self, data: bytes) -> Iterator[tuple[int, int]]:
        code = _START_CODE.search(data)
        if data[: code.start() if code else 0].strip(b"\x00"):
            self._stray()
        if code is None and data.strip(b"\x00"):
            raise TruncatedError(DAMAGED)
        while code is not None:
            start = code.end()
            found = _BREAK.search(data, start)
            code = _START_CODE.search(data, found.start()) if found else None
            limit = code.start() if code else len(data)
            end = _without_zeros(data, start, found.start() if found else limit)
            if data[end:limit].strip(b"\x00"):
                self._stray()
            if end > start:
                yield start, end
            else:
                self._strange = True

    def _stray(self) -> None:
        self.removed[STRAY] += 1
        self._strange = True

    def _joined(self, data: bytes, kept: list[tuple[int, int, bytes | None]]) -> bytes:
        pieces: list[bytes | memoryview] = []
        view = memoryview(data)
        for start, end, clean in kept:
            unit = view[start:end] if clean is None else clean
            if self._prefix:
                if len(unit) >= 1 << (8 * self._prefix):
                    raise TruncatedError(DAMAGED)
                pieces.append(len(unit).to_bytes(self._prefix))
            else:
                long = not pieces or data[max(0, start - _LONGEST_PREFIX) : start] == b"\0\0\0\1"
                pieces.append(b"\x00" * long + _START)
            pieces.append(unit)
        return b"".join(pieces)


def _without_zeros(data: bytes, start: int, end: int) -> int:
    """Where a unit ends that does not end in zeros."""
    while end > start and not data[end - 1]:
        end -= 1
    return end
