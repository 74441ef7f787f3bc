"""FLAC: blocks of numbers, and frames that prove themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from containers.delivering import MARKER, NOISE, caught, deliver, ffmpeg, parts_of, unexpected

from mediascrub import StructureError, walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STREAMS = {
    "mono": (),
    "six channels": ("-ac", "6", "-sample_fmt", "s32"),
    "strange speakers": ("-ac", "3", "-channel_layout", "2.1"),
    "tone": ("-af", "volume=0", "-ar", "8000"),
    "small frames": ("-frame_size", "64"),
}


def block(kind: int, data: bytes) -> bytes:
    return bytes([kind]) + len(data).to_bytes(3) + data


def with_block(kind: int, data: bytes) -> Callable[[bytes], bytes]:
    """Behind the stream's header, which has 4 + 38 bytes."""
    return lambda clean: clean[:42] + block(kind, data) + clean[42:]


def with_padding_text(clean: bytes) -> bytes:
    at = clean.index(bytes(200)) + 100
    return clean[:at] + MARKER + clean[at + len(MARKER) :]


def between_frames(clean: bytes) -> bytes:
    at = clean.index(b"\xff\xf8", 9000)
    return clean[:at] + MARKER + clean[at:]


COMMENT = b"\0\0\0\0\x01\0\0\0" + bytes([17 + 6, 0, 0, 0]) + b"TITLE=" + MARKER
PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "application": (with_block(2, b"JROE" + MARKER), "APPLICATION"),
    "cue sheet": (with_block(5, MARKER + bytes(379)), "CUESHEET"),
    "picture": (with_block(6, MARKER), "PICTURE"),
    "private": (with_block(99, MARKER), "unknown"),
    "comments": (with_block(4, COMMENT), "VORBIS_COMMENT"),
    "seek table": (with_block(3, MARKER + b"!"), "SEEKTABLE"),
    "room with content": (with_block(1, bytes(30) + MARKER), "PADDING"),
    "muxer's room": (with_padding_text, "PADDING"),
    "second header": (with_block(0, MARKER * 2), "unknown"),
    "ID3 in front": (lambda data: b"ID3\4\0\0\0\0\0\x11" + MARKER + data, "ID3v2"),
    "ID3 behind": (lambda data: data + b"TAG" + MARKER.ljust(125, b" "), "ID3v1"),
    "behind": (lambda data: data + b"PK\3\4" + MARKER, "file"),
    "between frames": (between_frames, "frames"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("flac")
    source = ffmpeg(folder / "source.flac", *NOISE)
    return deliver(source, folder / "delivered.flac").read_bytes()


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_file_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.flac", *NOISE, *STREAMS[name])
    parts = parts_of(deliver(source, tmp_path / "out.flac"), "flac")
    assert [part for part in parts if part.role == "unexpected"] == []
    assert parts[-1].role == "coded"


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str) -> None:
    plant, place = PLANTS[name]
    path = tmp_path / "planted.flac"
    path.write_bytes(plant(clean))
    assert set(caught(path, "flac")) == {place}


def test_most_of_the_sound_is_not_accused(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "planted.flac"
    path.write_bytes(between_frames(clean))
    sound = [part for part in parts_of(path, "flac") if part.role == "coded"]
    assert sum(part.end - part.start for part in sound) > len(clean) * 0.7


def test_a_changed_bit_of_sound_is_noticed(tmp_path: Path, clean: bytes) -> None:
    out = bytearray(clean)
    out[20_000] ^= 4
    path = tmp_path / "changed.flac"
    path.write_bytes(out)
    assert [part.place for part in unexpected(path, "flac")] == ["frames"]


def test_real_recordings(shared: Path) -> None:
    path = shared / "data" / "metadata" / "mat2_dirty.flac"
    assert [part.place for part in unexpected(path, "flac")] == ["VORBIS_COMMENT", "PICTURE"]
    speech = shared / "data" / "speech" / "jfk.flac"
    assert not [part for part in unexpected(speech, "flac") if part.place in ("file", "frames")]


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER * 10)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "flac"))
