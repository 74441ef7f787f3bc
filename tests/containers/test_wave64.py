"""Wave64: sound, its numbers, and nothing else."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from containers.delivering import MARKER, NOISE, caught, deliver, ffmpeg, parts_of, unexpected

if TYPE_CHECKING:
    from pathlib import Path

TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
STREAMS = {
    "s16": ("-c:a", "pcm_s16le"),
    "six channels": ("-ac", "6", "-c:a", "pcm_s24le"),
    "float": ("-c:a", "pcm_f32le"),
    "odd": ("-c:a", "pcm_u8", "-t", "0.50001"),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_delivered_file_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.w64", *NOISE, *STREAMS[name])
    path = deliver(source, tmp_path / "out.w64")
    assert unexpected(path, "w64") == []
    assert any(part.role == "coded" for part in parts_of(path, "w64"))


def chunk(code: bytes, data: bytes) -> bytes:
    return code + struct.pack("<Q", 24 + len(data)) + data + bytes(-len(data) % 8)


PLANTS = {
    "broadcast": (chunk(b"bext" + TAIL, MARKER), "riff/bext"),
    "marker": (chunk(b"mark" + TAIL, MARKER), "riff/marker"),
    "junk": (chunk(b"junk" + TAIL, MARKER), "riff/junk"),
    "private": (chunk(MARKER[:16], MARKER), "riff/unknown"),
    "long count": (chunk(b"fact" + TAIL, MARKER), "riff/fact"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, name: str) -> None:
    planted, place = PLANTS[name]
    source = ffmpeg(tmp_path / "source.w64", *NOISE, "-c:a", "pcm_s16le")
    path = deliver(source, tmp_path / "out.w64")
    data = path.read_bytes()
    data += bytes(-len(data) % 8)
    size = struct.pack("<Q", len(data) + len(planted))
    path.write_bytes(data[:16] + size + data[24:] + planted)
    assert set(caught(path, "w64")) == {place}
    path.write_bytes(data + MARKER)
    assert set(caught(path, "w64")) == {"file"}
