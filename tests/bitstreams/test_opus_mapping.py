"""Channels of Opus that are coded and not played: nobody hears them, and one byte brings them back.

They are made with FFmpeg, which codes each channel by itself in the family of discrete channels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import pytest
from bitstreams.streams import run

from mediascrub import DamagedError, UnsupportedError
from mediascrub.codecs import scrubber
from veilcast import errors
from veilcast.media.container import remux
from veilcast.media.probe import probe
from veilcast.media.survey import survey

if TYPE_CHECKING:
    from pathlib import Path

HEAD = b"OpusHead\x01%c\x38\x01\x80\xbb\0\0\0\0%c"


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress is of no interest here."""


def two_voices(path: Path) -> Path:
    tones = "sine=300:r=48000:d=0.5[a];sine=900:r=48000:d=0.5[b];[a][b]amerge"
    discrete = ["-c:a", "libopus", "-mapping_family", "255"]
    run("-f", "lavfi", "-i", tones, *discrete, "-strict", "-2", str(path))
    return path


def hide(path: Path) -> Path:
    """Both played channels are the first coded one from now on."""
    data = bytearray(path.read_bytes())
    mapping = data.find(b"OpusHead") + 21
    if mapping < 21:
        mapping = data.find(b"dOps") + 4 + 13
    assert data[mapping : mapping + 2] == b"\0\1"
    data[mapping + 1] = 0
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["voices.mkv", "voices.mp4"])
def test_a_channel_that_nobody_hears_is_refused(tmp_path: Path, name: str) -> None:
    source = two_voices(tmp_path / name)
    out = tmp_path / f"out{source.suffix}"
    remux(source, out, probe(source), progress=silent)
    out.unlink()
    hide(source)
    with pytest.raises(errors.UnsupportedError, match="encode the sound anew"):
        remux(source, out, probe(source), progress=silent)
    with pytest.raises(errors.UnsupportedError):
        survey(source, probe(source), silent)


@pytest.mark.parametrize(
    ("channels", "family", "mapping"),
    [
        (1, 1, bytes((2, 0, 0))),
        (2, 255, bytes((2, 0, 255, 1))),
        (1, 255, bytes((1, 1, 0))),
        (1, 3, bytes((2, 0)) + b"\x7f\xff\0\0"),
    ],
)
def test_every_coded_channel_has_to_be_played(channels: int, family: int, mapping: bytes) -> None:
    with pytest.raises(UnsupportedError):
        scrubber("opus", HEAD % (channels, family) + mapping)


@pytest.mark.parametrize(
    ("channels", "family", "mapping"),
    [
        (2, 0, b""),
        (2, 1, bytes((1, 1, 0, 1))),
        (6, 1, bytes((4, 2, 0, 4, 1, 2, 3, 5))),
        (3, 255, bytes((2, 0, 1, 255, 0))),
        (1, 3, bytes((2, 0)) + b"\x7f\xff\x7f\xff"),
    ],
)
def test_what_is_played_whole_is_no_matter(channels: int, family: int, mapping: bytes) -> None:
    head = HEAD % (channels, family) + mapping
    made = scrubber("opus", head)
    assert made is not None
    assert made.extradata == head


@pytest.mark.parametrize("mapping", [bytes((1, 1, 0)), bytes((1, 0, 0, 7)), b"\1"])
def test_a_mapping_that_breaks_the_rules_is_damage(mapping: bytes) -> None:
    with pytest.raises(DamagedError):
        scrubber("opus", HEAD % (2, 255) + mapping)


def test_a_beginning_that_nobody_hears_is_refused(tmp_path: Path) -> None:
    source = two_voices(tmp_path / "voices.ogg")
    with av.open(str(source)) as container:
        head = bytes(container.streams[0].codec_context.extradata or b"")
    assert scrubber("opus", head) is not None
    with pytest.raises(UnsupportedError, match="beginning"):
        scrubber("opus", head[:10] + (48_000).to_bytes(2, "little") + head[12:])
