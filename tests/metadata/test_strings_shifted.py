"""What is known is found at whatever bit it begins, as coded sound has no bytes."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from veilcast.extensions import CheckContext, Problem, Treated
from veilcast.media.probe import probe
from veilcast.settings import IdentifierSettings
from veilcast_metadata.strings import CHUNK, examine

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Siobhan Kavanagh"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clean") / "clean.mkv"
    source = ("-f", "lavfi", "-i", "anoisesrc=r=16000:d=1:seed=3")
    command = ["ffmpeg", "-v", "error", "-y", *source, "-c:a", "aac", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def found(path: Path, folder: Path) -> list[Problem]:
    known = folder / "known.yaml"
    known.write_text(f"names: [{NAME}]\nmrn: '06158394'\n")
    treated = Treated(stage="speech", settings=IdentifierSettings(known=str(known)))
    return examine(
        CheckContext(
            delivered=path,
            delivered_media=probe(path),
            source=None,
            source_media=None,
            source_frames=None,
            progress=lambda *_: None,
            original=None,
            treated=(treated,),
        )
    )


def with_bytes(clean: Path, folder: Path, data: bytes) -> Path:
    """The clean file with a void element of Matroska behind it (RFC 8794, 11.3)."""
    path = folder / "planted.mkv"
    path.write_bytes(clean.read_bytes() + b"\xec" + (len(data) | 1 << 56).to_bytes(8) + data)
    return path


def moved(text: bytes, bits: int) -> bytes:
    """A text that begins so many bits behind a byte's first."""
    return (int.from_bytes(b"\x5a" + text + b"\xa5") << 8 - bits).to_bytes(len(text) + 3)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("bits", range(1, 8))
def test_known_words_are_found_at_every_bit(clean: Path, tmp_path: Path, bits: int) -> None:
    for text in (NAME.upper().encode(), NAME.encode("utf-16-le"), b"06158394"):
        (problem,) = found(with_bytes(clean, tmp_path, moved(text, bits)), tmp_path)
        assert problem.kind == "residual"
        assert problem.sentence.startswith("A known identifier is left in the delivered file")


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("before", range(-24, 3, 3))
def test_they_are_found_where_blocks_meet(clean: Path, tmp_path: Path, before: int) -> None:
    noise = random.Random(7).randbytes(CHUNK - clean.stat().st_size - 9 + before)
    path = with_bytes(clean, tmp_path, noise + moved(NAME.encode(), 3) + bytes(2000))
    assert len(found(path, tmp_path)) == 1


def test_files_without_them_pass(clean: Path, tmp_path: Path) -> None:
    assert found(clean, tmp_path) == []
    noise = random.Random(8).randbytes(3 * CHUNK)
    assert found(with_bytes(clean, tmp_path, noise + bytes(CHUNK)), tmp_path) == []
