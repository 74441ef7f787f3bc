"""Whole files: streams are scrubbed on their way, and the survey tells before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import pytest
from av.packet import PacketSideData, packet_sidedata_type_from_literal
from bitstreams.streams import (
    PICTURE,
    RECIPES,
    SECRET,
    X264,
    decoded,
    make,
    message,
    read,
    run,
)

from mediascrub.packets import PacketCleaner
from veilcast.errors import TruncatedError
from veilcast.media.container import remux
from veilcast.media.probe import probe
from veilcast.media.survey import survey

if TYPE_CHECKING:
    from pathlib import Path

SURVEYED = {
    "bframes.mp4": {(0, "encoder settings"): 1},
    "aac.m4a": {(0, "encoder settings"): 1},
    "opus.ogg": {},
}


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress is of no interest here."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("delivery")


def delivered(source: Path, folder: Path) -> Path:
    out = folder / f"out{source.suffix}"
    remux(source, out, probe(source), progress=silent)
    return out


def marks(path: Path) -> list[tuple[Any, ...]]:
    """What a container says of each packet beside its content."""
    with av.open(str(path)) as container:
        return [
            (
                p.stream_index,
                p.pts,
                p.dts,
                p.duration,
                p.is_keyframe,
                p.has_sidedata("skip_samples"),
            )
            for p in container.demux()
            if p.size
        ]


@pytest.mark.quick(every=12)
@pytest.mark.parametrize("name", RECIPES)
def test_delivered_files_hold_nothing_more(folder: Path, tmp_path: Path, name: str) -> None:
    source = make(folder, name)
    out = delivered(source, tmp_path)
    assert survey(out, probe(out), silent).total() == 0
    if probe(source).video is not None:
        assert decoded(read(out)) == decoded(read(source))


@pytest.mark.parametrize("name", ["bframes.mp4", "refresh.mkv", "hevc.mp4", "aac.m4a", "loud.mkv"])
def test_times_and_marks_of_packets_stay(folder: Path, tmp_path: Path, name: str) -> None:
    source = make(folder, name)
    assert marks(delivered(source, tmp_path)) == marks(source)


@pytest.mark.parametrize("name", SURVEYED)
def test_the_survey_tells_kinds_by_stream(folder: Path, name: str) -> None:
    source = make(folder, name)
    assert survey(source, probe(source), silent) == SURVEYED[name]


def test_the_survey_looks_at_every_stream_and_at_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "both.mkv"
    x265 = ["-c:v", "libx265", "-x265-params", "log-level=none:info=1", "-c:a", "libmp3lame"]
    run(*PICTURE, "-f", "lavfi", "-i", "sine=d=1", *x265, str(path))
    found = survey(path, probe(path), silent)
    assert {index for index, _ in found} == {0, 1}
    assert found[0, "encoder settings"] == 1


def test_a_name_in_captions_does_not_reach_the_delivered_file(tmp_path: Path) -> None:
    path, dirty = tmp_path / "plain.h264", tmp_path / "dirty.mp4"
    run(*PICTURE, *X264, "-bf", "0", str(path))
    captions = b"\0\0\0\1" + message(4, b"\xb5\x00\x31GA94\x03" + SECRET)
    data = path.read_bytes().replace(b"\0\0\1\x41", captions + b"\0\0\1\x41")
    path.write_bytes(data)
    run("-r", "25", "-i", str(path), "-c", "copy", str(dirty))
    assert SECRET in dirty.read_bytes()
    assert survey(dirty, probe(dirty), silent)[0, "captions"] > 10
    out = delivered(dirty, tmp_path)
    assert SECRET not in out.read_bytes()
    assert decoded(read(out)) == decoded(read(dirty))


def test_a_damaged_stream_is_an_error_and_not_a_clean_one(folder: Path, tmp_path: Path) -> None:
    source = make(folder, "bframes.mp4")
    data = bytearray(source.read_bytes())
    at = data.index(b"mdat") + 4
    data[at : at + 4] = b"\x7f\xff\xff\xff"  # the first unit's length
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(data)
    with pytest.raises(TruncatedError):
        survey(broken, probe(source), silent)


def test_side_data_that_is_no_playback_stays_behind(tmp_path: Path) -> None:
    """WebM keeps captions and time codes of any kind beside its frames (BlockAdditions)."""
    source = tmp_path / "alpha.webm"
    vp9 = ["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-deadline", "realtime"]
    run(*PICTURE, "-vf", "format=yuva420p", *vp9, str(source))
    with av.open(str(source)) as container:
        cleaner = PacketCleaner("vp9", b"")
        packets = [p for p in container.demux() if p.size]
        before = [len(list(p.iter_sidedata())) for p in packets]
        kept = [clean for p in packets for clean in cleaner.push(p)]
        assert sum(before) >= len(packets)
        assert [len(list(p.iter_sidedata())) for p in kept] == before  # transparency
        assert cleaner.removed.total() == 0
        # Of another kind, they may be anything.
        (bare,) = PacketCleaner("prores", b"").push(kept[0])
        assert list(bare.iter_sidedata()) == []
        assert bytes(bare) == bytes(kept[0])


def test_a_configuration_that_comes_later_is_cleaned_too(folder: Path) -> None:
    stream = read(make(folder, "bframes.mp4"))
    sei = message(5, bytes(16) + SECRET)
    sps = stream.extradata[6 : 8 + int.from_bytes(stream.extradata[6:8])]
    rest = stream.extradata[6 + len(sps) :]
    dirty = stream.extradata[:5] + b"\xe2" + sps + len(sei).to_bytes(2) + sei + rest
    packet = av.Packet(stream.packets[1])
    make_side: Any = PacketSideData  # its stub has no constructor
    later = make_side(packet_sidedata_type_from_literal("new_extradata"), len(dirty))
    later.update(dirty)
    packet.set_sidedata(later)
    cleaner = PacketCleaner("h264", stream.extradata)
    (clean,) = cleaner.push(packet)
    assert [bytes(item) for item in clean.iter_sidedata()] == [stream.extradata]
    assert cleaner.removed == {"user data": 1}
