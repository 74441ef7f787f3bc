"""Transport streams: packets of known streams, known tables, stuffing, and nothing beside them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from containers.delivering import (
    MARKER,
    NOISE,
    PICTURE,
    caught,
    deliver,
    ffmpeg,
    parts_of,
    unexpected,
)

from mediascrub import StructureError, walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALL = ("-map", "0", "-map", "1", "-map", "2")
STREAMS = {
    "h264": (*PICTURE, *NOISE, "-c:v", "libx264", "-c:a", "aac"),
    "mpeg2": (*PICTURE, *NOISE, "-c:v", "mpeg2video", "-c:a", "mp2"),
    "hevc": (*PICTURE, *NOISE, "-c:v", "libx265", "-c:a", "ac3", "-x265-params", "log-level=none"),
    "opus": (*PICTURE, *NOISE, "-c:v", "libx264", "-c:a", "libopus"),
    "two": (*PICTURE, *NOISE, *NOISE, *ALL, "-c:v", "libx264", "-c:a", "eac3"),
}
PACKET = 188
VIDEO, SOUND, PMT = 0x100, 0x101, 0x1000


def crc(data: bytes) -> int:
    """CRC-32 of MPEG-2 sections, bit by bit as in ISO/IEC 13818-1, annex A."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value >> 31 else value << 1
    return value


def section(table: int, body: bytes, number: int = 1) -> bytes:
    head = struct.pack(">BHHBBB", table, 0xB000 | len(body) + 9, number, 0xC1, 0, 0)
    return head + body + struct.pack(">I", crc(head + body))


def packet(pid: int, payload: bytes, *, begins: bool = True, count: int = 0) -> bytes:
    head = struct.pack(">BHB", 0x47, (0x4000 if begins else 0) | pid, 0x10 | count)
    return head + payload.ljust(PACKET - 4, b"\xff")


def table(pid: int, table_id: int, body: bytes) -> bytes:
    return packet(pid, b"\0" + section(table_id, body))


def put(what: bytes, at: int = 8) -> Callable[[bytes], bytes]:
    """Between packets."""
    return lambda data: data[: at * PACKET] + what + data[at * PACKET :]


def first(data: bytes, pid: int, *, begins: bool = True, field: bool = False) -> int:
    """Where the first packet of a stream is that begins something, or has an adaptation field."""
    for at in range(0, len(data), PACKET):
        flags, control = struct.unpack_from(">HB", data, at + 1)
        fits = flags & 0x1FFF == pid and (not begins or flags & 0x4000)
        if fits and (not field or control & 0x20):
            return at
    raise AssertionError("no such packet")


def with_descriptor(descriptor: bytes) -> Callable[[bytes], bytes]:
    body = struct.pack(">HHBHH", 0xE000 | VIDEO, 0xF000, 0x1B, 0xE000 | VIDEO, 0xF000)
    sound = struct.pack(">BHH", 0x0F, 0xE000 | SOUND, 0xF000 | len(descriptor)) + descriptor
    return put(table(PMT, 0x02, body + sound))


def with_stream(kind: int, descriptor: bytes = b"") -> Callable[[bytes], bytes]:
    """One more stream, with a packet of it."""
    body = struct.pack(">HHBHH", 0xE000 | VIDEO, 0xF000, 0x1B, 0xE000 | VIDEO, 0xF000)
    body += struct.pack(">BHH", 0x0F, 0xE000 | SOUND, 0xF000)
    body += struct.pack(">BHH", kind, 0xE333, 0xF000 | len(descriptor)) + descriptor
    pes = b"\0\0\1\xbd\0\0\x80\0\0" + MARKER
    return put(table(PMT, 0x02, body) + packet(0x333, pes))


def with_adaptation(flags: int, content: bytes) -> Callable[[bytes], bytes]:
    """A packet of the picture stream with an adaptation field and no payload."""

    def plant(data: bytes) -> bytes:
        at = first(data, VIDEO) + PACKET
        count = data[at - PACKET + 3] & 15
        head = struct.pack(">BHBBB", 0x47, VIDEO, 0x20 | count, PACKET - 5, flags)
        return data[:at] + (head + content).ljust(PACKET, b"\xff") + data[at:]

    return plant


def with_header(flags: int, fields: bytes) -> Callable[[bytes], bytes]:
    """A picture's header with other fields in it."""

    def plant(data: bytes) -> bytes:
        out = bytearray(data)
        at = out.index(b"\0\0\1\xe0", first(data, VIDEO))
        out[at + 7 : at + 9] = bytes([flags, len(fields)])
        out[at + 9 : at + 9 + len(fields)] = fields
        return bytes(out)

    return plant


def behind_the_sound(data: bytes) -> bytes:
    """A packet of sound that says that it is shorter than it is."""
    out = bytearray(data)
    begins = out.index(b"\0\0\1\xc0", first(data, SOUND))
    struct.pack_into(">H", out, begins + 4, 20)
    out[begins + 60 : begins + 60 + len(MARKER)] = MARKER
    return bytes(out)


def out_of_sequence(data: bytes) -> bytes:
    at = first(data, VIDEO)
    again = packet(VIDEO, MARKER, begins=False, count=data[at + 3] & 15)
    return data[: at + PACKET] + again + data[at + PACKET :]


def in_table_rest(data: bytes) -> bytes:
    at = first(data, PMT) + 100
    return data[:at] + MARKER + data[at + len(MARKER) :]


