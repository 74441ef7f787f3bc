"""Damaged and hostile files: an error of ours or a clean file, and never anything else.

`VEILCAST_FUZZ=500` tries so many files of each family instead of a few; seeds are fixed either way.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import struct
import subprocess
import sys
import zlib
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import planting
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pipeline.program import Program
from planting import boxes, ebml, matroska_media, stills
from planting.played import presented
from thorough import only

from veilcast.errors import InternalError, NotMediaError, PluginFailedError, VeilcastError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METADATA_ONLY = "stages:\n  - metadata\n"
BASES = (
    *("h264.mp4", "h264.mov", "fragments.mp4", "hevc.mp4", "aac.m4a", "h264.mkv", "av1.mkv"),
    *("vp9.webm", "mpeg4.avi", "h264.ts", "mpeg2.mpg", "wmv2.wmv", "pcm.wav", "lossless.flac"),
    *("layer3.mp3", "vorbis.ogg", "opus.opus", "pcm.aiff", "flv1.flv"),
    *("still.jpg", "still.png", "still.tiff", "still.webp"),
)
EXAMPLES = int(os.environ.get("VEILCAST_FUZZ") or 3)
PATIENCE_S = 30
MOST_MIB = 1300
"""A run that finds text in tags holds 1,050: every model for reading."""
ADDRESSES = 16 << 30
"""Of memory that may be asked for; far more than is ever touched."""
FENCED = """
import os, resource, sys
most, peak, *command = sys.argv[1:]
if not (child := os.fork()):
    resource.setrlimit(resource.RLIMIT_AS, (int(most), int(most)))
    os.execvp(command[0], command)
_, status, used = os.wait4(child, 0)
with open(peak, "w") as file:
    file.write(f"{os.waitstatus_to_exitcode(status)} {used.ru_maxrss}")
"""
"""Runs a command in little memory, and writes how it ended and its peak in KiB.

A child of the tests themselves would be said to have held all that they do: what a process held
before `exec` counts.
"""
EXTREMES = (0, 1, 7, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


class Slow(BaseException):
    """Not an Exception, so that nothing on the way can take it for one of its own."""


@contextmanager
def patience() -> Iterator[None]:
    """Stops what works too long, by the processor's time; and what waits for ever, much later."""

    def stop(*_: object) -> None:
        raise Slow

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE_S)
    faulthandler.dump_traceback_later(20 * PATIENCE_S, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_PROF, 0)
        # Not as it was: MediaPipe has it ignored without Python's knowledge, and relies on that.
        signal.signal(signal.SIGPROF, signal.SIG_IGN)


class Change(NamedTuple):
    """One thing done to a file. Places are parts of its length, so that one fits every file."""

    kind: str
    at: float
    other: float
    value: int

    def apply(self, data: bytes) -> bytes:
        if not data:
            return data
        at, other = (min(int(x * len(data)), len(data) - 1) for x in (self.at, self.other))
        if self.kind == "cut off":
            return data[: at + 1]
        if self.kind == "flip":
            return data[:at] + bytes((data[at] ^ (1 << self.value % 8),)) + data[at + 1 :]
        if self.kind == "splice":
            return data[:at] + data[other : other + 1 + self.value % 4096] + data[at:]
        if self.kind == "take out":
            return data[:at] + data[at + 1 + self.value % 512 :]
        # A size before or behind some four letters: boxes, chunks, and what looks like them.
        names = _names(data)
        name = names[int(self.at * (len(names) - 1))] if names else at
        extreme = EXTREMES[self.value % len(EXTREMES)]
        where, order = (name - 4, ">I") if self.kind == "size before" else (name + 4, "<I")
        where = max(0, min(where, len(data) - 4))
        return data[:where] + struct.pack(order, extreme) + data[where + 4 :]


@cache
def _names(data: bytes) -> list[int]:
    letters = (
        frozenset(range(0x30, 0x3A)) | frozenset(range(0x41, 0x5B)) | frozenset(range(0x61, 0x7B))
    )
    plain = bytes(byte in letters for byte in data)
    return [at for at in range(len(data) - 3) if plain[at : at + 4] == b"\1\1\1\1"][:400]


