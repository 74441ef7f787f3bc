"""Coded pictures that are never shown: no player shows them, until somebody changes a bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import pytest
from bitstreams.streams import clean, decoded, make, read, run

from mediascrub import DamagedError, UnsupportedError
from mediascrub.codecs import kinds
from veilcast.media.container import remux
from veilcast.media.probe import probe
from veilcast.media.survey import survey

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=192x160:r=25:d=0.6"]
FACE = ["-f", "lavfi", "-i", "mandelbrot=s=192x160:r=25", "-frames:v", "1"]
PLAIN = ["-auto-alt-ref", "0", "-lag-in-frames", "0", "-cpu-used", "8", "-deadline", "realtime"]
ENCODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
LATER = ["-auto-alt-ref", "1", "-lag-in-frames", "16", "-deadline", "good", "-cpu-used", "5"]


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress is of no interest here."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unseen")


def coded(folder: Path, codec: str) -> tuple[Path, list[bytes], bytes]:
    """A recording of two key frames, its packets, and a key frame of another picture, unshown."""
    plain, other = folder / f"{codec}.webm", folder / f"{codec}_other.webm"
    if not plain.exists():
        encoder = ["-c:v", ENCODERS[codec], *PLAIN]
        run(*PICTURE, *encoder, "-g", "10", "-pix_fmt", "yuv420p", str(plain))
        run(*FACE, *encoder, "-pix_fmt", "yuv420p", str(other))
    (key,) = read(other).packets
    hidden = bytes([key[0] ^ (0x10 if codec == "vp8" else 0x02)]) + key[1:]
    return plain, read(plain).packets, hidden


def written(plain: Path, path: Path, packets: list[bytes]) -> Path:
    """The packets in a row, 40 ms each."""
    with av.open(str(plain)) as given, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(given.streams.video[0])
        tick = given.streams.video[0].time_base
        assert tick is not None
        for number, data in enumerate(packets):
            packet = av.Packet(data)
            packet.time_base = tick
            packet.pts = packet.dts = number * 40
            packet.is_keyframe = number == 0
            packet.stream = stream
            out.mux(packet)
    return path


@pytest.mark.parametrize("place", [10, 15])
def test_pictures_that_no_one_can_see_are_left_out(
    folder: Path, tmp_path: Path, place: int
) -> None:
    """Before the second key frame, and at the end."""
    plain, packets, hidden = coded(folder, "vp8")
    assert len(packets) == 15
    planted = [*packets[:place], hidden, *packets[place:]]
    source = written(plain, tmp_path / "planted.webm", planted)
    assert hidden in read(source).packets
    assert survey(source, probe(source), silent) == {(0, kinds.UNSEEN): 1}
    out = tmp_path / "out.webm"
    remux(source, out, probe(source), progress=silent)
    assert read(out).packets == packets
    assert decoded(read(out)) == decoded(read(source)) == decoded(read(plain))
    assert not survey(out, probe(out), silent)


@pytest.mark.parametrize("codec", ENCODERS)
def test_pictures_that_others_refer_to_are_kept(tmp_path: Path, codec: str) -> None:
    source, log = tmp_path / "later.webm", str(tmp_path / "passes")
    picture = ["-f", "lavfi", "-i", "testsrc2=s=192x160:r=25:d=1.2"]
    for number in "12":  # a second pass knows where such pictures are worth it
        passes = ["-pass", number, "-passlogfile", log]
        run(*picture, "-c:v", ENCODERS[codec], *LATER, *passes, "-b:v", "200k", str(source))
    given = read(source)
    assert any(holds_unshown(codec, data) for data in given.packets)
    after, removed = clean(given)
    assert after.packets == given.packets
    assert not removed


def holds_unshown(codec: str, data: bytes) -> bool:
    if codec == "vp8":
        return not data[0] & 0x10
    return data[-1] >> 5 == 6


def superframe(*frames: bytes) -> bytes:
    marker = bytes([0xC0 | 3 << 3 | len(frames) - 1])
    sizes = b"".join(len(frame).to_bytes(4, "little") for frame in frames)
    return b"".join(frames) + marker + sizes + marker


@pytest.mark.parametrize("place", [10, 15])
def test_pictures_of_vp9_that_no_one_can_see_are_left_out(folder: Path, place: int) -> None:
    """FFmpeg writes no such file itself: its muxer joins packets."""
    plain, packets, hidden = coded(folder, "vp9")
    given = read(plain)._replace(packets=[*packets[:place], hidden, *packets[place:]])
    after, removed = clean(given)
    assert after.packets == packets
    assert removed == {kinds.UNSEEN: 1}


def test_a_picture_unseen_within_a_packet_is_refused(folder: Path) -> None:
    plain, packets, hidden = coded(folder, "vp9")
    mixed = [*packets[:-1], superframe(packets[-1], hidden)]
    with pytest.raises(UnsupportedError, match="encode it anew"):
        clean(read(plain)._replace(packets=mixed))
    with pytest.raises(UnsupportedError):
        clean(read(plain)._replace(packets=[packets[0], superframe(hidden, packets[10])]))
    needed = [superframe(hidden, packets[1]), *packets[2:10]]
    after, removed = clean(read(plain)._replace(packets=[packets[0], *needed]))
    assert after.packets[1:] == needed
    assert not removed


def test_a_superframe_that_is_longer_than_its_packet_is_damage(folder: Path) -> None:
    plain, packets, hidden = coded(folder, "vp9")
    whole = superframe(packets[0], hidden)
    with pytest.raises(DamagedError):
        clean(read(plain)._replace(packets=[whole[40:]]))


def test_av1_s_units_without_a_shown_picture_are_left_out(folder: Path) -> None:
    given = read(make(folder, "av1.mkv"))
    key, rest = given.packets[0], given.packets[1:]
    at = next(n for n in range(len(key)) if key[n] in (0x32, 0x1A))  # the frame behind its sequence
    header = at + 1 + next(n for n in range(1, 9) if not key[at + n] & 0x80)
    assert key[header] & 0xF0 == 0x10  # a key frame that is shown
    hidden = key[:header] + bytes([key[header] & ~0x10]) + key[header + 1 :]
    for packets in ([key, *rest, hidden], [key, *rest, hidden, key, *rest]):
        after, removed = clean(given._replace(packets=packets))
        assert after.packets == [data for data in packets if data is not hidden]
        assert removed == {kinds.UNSEEN: 1}
    with pytest.raises(UnsupportedError):
        clean(given._replace(packets=[key, *rest[:-1], rest[-1] + hidden]))
    after, removed = clean(given._replace(packets=[key, hidden, *rest]))
    assert len(after.packets) == 2 + len(rest)
    assert not removed
