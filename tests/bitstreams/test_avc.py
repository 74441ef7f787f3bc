"""H.264 and HEVC: strings planted wherever units and messages have room for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import av
import pytest
from bitstreams.streams import (
    BUFFER,
    CAPTIONS,
    PICTURE,
    QUIET,
    SECRET,
    SETTINGS,
    X264,
    X265,
    Stream,
    behind_lengths,
    behind_start_codes,
    changed,
    clean,
    decoded,
    holds,
    make,
    message,
    read,
    run,
)

from mediascrub import DamagedError, UnsupportedError
from mediascrub.codecs import scrubber

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("avc")


def split(packet: bytes) -> list[bytes]:
    """The units behind lengths of four bytes."""
    units, at = [], 0
    while at < len(packet):
        size = int.from_bytes(packet[at : at + 4])
        units.append(packet[at + 4 : at + 4 + size])
        at += 4 + size
    return units


AVC_UNITS: dict[str, tuple[bytes, str]] = {
    "captions": (message(4, CAPTIONS), "captions"),
    "encoder": (message(5, SETTINGS), "encoder settings"),
    "unknown user data": (message(5, bytes(16) + SECRET), "user data"),
    "camcorder": (
        message(5, bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66") + b"MDPM" + SECRET),
        "camera data",
    ),
    "reserved message": (message(199, SECRET), "metadata messages"),
    "long message": (message(200, SECRET * 40), "metadata messages"),
    "light level with a tail": (message(144, bytes(4) + SECRET), "metadata messages"),
    "recovery point with a tail": (message(6, b"\x88" + SECRET), "metadata messages"),
    "timing with a tail": (message(1, SECRET), "time code"),
    "filler": (b"\x0c" + SECRET + b"\x80", "filler"),
    "unspecified": (b"\x18" + SECRET, "unspecified units"),
    "reserved": (b"\x12" + SECRET, "unspecified units"),
    "delimiter with a tail": (b"\x09\xf0" + SECRET, "stray bytes"),
}


@pytest.mark.parametrize("name", AVC_UNITS)
@pytest.mark.parametrize("annexb", [False, True])
def test_planted_units_are_gone_and_frames_the_same(folder: Path, name: str, annexb: bool) -> None:
    unit, kind = AVC_UNITS[name]
    plain, _ = clean(read(make(folder, "bframes.mp4")))
    join: Callable[[Any], bytes] = behind_start_codes if annexb else behind_lengths
    parameters = split_configuration(plain.extradata)
    extradata = behind_start_codes([*parameters, unit]) if annexb else plain.extradata
    start = parameters if annexb else []
    dirty = Stream(
        "h264",
        extradata,
        [join([*start, unit, *split(packet), unit]) for packet in plain.packets],
    )
    assert holds(dirty)
    after, removed = clean(dirty)
    assert not holds(after)
    assert removed[kind] >= 2 * len(plain.packets)
    assert decoded(after) == decoded(plain)


def split_configuration(avcc: bytes) -> list[bytes]:
    sps_size = int.from_bytes(avcc[6:8])
    sps = avcc[8 : 8 + sps_size]
    at = 8 + sps_size + 1
    pps = avcc[at + 2 : at + 2 + int.from_bytes(avcc[at : at + 2])]
    return [sps, pps]


def test_a_picture_in_an_empty_packet_leaves_none(folder: Path) -> None:
    plain = read(make(folder, "bframes.mp4"))
    made = scrubber("h264", plain.extradata)
    assert made is not None
    assert made.packet(behind_lengths([message(5, SETTINGS)])) is None


def test_what_stands_behind_parameters_and_between_units_is_cut(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "bframes.mp4")))
    sps, pps = split_configuration(plain.extradata)
    dirty = Stream(
        "h264",
        SECRET + behind_start_codes([sps + SECRET, pps]),
        [
            SECRET + behind_start_codes([sps + SECRET, pps, *split(packet)]) + b"\0\0\0" + SECRET
            for packet in plain.packets
        ],
    )
    after, removed = clean(dirty)
    assert not holds(after)
    assert removed["stray bytes"] > 0
    assert decoded(after) == decoded(plain)


def test_the_configuration_of_mp4_holds_parameters_only(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "bframes.mp4")))
    sps, pps = split_configuration(plain.extradata)
    sei = message(5, SETTINGS)
    listed = b"".join(len(unit).to_bytes(2) + unit for unit in (sps, sei))
    dirty = plain.extradata[:5] + b"\xe2" + listed
    dirty += b"\x01" + len(pps).to_bytes(2) + pps + b"\xfd\xf8\xf8\x00" + SECRET
    after, removed = clean(plain._replace(extradata=dirty))
    assert not holds(after)
    assert removed == {"encoder settings": 1, "stray bytes": 1}
    assert after.extradata[5] == 0xE1
    assert decoded(after) == decoded(plain)


def timing(stamped: bool) -> bytes:
    """pic_timing with pic_struct 3 (top, then bottom field) and the time 10:11:12 twice."""
    stamp = "1" + "01" + "0" + "00000" + "1" + "0" + "0" + f"{5:08b}{12:06b}{11:06b}{10:05b}"
    stamp += f"{0:024b}"
    bits = "0011" + (stamp * 2 if stamped else "00") + "1"
    bits = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return int(bits, 2).to_bytes(len(bits) // 8)


def time_codes(stream: Stream) -> int:
    context = av.CodecContext.create("h264", "r")
    if stream.extradata:
        context.extradata = stream.extradata
    found = 0
    for data in stream.packets:
        packet = av.Packet(len(data))
        packet.update(data)
        for frame in context.decode(packet):
            sides: Any = frame.side_data  # its stub takes it for a dict
            found += sum(side.type.name == "S12M_TIMECODE" for side in sides)
    return found


def test_times_of_day_leave_the_order_of_fields(folder: Path) -> None:
    """x264's `pic-struct` makes room for them; a camera fills it."""
    plain, _ = clean(read(make(folder, "interlaced.avi")))

    def planted(packet: bytes, stamped: bool) -> bytes:
        units = [unit for unit in packet.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
        pictures = [unit for unit in units if unit[0] & 31 in (1, 5)]
        others = [unit for unit in units if unit[0] & 31 in (7, 8)]
        return behind_start_codes([*others, message(1, timing(stamped)), *pictures])

    stamped = changed(plain, lambda packet: planted(packet, True))
    expected = changed(plain, lambda packet: planted(packet, False))
    assert time_codes(stamped) > 0
    after, removed = clean(stamped)
    assert after.packets == expected.packets
    assert removed == {"time code": len(plain.packets)}
    assert time_codes(after) == 0
    assert decoded(after) == decoded(expected)


@pytest.mark.parametrize(
    ("build", "options"),
    [
        (b"142", ["-pix_fmt", "yuv444p", "-x264-params", "8x8dct=1"]),
        (b"066", ["-qp", "0"]),
        (b"020", ["-bf", "3", "-x264-params", "direct=spatial"]),
    ],
)
def test_old_encoders_pictures_decode_as_before(
    tmp_path: Path, build: bytes, options: list[str]
) -> None:
    """Decoders follow old x264's faults by its build number: it stays, and nothing else of it."""
    path = tmp_path / "old.mp4"
    run(*PICTURE, *X264, *options, str(path))
    modern = read(path)
    old = changed(modern, lambda packet: packet.replace(b"core 164", b"core " + build))
    assert decoded(old) != decoded(modern)  # else this test shows nothing
    after, removed = clean(old)
    assert removed == {"encoder settings": 1}
    assert decoded(after) == decoded(old)
    assert b"options" not in after.packets[0]
    again, removed = clean(after)
    assert again.packets == after.packets
    assert removed.total() == 0
    assert not any(b"x264" in packet for packet in clean(modern).stream.packets)


def test_hdr_and_recovery_points_stay(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "bframes.mp4")))
    kept = [
        message(137, bytes(range(24))),
        message(144, b"\x03\xe8\x01\x90"),
        message(147, b"\x12"),
        message(6, b"\xc4"),  # recovery in 0 frames, exact, not broken
        message(47, b"\xc0"),
    ]
    stream = changed(plain, lambda packet: behind_lengths([*kept, *split(packet)]))
    after, removed = clean(stream)
    assert removed.total() == 0
    assert after.packets == stream.packets


