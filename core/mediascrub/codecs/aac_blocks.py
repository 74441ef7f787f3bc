"""What stands where in a raw data block of AAC (ISO/IEC 14496-3, 4.4.2), from end to end.

Elements have no lengths, so the coded sound is read code by code to find what follows it. What the
codes stand for is not computed.
"""

from __future__ import annotations

from itertools import repeat
from typing import NamedTuple

from mediascrub.codecs import kinds
from mediascrub.codecs.aac_tables import (
    PREDICTED,
    WINDOW,
    bands,
    codes,
    escapes,
    scale_codes,
)
from mediascrub.codecs.bits import ShortError

MAIN, LOW, PREDICTING = 1, 2, 4
"""Object types (table 1.17) whose blocks are read: AAC Main, LC and LTP."""

_PAIR, _COUPLING, _DATA, _PROGRAM, _FILL, _END = 1, 2, 4, 5, 6, 7
_SOUNDING = (0, _PAIR, _COUPLING)
"""Elements of sound that an extension with replicated bands may follow."""
_OTHER_SOUND = 3
_REPLICATION = (13, 14)
"""Extension types of spectral band replication (table 4.121)."""
_PLAIN_FILL = (0, 1, 2)
_EIGHT_SHORT = 2
_ZERO, _RESERVED, _NOISE = 0, 12, 13
"""Codebooks without a spectrum, from the reserved one on."""
_ESCAPED = 11
_MOST_BYTES = 1 << 16
"""Of a block. Frames in ADTS have less than 2^13; this is room for 64 channels."""
_MOST_LTP = 40
_MOST_ESCAPE = 8


class Core(NamedTuple):
    """What a configuration says that reading takes."""

    kind: int
    rate: int
    frame: int


class Span(NamedTuple):
    """Bits that hold no sound, counted from the first of the block."""

    first: int
    last: int
    kind: str


class _Windows(NamedTuple):
    """ics_info (4.4.2.1)."""

    short: bool
    most: int
    groups: tuple[int, ...]