def named_service(data: bytes) -> bytes:
    at = first(data, 0x11)
    names = b"\x48" + bytes([3 + 6 + 8 + 10]) + b"\1\6FFmpeg" + bytes([len(MARKER)]) + MARKER
    body = b"\xff\1\xff\0\1\xfc" + struct.pack(">H", 0x8000 | len(names)) + names
    return data[:at] + table(0x11, 0x42, body) + data[at + PACKET :]


PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "programme guide": (put(packet(0x12, b"\0" + MARKER)), "EIT"),
    "time of day": (put(packet(0x14, b"\0" + MARKER)), "TDT"),
    "network": (put(packet(0x10, b"\0" + MARKER)), "NIT"),
    "guide of North America": (put(packet(0x1FFB, b"\0" + MARKER)), "PSIP"),
    "no known stream": (put(packet(0x321, MARKER)), "packets/unknown"),
    "null packet": (put(packet(0x1FFF, MARKER)), "packets/stuffing"),
    "service name": (named_service, "SDT"),
    "other table beside services": (put(table(0x11, 0x4A, MARKER)), "SDT"),
    "descriptor": (with_descriptor(b"\x0c" + bytes([17]) + MARKER), "PMT/descriptor"),
    "registration": (with_descriptor(b"\x05" + bytes([21]) + b"HDMV" + MARKER), "PMT/descriptor"),
    "behind a table": (in_table_rest, "packets/tables"),
    "unknown table": (put(table(PMT, 0x40, MARKER)), "PMT"),
    "telemetry": (with_stream(0x06, b"\x05\x04KLVA"), "packets/private"),
    "metadata": (with_stream(0x15), "packets/metadata"),
    "teletext": (with_stream(0x06, b"\x56\x05deu\x09\x00"), "packets/private"),
    "picture subtitles": (with_stream(0x06, b"\x59\x08deu\x10\0\1\0\1"), "packets/private"),
    "splices": (with_stream(0x86), "packets/SCTE-35"),
    "private sections": (with_stream(0x05), "packets/private sections"),
    "unheard-of stream": (with_stream(0xC5), "packets/private"),
    "adaptation, private": (
        with_adaptation(0x02, bytes([17]) + MARKER),
        "packets/adaptation field/private data",
    ),
    "adaptation, extension": (
        with_adaptation(0x01, bytes([18, 0]) + MARKER),
        "packets/adaptation field",
    ),
    "adaptation, stuffing": (with_adaptation(0, bytes(30) + MARKER), "packets/adaptation field"),
    "header, private": (with_header(0x81, b"1" * 5 + b"\x80" + MARKER), "packets/PES header"),
    "header, stuffing": (with_header(0x80, b"1" * 5 + MARKER), "packets/PES header"),
    "behind a PES packet": (behind_the_sound, "packets"),
    "out of sequence": (out_of_sequence, "packets"),
    "between packets": (put(b"<p>" + MARKER + b"</p>"), "file"),
    "in front": (lambda data: b"<html>" + MARKER + b"</html>" + data, "file"),
    "behind": (lambda data: data + MARKER, "file"),
    "a whole packet behind": (lambda data: data + (MARKER * 12)[:PACKET], "file"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("ts")
    source = ffmpeg(folder / "source.ts", *STREAMS["h264"])
    return deliver(source, folder / "delivered.ts").read_bytes()


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_stream_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.ts", *STREAMS[name])
    parts = parts_of(deliver(source, tmp_path / "out.ts"), "ts")
    assert [part for part in parts if part.role == "unexpected"] == []
    assert any(part.role == "coded" for part in parts)


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str) -> None:
    plant, place = PLANTS[name]
    path = tmp_path / "planted.ts"
    path.write_bytes(plant(clean))
    assert set(caught(path, "ts")) == {place}


def test_the_time_of_day_is_a_date(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "planted.ts"
    path.write_bytes(put(packet(0x14, b"\0\x70\x70\x05\xea\x60\x12\x34\x56"))(clean))
    assert [part.hipaa for part in unexpected(path, "ts")] == ["C"]


def test_one_foreign_packet_does_not_accuse_the_others(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "planted.ts"
    path.write_bytes(put(packet(0x12, b"\0" + MARKER))(clean))
    assert [part.end - part.start for part in unexpected(path, "ts")] == [PACKET]


def test_stuffing_packets_are_no_fault(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "stuffed.ts"
    path.write_bytes(put(packet(0x1FFF, b"", begins=False) * 3)(clean))
    assert unexpected(path, "ts") == []


def with_times(data: bytes, texts: bytes = b"") -> bytes:
    """As cameras write it: an arrival time before each packet."""
    out = bytearray()
    for number, at in enumerate(range(0, len(data), PACKET)):
        time = texts[4 * number : 4 * number + 4] or struct.pack(">I", 9_000 * number)
        out += time + data[at : at + PACKET]
    return bytes(out)


def test_delivered_packets_with_arrival_times_are_clean(tmp_path: Path) -> None:
    source = ffmpeg(tmp_path / "source.m2ts", *PICTURE, *NOISE, "-c:v", "libx264", "-c:a", "ac3")
    assert unexpected(deliver(source, tmp_path / "out.m2ts"), "ts") == []


def test_packets_with_arrival_times_are_understood(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "camera.m2ts"
    path.write_bytes(with_times(clean))
    assert unexpected(path, "ts") == []
    path.write_bytes(with_times(clean, b"Jane Roe, MRN 4711, " * 2))
    assert {part.place for part in unexpected(path, "ts")} == {"packets/arrival time"}
    path.write_bytes(with_times(put(packet(0x12, b"\0" + MARKER))(clean)))
    assert caught(path, "ts") == ["EIT"]


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER * 100)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "ts"))
