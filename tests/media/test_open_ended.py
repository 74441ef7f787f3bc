"""A WAV whose size was never written is told from one that was cut short."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from veilcast.media.framing import is_open_ended

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16)
TEXT = b"data\xff\xff\xff\xff of the ward"
LIST = (
    b"LIST" + struct.pack("<I", 12 + len(TEXT)) + b"INFOICMT" + struct.pack("<I", len(TEXT)) + TEXT
)


@pytest.mark.parametrize(
    ("size", "before", "open_ended"),
    [
        (0xFFFFFFFF, b"", True),
        (0, b"", True),
        (200, b"", False),
        (200, LIST + bytes(len(LIST) % 2), False),
        (0xFFFFFFFF, LIST + bytes(len(LIST) % 2), True),
    ],
    ids=["ones", "nothing", "said", "said, and a text that looks so", "ones behind a text"],
)
def test_only_the_size_of_the_sound_counts(
    tmp_path: Path, size: int, before: bytes, *, open_ended: bool
) -> None:
    path = tmp_path / "x.wav"
    sound = b"data" + struct.pack("<I", size) + bytes(100)
    path.write_bytes(b"RIFF\xff\xff\xff\xffWAVE" + FORMAT + before + sound)
    assert is_open_ended(path) is open_ended
