"""Damaged and hostile files: a walker ends, says a sentence or accounts for every byte."""

from __future__ import annotations

import io
import struct
import time
from typing import TYPE_CHECKING

import pytest
from containers.delivering import MARKER, NOISE, PICTURE, deliver, ffmpeg, parts_of, unexpected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mediascrub import StructureError, UnreadableError, walk

if TYPE_CHECKING:
    from pathlib import Path

SHORT = ("-t", "0.3")
BOTH = (*PICTURE, *NOISE, *SHORT)
SOURCES = {
    "avi": (*BOTH, "-c:v", "mpeg4", "-c:a", "pcm_s16le", "-ar", "8000"),
    "wav": (*NOISE, *SHORT),
    "w64": (*NOISE, *SHORT),
    "aiff": (*NOISE, *SHORT),
    "wmv": (*BOTH, "-c:v", "wmv2", "-c:a", "wmav2"),
    "ts": (*BOTH, "-c:v", "mpeg2video", "-c:a", "mp2"),
    "mpg": (*BOTH, "-c:v", "mpeg2video", "-c:a", "mp2", "-f", "vob"),
    "flv": (*BOTH, "-c:v", "libx264", "-c:a", "aac"),
    "flac": (*NOISE, *SHORT, "-frame_size", "256"),
    "mp3": (*NOISE, *SHORT),
    "aac": (*NOISE, *SHORT),
    "ogg": (*NOISE, *SHORT, "-c:a", "libopus", "-f", "ogg"),
    "nut": (*BOTH, "-c:v", "mpeg4", "-c:a", "pcm_s16le", "-ar", "8000"),
}
STILLS = ("jpeg", "png", "tiff", "webp")
FAMILIES = (*SOURCES, *STILLS)


def still(family: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((40, 30), 60).convert("RGB").save(out, family)
    return out.getvalue()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("samples")
    made = {family: still(family) for family in STILLS}
    for family, options in SOURCES.items():
        source = ffmpeg(folder / f"source.{family}", *options)
        made[family] = deliver(source, folder / f"out.{family}").read_bytes()
    return made


def well_behaved(path: Path, family: str) -> None:
    try:
        parts_of(path, family)
    except (StructureError, UnreadableError) as exc:
        assert str(exc).endswith(".")  # noqa: PT017 - either outcome is fine


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("flip", "set", "cut", "repeat", "insert")),
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=6,
)


def changed(data: bytes, changes: list[tuple[str, float, int]]) -> bytes:
    out = bytearray(data)
    for what, where, value in changes:
        # Squared: headers are at the beginning.
        at = int(where * where * len(out))
        if what == "flip" and out:
            out[at] ^= 1 << value % 8
        elif what == "set":
            out[at : at + 4] = bytes([value]) * 4
        elif what == "cut":
            del out[at:]
        elif what == "repeat":
            out[at:at] = out[at : at + value]
        elif what == "insert":
            out[at:at] = MARKER
    return bytes(out)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("family", FAMILIES)
@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=CHANGES)
def test_damaged_files_are_accounted_for_or_refused(
    tmp_path: Path,
    samples: dict[str, bytes],
    family: str,
    changes: list[tuple[str, float, int]],
) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(changed(samples[family], changes))
    well_behaved(path, family)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_short_beginning_is_accounted_for_or_refused(
    tmp_path: Path, samples: dict[str, bytes], family: str
) -> None:
    path = tmp_path / "short"
    for size in range(0, 200, 3):
        path.write_bytes(samples[family][:size])
        well_behaved(path, family)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_zip_behind_any_file_is_found(
    tmp_path: Path, samples: dict[str, bytes], family: str
) -> None:
    behind = b"PK\3\4" + bytes(26) + MARKER + b"PK\5\6" + bytes(18)
    path = tmp_path / "polyglot"
    path.write_bytes(samples[family])
    assert unexpected(path, family) == []
    path.write_bytes(samples[family] + behind)
    found = unexpected(path, family)
    assert found
    assert found[-1].end == len(samples[family]) + len(behind)
    assert found[-1].start <= len(samples[family]) + 30


@pytest.mark.parametrize("family", FAMILIES)
def test_sizes_far_beyond_the_file_cost_nothing(
    tmp_path: Path, samples: dict[str, bytes], family: str
) -> None:
    path = tmp_path / "huge"
    data = samples[family]
    begun = time.process_time()
    for at in range(4, 120, 4):
        path.write_bytes(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :])
        well_behaved(path, family)
    assert time.process_time() - begun < 20


@pytest.mark.parametrize("family", FAMILIES)
def test_sizes_of_nothing_do_not_hang(
    tmp_path: Path, samples: dict[str, bytes], family: str
) -> None:
    path = tmp_path / "zeros"
    path.write_bytes(samples[family][:64] + bytes(100_000))
    well_behaved(path, family)
    path.write_bytes(samples[family] + bytes(100_000))
    well_behaved(path, family)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_that_is_not_there_is_an_error_of_ours(tmp_path: Path, family: str) -> None:
    with pytest.raises(UnreadableError):
        list(walk(tmp_path / "nothing", family))


def test_a_compressed_profile_is_not_unpacked_without_end(tmp_path: Path) -> None:
    import zlib

    data = still("png")
    bomb = b"icc\0\0" + zlib.compress(bytes(1 << 26))
    body = b"iCCP" + bomb
    chunk = struct.pack(">I", len(bomb)) + body + struct.pack(">I", zlib.crc32(body))
    path = tmp_path / "bomb.png"
    path.write_bytes(data[:33] + chunk + data[33:])
    assert [part.place for part in unexpected(path, "png")] == ["iCCP"]