def test_a_length_that_leads_out_of_the_packet_is_an_error(folder: Path) -> None:
    plain = read(make(folder, "bframes.mp4"))
    made = scrubber("h264", plain.extradata)
    assert made is not None
    with pytest.raises(DamagedError):
        made.packet(plain.packets[0][:-5])
    with pytest.raises(DamagedError):
        scrubber("h264", plain.extradata[:12])
    with pytest.raises(DamagedError):
        scrubber("h264", b"\1\2\3")


def hevc(kind: int, payload: bytes, unit: int = 39) -> bytes:
    return message(kind, payload, bytes([unit << 1, 1]))


HEVC_UNITS: dict[str, tuple[bytes, str]] = {
    "captions": (hevc(4, CAPTIONS), "captions"),
    "encoder": (hevc(5, SETTINGS), "encoder settings"),
    "suffix": (hevc(5, bytes(16) + SECRET, 40), "user data"),
    "time code": (hevc(136, b"\x60" + SECRET), "time code"),
    "hdr10+": (hevc(4, b"\xb5\x00\x3c\x00\x01\x04" + SECRET), "dynamic HDR data"),
    "hash with a tail": (hevc(132, b"\x02" + bytes(12) + SECRET, 40), "metadata messages"),
    "light level with a tail": (hevc(144, bytes(4) + SECRET), "metadata messages"),
    "timing with a tail": (hevc(1, SECRET), "time code"),
    "filler": (b"\x4c\x01" + SECRET, "filler"),
    "unspecified": (b"\x7e\x01" + SECRET, "unspecified units"),
    "reserved picture": (b"\x2c\x01" + SECRET, "unspecified units"),
}


