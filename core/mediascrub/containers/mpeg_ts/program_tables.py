"""Tables of a transport stream: PAT, PMT (ISO/IEC 13818-1, 2.4.4), SDT (EN 300 468, 5.2.3)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from mediascrub.reading import crc32_unreflected, is_language

if TYPE_CHECKING:
    from collections.abc import Iterator

Found = tuple[str, str] | None
"""What is wrong with a packet, as place and kind."""

_PAT, _SDT = 0x0000, 0x0011
_STREAMS = {
    *(0x01, 0x02, 0x10, 0x1B, 0x20, 0x21, 0x24, 0x33, 0x42, 0xD1, 0xD2, 0xD4, 0xEA),
    *(0x03, 0x04, 0x0F, 0x11, 0x1C, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x87),
}
"""Stream types of picture and sound."""
_PRIVATE = 0x06
_DROPPED = {
    0x05: ("packets/private sections", "private sections"),
    0x0B: ("packets/DSM-CC", "data carousel"),
    0x0C: ("packets/DSM-CC", "stream events"),
    0x0D: ("packets/DSM-CC", "data carousel"),
    0x15: ("packets/metadata", "metadata"),
    0x16: ("packets/metadata", "metadata"),
    0x86: ("packets/SCTE-35", "splice information"),
    0x90: ("packets/subtitles", "picture subtitles"),
    0x91: ("packets/menu", "interactive menu"),
    0x92: ("packets/subtitles", "text subtitles"),
}
_FORMATS = {
    b"HEVC",
    b"VVC ",
    b"AC-3",
    b"EAC3",
    b"Opus",
    b"BSSD",
    b"VC-1",
    b"drac",
    b"AV01",
    b"HDMV",
}
_FORMATS |= {b"DTS1", b"DTS2", b"DTS3", b"mpga"}
_SOUND_FORMATS = _FORMATS - {b"HDMV"}
_NUMBERS = {
    0x02: (1, 3),  # video
    0x03: (1,),  # audio
    0x06: (1,),  # alignment
    0x0E: (3,),  # most bits per second
    0x10: (6,),  # smoothing buffer
    0x1B: (1,),  # MPEG-4 video
    0x1C: (1, 2),  # MPEG-4 audio
    0x28: (4,),  # AVC
    0x2A: (2,),  # AVC timing
    0x2B: (3,),  # AAC
    0x38: (13,),  # HEVC
    0x52: (1,),  # which component
    0x6A: (1,),  # AC-3
    0x7A: (1,),  # E-AC-3
    0x7B: (5,),  # DTS
    0x7C: (1, 2),  # AAC
    0x81: (3, 4),  # AC-3 as in North America
}
"""Descriptors that hold numbers only, with the lengths they may have."""
_SOUND_DESCRIPTORS = {0x6A, 0x7A, 0x7B, 0x7C}
_DESCRIPTOR = ("PMT/descriptor", "descriptor that is not about coding")
_PRIVATE_KINDS = {0x56: "teletext", 0x59: "picture subtitles", 0x45: "teletext"}
_NAMES = (b"", b"FFmpeg"), (b"", b"Service01")
"""Provider and service as the muxer writes them; they say nothing about anybody."""


class Tables:
    """What the tables say.

    Attributes:
        pids: packets that carry tables that playing needs.
        kept: packets of picture and sound.
        dropped: packets of other streams, with place and kind.
        clocks: packets that may carry a clock only.
    """

    def __init__(self) -> None:
        self.pids = {_PAT, _SDT}
        self.kept: set[int] = set()
        self.dropped: dict[int, tuple[str, str]] = {}
        self.clocks: set[int] = set()
        self._known: dict[tuple[int, bytes], Found] = {}

    def judge(self, pid: int, packets: Any) -> Iterator[tuple[int, Found]]:
        """What is wrong with each of the packets with tables, if anything."""
        index = 0
        while index < len(packets):
            payload = _payload(packets[index])
            if payload is None or not packets[index][1] & 0x40:
                yield index, ("packets/tables", "packets that hold no table")
                index += 1
                continue
            count = 1
            while _needs_more(payload) and index + count < len(packets):
                more = _payload(packets[index + count])
                if more is None or packets[index + count][1] & 0x40:
                    break
                payload, count = payload + more, count + 1
            key = pid, payload
            if key not in self._known:
                if len(self._known) > 10_000:
                    self._known.clear()
                self._known[key] = self._section(pid, payload)
            for _ in range(count):
                yield index, self._known[key]
                index += 1

    def _section(self, pid: int, payload: bytes) -> Found:
        if payload[0]:
            return "packets/tables", "data before a table"
        head = payload[1:9]
        size = ((head[1] & 0x0F) << 8) | head[2] if len(head) == 8 else 0
        section = payload[1 : 4 + size]
        if len(section) < 3 + size or size < 9 or crc32_unreflected(section, start=0xFFFFFFFF):
            return "packets/tables", "damaged table"
        rest = payload[4 + size :]
        if rest.count(0xFF) != len(rest):
            return "packets/tables", "data behind a table"
        body = section[8:-4]
        if pid == _PAT:
            return self._programmes(head[0], body)
        return _services(head[0], body) if pid == _SDT else self._map(head[0], body)

    def _programmes(self, table: int, body: bytes) -> Found:
        if table != 0x00 or len(body) % 4:
            return "PAT", "unknown table"
        for number, pid in struct.iter_unpack(">HH", body):
            if number:
                self.pids.add(pid & 0x1FFF)
        return None

    def _map(self, table: int, body: bytes) -> Found:
        if table != 0x02 or len(body) < 4:
            return "PMT", "unknown table"
        clock, length = struct.unpack_from(">HH", body)
        self.clocks.add(clock & 0x1FFF)
        at = 4 + (length & 0x0FFF)
        fine = len(body) >= at and all(_is_fine(*item) for item in _descriptors(body[4:at]))
        while at < len(body):
            if at + 5 > len(body):
                return "PMT", "unknown table"
            kind, pid, length = struct.unpack_from(">BHH", body, at)
            inner = body[at + 5 : at + 5 + (length & 0x0FFF)]
            if len(inner) < length & 0x0FFF:
                return "PMT", "unknown table"
            at += 5 + len(inner)
            fine = self._stream(kind, pid & 0x1FFF, list(_descriptors(inner))) and fine
        return None if fine else _DESCRIPTOR

    def _stream(self, kind: int, pid: int, descriptors: list[tuple[int, bytes]]) -> bool:
        if kind in _STREAMS or (kind == _PRIVATE and _says_sound(descriptors)):
            self.kept.add(pid)
            self.dropped.pop(pid, None)
            return all(_is_fine(*item) for item in descriptors)
        what = _DROPPED.get(kind)
        if what is None:
            names = [_PRIVATE_KINDS[tag] for tag, _ in descriptors if tag in _PRIVATE_KINDS]
            if (0x05, b"KLVA") in descriptors:
                names = ["telemetry"]
            what = "packets/private", (names or ["private data"])[0]
        if pid not in self.kept:
            self.dropped[pid] = what
        return False


def _payload(packet: Any) -> bytes | None:
    """A packet's payload, or None where it has an adaptation field: tables do not."""
    return packet[4:].tobytes() if packet[3] & 0x30 == 0x10 else None