unit = st.floats(0, 1, allow_nan=False, width=32)
early = unit.map(lambda x: x**4)
"""Headers come first, and there is more to get wrong in them."""
changes = st.builds(
    Change,
    kind=st.sampled_from(
        ("cut off", "flip", "flip", "splice", "take out", "size before", "size behind")
    ),
    at=st.one_of(unit, early),
    other=unit,
    value=st.integers(0, 1 << 16),
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> planting.Bench:
    return planting.Bench(tmp_path_factory.mktemp("bench"))


class Runs:
    """Whole runs with nothing but the stage `metadata`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._program = folder, Program(folder)
        self._profile = self._program.profile(METADATA_ONLY)

    def outcome(self, source: Path) -> Path | VeilcastError:
        """What a run publishes, or why it does not; then nothing lies about."""
        try:
            with patience():
                return self._program.run(source, self._profile).output
        except (PluginFailedError, InternalError):
            raise
        except VeilcastError as error:
            (*_, latest) = sorted(self._folder.glob("*-out"), key=lambda f: int(f.name[:-4]))
            assert list(latest.iterdir()) == []
            return error


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("runs"))


@pytest.mark.quick(every=12)
@pytest.mark.parametrize("base", BASES)
def test_damage_is_an_error_of_ours_or_a_file_that_plays(
    bench: planting.Bench, runs: Runs, tmp_path: Path, base: str
) -> None:
    clean = bench[base]
    source = tmp_path / f"input{base[base.index('.') :]}"

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(changes, min_size=1, max_size=4))
    @example([Change("cut off", 0.5, 0, 0)])
    @example([Change("cut off", 0.999, 0, 0)])
    def damaged(done: list[Change]) -> None:
        data = clean
        for change in done:
            data = change.apply(data)
        source.write_bytes(data)
        found = runs.outcome(source)
        if isinstance(found, VeilcastError):
            assert str(found)
        else:
            assert presented(found)[0]

    damaged()


def elsewhere(bench: planting.Bench, folder: Path) -> Path:
    """A recording that the hostile files refer to, under a name that is easily found again."""
    other = folder / "Elsewhere-Zorblatt.mov"
    other.write_bytes(bench["h264.mov"])
    return other


def referring(bench: planting.Bench, other: Path, kind: str) -> bytes:
    """A MOV whose samples lie in another file (ISO/IEC 14496-12, 8.7.2)."""
    if kind == "address":
        entry = boxes.full("url ", f"file://{other}".encode(), b"\0")
    else:
        name = str(other).encode()
        tail = struct.pack(">2H", 18, len(name)) + name + b"\0" * (len(name) % 2)
        tail += struct.pack(">2H", 0xFFFF, 0)
        entry = boxes.full(
            "alis", bytes(4), struct.pack(">2H", 150 + len(tail), 2), bytes(142), tail
        )
    data = bench["h264.mov"]
    for track in range(2):
        path = f"moov/trak[{track}]/mdia/minf/dinf/dref"
        data = boxes.edit(data, path, lambda old: old[:8] + entry)
    at = data.index(b"mdat") - 4
    return data[:at] + boxes.box("ftyp", b"qt  ", bytes(4)) + data[data.index(b"moov") - 4 :]


SCRIPTS = {
    "list.mp4": "ffconcat version 1.0\nfile '{other}'\n",
    "playlist.ts": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n",
    "session.mp4": (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"
    ),
    "manifest.mp4": (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">'
        "<BaseURL>file://{other}</BaseURL></MPD>"
    ),
    "subtitles.mkv": "[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: {other}\n",
    "drawing.png": '<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{other}"/></svg>',
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_that_call_themselves_media_are_refused(
    bench: planting.Bench, runs: Runs, tmp_path: Path, name: str
) -> None:
    source = tmp_path / name
    source.write_text(SCRIPTS[name].format(other=elsewhere(bench, tmp_path)))
    assert isinstance(runs.outcome(source), NotMediaError)


@pytest.mark.parametrize("kind", ["address", "alias"])
def test_samples_in_another_file_are_never_read(
    bench: planting.Bench, runs: Runs, tmp_path: Path, kind: str
) -> None:
    source = tmp_path / "input.mov"
    source.write_bytes(referring(bench, elsewhere(bench, tmp_path), kind))
    assert isinstance(runs.outcome(source), VeilcastError)


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("kind", ["address", "alias", "list.mp4", "playlist.ts"])
def test_no_other_file_is_opened(bench: planting.Bench, tmp_path: Path, kind: str) -> None:
    """The system's own record of every file that was opened by all processes of a run."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    other, log = elsewhere(bench, tmp_path), tmp_path / "opened"
    if kind in SCRIPTS:
        source = tmp_path / kind
        source.write_text(SCRIPTS[kind].format(other=other))
    else:
        source = tmp_path / "input.mov"
        source.write_bytes(referring(bench, other, kind))
    trace = ["strace", "-f", "-qq", "-s", "4096", "-e", "trace=open,openat,openat2,stat,newfstatat"]
    done, _ = ran(source, tmp_path, *trace, "-o", str(log))
    if not log.exists() or not log.stat().st_size:
        pytest.skip("this system does not let strace look")
    assert done.returncode not in (0, 1, 70)
    told = log.read_text(errors="replace")
    assert source.name in told
    assert "Zorblatt" not in told


def ran(source: Path, folder: Path, *before: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """The program in a process of its own with little memory: what it said, and its peak in MiB."""
    profile = folder / "profile.yaml"
    profile.write_text(METADATA_ONLY)
    command = [*before, sys.executable, "-m", "veilcast", "run", str(source), "-q"]
    command += ["-p", str(profile), "-o", str(folder / f"out{source.suffix}")]
    command += ["--work", str(folder / "work")]
    peak = folder / "peak"
    fenced = subprocess.run(
        [sys.executable, "-c", FENCED, str(ADDRESSES), str(peak), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    code, peak_kib = map(int, peak.read_text().split())
    return subprocess.CompletedProcess(command, code, fenced.stdout, ""), peak_kib / 1024


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    "name",
    [
        "concat:a|b.mp4",
        "http:x.mp4",
        "file:x.mp4",
        "subfile,,start,0,end,9,,:x.mp4",
        "%03d.mp4",
        "-y.mp4",
    ],
)
def test_names_that_mean_something_to_ffmpeg_are_only_names(
    bench: planting.Bench, runs: Runs, tmp_path: Path, name: str
) -> None:
    source = tmp_path / name
    source.write_bytes(bench["h264.mp4"])
    found = runs.outcome(source)
    assert not isinstance(found, VeilcastError)
    assert presented(found)[0].keys() == {"video 0", "audio 0"}


def test_a_link_as_input_leaves_what_it_points_to_alone(
    bench: planting.Bench, runs: Runs, tmp_path: Path
) -> None:
    target, source = tmp_path / "target.mp4", tmp_path / "link.mp4"
    target.write_bytes(bench["h264.mp4"])
    source.symlink_to(target)
    found = runs.outcome(source)
    assert not isinstance(found, VeilcastError)
    assert not found.is_symlink()
    assert source.is_symlink()
    assert target.read_bytes() == bench["h264.mp4"]


@cache
def zeros(mebibytes: int) -> bytes:
    """As many bytes of 0, deflated to a thousandth."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(mebibytes)) + packer.flush()


def _png_with(bench: planting.Bench, chunk: bytes) -> bytes:
    picture = bench["still.png"]
    at = picture.index(b"IDAT") - 4
    return picture[:at] + chunk + picture[at:]


def _huge_png(width: int, height: int) -> bytes:
    header = stills.chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
    end = stills.chunk(b"IDAT", zeros(64)) + stills.chunk(b"IEND")
    return b"\x89PNG\r\n\x1a\n" + header + end


def _deflated_tracks(bench: planting.Bench) -> bytes:
    """Subtitles whose private data and blocks inflate to gigabytes (RFC 9559, 5.1.4.1.31)."""
    compression = ebml.element(0x5034, ebml.element(0x4254, b"\0"))
    scope = ebml.element(0x5032, b"\3")
    encodings = ebml.element(0x6D80, ebml.element(0x6240, scope, compression))
    bomb = zeros(2048)
    return matroska_media.with_text_track(bench["h264.mkv"], b"S_TEXT/UTF8", bomb, bomb, encodings)


def _deflated_movie() -> bytes:
    """A movie box that inflates to gigabytes (QuickTime File Format, compressed movies)."""
    packed = struct.pack(">I", 0x7FFFFFF0) + zeros(2047)
    movie = boxes.box("cmov", boxes.box("dcom", b"zlib"), boxes.box("cmvd", packed))
    return boxes.box("ftyp", b"qt  ", bytes(4)) + boxes.box("moov", movie)


def _endless_tables(bench: planting.Bench) -> bytes:
    """Tables that claim two thousand million samples."""
    data = bench["h264.mp4"]
    count = struct.pack(">I", 0x7FFFFFFF)
    table = "moov/trak/mdia/minf/stbl"
    data = boxes.edit(data, f"{table}/stsz", lambda old: old[:4] + struct.pack(">I", 1) + count)
    return boxes.edit(data, f"{table}/stts", lambda old: old[:8] + count + struct.pack(">I", 1))


BOMBS = {
    "text.png": lambda bench: _png_with(bench, stills.chunk(b"zTXt", b"Comment\0\0", zeros(2048))),
    "profile.png": lambda bench: _png_with(bench, stills.chunk(b"iCCP", b"x\0\0", zeros(2048))),
    "large.png": lambda bench: _huge_png(100_000, 100_000),
    "long.png": lambda bench: _huge_png(1, 0x7FFFFFFF),
    "rows.png": lambda bench: (
        bench["still.png"].replace(b"IEND", b"IEnd")[:-12]
        + stills.chunk(b"IDAT", zeros(2048))
        + stills.chunk(b"IEND")
    ),
    "tracks.mkv": _deflated_tracks,
    "movie.mov": lambda bench: _deflated_movie(),
    "tables.mp4": _endless_tables,
}


@pytest.mark.parametrize("name", only(["tables.mp4"], BOMBS))
def test_what_grows_when_it_is_opened_does_not_fill_the_memory(
    bench: planting.Bench, tmp_path: Path, name: str
) -> None:
    source = tmp_path / name
    source.write_bytes(BOMBS[name](bench))
    done, peak_mib = ran(source, tmp_path)
    assert done.returncode >= 0, "it was killed"
    assert done.returncode not in (1, 31, 70), done.stdout
    assert "Traceback" not in done.stdout
    assert peak_mib < MOST_MIB
    assert (tmp_path / f"out{source.suffix}").exists() == (done.returncode == 0)