class Block:
    """One raw data block.

    Attributes:
        spans: what is in it beside sound.
        at: one behind its last bit that was read.
    """

    def __init__(self, data: bytes, core: Core) -> None:
        """Read it.

        Args:
            data: from its first byte on; more may follow.
            core: its stream's configuration.

        Raises:
            ShortError: it ends early or breaks the syntax.
        """
        self.spans: list[Span] = []
        self.at = 0
        self._core = core
        self._bands = bands(core.rate, core.frame)
        self._next = _windows(data[:_MOST_BYTES])
        self._size = 8 * len(data)
        try:
            self._elements()
        except IndexError:
            raise ShortError from None

    def _u(self, count: int) -> int:
        value = self._next[self.at] >> (WINDOW - count)
        self.at += count
        return value

    def _elements(self) -> None:
        before = -1
        while (kind := self._u(3)) != _END:
            if kind in _SOUNDING or kind == _OTHER_SOUND:
                self._sound(kind)
            elif kind == _DATA:
                self._data()
            elif kind == _PROGRAM:
                self._program()
            else:
                self._fill(after_sound=before in _SOUNDING)
            before = kind
            if self.at > self._size:
                raise ShortError
        if self.at > self._size:
            raise ShortError

    def _data(self) -> None:
        self._u(4)
        aligned, count = self._u(1), self._u(8)
        count += self._u(8) if count == 255 else 0
        first = self.at
        if aligned:
            self.at += -self.at % 8
        self._span(first, 8 * count, kinds.AUXILIARY)

    def _program(self) -> None:
        """program_config_element (4.4.1.1)."""
        self._u(4 + 2 + 4)
        front, side, back, low, data, coupled = (self._u(n) for n in (4, 4, 4, 2, 3, 4))
        for size in (4, 4, 3):
            if self._u(1):
                self._u(size)
        self.at += 5 * (front + side + back + coupled) + 4 * (low + data)
        first = self.at
        self.at += -self.at % 8
        if self.at > first:
            self.spans.append(Span(first, self.at, kinds.COMMENT))
        count = self._u(8)
        self._span(self.at, 8 * count, kinds.COMMENT)

    def _fill(self, *, after_sound: bool) -> None:
        count = self._u(4)
        count += self._u(8) - 1 if count == 15 else 0
        if not count:
            return
        extension = self._next[self.at] >> (WINDOW - 4)
        if extension in _REPLICATION and after_sound:
            self.at += 8 * count
            return
        kind = kinds.ENCODER if extension in _PLAIN_FILL else kinds.AUXILIARY
        self._span(self.at, 8 * count, kind)

    def _span(self, first: int, count: int, kind: str) -> None:
        self.at += count
        if self.at > self._size:
            raise ShortError
        self.spans.append(Span(first, self.at, kind))

    def _sound(self, kind: int) -> None:
        self._u(4)
        if kind == _PAIR:
            windows = None
            if self._u(1):
                windows = self._windows(pair=True)
                if self._u(2) == 1:
                    self.at += len(windows.groups) * windows.most
            self._channel(windows)
            self._channel(windows)
        elif kind == _COUPLING:
            self._coupling()
        else:
            self._channel(None)

    def _coupling(self) -> None:
        """coupling_channel_element (4.4.2.1)."""
        independent = self._u(1)
        lists = 0
        for _ in range(self._u(3) + 1):
            lists += 1
            if self._u(1):
                self._u(4)
                lists += self._u(2) == 3
            else:
                self._u(4)
        self._u(1 + 1 + 2)
        sections = self._channel(None)
        for _ in range(lists - 1):
            if independent or self._u(1):
                self._scale(1)
            else:
                self._scale(sum(end - start for book, start, end, _ in sections if book))

    def _channel(self, windows: _Windows | None) -> list[tuple[int, int, int, int]]:
        """individual_channel_stream; the codebook, first and last band, and length of sections."""
        self._u(8)
        windows = windows or self._windows(pair=False)
        sections = list(self._sections(windows))
        noise = False
        for book, start, end, _ in sections:
            if book == _NOISE:
                self.at += 0 if noise else 9
                self._scale(end - start - (not noise and end > start))
                noise = noise or end > start
            elif book != _ZERO:
                self._scale(end - start)
        if self._u(1):
            if windows.short:
                raise ShortError
            pulses = self._u(2) + 1
            self.at += 6 + 9 * pulses
        if self._u(1):
            self._shaping(windows)
        if self._u(1):
            raise ShortError  # gain control is of a profile that is not read
        self._spectrum(windows, sections)
        return sections

    def _windows(self, *, pair: bool) -> _Windows:
        self._u(1)
        short = self._u(2) == _EIGHT_SHORT
        self._u(1)
        if short:
            most = self._u(4)
            groups = [1]
            for _ in range(7):
                if self._u(1):
                    groups[-1] += 1
                else:
                    groups.append(1)
        else:
            most, groups = self._u(6), [1]
            if self._u(1):
                self._prediction(most, pair=pair)
        if most >= len(self._bands.short if short else self._bands.long):
            raise ShortError
        return _Windows(short, most, tuple(groups))

    def _prediction(self, most: int, *, pair: bool) -> None:
        if self._core.kind == MAIN:
            if self._u(1):
                self._u(5)
            self.at += min(most, PREDICTED[self._core.rate])
        elif self._core.kind == PREDICTING:
            for _ in range(1 + pair):
                if self._u(1):
                    self.at += 11 + 3 + min(most, _MOST_LTP)
        else:
            raise ShortError

    def _sections(self, windows: _Windows) -> list[tuple[int, int, int, int]]:
        """section_data: the codebook of each run of bands in each group."""
        width = 3 if windows.short else 5
        more = (1 << width) - 1
        found = []
        for length in windows.groups:
            band = 0
            while band < windows.most:
                book, start = self._u(4), band
                if book == _RESERVED:
                    raise ShortError
                while (step := self._u(width)) == more:
                    band += step
                band += step
                if band > windows.most:
                    raise ShortError
                found.append((book, start, band, length))
        return found

    def _scale(self, count: int) -> None:
        """So many codes of scale factors."""
        ahead, table, at = self._next, scale_codes(), self.at
        for _ in repeat(None, count):
            # 19 bits: the three that begin a window, and the window behind them.
            at += table[ahead[at] >> (WINDOW - 3) << WINDOW | ahead[at + 3]]
        self.at = at

    def _shaping(self, windows: _Windows) -> None:
        """tns_data."""
        filters, lengths, orders = (1, 4, 3) if windows.short else (2, 6, 5)
        for _ in range(sum(windows.groups) if windows.short else 1):
            count = self._u(filters)
            if not count:
                continue
            resolution = self._u(1) + 3
            for _ in range(count):
                self._u(lengths)
                order = self._u(orders)
                if order:
                    self._u(1)
                    bits = resolution - self._u(1)
                    self.at += order * bits

    def _spectrum(self, windows: _Windows, sections: list[tuple[int, int, int, int]]) -> None:
        """spectral_data."""
        offsets = self._bands.short if windows.short else self._bands.long
        ahead, at = self._next, self.at
        for book, start, end, length in sections:
            if not _ZERO < book < _RESERVED:
                continue
            lines = (offsets[end] - offsets[start]) * length
            table = codes(book)
            if book != _ESCAPED:
                for _ in repeat(None, lines // (4 if book < 5 else 2)):
                    at += table[ahead[at]]
                continue
            escaping = escapes()
            for _ in repeat(None, lines // 2):
                code = ahead[at]
                at += table[code]
                for _ in range(escaping[code]):
                    ones = WINDOW - (ahead[at] ^ 0xFFFF).bit_length()
                    if ones > _MOST_ESCAPE:
                        raise ShortError
                    at += ones + 1 + ones + 4
        self.at = at


def _windows(data: bytes) -> list[int]:
    """By bit, the 16 bits that begin there, with zeros behind the last."""
    import numpy as np

    octets = np.frombuffer(data + bytes(4), np.uint8).astype(np.uint32)
    wide = octets[:-2] << 16 | octets[1:-1] << 8 | octets[2:]
    found: list[int] = ((wide[:, None] >> np.arange(8, 0, -1)) & 0xFFFF).ravel().tolist()
    return found
