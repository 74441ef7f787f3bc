"""Nothing but sound is left in AAC, wherever in a block it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bitstreams.streams import NOISE, SECRET, Stream, clean, decoded, read, run

from mediascrub import DamagedError, UnsupportedError
from mediascrub.codecs import scrubber

if TYPE_CHECKING:
    from pathlib import Path

END = "111"
DATA_ELEMENT = "100" + "0000" + "0" + f"{len(SECRET):08b}"
REPLICATION = (13, 14)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    path = tmp_path_factory.mktemp("aac") / "sound.m4a"
    run(*NOISE, "-t", "0.5", "-c:a", "aac", str(path))
    return clean(read(path)).stream


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    path = tmp_path_factory.mktemp("adts") / "sound.aac"
    run(*NOISE, "-t", "0.5", "-c:a", "aac", str(path))
    return clean(read(path)).stream


def bits(data: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in data)


def octets(text: str) -> bytes:
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8)


def fill(extension: int, payload: bytes = SECRET) -> str:
    """A fill element (ISO/IEC 14496-3, table 4.50) with four bits before the payload."""
    count = len(payload) + 1
    return "110" + "1111" + f"{count - 14:08b}" + f"{extension:04b}" + "0000" + bits(payload)


def before_sound(packet: bytes, element: str) -> bytes:
    return octets(element + bits(packet))


def behind_sound(packet: bytes, element: str) -> bytes:
    """The last bits that are set are the element that ends a block."""
    block = bits(packet).rstrip("0")
    assert block.endswith(END)
    return octets(block.removesuffix(END) + element + END)


def framing(packet: bytes, body: bytes) -> bytes:
    """The header of a packet's frame in ADTS, before another body."""
    head, size = bytearray(packet[:7]), 7 + len(body)
    head[3] = head[3] & 0xFC | size >> 11
    head[4], head[5] = size >> 3 & 0xFF, head[5] & 0x1F | (size & 7) << 5
    return bytes(head) + body


def spells(stream: Stream) -> bool:
    """Whether the secret is in a packet, at whatever bit it begins."""
    return any(bits(SECRET) in bits(packet) for packet in stream.packets)


@pytest.mark.parametrize("extension", range(16))
@pytest.mark.parametrize("place", [before_sound, behind_sound])
def test_fill_of_every_type_is_empty(plain: Stream, extension: int, place: type) -> None:
    if place is behind_sound and extension in REPLICATION:
        extension = 15  # replicated bands do stand here
    dirty = plain._replace(packets=[place(packet, fill(extension)) for packet in plain.packets])
    assert spells(dirty)
    after, removed = clean(dirty)
    assert removed.total() == len(plain.packets)
    assert not spells(after)
    assert decoded(after) == decoded(plain)
    assert clean(after).removed.total() == 0


def test_data_behind_the_sound_is_zero(plain: Stream) -> None:
    element = DATA_ELEMENT + bits(SECRET)
    dirty = plain._replace(packets=[behind_sound(packet, element) for packet in plain.packets])
    after, removed = clean(dirty)
    assert removed == {"auxiliary data": len(plain.packets)}
    assert not spells(after)
    assert decoded(after) == decoded(plain)


def test_bytes_behind_a_block_are_cut_off(plain: Stream) -> None:
    dirty = plain._replace(packets=[packet + SECRET for packet in plain.packets])
    after, removed = clean(dirty)
    assert removed == {"stray bytes": len(plain.packets)}
    assert after.packets == plain.packets


def test_frames_of_adts_tell_their_new_length(framed: Stream) -> None:
    dirty = [framing(packet, packet[7:] + SECRET) for packet in framed.packets]
    after, removed = clean(framed._replace(packets=dirty))
    assert removed == {"stray bytes": len(dirty)}
    assert after.packets == framed.packets
    assert "damaged" not in decoded(after)


def test_bytes_between_frames_of_one_packet_are_cut_off(framed: Stream) -> None:
    first, second, *_ = framed.packets
    after, removed = clean(framed._replace(packets=[first + second + SECRET]))
    assert removed == {"stray bytes": 1}
    assert after.packets == [first + second]


