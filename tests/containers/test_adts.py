"""AAC in ADTS: frame after frame and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from containers.delivering import MARKER, NOISE, caught, deliver, ffmpeg, parts_of

from mediascrub import StructureError, walk

if TYPE_CHECKING:
    from pathlib import Path

ID3 = b"ID3\4\0\0\0\0\0\x11" + MARKER


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("aac")
    source = ffmpeg(folder / "source.aac", *NOISE, "-c:a", "aac")
    return deliver(source, folder / "delivered.aac").read_bytes()


def test_a_delivered_file_is_clean(tmp_path: Path, clean: bytes) -> None:
    path = tmp_path / "clean.aac"
    path.write_bytes(clean)
    assert [part.role for part in parts_of(path, "aac")] == ["coded"]


def second_frame(data: bytes) -> int:
    return (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5


@pytest.mark.parametrize(
    ("name", "place"),
    [("front", "ID3v2"), ("behind", "file"), ("between", "file"), ("ID3v1", "ID3v1")],
)
def test_what_is_planted_is_found(tmp_path: Path, clean: bytes, name: str, place: str) -> None:
    at = second_frame(clean)
    planted = {
        "front": ID3 + clean,
        "behind": clean + MARKER,
        "between": clean[:at] + MARKER + clean[at:],
        "ID3v1": clean + b"TAG" + MARKER.ljust(125, b"\0"),
    }
    path = tmp_path / "planted.aac"
    path.write_bytes(planted[name])
    assert caught(path, "aac") == [place]


def test_bits_of_an_identification_are_not_sound(tmp_path: Path, clean: bytes) -> None:
    """ADTS can spell an identification, one bit a frame."""
    out = bytearray(clean)
    out[3] |= 0x08
    path = tmp_path / "identified.aac"
    path.write_bytes(out)
    assert parts_of(path, "aac")[0].role == "unexpected"


def test_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(MARKER * 10)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, "aac"))
