"""Whatever the codec: what is taken out is gone, and decoders see no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bitstreams.streams import RECIPES, clean, decoded, make, read

if TYPE_CHECKING:
    from pathlib import Path

NAMES_IN_STREAMS = {
    "bframes.mp4": b"x264",
    "open_gop.ts": b"x264",
    "refresh.mkv": b"x264",
    "interlaced.avi": b"x264",
    "cbr.ts": b"x264",
    "hevc.mp4": b"x265",
    "fields.ts": b"x265",
    "motion.avi": b"Lavc",
    "layer3.mp3": b"LAME",
    "loud.mkv": b"LAME",
    "slow.mkv": b"LAME",
    "aac.m4a": b"avc",  # behind three bits, so not on whole bytes
    "aac.ts": b"avc",
}
KINDS = {
    "cbr.ts": "filler",
    "mpeg1.mpg": "time code",
    "mpeg2.ts": "time code",
    "tape.avi": "time code",
    "vorbis.ogg": "tag",
    "theora.ogg": "tag",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("streams")


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", RECIPES)
def test_decoders_see_no_difference(folder: Path, name: str) -> None:
    before = read(make(folder, name))
    after, _ = clean(before)
    expected = decoded(before)
    assert len(expected) >= 10
    assert "damaged" not in expected
    assert decoded(after) == expected


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", RECIPES)
def test_scrubbing_twice_is_scrubbing_once(folder: Path, name: str) -> None:
    once, _ = clean(read(make(folder, name)))
    twice, removed = clean(once)
    assert removed.total() == 0
    assert twice.extradata == once.extradata
    assert all(a is b for a, b in zip(twice.packets, once.packets, strict=True))


@pytest.mark.parametrize("name", NAMES_IN_STREAMS)
def test_encoders_names_are_gone(folder: Path, name: str) -> None:
    before = read(make(folder, name))
    after, removed = clean(before)
    assert removed.total() > 0
    if not name.startswith("aac"):
        assert any(NAMES_IN_STREAMS[name] in data for data in [*before.packets, before.extradata])
    assert not any(NAMES_IN_STREAMS[name] in data for data in [*after.packets, after.extradata])


@pytest.mark.parametrize("name", KINDS)
def test_kinds_are_told(folder: Path, name: str) -> None:
    _, removed = clean(read(make(folder, name)))
    assert removed[KINDS[name]] > 0


@pytest.mark.parametrize("name", ["opus.ogg", "av1.mkv", "part2.avi", "xvid.mp4"])
def test_clean_streams_stay_the_very_same(folder: Path, name: str) -> None:
    before = read(make(folder, name))
    after, removed = clean(before)
    assert removed.total() == 0
    assert all(a is b for a, b in zip(after.packets, before.packets, strict=True))