def test_checksums_of_adts_are_left_out(framed: Stream) -> None:
    """They would be wrong, and nobody could say whether they were ever right."""
    checked = []
    for packet in framed.packets:
        frame = bytearray(framing(packet, b"MR" + packet[7:]))
        frame[1] &= 0xFE
        checked.append(bytes(frame))
    after, _ = clean(framed._replace(packets=checked))
    assert after.packets == framed.packets


def test_a_recording_may_end_within_a_frame(framed: Stream) -> None:
    *whole, last = framed.packets
    after, removed = clean(framed._replace(packets=[*whole, last[: len(last) // 2]]))
    assert after.packets == whole
    assert removed == {"stray bytes": 1}


def test_a_block_that_ends_early_is_an_error(plain: Stream) -> None:
    made = scrubber("aac", plain.extradata)
    assert made is not None
    with pytest.raises(DamagedError):
        made.packet(plain.packets[5][:40])


def test_the_mark_by_which_ffmpeg_knows_a_delay_stays_without_its_version(plain: Stream) -> None:
    element = "110" + "1111" + f"{16 - 14:08b}" + "0" * 17 + bits(b"libfaac 1.28\0") + "0" * 7
    first, *others = plain.packets
    dirty = plain._replace(packets=[before_sound(first, element), *others])
    after, removed = clean(dirty)
    assert removed == {"encoder settings": 1}
    assert decoded(after) == decoded(dirty) != decoded(plain)
    assert b"libfaac 0.00\0" in after.packets[0]


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    "options",
    [
        ("-ar", "7350", "-ac", "1"),
        ("-ar", "11025", "-ac", "2"),
        ("-ar", "24000", "-ac", "1", "-b:a", "12k"),
        ("-ar", "32000", "-ac", "2", "-b:a", "300k"),
        ("-ar", "64000", "-ac", "2"),
        ("-ar", "96000", "-ac", "1"),
        ("-ar", "48000", "-ac", "6", "-b:a", "500k"),
        ("-profile:a", "aac_main", "-ac", "2"),
        ("-profile:a", "aac_ltp", "-strict", "-2", "-ac", "2"),
    ],
)
def test_sound_of_every_kind_is_read_to_its_end(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Bursts, so that windows are long and short, and bands loud, faint and empty."""
    path = tmp_path / "sound.m4a"
    bursts = "aevalsrc='random(0)*lt(mod(t,0.3),0.02)+0.2*sin(900*t*t)':s=48000:d=1.2"
    run("-f", "lavfi", "-i", bursts, *options, "-c:a", "aac", str(path))
    source = read(path)
    dirty = source._replace(packets=[packet + SECRET for packet in source.packets])
    after, removed = clean(dirty)
    assert removed["stray bytes"] == len(source.packets)
    assert decoded(after) == decoded(source)
    assert [len(packet) for packet in after.packets] == [len(p) for p in source.packets]


@pytest.mark.parametrize("configuration", ["f8e85000", "f94043", "1990"])
def test_kinds_that_are_not_read_are_refused(configuration: str) -> None:
    """Low delay, unified speech and audio, scalable sampling rate."""
    with pytest.raises(UnsupportedError, match="-c:a aac"):
        scrubber("aac", bytes.fromhex(configuration))


def test_replicated_bands_stay_where_they_belong(plain: Stream) -> None:
    """Behind the sound that they widen, and nowhere else (4.4.2.7)."""
    for extension in REPLICATION:
        bands = [behind_sound(packet, fill(extension)) for packet in plain.packets]
        assert clean(plain._replace(packets=bands)).stream.packets == bands


@pytest.mark.parametrize("configuration", ["2b920800", "eb920800", "139056e5a0"])
def test_high_efficiency_is_read_at_the_rate_of_its_core(
    tmp_path: Path, configuration: str
) -> None:
    """However a configuration tells of replicated bands, blocks have those of half the rate."""
    path = tmp_path / "sound.m4a"
    run(*NOISE, "-t", "0.5", "-ar", "22050", "-ac", "2", "-c:a", "aac", str(path))
    source = clean(read(path)).stream._replace(extradata=bytes.fromhex(configuration))
    bands = [behind_sound(packet, fill(13)) for packet in source.packets]
    after, removed = clean(source._replace(packets=[packet + SECRET for packet in bands]))
    assert removed == {"stray bytes": len(bands)}
    assert after == source._replace(packets=bands)
