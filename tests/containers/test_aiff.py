"""AIFF, AIFF-C and Wave64: sound, its numbers, and nothing else."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from containers.delivering import MARKER, NOISE, caught, deliver, ffmpeg, parts_of

from mediascrub import StructureError, walk

if TYPE_CHECKING:
    from pathlib import Path

STREAMS = {
    "big": ("-c:a", "pcm_s16be"),
    "little": ("-c:a", "pcm_s16le"),
    "float": ("-c:a", "pcm_f32be"),
    "odd": ("-c:a", "pcm_s24be", "-t", "0.50001"),
    "mu-law": ("-c:a", "pcm_mulaw"),
    "six channels": ("-c:a", "pcm_s16be", "-ac", "6"),
}


def chunk(code: bytes, data: bytes) -> bytes:
    return code + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)


PLANTS = {
    "title": (chunk(b"NAME", MARKER), "FORM/NAME"),
    "author": (chunk(b"AUTH", MARKER), "FORM/AUTH"),
    "copyright": (chunk(b"(c) ", MARKER), "FORM/tags"),
    "annotation": (chunk(b"ANNO", MARKER), "FORM/ANNO"),
    "comments": (chunk(b"COMT", MARKER), "FORM/COMT"),
    "markers": (chunk(b"MARK", MARKER), "FORM/MARK"),
    "MIDI": (chunk(b"MIDI", MARKER), "FORM/MIDI"),
    "application": (chunk(b"APPL", b"pdos" + MARKER), "FORM/APPL"),
    "ID3": (chunk(b"ID3 ", MARKER), "FORM/tags"),
    "filler": (chunk(b"FLLR", MARKER), "FORM/padding"),
    "private": (chunk(b"JROE", MARKER), "FORM/unknown"),
    "second format": (chunk(b"COMM", MARKER), "FORM/unknown"),
    "too short for a chunk": (MARKER[:6], "FORM"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("aiff")
    source = ffmpeg(folder / "source.aiff", *NOISE)
    return deliver(source, folder / "delivered.aiff").read_bytes()


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_file_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.aiff", *NOISE, *STREAMS[name])
    parts = parts_of(deliver(source, tmp_path / "out.aiff"), "aiff")
    assert [part for part in parts if part.role == "unexpected"] == []
    assert any(part.role == "coded" for part in parts)


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str) -> None:
    planted, place = PLANTS[name]
    out = clean[:4] + struct.pack(">I", len(clean) - 8 + len(planted)) + clean[8:] + planted
    path = tmp_path / "planted.aiff"
    path.write_bytes(out)
    assert set(caught(path, "aiff", MARKER[:6])) == {place}


def test_the_name_of_a_coding_can_be_no_other_name(tmp_path: Path) -> None:
    path = ffmpeg(tmp_path / "source.aiff", *NOISE, "-c:a", "pcm_s16le")
    data = path.read_bytes()
    at = data.index(b"sowt") + 4
    size = struct.unpack_from(">I", data, 4)[0]
    name = bytes([len(MARKER)]) + MARKER
    out = bytearray(data[:at] + name + data[at + 2 :])
    struct.pack_into(">I", out, 4, size + len(name) - 2)
    struct.pack_into(">I", out, data.index(b"COMM") + 4, 22 + len(name))
    path.write_bytes(out)
    assert caught(path, "aiff") == ["FORM/COMM"]


def test_what_is_behind_is_found(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "planted.aiff"
    path.write_bytes(clean + MARKER)
    assert caught(path, "aiff") == ["file"]


@pytest.mark.parametrize("family", ["aiff", "w64"])
def test_something_else_is_refused_with_a_sentence(tmp_path: Path, family: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, family))
