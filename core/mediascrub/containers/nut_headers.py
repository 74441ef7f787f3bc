"""NUT's main header, stream headers, info packets and frame headers (specification, "Syntax")."""

from __future__ import annotations

import re
from typing import NamedTuple

from mediascrub.containers.windows_headers import is_configuration
from mediascrub.reading import crc32_unreflected

MAIN = b"NM\x7a\x56\x1f\x5f\x04\xad"
STREAM = b"NS\x11\x40\x5b\xf2\xf9\xdb"

_CODED_PTS, _STREAM_ID, _SIZE_MSB, _CHECKSUM, _RESERVED = 8, 16, 32, 64, 128
_SIDE_DATA, _HEADER_INDEX, _MATCH_TIME, _CODED, _INVALID = 256, 1024, 2048, 4096, 8192
_MOST_BASES, _MOST_STREAMS, _MOST_HEADERS = 256, 256, 128
_MOST_ELIDED = 4096
_FOURCC = re.compile(
    rb"[A-Za-z0-9 ._\[\]-]{4}|[\0-\xff]{2}(\0\0)?|[A-Z0-9]{3}[\0-\x40]|[\0-\x40][A-Z0-9]{3}",
    re.DOTALL,
)
_RATE = re.compile(rb"\d{1,10}/\d{1,10}")
_NO_COMMENTS = b"\x03vorbis" + bytes(8) + b"\x01", b"\x81theora" + bytes(8)
_DISPOSITIONS = (b"default", b"original")


class Broken(Exception):
    """It ends too early, or numbers in it make no sense."""


class Numbers:
    """Variable length numbers, read one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self) -> int:
        """An unsigned number of seven bits a byte ("v")."""
        value = 0
        for _ in range(10):
            if self.at >= len(self.data):
                raise Broken
            byte = self.data[self.at]
            self.at += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise Broken

    def signed(self) -> int:
        """A number with its sign in the last bit ("s")."""
        value = self.number() + 1
        return -(value >> 1) if value & 1 else value >> 1

    def text(self) -> bytes:
        """A string behind its length ("vb")."""
        size = self.number()
        if self.at + size > len(self.data):
            raise Broken
        self.at += size
        return self.data[self.at - size : self.at]


class _Code(NamedTuple):
    """What a frame code stands for."""

    flags: int
    stream: int
    multiplier: int
    size: int
    reserved: int
    header: int


class Streams:
    """What headers say of streams and of frames."""

    def __init__(self) -> None:
        self.codes: list[_Code] = []
        self.elided = [0]
        self.kept: set[int] = set()

    def main(self, numbers: Numbers) -> bool:
        """The main header: clocks, and what the frame codes stand for."""
        version = numbers.number()
        if version > 3:
            numbers.number()
        counts = numbers.number(), numbers.number(), numbers.number()
        if counts[0] > _MOST_STREAMS or counts[2] > _MOST_BASES:
            raise Broken
        for _ in range(2 * counts[2]):
            numbers.number()
        self.codes = self._table(numbers)
        self.elided = [0]
        count = numbers.number()
        if count > _MOST_HEADERS:
            raise Broken
        self.elided += [len(numbers.text()) for _ in range(count)]
        if numbers.at < len(numbers.data):
            numbers.number()  # flags
        return numbers.at == len(numbers.data) and sum(self.elided) <= _MOST_ELIDED

    @staticmethod
    def _table(numbers: Numbers) -> list[_Code]:
        codes: list[_Code] = []
        multiplier, stream, header = 1, 0, 0
        while len(codes) < 256:
            flags, fields = numbers.number(), numbers.number()
            if fields > 16:
                raise Broken
            if fields > 0:
                numbers.signed()
            multiplier = numbers.number() if fields > 1 else multiplier
            stream = numbers.number() if fields > 2 else stream
            size = numbers.number() if fields > 3 else 0
            reserved = numbers.number() if fields > 4 else 0
            count = numbers.number() if fields > 5 else multiplier - size
            if fields > 6:
                numbers.signed()
            header = numbers.number() if fields > 7 else header
            for _ in range(8, fields):
                numbers.number()
            if count <= 0:
                raise Broken
            added = 0
            while added < count and len(codes) < 256:
                if len(codes) == ord("N"):
                    # Packets begin with it.
                    codes.append(_Code(_INVALID, 0, 0, 0, 0, 0))
                    continue
                codes.append(_Code(flags, stream, multiplier, size + added, reserved, header))
                added += 1
        return codes

    def stream(self, numbers: Numbers) -> bool:
        """A stream header; streams of other classes than picture and sound are not kept."""
        number, kind, code = numbers.number(), numbers.number(), numbers.text()
        for _ in range(5):
            numbers.number()
        configuration = numbers.text()
        if kind > 1:
            return False
        for _ in range(5 if kind == 0 else 3):
            numbers.number()
        self.kept.add(number)
        fine = numbers.at == len(numbers.data) and _FOURCC.fullmatch(code) is not None
        # Code books of Vorbis may look like anything; what matters is that comments are empty.
        empty = any(comments in configuration for comments in _NO_COMMENTS)
        return fine and (empty or is_configuration(configuration))

    def is_plain_info(self, numbers: Numbers) -> bool:
        """Whether an info packet says no more than a frame rate or which stream is the default."""
        numbers.number()
        chapter = numbers.signed(), numbers.number(), numbers.number()
        fine = chapter == (0, 0, 0)
        for _ in range(numbers.number()):
            name, kind = numbers.text(), numbers.signed()
            if kind != -1:
                return False
            value = numbers.text()
            rate = name == b"r_frame_rate" and _RATE.fullmatch(value) is not None
            fine = fine and (rate or (name == b"Disposition" and value in _DISPOSITIONS))
        return fine and numbers.at == len(numbers.data)

    def frame(self, head: bytes) -> int:
        """How many bytes a frame has, with its header.

        Raises:
            Broken: it is no frame of picture or sound, or something else is in its header.
        """
        if not head or not self.codes:
            raise Broken
        flags, stream, multiplier, size, reserved, header = self.codes[head[0]]
        numbers = Numbers(head)
        numbers.at = 1
        if flags & _CODED:
            flags ^= numbers.number()
        if flags & _STREAM_ID:
            stream = numbers.number()
        if flags & _CODED_PTS:
            numbers.number()
        if flags & _SIZE_MSB:
            size += multiplier * numbers.number()
        if flags & _MATCH_TIME:
            numbers.signed()
        if flags & _HEADER_INDEX:
            header = numbers.number()
        if flags & (_RESERVED | _SIDE_DATA | _INVALID) or reserved or header >= len(self.elided):
            raise Broken
        if flags & _CHECKSUM:
            numbers.at += 4
            if crc32_unreflected(head[: numbers.at]):
                raise Broken
        size -= self.elided[header] if size <= _MOST_ELIDED else 0
        if stream not in self.kept or size < 0:
            raise Broken
        return numbers.at + size


def read_packet(code: bytes, body: bytes, streams: Streams) -> bool:
    """Take a header in; whether it holds numbers and codes only."""
    read = streams.main if code == MAIN else streams.stream
    return read(Numbers(body))
