"""Sound whose rate changes on the way: its positions can't be known, so it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ffmpeg
import pytest

from veilcast.errors import UnsupportedError
from veilcast.media.probe import probe
from veilcast.media.sound import read_sound

if TYPE_CHECKING:
    from pathlib import Path


def test_a_rate_that_changes_is_refused(tmp_path: Path) -> None:
    joined = b""
    for rate in (48_000, 24_000):
        part = tmp_path / f"{rate}.aac"
        tone = ffmpeg.input(f"sine=d=1:sample_rate={rate}", f="lavfi")
        tone.output(str(part), acodec="aac", ar=rate).run(quiet=True)
        joined += part.read_bytes()
    path = tmp_path / "joined.aac"
    path.write_bytes(joined)
    media = probe(path)
    with pytest.raises(UnsupportedError, match="sample rate"):
        for _ in read_sound(path, media, media.audio[0]):
            pass
