"""NUT (the NUT Open Container Format specification, 2008): headers, then frames between syncpoints.

Packets begin with one of five start codes and end in a checksum. Frames have neither, so those
between two packets count as sound and picture only when together they fill that space exactly.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.containers.nut_headers import MAIN, STREAM, Broken, Numbers, Streams, read_packet
from mediascrub.reading import (
    TRAILING,
    coded,
    crc32_unreflected,
    joined,
    judged,
    not_this,
    opened,
    structure,
    unexpected,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

_START = b"nut/multimedia container\0"
_SYNC, _INDEX, _INFO = (
    b"NK\xe4\xad\xee\xca\x45\x69",
    b"NX\xdd\x67\x2f\x23\xe6\x4e",
    b"NI\xab\x68\xb5\x96\xba\x78",
)
_CODES = re.compile(b"|".join(map(re.escape, (MAIN, STREAM, _SYNC, _INDEX, _INFO))))
_PLACES = {
    MAIN: ("main header", "main header"),
    STREAM: ("stream header", "stream header"),
    _SYNC: ("syncpoint", "time"),
    _INDEX: ("index", "index"),
    _INFO: ("info", "tags"),
}
_MOST_PACKET = 1 << 24
_LONG_PACKET = 4096
_MOST_FRAME_HEADER = 256


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        if source.read(0, len(_START)) != _START:
            raise not_this("a NUT file")
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    yield structure("signature", "signature", 0, len(_START))
    at = len(_START)
    streams = Streams()
    ended = False
    while at < source.size:
        code = source.read(at, 8)
        if not ended and code in _PLACES:
            end = _packet_end(source, at)
            if end:
                yield _packet(source, code, at, end, streams)
                ended = code == _INDEX
                at = end
                continue
        end = source.size if ended else _next_code(source, at + 1)
        if ended:
            yield unexpected("file", TRAILING, at, end)
        elif code in _PLACES or not _frames(source, at, end, streams):
            yield unexpected("frames", "data that no frame accounts for", at, end)
        else:
            yield coded("frames", "picture and sound", at, end)
        at = end


def _next_code(source: Source, start: int) -> int:
    while start < source.size:
        data = source.read(start, 1 << 18)
        found = _CODES.search(data)
        if found is not None:
            return start + found.start()
        if len(data) < 1 << 18:
            break
        start += len(data) - 7
    return source.size


def _packet_end(source: Source, at: int) -> int:
    """Where a packet ends, or 0 where its checksums say that it is none."""
    head = source.read(at, 32)
    numbers = Numbers(head)
    numbers.at = 8
    try:
        size = numbers.number()
    except Broken:
        return 0
    start = at + numbers.at
    if size > _LONG_PACKET:
        if crc32_unreflected(head[: numbers.at + 4]):
            return 0
        start += 4
    end = start + size
    if not 4 <= size <= _MOST_PACKET or end > source.size:
        return 0
    return end if crc32_unreflected(source.read(start, size)) == 0 else 0


def _packet(source: Source, code: bytes, at: int, end: int, streams: Streams) -> Part:
    data = source.read(at, end - at)
    numbers = Numbers(data)
    numbers.at = 8
    if numbers.number() > _LONG_PACKET:
        numbers.at += 4
    body = data[numbers.at : -4]
    place, kind = _PLACES[code]
    try:
        fine = _is_fine(code, body, source.size, streams)
    except Broken:
        fine = False
    return judged(fine, place, kind, at, end)


def _is_fine(code: bytes, body: bytes, size: int, streams: Streams) -> bool:
    if code in (MAIN, STREAM):
        return read_packet(code, body, streams)
    numbers = Numbers(body)
    if code == _INFO:
        return streams.is_plain_info(numbers)
    if code == _SYNC:
        numbers.number()
        numbers.number()
        return numbers.at == len(body)
    # Positions of syncpoints, then which streams have key frames there.
    numbers.number()
    count = numbers.number()
    if count > len(body):
        return False
    return sum(numbers.number() for _ in range(count)) * 16 <= size


def _frames(source: Source, at: int, end: int, streams: Streams) -> bool:
    """Whether frames of known streams fill the space exactly."""
    while at < end:
        head = source.read(at, min(_MOST_FRAME_HEADER, end - at))
        try:
            size = streams.frame(head)
        except Broken:
            return False
        at += size
    return at == end
