"""A WAV with more than one data chunk: what is played depends on the player."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from veilcast.errors import UnsupportedError
from veilcast.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)


def wav(*chunks: bytes) -> bytes:
    body = b"WAVE" + FORMAT + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def data(samples: bytes) -> bytes:
    return b"data" + struct.pack("<I", len(samples)) + samples


def test_two_data_chunks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.wav"
    path.write_bytes(wav(data(bytes(16000)), data(b"MRN 4711 ")))
    with pytest.raises(UnsupportedError, match="more than one part with sound"):
        probe(path)


def test_one_is_read_whatever_is_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "one.wav"
    path.write_bytes(wav(b"LIST" + struct.pack("<I", 4) + b"data", data(bytes(16000))))
    assert probe(path).audio[0].rate_hz == 8000
