"""Damaged and hostile packets: an error that says so or a clean packet, and never anything else."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from bitstreams.streams import RECIPES, SECRET, Stream, clean, make, read
from hypothesis import given, settings
from hypothesis import strategies as st

from mediascrub import DamagedError, UnsupportedError
from mediascrub.codecs import scrubber
from mediascrub.codecs.scrubber import LateScrubber

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODECS = (
    "h264",
    "hevc",
    "av1",
    "mpeg1video",
    "mpeg2video",
    "mpeg4",
    "vc1",
    "mjpeg",
    "dvvideo",
    "mp3",
    "aac",
    "opus",
)
_STARTS = (b"\0\0\1", b"\0\0\0\1", b"\0\0\3", b"\x12\0", b"\x2a\x05", b"\x83\xff")
_UNITS = (b"\x06\x05", b"\x27", b"\x67\x64\0\x1f", b"\x68", b"\x42\1\1", b"\xb2", b"\xb3", b"\xb8")
_MARKERS = (b"\xff\xd8", b"\xff\xda", b"\xff\xd9", b"\xff\xfb\x90\x44", b"\xff\xf1\x50\x80")
PIECES = st.sampled_from((*_STARTS, *_UNITS, *_MARKERS, b"\xff", bytes(40), b"\x1f" * 12))
MESSES = st.lists(st.one_of(PIECES, st.binary(max_size=24)), max_size=24).map(b"".join)
CONFIGURATIONS = st.one_of(
    st.just(b""),
    st.binary(max_size=40),
    st.binary(max_size=30).map(lambda b: b"\1\x64\0\x1f\xff\xe1\0\x08" + b),
    st.binary(max_size=30).map(lambda b: b"\1" + bytes(20) + b"\3\2\xa0\0\1\0\4" + b),
    st.binary(max_size=30).map(lambda b: b"OpusHead\1\2" + bytes(8) + b"\1\2\1" + b),
    st.binary(max_size=30).map(lambda b: b"\x81\0\0\0" + b),
)


def through(stream: Stream) -> Stream | None:
    """Past the scrubber, and past it once more; None for an error."""
    try:
        once, _ = clean(stream)
    except (DamagedError, UnsupportedError):
        return None
    twice, removed = clean(once)
    assert twice == once
    assert removed.total() == 0, removed
    return once


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("codec", CODECS)
def test_any_bytes(codec: str) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(extradata=CONFIGURATIONS, packets=st.lists(MESSES, min_size=1, max_size=3))
    def check(extradata: bytes, packets: list[bytes]) -> None:
        through(Stream(codec, extradata, packets))

    check()


def damaged(stream: Stream, seed: int) -> Iterator[Stream]:
    """Flipped bits, lost ends, zeros and unexpected bytes, in packets and in the configuration."""
    dice = random.Random(seed)
    pool = [stream.extradata, *stream.packets[:6]]
    for _ in range(50):
        parts = [bytearray(part) for part in pool]
        for part in parts:
            if not part:
                continue
            at = dice.randrange(min(len(part), dice.choice((40, 400, 1 << 20))))
            match dice.randrange(16):
                case 0:
                    part[at] ^= 1 << dice.randrange(8)
                case 1:
                    del part[at:]
                case 2:
                    part[at:at] = SECRET
                case 3:
                    part[at : at + 3] = dice.choice((b"\0\0\1", b"\0\0\0", b"\xff\xff\xff"))
                case _:
                    pass
        yield Stream(stream.codec, bytes(parts[0]), [bytes(part) for part in parts[1:]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damage")


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", RECIPES)
def test_damaged_recordings(folder: Path, name: str) -> None:
    results = [through(stream) for stream in damaged(read(make(folder, name)), seed=len(name))]
    assert any(result is not None for result in results)


@pytest.mark.parametrize("codec", CODECS)
def test_huge_numbers_cost_nothing(codec: str) -> None:
    """Counts and lengths that a packet states are believed only as far as it goes."""
    made = scrubber(codec, b"")
    assert made is not None
    for packet in (b"\xff" * 5000, b"\0\0\1" * 3000, b"\0\0\0\1\x06" + b"\xff" * 5000, bytes(5000)):
        try:
            if isinstance(made, LateScrubber):
                made.push(packet)
            else:
                made.packet(packet)
        except DamagedError:
            pass
