"""Sound that is broken in the middle stops the run: what was skipped would be heard by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import ffmpeg
import numpy as np
import pytest
from testmedia.seen import time_of
from testmedia.tools import H264, encode

from veilcast.errors import TruncatedError
from veilcast.media.framing import is_one_frame
from veilcast.media.probe import probe
from veilcast.media.sound import read_sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from testmedia import Corpus

SECONDS = 6
"""More than Matroska puts into one cluster, the rest of which is lost with a broken packet."""
# How each is encoded, and whether with a picture beside it.
KINDS: dict[str, tuple[dict[str, Any], bool]] = {
    "lame.mp3": ({"c:a": "libmp3lame"}, False),
    "bare.aac": ({"c:a": "aac"}, False),
    "aac.m4a": ({"c:a": "aac"}, False),
    "alac.m4a": ({"c:a": "alac"}, False),
    "opus.opus": ({"c:a": "libopus"}, False),
    "flac.flac": ({"c:a": "flac"}, False),
    "aac.mp4": ({"c:a": "aac"}, True),
    "ac3.mkv": ({"c:a": "ac3"}, True),
    "flac.mkv": ({"c:a": "flac"}, True),
    "opus.webm": ({"c:a": "libopus", "c:v": "libvpx", "deadline": "realtime"}, True),
    "aac.ts": ({"c:a": "aac"}, True),
    "mp2.ts": ({"c:a": "mp2"}, True),
}


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives speech-like sound in a container; each is made once."""
    folder = tmp_path_factory.mktemp("recordings")

    def make(name: str) -> Path:
        path = folder / name
        if not path.exists():
            options, shown = KINDS[name]
            sound = ffmpeg.input(
                f"anoisesrc=d={SECONDS}:c=pink:r=48000:seed=3:a=0.3", f="lavfi"
            ).filter("aformat", channel_layouts="stereo")
            picture = ffmpeg.input(f"testsrc=s=64x64:r=25:d={SECONDS}", f="lavfi")
            streams = [picture["v"], sound] if shown else [sound]
            encode(path, *streams, **{**(H264 if shown else {}), **options})
        return path

    return make


def _everything(path: Path) -> int:
    media = probe(path)
    return sum(frame.samples for _, frame in read_sound(path, media, media.audio[0]))


def _middle(path: Path) -> tuple[int, int]:
    """Where one packet in the middle of the sound is, and how long."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(container.streams.audio[0]) if p.size and p.pos]
    if not packets:
        return path.stat().st_size // 2, 400
    packet = packets[len(packets) // 2]
    return int(packet.pos or 0), packet.size


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", KINDS)
def test_whole_sound_is_read_to_its_end(name: str, recordings: Callable[[str], Path]) -> None:
    assert _everything(recordings(name)) >= SECONDS * 48000


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("overwritten", ["noise", "nothing"])
def test_broken_packets_in_the_middle_are_an_error(
    name: str, overwritten: str, recordings: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = recordings(name)
    data = bytearray(whole.read_bytes())
    at, size = _middle(whole)
    count = 3 * size
    noise = np.random.default_rng(5).integers(0, 256, count, np.uint8).tobytes()
    data[at : at + count] = noise if overwritten == "noise" else bytes(count)
    broken = tmp_path / name
    broken.write_bytes(data)
    with pytest.raises(TruncatedError):
        _everything(broken)


@pytest.mark.parametrize("name", ["opus.webm", "ac3.mkv", "flac.flac", "opus.opus"])
def test_packets_that_are_missing_are_an_error(
    name: str, recordings: Callable[[str], Path], tmp_path: Path
) -> None:
    """A recorder that stopped for a while leaves a file that is sound in itself."""
    path = tmp_path / name
    with av.open(str(recordings(name))) as source, av.open(str(path), "w") as out:
        stream = source.streams.audio[0]
        copy = out.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None and not 1.5 < float(time_of(packet)) < 1.6:
                packet.stream = copy
                out.mux(packet)
    with pytest.raises(TruncatedError, match="hole"):
        _everything(path)


@pytest.mark.parametrize("name", ["lame.mp3", "bare.aac"])
def test_tags_around_bare_frames_are_no_damage(
    name: str, recordings: Callable[[str], Path], tmp_path: Path
) -> None:
    path = tmp_path / name
    tag = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)
    path.write_bytes(tag + recordings(name).read_bytes() + b"TAG" + bytes(125))
    assert _everything(path) == _everything(recordings(name))


def test_sound_that_goes_over_as_it_is_may_have_holes(
    recordings: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = recordings("bare.aac")
    data = bytearray(whole.read_bytes())
    at, size = _middle(whole)
    data[at : at + size] = bytes(size)
    path = tmp_path / "holed.aac"
    path.write_bytes(data)
    media = probe(path)
    heard = sum(f.samples for _, f in read_sound(path, media, media.audio[0], whole=False))
    assert heard == _everything(whole) - 1024


def test_every_frame_of_mpeg_audio_says_how_long_it_is(tmp_path: Path) -> None:
    for codec, rates in (("mp2", (48000, 44100, 16000)), ("libmp3lame", (44100, 22050, 8000))):
        for rate in rates:
            path = tmp_path / f"{codec}{rate}.{'mp2' if codec == 'mp2' else 'mp3'}"
            tone = ffmpeg.input(f"sine=d=0.5:sample_rate={rate}", f="lavfi")
            encode(path, tone, **{"c:a": codec, "b:a": "64k", "ar": rate})
            with av.open(str(path)) as container:
                (stream,) = container.streams.audio
                packets = [bytes(p) for p in container.demux(stream) if p.size]
                name = stream.codec_context.codec.name[:3]
            assert packets
            assert all(is_one_frame(name, packet) for packet in packets)
            assert not any(is_one_frame(name, packet + b"\0") for packet in packets)


@pytest.mark.parametrize("name", ["fragmented.mp4", "speech.ogg", "avi_mpeg4.avi", "wmv.wmv"])
def test_odd_but_sound_files_are_whole(name: str, media: Corpus) -> None:
    """Delays stamped apart, Vorbis's stamps between long and short blocks, coarse clocks."""
    assert _everything(media[name])


def test_damage_is_found_where_only_the_sound_is_marked(media: Corpus) -> None:
    path = media["corrupt.mp4"]
    with pytest.raises(TruncatedError):
        _everything(path)
