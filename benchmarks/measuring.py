"""What the benchmarks share: whole processes run and measured, ours, ffmpeg's and a peer's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
SHARED = Path(os.environ.get("VEILCAST_SHARED") or HERE.parent.parent / "shared")
"""Where the real recordings are, which are not part of the repository."""

PRESET, CRF = "veryfast", "18"
PEER = "deface==1.5.0"
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A finished process with all its children. Memory is what they held at one moment, at most."""

    wall_s: float
    cpu_s: float
    peak_mib: float


class MemoryWatch:
    """Looks again and again at the memory of a process and its children, in a thread."""

    def __init__(self, pid: int) -> None:
        self._pid, self._done = pid, threading.Event()
        self.peak_mib = 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(LOOK_EVERY_S):
            self.peak_mib = max(self.peak_mib, resident_mib(self._pid))


def resident_mib(pid: int) -> float:
    """The resident memory of a process and its children now."""
    parents: dict[int, int] = {}
    pages: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                # The name, in brackets, may have spaces in it.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            parents[int(entry.name)], pages[int(entry.name)] = int(fields[1]), int(fields[21])
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(pages.get(member, 0) for member in family) * os.sysconf("SC_PAGESIZE") / 2**20


def measure(command: list[str]) -> Measured:
    """Runs a command to its end, which must be a success."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        with MemoryWatch(process.pid) as memory:
            errors = process.stderr.read() if process.stderr else b""
            # The children of a child are in its own figures only once it has waited for them.
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed with {process.returncode}: {errors.decode()[-400:]}")
    return Measured(
        wall_s=time.monotonic() - began,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mib=max(memory.peak_mib, usage.ru_maxrss / 1024),
    )


def ffmpeg(clip: Path, target: Path) -> list[str]:
    """A bare transcode with the encoder that all are told to use."""
    return [
        *("ffmpeg", "-v", "error", "-y", "-i", str(clip), "-map", "0:v", "-map", "0:a?"),
        *("-c:v", "libx264", "-preset", PRESET, "-crf", CRF, "-c:a", "copy", str(target)),
    ]


def veilcast(clip: Path, target: Path, work: Path, *more: str) -> list[str]:
    """A whole run of ours."""
    return [
        *(sys.executable, "-m", "veilcast", "run", str(clip), "--quiet", "--force"),
        *("-o", str(target), "--work", str(work)),
        # A profile that says how to encode is measured as it ships.
        *(() if "fast" in more else ("--set", f"deliver.preset={PRESET}")),
        *("--set", f"deliver.crf={CRF}", *more),
    ]


def deface(clip: Path, target: Path, *more: str) -> list[str]:
    """The peer, in a virtual environment of its own that is made when it is not there."""
    home = OUT / "deface-venv"
    if not (home / "bin" / "deface").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        pip = [str(home / "bin" / "pip"), "install", "--quiet"]
        subprocess.run([*pip, PEER, "onnxruntime", "opencv-python-headless"], check=True)
    config = json.dumps({"codec": "libx264", "ffmpeg_params": ["-preset", PRESET, "-crf", CRF]})
    return [
        *(str(home / "bin" / "deface"), str(clip), "-o", str(target), "--keep-audio"),
        *("--ffmpeg-config", config, *more),
    ]


def frames_of(clip: Path) -> int:
    """How many pictures a clip has."""
    done = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets"),
            *("-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", str(clip)),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout.strip().strip(","))
