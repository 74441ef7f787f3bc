"""Other layers and views of a picture: players pass over them, and nobody looked at them."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from mediascrub.codecs import kinds, scrubber

if TYPE_CHECKING:
    from pathlib import Path

START = b"\x00\x00\x01"


def units(path: Path, codec: str, *options: str) -> list[bytes]:
    """The NAL units of a short clip."""
    source = ("-f", "lavfi", "-i", "testsrc=d=0.4:s=96x64", "-c:v", codec, *options)
    subprocess.run(["ffmpeg", "-v", "error", *source, str(path)], check=True)
    return taken_apart(path.read_bytes())


def taken_apart(stream: bytes | None) -> list[bytes]:
    return [unit.rstrip(b"\0") for unit in re.split(b"\x00?\x00\x00\x01", stream or b"")[1:]]


def test_hevc_units_of_another_layer_go(tmp_path: Path) -> None:
    plain = units(tmp_path / "a.hevc", "libx265", "-x265-params", "log-level=none:info=0")
    # A layer's number is the last bit of the first byte and the upper five of the second.
    second = [bytes([unit[0], unit[1] & 7 | 1 << 3]) + unit[2:] for unit in plain]
    both = b"".join(START + a + START + b for a, b in zip(plain, second, strict=True))
    cleaner = scrubber("hevc", b"")
    assert cleaner is not None
    assert taken_apart(cleaner.packet(both)) == plain
    assert cleaner.removed == {kinds.LAYER: len(plain)}


@pytest.mark.parametrize("kind", [14, 15, 19, 20, 21])
def test_avc_units_of_other_views_and_layers_go(kind: int, tmp_path: Path) -> None:
    options = ("-bsf:v", "filter_units=remove_types=6", "-preset", "ultrafast")
    plain = units(tmp_path / "a.h264", "libx264", *options)
    other = bytes([0x60 | kind, 0x80, 0, 7]) + b"QUIXBY" * 4 + b"\x80"
    given = b"".join(START + unit + START + other for unit in plain)
    cleaner = scrubber("h264", b"")
    assert cleaner is not None
    assert taken_apart(cleaner.packet(given)) == plain
    assert cleaner.removed == {kinds.LAYER: len(plain)}
