"""Streams of one file are read in one go, and come out as if each had been read on its own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import av
import pytest

from veilcast.errors import InternalError
from veilcast.media import input_sharing
from veilcast.media.container import remux
from veilcast.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = ["-c:v", "libx264", "-preset", "fast", "-bf", "2", "-g", "12"]


def recorded(path: Path) -> Path:
    """A second of picture with two sounds and a subtitle that will not be copied."""
    text = path.with_suffix(".srt")
    text.write_text("1\n00:00:00,100 --> 00:00:00,900\nsome words\n")
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=96x64:r=24:d=1"]
    for pitch in (300, 500):
        command += ["-f", "lavfi", "-i", f"sine=f={pitch}:d=1:r=48000"]
    command += ["-i", str(text), "-map", "0", "-map", "1", "-map", "2", "-map", "3", *PICTURE]
    sound = "aac" if path.suffix == ".mp4" else "libopus"
    subtitles = "mov_text" if path.suffix == ".mp4" else "srt"
    subprocess.run([*command, "-c:a", sound, "-c:s", subtitles, str(path)], check=True)
    return path


def packets(path: Path) -> dict[int, list[tuple[Any, ...]]]:
    """By stream, each read on its own: times, and what the packets hold."""
    found = {}
    for index in range(3):
        with av.open(str(path)) as container:
            read = container.demux(container.streams[index])
            found[index] = [
                (p.pts, p.dts, p.duration, p.is_keyframe, bytes(p)) for p in read if p.size
            ]
    return found


def delivered(source: Path, target: Path) -> Path:
    remux(source, target, probe(source), progress=lambda *_: None)
    return target


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_what_does_not_wait_for_another_is_the_same_as_what_does(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is badly interleaved is read several times rather than held in memory."""
    source = recorded(tmp_path / f"source{suffix}")
    together = delivered(source, tmp_path / f"together{suffix}")
    for most in (0, 3_000):
        monkeypatch.setattr(input_sharing, "_MOST_WAITING", most)
        apart = delivered(source, tmp_path / f"apart{suffix}")
        assert apart.read_bytes() == together.read_bytes()
    before, after = packets(source), packets(together)
    for index in (1, 2):
        # The first packet has the encoder's name in it, which is overwritten.
        assert [kept[-1] for kept in after[index][1:]] == [kept[-1] for kept in before[index][1:]]
    assert len(after[0]) == len(before[0]) == 24


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_packets_come_in_their_streams_order_whoever_asks_first(
    suffix: str, order: tuple[int, ...], tmp_path: Path
) -> None:
    source = recorded(tmp_path / f"source{suffix}")
    alone = packets(source)
    shared = input_sharing.SharedInput(source, probe(source), {0, 1, 2})
    for index in order:
        found = [bytes(packet) for packet in shared.packets(index) if packet.size]
        assert found == [kept[-1] for kept in alone[index]]
    shared.close()


def test_little_waits_however_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the end of one stream before another is asked for: what waits stays below the limit."""
    most = 10_000
    monkeypatch.setattr(input_sharing, "_MOST_WAITING", most)
    source = recorded(tmp_path / "source.mkv")
    assert source.stat().st_size > 2 * most
    shared = input_sharing.SharedInput(source, probe(source), {0, 1, 2})
    for _ in shared.packets(2):
        lanes = [lane for lane in shared._lanes.values() if lane]
        assert sum(packet.size for lane in lanes for packet in lane) <= most
    shared.close()


def test_a_stream_is_given_once(tmp_path: Path) -> None:
    source = recorded(tmp_path / "source.mkv")
    shared = input_sharing.SharedInput(source, probe(source), {0})
    list(shared.packets(0))
    with pytest.raises(InternalError):
        next(shared.packets(0))
    shared.close()
