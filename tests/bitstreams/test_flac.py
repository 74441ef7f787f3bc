"""What stands behind the last frame of a FLAC stream, and that all samples stay."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import av
import pytest

from mediascrub import DamagedError
from mediascrub.codecs.flac import scrubber

if TYPE_CHECKING:
    from pathlib import Path

MARK = b"TAG" + b"QUIXBY" * 20 + b"\0" * 5


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[bytes]]:
    """STREAMINFO and the packets of noise, which is as long as FLAC gets."""
    path: Path = tmp_path_factory.mktemp("flac") / "noise.flac"
    source = ("-f", "lavfi", "-i", "anoisesrc=d=1:r=44100:seed=1:a=0.5")
    subprocess.run(["ffmpeg", "-v", "error", *source, str(path)], check=True)
    with av.open(str(path)) as container:
        sound = container.streams.audio[0]
        packets = [bytes(p) for p in container.demux(sound) if p.size]
        return bytes(sound.codec_context.extradata or b""), packets


@pytest.mark.parametrize("behind", [MARK, b"PK\x03\x04" + b"Quixby" * 900, b"x"])
def test_what_is_behind_the_last_frame_goes_and_every_frame_stays(
    behind: bytes, stream: tuple[bytes, list[bytes]]
) -> None:
    extradata, packets = stream
    one = scrubber(extradata)
    given = [done for packet in [*packets[:-1], packets[-1] + behind] for done in one.push(packet)]
    assert [*given, *one.flush()] == packets
    assert one.removed.total() == 1


def test_a_plain_stream_is_handed_on_as_it_is(stream: tuple[bytes, list[bytes]]) -> None:
    extradata, packets = stream
    one = scrubber(extradata + b"Quixby")
    given = [done for packet in packets for done in one.push(packet)]
    assert all(a is b for a, b in zip([*given, *one.flush()], packets, strict=True))
    assert one.extradata == extradata


@pytest.mark.parametrize("last", [b"Quixby" * 30, b"\xff\xf8" + bytes(40)])
def test_a_packet_that_is_no_frame_is_refused(
    last: bytes, stream: tuple[bytes, list[bytes]]
) -> None:
    extradata, packets = stream
    one = scrubber(extradata)
    for packet in [packets[0], last]:
        one.push(packet)
    with pytest.raises(DamagedError):
        one.flush()
