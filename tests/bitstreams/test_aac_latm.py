"""AAC in LATM is refused: nobody looks into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bitstreams.streams import NOISE, run

from veilcast.errors import UnsupportedError
from veilcast.media.container import remux
from veilcast.media.probe import probe
from veilcast.media.survey import survey

if TYPE_CHECKING:
    from pathlib import Path


def test_latm_is_refused_with_a_command_that_helps(tmp_path: Path) -> None:
    path, out = tmp_path / "sound.ts", tmp_path / "out.ts"
    latm = ("-f", "mpegts", "-mpegts_flags", "latm")
    run(*NOISE, "-t", "0.5", "-c:a", "aac", *latm, str(path))
    media = probe(path)
    assert media.audio[0].codec == "aac_latm"
    with pytest.raises(UnsupportedError, match="-c:a aac"):
        survey(path, media, lambda *_: None)
    with pytest.raises(UnsupportedError, match="-c:a aac"):
        remux(path, out, media, progress=lambda *_: None)
    assert not out.exists()
