"""Strings planted where AV1, MPEG, VC-1, JPEG, DV and sound codecs have room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bitstreams.streams import (
    SECRET,
    Stream,
    changed,
    clean,
    decoded,
    holds,
    make,
    read,
    run,
)

from mediascrub import DamagedError
from mediascrub.codecs import scrubber
from mediascrub.codecs.scrubber import LateScrubber

if TYPE_CHECKING:
    from pathlib import Path

START = b"\0\0\1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("planted")


def proven(dirty: Stream, plain: Stream, kind: str, least: int = 1) -> Stream:
    """The planted string is gone, it was told, and decoders see what they saw without it."""
    assert holds(dirty)
    after, removed = clean(dirty)
    assert not holds(after)
    assert removed[kind] >= least
    assert decoded(after) == decoded(plain)
    again, removed = clean(after)
    assert again == after
    assert removed.total() == 0
    return after


def obu(kind: int, payload: bytes) -> bytes:
    return bytes([kind << 3 | 2, len(payload)]) + payload


AV1_UNITS = {
    "captions": (obu(5, b"\x04\xb5\x00\x31GA94" + SECRET + b"\x80"), "captions"),
    "time code": (obu(5, b"\x05" + SECRET + b"\x80"), "time code"),
    "user private": (obu(5, b"\x1f" + SECRET + b"\x80"), "metadata messages"),
    "light level with a tail": (obu(5, b"\x01\1\2\3\4" + SECRET + b"\x80"), "stray bytes"),
    "padding": (obu(15, SECRET + b"\x80"), "filler"),
    "reserved": (obu(9, SECRET), "unspecified units"),
}


@pytest.mark.parametrize("name", AV1_UNITS)
def test_av1(folder: Path, name: str) -> None:
    unit, kind = AV1_UNITS[name]
    plain = read(make(folder, "av1.mkv"))

    def planted(packet: bytes) -> bytes:
        # A temporal unit begins with its delimiter where a container keeps that.
        head = 2 if packet[:2] == b"\x12\x00" else 0
        return packet[:head] + unit + packet[head:] + unit

    dirty = changed(plain, planted)._replace(extradata=plain.extradata + unit)
    proven(dirty, plain, kind, 2 * len(plain.packets) + 1)


def test_av1_keeps_hdr(folder: Path) -> None:
    plain = read(make(folder, "av1.mkv"))
    light = obu(5, b"\x01\x03\xe8\x01\x90\x80")
    stream = changed(plain, lambda packet: packet + light)
    after, removed = clean(stream)
    assert after.packets == stream.packets
    assert removed.total() == 0


@pytest.mark.parametrize("name", ["mpeg1.mpg", "mpeg2.ts"])
@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        (START + b"\xb2GA94\x03" + SECRET, "captions"),
        (START + b"\xb2" + SECRET, "user data"),
        (START + b"\xb5\x41" + SECRET, "copyright number"),
        (START + b"\xb1" + SECRET, "unspecified units"),
    ],
)
def test_mpeg_at_every_level(folder: Path, name: str, unit: bytes, kind: str) -> None:
    plain, _ = clean(read(make(folder, name)))

    def planted(packet: bytes) -> bytes:
        for code in (b"\xb8", b"\x00", b"\x01"):
            packet = packet.replace(START + code, unit + START + code, 1)
        return packet

    dirty = changed(plain, planted)._replace(extradata=plain.extradata + unit)
    proven(dirty, plain, kind, 2 * len(plain.packets))


def test_mpeg_headers_end_where_their_syntax_ends(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "mpeg2.ts")))
    assert plain.packets[0][:4] == START + b"\xb3"

    def planted(packet: bytes) -> bytes:
        pieces = packet.split(START)
        return START.join(
            piece + SECRET if piece[:1] in (b"\xb3", b"\xb5", b"\xb8", b"\x00") else piece
            for piece in pieces
        )

    proven(changed(plain, planted), plain, "stray bytes", 2 * len(plain.packets))


def test_mpeg_group_times_are_zero_and_their_flags_stay(tmp_path: Path) -> None:
    path = tmp_path / "timed.mpg"
    source = "testsrc2=s=96x64:r=25:d=2"
    codec = ["-c:v", "mpeg2video", "-g", "10", "-timecode", "10:11:12:13"]
    run("-f", "lavfi", "-i", source, *codec, "-f", "vob", str(path))
    before = read(path)
    after, removed = clean(before)
    assert decoded(after) == decoded(before)

    def groups(stream: Stream) -> list[bytes]:
        found = (packet.partition(START + b"\xb8")[2][:4] for packet in stream.packets)
        return [group for group in found if group]

    assert removed["time code"] == len(groups(before)) > 2
    for old, new in zip(groups(before), groups(after), strict=True):
        # drop frame, hours, minutes, marker, seconds, pictures; closed group, broken link
        assert int.from_bytes(new) >> 7 == 1 << 12
        assert int.from_bytes(new) & 0x7F == int.from_bytes(old) & 0x7F


@pytest.mark.parametrize("name", ["mpeg1.mpg", "mpeg2.ts"])
def test_extra_information_in_slices_is_zero(folder: Path, name: str) -> None:
    plain, _ = clean(read(make(folder, name)))

    def planted(packet: bytes, secret: bytes) -> bytes:
        """Behind five bits of quantiser: each byte behind a bit, the first of them all zeros."""
        head, _, rest = packet.partition(START + b"\x01")
        body, begin, tail = rest.partition(START)
        bits = f"{int.from_bytes(body):0{8 * len(body)}b}"
        extra = "".join(f"1{byte:08b}" for byte in b"\0" + secret)
        bits = bits[:5] + extra + bits[5:]
        bits = bits.ljust(-(-len(bits) // 8) * 8, "0")
        return head + START + b"\x01" + int(bits, 2).to_bytes(len(bits) // 8) + begin + tail

    dirty = changed(plain, lambda packet: planted(packet, SECRET))
    after, removed = clean(dirty)
    assert removed == {"user data": len(plain.packets)}
    assert after.packets == [planted(packet, bytes(len(SECRET))) for packet in plain.packets]
    assert decoded(after) == decoded(dirty) == decoded(plain)


TMPGENC = b"\0TMPGEXS\0"


def test_the_mark_of_an_encoder_with_other_quantisation_stays(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "mpeg1.mpg")))
    marked = START + b"\xb2" + TMPGENC + b"00000028IDCPREC " + SECRET
    dirty = changed(plain, lambda p: p.replace(START + b"\x00", marked + START + b"\x00", 1))
    assert decoded(dirty) != decoded(plain)  # else this test shows nothing
    after, _ = clean(dirty)
    assert not holds(after)
    assert decoded(after) == decoded(dirty)
    assert clean(after).removed.total() == 0


@pytest.mark.parametrize("name", ["part2.avi", "xvid.mp4"])
def test_part_2_keeps_builds_of_encoders_only(folder: Path, name: str) -> None:
    plain = read(make(folder, name))
    unit = START + b"\xb2" + SECRET

    def planted(packet: bytes) -> bytes:
        return packet.replace(START + b"\xb6", unit + START + b"\xb6", 1)

    dirty = changed(plain, planted)._replace(extradata=plain.extradata + unit)
    proven(dirty, plain, "user data", len(plain.packets))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (b"DivX503b1393p" + SECRET, b"DivX503b1393p"),
        (b"XviD0050 for " + SECRET, b"XviD0050"),
        (b"Lavc51.40.4 " + SECRET, b"Lavc51.40.4"),
        (b"FFmpeg0.4.6b4606" + SECRET, b"FFmpeg0.4.6b4606"),
        (b"XviDJane" + SECRET, b""),
        (b"DivX" + SECRET, b""),
    ],
)
def test_old_part_2_decodes_by_its_encoder_s_faults(
    folder: Path, written: bytes, kept: bytes
) -> None:
    plain = read(make(folder, "part2.avi"))
    head = plain.packets[0].index(START + b"\xb6")
    first = plain.packets[0][:head].partition(START + b"\xb2")[0]

    def told(what: bytes) -> Stream:
        data = first + (START + b"\xb2" + what if what else b"") + plain.packets[0][head:]
        return Stream(plain.codec, b"", [data, *plain.packets[1:]])

    dirty = told(written)
    after, removed = clean(dirty)
    assert not holds(after)
    assert removed.total() == 1
    assert after.packets == told(kept).packets
    assert decoded(after) == decoded(dirty)


def part_2_group(hours: int, minutes: int, seconds: int) -> bytes:
    bits = f"{hours:05b}{minutes:06b}1{seconds:06b}100111"
    return START + b"\xb3" + int(bits, 2).to_bytes(3)


def test_part_2_group_times_count_from_the_first(folder: Path) -> None:
    """B pictures are predicted by distances in time, so these stay."""
    plain = read(make(folder, "part2.avi"))
    assert START + b"\xb6" in plain.packets[12]

    def timed(hours: int, minutes: int) -> Stream:
        packets = [p.replace(START + b"\xb3\x00\x10\x07", b"") for p in plain.packets]
        at = packets[0].index(START + b"\xb6")
        packets[0] = packets[0][:at] + part_2_group(hours, minutes, 0) + packets[0][at:]
        packets[12] = part_2_group(hours, minutes, 1) + packets[12]
        return plain._replace(packets=packets)

    dirty, expected = timed(10, 11), timed(0, 0)
    after, removed = clean(dirty)
    assert removed == {"time code": 2}
    assert after.packets == expected.packets
    assert decoded(after) == decoded(dirty)
    assert clean(after).removed.total() == 0


def test_vc1(folder: Path) -> None:
    """There is no encoder to be had; units are those of SMPTE ST 421, annex E."""
    head = START + b"\x0f\xc0\x01" + START + b"\x0e\x40"
    frame = START + b"\x0d" + bytes(range(64))
    dirty = Stream(
        "vc1",
        b"\x25" + head + START + b"\x1f" + SECRET,
        [frame + START + b"\x1d" + SECRET, bytes(range(4, 60)), frame],
    )
    after, removed = clean(dirty)
    assert removed == {"user data": 2}
    assert after.extradata == b"\x25" + head
    assert after.packets == [frame, dirty.packets[1], frame]


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


JPEG_PARTS = {
    "exif": (segment(0xE1, b"Exif\0\0MM" + SECRET), b"", "embedded picture"),
    "comment": (segment(0xFE, SECRET), b"", "comment"),
    "unknown": (segment(0xE5, SECRET), b"", "user data"),
    "upside down": (segment(0xFE, b"Metasoft MJPEG Codec" + SECRET), b"", "comment"),
    "between markers": (SECRET, b"", "stray bytes"),
    "behind the end": (b"", SECRET, "stray bytes"),
    "second picture": (b"", b"\xff\xd8\xff\xe1\x00\x14" + SECRET + b"\xff\xd9", "embedded picture"),
}


@pytest.mark.parametrize("name", JPEG_PARTS)
def test_motion_jpeg(folder: Path, name: str) -> None:
    inside, behind, kind = JPEG_PARTS[name]
    plain, _ = clean(read(make(folder, "motion.avi")))
    dirty = changed(plain, lambda packet: packet[:2] + inside + packet[2:] + behind)
    if name == "upside down":
        assert holds(dirty)
        after, removed = clean(dirty)
        assert not holds(after)
        assert removed[kind] == len(plain.packets)
        assert decoded(after) == decoded(dirty)
    else:
        proven(dirty, plain, kind, len(plain.packets))


def test_a_thumbnail_in_jfif_is_gone(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "motion.avi")))
    jfif = b"JFIF\0\1\1\0\0\1\0\1\x08\x08" + SECRET.ljust(192, b"\0")

    def planted(packet: bytes) -> bytes:
        return packet[:2] + segment(0xE0, jfif) + packet[2:]

    proven(changed(plain, planted), plain, "embedded picture", len(plain.packets))


def test_both_fields_of_a_picture_stay(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "motion.avi")))
    avi1 = segment(0xE0, b"AVI1\1\0" + bytes(8))
    fields = changed(plain, lambda p: (p[:2] + avi1 + p[2:]) * 2)
    after, removed = clean(fields)
    assert removed.total() == 0
    assert after.packets == fields.packets
    named = changed(fields, lambda p: p.replace(avi1, avi1 + segment(0xFE, SECRET)))
    after, removed = clean(named)
    assert removed == {"comment": 2 * len(plain.packets)}
    assert after.packets == fields.packets


def lowered(packet: bytes) -> bytes:
    """A third of the rows, by the frame header alone."""
    at = packet.index(b"\xff\xc0") + 5
    return packet[:at] + (48).to_bytes(2) + packet[at + 2 :]


@pytest.mark.parametrize("fields", [1, 2])
def test_rows_below_the_frames_of_motion_jpeg_are_gone(folder: Path, fields: int) -> None:
    plain, _ = clean(read(make(folder, "motion.avi")))
    dirty = changed(plain, lambda packet: lowered(packet) * fields)
    after, removed = clean(dirty)
    assert removed == {"picture data that is not shown": fields * len(plain.packets)}
    assert decoded(after) == decoded(dirty)
    assert sum(map(len, after.packets)) < 0.7 * sum(map(len, dirty.packets))
    again, removed = clean(after)
    assert (again, removed.total()) == (after, 0)


def test_bytes_behind_the_last_block_of_motion_jpeg_are_gone(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "motion.avi")))
    dirty = changed(plain, lambda packet: packet[:-2] + SECRET + packet[-2:])
    proven(dirty, plain, "picture data that is not shown", len(plain.packets))


def test_a_frame_of_motion_jpeg_that_was_cut_off_stays(folder: Path) -> None:
    """Recordings that stopped suddenly have such; players show what there is of them."""
    plain, _ = clean(read(make(folder, "motion.avi")))
    short = changed(plain, lambda packet: packet[: len(packet) * 2 // 3])
    after, removed = clean(short)
    assert (after, removed.total()) == (short, 0)


def test_tape_loses_dates_time_codes_and_its_copy_of_the_sound(folder: Path) -> None:
    before = read(make(folder, "tape.avi"))
    after, removed = clean(before)
    frames = len(before.packets)
    assert removed == {
        "time code": frames,
        "recording date": frames,
        "sound inside the picture": frames,
    }
    assert decoded(after) == decoded(before)
    for packet in after.packets:
        blocks = [packet[at : at + 80] for at in range(0, len(packet), 80)]
        packs = {b[at] for b in blocks if b[0] >> 5 == 1 for at in range(6, 54, 8)}
        packs |= {b[at] for b in blocks if b[0] >> 5 == 2 for at in range(3, 78, 5)}
        assert packs <= {0x60, 0x61, 0xFF}
        assert not any(any(b[8:]) for b in blocks if b[0] >> 5 == 3)


def test_text_in_tape_s_packs_and_reserved_bytes(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "tape.avi")))

    def planted(packet: bytes) -> bytes:
        out = bytearray(packet)
        out[8:26] = SECRET  # the header block's reserved bytes
        out[80 + 6 : 80 + 11] = b"\x19Jane"  # text in the subcode
        return bytes(out)

    after = proven(changed(plain, planted), plain, "stray bytes", len(plain.packets))
    assert not holds(after, b"Jane")


def test_tags_in_the_middle_of_mp3_are_gone(folder: Path) -> None:
    plain, _ = clean(read(make(folder, "loud.mkv")))
    packets = list(plain.packets)
    packets[3:3] = [b"ID3\x04\0\0\0\0\0\x12" + SECRET, b"TAG" + SECRET.ljust(125, b"\0")]
    packets[8] += b"APETAGEX" + SECRET
    after = proven(plain._replace(packets=packets), plain, "tag", 3)
    assert after.packets == plain.packets


def test_ancillary_data_of_mp3_is_zero_wherever_it_may_lie(folder: Path) -> None:
    """Silence leaves nearly all of a frame free."""
    path = folder / "silence.mkv"
    run("-f", "lavfi", "-i", "anullsrc=d=1", "-c:a", "libmp3lame", "-b:a", "128k", str(path))
    plain, _ = clean(read(path))
    dirty = changed(plain, lambda packet: packet[:-60] + SECRET + packet[-60 + len(SECRET) :])
    proven(dirty, plain, "auxiliary data", len(plain.packets))


def test_padding_of_opus_is_zero(folder: Path) -> None:
    plain = read(make(folder, "opus.ogg"))

    def padded(packet: bytes, padding: bytes) -> bytes:
        assert packet[0] & 3 == 0  # one frame
        head = bytes((packet[0] | 3, 0x41, len(padding)))
        return head + packet[1:] + padding

    dirty = changed(plain, lambda packet: padded(packet, SECRET))
    dirty = dirty._replace(extradata=plain.extradata + SECRET)
    after = proven(dirty, plain, "auxiliary data", len(plain.packets))
    assert after.packets == [padded(packet, bytes(len(SECRET))) for packet in plain.packets]
    assert after.extradata == plain.extradata


@pytest.mark.parametrize("name", ["aac.m4a", "aac.ts"])
def test_data_before_the_sound_of_aac_is_zero(folder: Path, name: str) -> None:
    plain, _ = clean(read(make(folder, name)))
    # A data stream element, aligned to bytes, then a fill element of no bytes.
    element = int("100" + "0000" + "1" + f"{len(SECRET):08b}", 2).to_bytes(2) + SECRET

    def planted(packet: bytes, element: bytes) -> bytes:
        head = 7 if name.endswith(".ts") else 0
        out = bytearray(packet[:head] + element + packet[head:])
        if head:
            size = len(out)
            out[3] = out[3] & 0xFC | size >> 11
            out[4], out[5] = size >> 3 & 0xFF, out[5] & 0x1F | (size & 7) << 5
        return bytes(out)

    dirty = changed(plain, lambda packet: planted(packet, element))
    after = proven(dirty, plain, "auxiliary data", len(plain.packets))
    silent = element[:2] + bytes(len(SECRET))
    assert after.packets == [planted(packet, silent) for packet in plain.packets]


@pytest.mark.parametrize(
    ("codec", "extradata", "packet"),
    [
        ("av1", b"", b"\x32\x7fJane"),
        ("mpeg2video", b"", b"Jane"),
        ("mpeg4", b"", b"Jane"),
        ("mjpeg", b"", b"Jane"),
        ("mjpeg", b"", b"\xff\xd8\xff\xe0\x40\x00Jane"),
        ("dvvideo", b"", b"Jane"),
        ("opus", b"", b"\x03\x41\xffJane"),
        ("h264", b"", b"Jane"),
        ("hevc", b"", b"Jane"),
    ],
)
def test_what_can_t_be_taken_apart_is_an_error(codec: str, extradata: bytes, packet: bytes) -> None:
    made = scrubber(codec, extradata)
    assert made is not None
    with pytest.raises(DamagedError) as caught:
        made.packet(packet)
    assert "Jane" not in str(caught.value)


def test_sound_without_a_single_frame_is_an_error() -> None:
    """What belongs to no frame is dropped, but a stream is not made of that."""
    made = scrubber("mp3", b"")
    assert isinstance(made, LateScrubber)
    assert made.push(b"Jane") == [None]
    frame = b"\xff\xfb\x90\xc4".ljust(417, b"\0")
    assert [*made.push(b"Jane" + frame), *made.flush()] == [frame]

    empty = scrubber("mp3", b"")
    assert isinstance(empty, LateScrubber)
    with pytest.raises(DamagedError) as caught:
        _ = [*empty.push(b"Jane"), *empty.flush()]
    assert "Jane" not in str(caught.value)


def test_other_codecs_have_no_scrubber() -> None:
    assert scrubber("ffv1", b"") is None
    assert scrubber("rawvideo", b"") is None
