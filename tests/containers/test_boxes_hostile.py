"""MP4 files that were made to harm: they are refused or accused, soon and in little memory."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from containers.delivering import PICTURE, SOUND, deliver, ffmpeg, parts_of, unexpected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediascrub import StructureError, UnreadableError, walk

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

STBL = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def box(code: bytes, *body: bytes) -> bytes:
    data = b"".join(body)
    return struct.pack(">I4s", 8 + len(data), code) + data


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("clean")
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
    source = ffmpeg(folder / "source.mp4", *PICTURE, *SOUND, *codecs)
    return deliver(source, folder / "clean.mp4").read_bytes()


def written(folder: Path, data: bytes | bytearray) -> Path:
    path = folder / "a.mp4"
    path.write_bytes(data)
    return path


def outcome(path: Path) -> str:
    """What becomes of a file; any other error than these two fails the test."""
    try:
        parts_of(path, "mp4")
    except (StructureError, UnreadableError):
        return "refused"
    return "walked"


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("code", [b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stco", b"elst"])
@pytest.mark.parametrize("count", [0xFFFFFFFF, 0x80000000, 0])
def test_a_count_that_is_not_true_is_an_alarm(
    code: bytes, count: int, tmp_path: Path, media: Corpus
) -> None:
    data = bytearray(deliver(media["plain.mp4"], tmp_path / "b.mp4").read_bytes())
    at = data.index(code) + (12 if code == b"stsz" else 8)
    data[at : at + 4] = struct.pack(">I", count)
    places = [part.place for part in unexpected(written(tmp_path, data), "mp4")]
    assert any(place.endswith(code.decode()) for place in places)


def test_one_size_for_all_samples_that_is_too_large_is_an_alarm(
    clean: bytes, tmp_path: Path
) -> None:
    data = bytearray(clean)
    at = data.index(b"stsz") + 8
    data[at : at + 4] = b"\xff\xff\xff\xff"
    assert any(p.place.endswith("stsz") for p in unexpected(written(tmp_path, data), "mp4"))


def test_many_empty_boxes_take_time_in_proportion(clean: bytes, tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        path = written(tmp_path, clean + box(b"abcd") * count)
        began = time.process_time()
        parts = parts_of(path, "mp4")
        assert parts[-1].end - parts[-1].start == 8 * count
        return time.process_time() - began

    seconds(1000)
    few, many = seconds(10_000), seconds(100_000)
    assert many < 25 * few


def test_boxes_in_boxes_without_end_are_walked(clean: bytes, tmp_path: Path) -> None:
    nested = b""
    for _ in range(3000):
        nested = box(b"udta", box(b"meta", nested))
    at = clean.index(b"moov") - 4
    moov = clean[at + 8 : at + int.from_bytes(clean[at : at + 4])]
    found = unexpected(written(tmp_path, clean[:at] + box(b"moov", moov, nested)), "mp4")
    assert sum(part.end - part.start for part in found) == len(nested)


def test_more_tracks_than_any_recording_are_refused(clean: bytes, tmp_path: Path) -> None:
    at = clean.index(b"moov") - 4
    path = written(tmp_path, clean[:at] + box(b"moov", box(b"trak") * 5000))
    with pytest.raises(StructureError, match="more tracks"):
        parts_of(path, "mp4")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_file_that_ends_early_is_refused_or_accused(
    share: float, clean: bytes, tmp_path: Path
) -> None:
    path = written(tmp_path, clean[: int(len(clean) * share)])
    assert outcome(path) == "refused" or unexpected(path, "mp4")


def test_what_is_no_movie_is_refused(tmp_path: Path) -> None:
    for data in (b"", b"\0", b"Hello, this is no movie at all.\n" * 9, b"\0" * 64):
        with pytest.raises(StructureError):
            parts_of(written(tmp_path, data), "mp4")
    with pytest.raises(UnreadableError):
        list(walk(tmp_path / "missing.mp4", "mp4"))


def large(path: Path, clean: bytes, samples: int, size: int) -> None:
    """A file whose media data is a hole and whose tables name every sample of it."""
    import numpy as np

    def inner(code: bytes) -> bytes:
        at = clean.index(code, clean.index(b"moov")) - 4
        return clean[at : at + int.from_bytes(clean[at : at + 4])]

    head = inner_first(clean) + struct.pack(">I4sQ", 1, b"mdat", 16 + samples * size)
    offsets = np.arange(samples, dtype=">u8") * size + len(head)
    rows = np.tile(np.array([1, 512], ">u4"), samples)
    stbl = box(
        b"stbl",
        inner(b"stsd"),
        box(b"stts", struct.pack(">IIII", 0, 1, samples, 512)),
        box(b"ctts", struct.pack(">II", 0, samples), rows.tobytes()),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1)),
        box(b"stsz", struct.pack(">III", 0, 0, samples), np.full(samples, size, ">u4").tobytes()),
        box(b"co64", struct.pack(">II", 0, samples), offsets.astype(">u8").tobytes()),
    )
    minf = box(b"minf", inner(b"vmhd"), inner(b"dinf"), stbl)
    trak = box(b"trak", inner(b"tkhd"), box(b"mdia", inner(b"mdhd"), inner(b"hdlr"), minf))
    with path.open("wb") as file:
        file.write(head)
        file.seek(samples * size, 1)
        file.write(box(b"moov", inner(b"mvhd"), trak))


def inner_first(clean: bytes) -> bytes:
    return clean[: int.from_bytes(clean[:4])]


MEASURE = """
import re, sys
from pathlib import Path
from mediascrub import walk
roles = {part.role for part in walk(Path(sys.argv[1]), "mp4")}
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(int(peak[1]) // 1024, sorted(roles))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says what was used")
def test_four_gigabytes_of_a_million_samples_take_little_memory(
    clean: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "large.mp4"
    large(path, clean, 1_000_000, 4200)
    assert path.stat().st_size > 4_000_000_000
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    megabytes, _, roles = done.stdout.strip().partition(" ")
    assert roles == "['coded', 'structure']"
    assert int(megabytes) < 200


def mangled(data: bytes, changes: list[tuple[str, float, int]], focus: float) -> bytes:
    """The bytes after some accidents, most of which happen behind `focus`."""
    out = bytearray(data)
    for how, share, value in changes:
        first = int(len(out) * focus)
        at = min(first + int((len(out) - first) * share), max(len(out) - 1, 0))
        if how == "flip" and out:
            out[at] ^= 1 << value % 8
        elif how == "number":
            out[at : at + 4] = struct.pack(">I", value)
        elif how == "cut":
            del out[at:]
        elif how == "remove":
            del out[at : at + value % 64]
        elif how == "splice":
            out[at:at] = out[value % (len(out) + 1) :][:64]
    return bytes(out)


ACCIDENTS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "number", "remove", "splice", "flip", "number", "cut"]),
        st.floats(0, 1, exclude_max=True),
        st.one_of(st.sampled_from([0, 1, 8, 0x7FFFFFFF, 0xFFFFFFFF]), st.integers(0, 1 << 32 - 1)),
    ),
    min_size=1,
    max_size=6,
)
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=250, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(changes=ACCIDENTS, focused=st.booleans())
def test_damaged_files_give_a_sentence_or_all_their_bytes(
    changes: list[tuple[str, float, int]], focused: bool, clean: bytes, tmp_path: Path
) -> None:
    focus = clean.index(b"moov") / len(clean) if focused else 0
    path = written(tmp_path, mangled(clean, changes, focus))
    assert outcome(path) in ("walked", "refused")