@pytest.mark.parametrize("name", HEVC_UNITS)
def test_hevc_units_are_gone_and_frames_the_same(folder: Path, name: str) -> None:
    unit, kind = HEVC_UNITS[name]
    plain, _ = clean(read(make(folder, "hevc.mp4")))
    dirty = changed(plain, lambda packet: behind_lengths([unit, *split(packet), unit]))
    after, removed = clean(dirty)
    assert not holds(after)
    assert removed[kind] == 2 * len(plain.packets)
    assert decoded(after) == decoded(plain)


def test_hevc_s_configuration_holds_parameters_only(folder: Path) -> None:
    before = read(make(folder, "hevc.mp4"))
    assert b"x265" in before.extradata
    sei = hevc(5, SETTINGS)
    array = b"\xa7\x00\x01" + len(sei).to_bytes(2) + sei
    data = before.extradata
    dirty = data[:22] + bytes([data[22] + 1]) + data[23:] + array + SECRET
    after, removed = clean(before._replace(extradata=dirty))
    assert not holds(after)
    assert b"x265" not in after.extradata
    assert removed["stray bytes"] == 1
    assert decoded(after) == decoded(before)


def test_what_stands_behind_hevc_s_parameters_is_cut(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "fields.ts")))

    def planted(packet: bytes) -> bytes:
        units = [unit for unit in packet.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
        return behind_start_codes(
            [unit + SECRET if unit[0] >> 1 in (32, 33, 34, 35) else unit for unit in units]
        )

    dirty = changed(plain, planted)
    assert holds(dirty)
    after, removed = clean(dirty)
    assert not holds(after)
    assert removed["stray bytes"] >= len(plain.packets)
    assert decoded(after) == decoded(plain)


AVC_SETS: dict[str, list[str]] = {
    "plain": ["-profile:v", "baseline"],
    "matrices": ["-pix_fmt", "yuv444p", "-x264-params", "cqm=jvt:8x8dct=1"],
    "grey": ["-pix_fmt", "gray", "-x264-params", "cqm=jvt"],
    "deep": ["-pix_fmt", "yuv422p10le"],
    "fields": ["-x264-params", "tff=1:nal-hrd=vbr:" + BUFFER],
}
HEVC_SETS: dict[str, list[str]] = {
    "whole blocks": ["-pix_fmt", "yuv420p", "-s", "192x128"],
    "lists": ["-pix_fmt", "yuv420p", "-x265-params", QUIET + ":scaling-list=default"],
    "lists of 4:4:4": ["-pix_fmt", "yuv444p", "-x265-params", QUIET + ":scaling-list=default"],
    "grey": ["-pix_fmt", "gray", "-x265-params", QUIET + ":tskip=1"],
    "many": ["-pix_fmt", "yuv420p", "-x265-params", QUIET + ":opt-qp-pps=1:hrd=1:" + BUFFER],
}
PLAIN_INPUT = ["-f", "lavfi", "-i", "testsrc2=s=210x172:r=25:d=0.4"]


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("suffix", ["mp4", "ts"])
@pytest.mark.parametrize("name", [*AVC_SETS, *(f"hevc {name}" for name in HEVC_SETS)])
def test_encoders_parameter_sets_stay(tmp_path: Path, name: str, suffix: str) -> None:
    path, of_hevc = tmp_path / f"a.{suffix}", name.startswith("hevc ")
    options = HEVC_SETS[name[5:]] if of_hevc else AVC_SETS[name]
    quiet = [*X265, QUIET] if of_hevc else X264
    run(*PLAIN_INPUT, *quiet, *options, str(path))
    before = read(path)
    after, removed = clean(before)
    assert set(removed) <= {"encoder settings", "metadata messages"}
    assert decoded(after) == decoded(before)


@pytest.mark.parametrize("annexb", [False, True])
def test_what_is_said_of_auxiliary_pictures_goes_with_them(folder: Path, annexb: bool) -> None:
    plain, _ = clean(read(make(folder, "bframes.mp4")))
    join: Callable[[Any], bytes] = behind_start_codes if annexb else behind_lengths
    sets = split_configuration(plain.extradata) if annexb else []
    dirty = plain._replace(
        extradata=behind_start_codes(sets) if annexb else plain.extradata,
        packets=[join([*sets, b"\x6d" + SECRET, *split(packet)]) for packet in plain.packets],
    )
    after, removed = clean(dirty)
    assert not holds(after)
    assert removed == {"another layer or view of the picture": len(plain.packets)}
    assert decoded(after) == decoded(plain)


@pytest.mark.parametrize(
    "unit",
    [
        b"\x02" + SECRET,  # partition A of a slice, which FFmpeg passes over
        b"\x03" + SECRET,
        b"\x04" + SECRET,
        b"\x68\x23" + SECRET,  # a picture parameter set of a sequence that there is not
        b"\x67\x42\x00\x0a" + bytes(8) + SECRET,
        b"\x68\xc0" + bytes(4) + SECRET,  # a number that is longer than any
    ],
)
def test_units_that_decoders_pass_over_and_nobody_can_read_are_refused(
    folder: Path, unit: bytes
) -> None:
    plain = read(make(folder, "bframes.mp4"))
    made = scrubber("h264", plain.extradata)
    assert made is not None
    with pytest.raises(UnsupportedError, match="encode"):
        made.packet(behind_lengths([unit, *split(plain.packets[0])]))


def hevc_sets(stream: Stream) -> dict[int, bytes]:
    units = [unit for unit in re.split(b"\0?\0\0\1", stream.packets[0]) if unit]
    return {unit[0] >> 1: unit for unit in units if unit[0] >> 1 in (32, 33, 34)}


def extended(unit: bytes) -> bytes:
    """The set with its last flag, that there is an extension, set; and text as that."""
    bits = bin(int.from_bytes(unit[2:].replace(b"\0\0\3", b"\0\0")))[2:]
    bits = bits.rstrip("0")[:-2] + "1"
    padded = bits + "0" * (-(len(bits) + _leading(unit)) % 8)
    value = int(padded, 2)
    body = value.to_bytes(-(-(len(padded) + _leading(unit)) // 8))
    return unit[:2] + re.sub(b"\0\0(?=[\0-\3])", b"\0\0\3", body) + SECRET + b"\x80"


def _leading(unit: bytes) -> int:
    return 8 - unit[2].bit_length()


def with_extended(stream: Stream, kind: int) -> Stream:
    sets = hevc_sets(stream)
    text = extended(sets[kind])
    packets = [packet.replace(sets[kind], text) for packet in stream.packets]
    dirty = stream._replace(extradata=b"", packets=packets)
    assert holds(dirty)
    return dirty


def test_an_extension_about_other_layers_goes_with_them(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "fields.ts")))
    after, _ = clean(with_extended(plain, 32))
    assert not holds(after)
    assert decoded(after) == decoded(plain)


@pytest.mark.parametrize("kind", [33, 34])
def test_an_extension_that_nobody_can_read_is_refused(folder: Path, kind: int) -> None:
    plain, _ = clean(read(make(folder, "fields.ts")))
    with pytest.raises(UnsupportedError, match="encode"):
        clean(with_extended(plain, kind))
