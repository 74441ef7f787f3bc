"""AAC for loudspeakers that its tables do not know: encoders sign their set-up there."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from mediascrub import walk
from veilcast.media.container import remux
from veilcast.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path


def samples(path: Path) -> str:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "md5", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("suffix", ["m4a", "mkv", "ts"])
def test_the_encoder_s_name_is_gone_and_the_sound_is_not(tmp_path: Path, suffix: str) -> None:
    source, out = tmp_path / f"in.{suffix}", tmp_path / f"out.{suffix}"
    layout = "pan=6.1|c0=c0|c1=c0|c2=c0"
    made = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=0.3", "-af", layout]
    subprocess.run([*made, "-c:a", "aac", str(source)], check=True)
    assert b"Lavc" in source.read_bytes()
    media = probe(source)
    remux(source, out, media, progress=lambda activity, done, total: None)
    assert b"Lavc" not in out.read_bytes()
    assert samples(out) == samples(source)
    assert [part for part in walk(out, media.container) if part.role == "unexpected"] == []