def _needs_more(payload: bytes) -> bool:
    start = 1 + payload[0]
    if start + 3 > len(payload):
        return False
    size = ((payload[start + 1] & 0x0F) << 8) | payload[start + 2]
    return start + 3 + size > len(payload)


def _descriptors(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        inner = data[at + 2 : at + 2 + data[at + 1]] if at + 2 <= len(data) else b""
        if at + 2 > len(data) or len(inner) < data[at + 1]:
            yield -1, data[at:]
            return
        yield data[at], inner
        at += 2 + len(inner)


def _is_fine(tag: int, data: bytes) -> bool:
    if tag == 0x05:
        return data in _FORMATS
    if tag == 0x0A:
        return len(data) == 4 and is_language(data[:3]) and data[3] <= 3
    if tag == 0x88:
        # What Blu-ray wants of everything that may be copied freely.
        return data == b"\x0f\xff\xfc\xfc"
    if tag == 0x7F:
        return len(data) == 2 and data[0] == 0x80
    return len(data) in _NUMBERS.get(tag, ())


def _says_sound(descriptors: list[tuple[int, bytes]]) -> bool:
    return any(
        (tag == 0x05 and data in _SOUND_FORMATS) or tag in _SOUND_DESCRIPTORS
        for tag, data in descriptors
    )


def _services(table: int, body: bytes) -> Found:
    """An SDT says nothing but what the muxer writes into every one."""
    found = "SDT", "names of services"
    if table != 0x42 or len(body) < 3:
        return found
    at = 3
    while at < len(body):
        if at + 5 > len(body):
            return found
        length = int.from_bytes(body[at + 3 : at + 5]) & 0x0FFF
        for tag, data in _descriptors(body[at + 5 : at + 5 + length]):
            if tag != 0x48 or len(data) < 3:
                return found
            provider, rest = data[2 : 2 + data[1]], data[2 + data[1] :]
            if not rest or len(rest) != 1 + rest[0]:
                return found
            if provider not in _NAMES[0] or rest[1:] not in _NAMES[1]:
                return found
        at += 5 + length
    return None if at == len(body) else found
