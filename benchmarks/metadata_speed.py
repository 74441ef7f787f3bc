"""A large file whose streams are copied, ours against ffmpeg: `metadata.py --speed`."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

from measuring import OUT, Measured, measure

if TYPE_CHECKING:
    from pathlib import Path

SCRUB = """
import sys; from pathlib import Path
from veilcast.media.container import remux; from veilcast.media.probe import probe
source = Path(sys.argv[1])
remux(source, Path(sys.argv[2]), probe(source), progress=lambda *_: None)
"""


def looped(gigabytes: float, family: str) -> Path:
    """A clip of 1080p with sound, looped until it is so large. Its streams are only copied."""
    OUT.mkdir(exist_ok=True)
    short, long = OUT / "loop.mp4", OUT / f"looped-{gigabytes:g}.{family}"
    if not short.exists():
        lavfi = ["-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=30:d=10,noise=alls=12:allf=t"]
        sound = ["-f", "lavfi", "-i", "sine=d=10:r=48000"]
        codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "12M", "-c:a", "aac"]
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", *lavfi, *sound, *codecs, str(short)], check=True
        )
    if not long.exists():
        times = str(round(gigabytes * 1e9 / short.stat().st_size))
        copy = ["-stream_loop", times, "-i", str(short), "-c", "copy", str(long)]
        subprocess.run(["ffmpeg", "-v", "error", "-y", *copy], check=True)
    return long


def spread(ratios: list[float]) -> str:
    """The median, and from where to where."""
    return f"{statistics.median(ratios):.2f}x ({min(ratios):.2f}-{max(ratios):.2f})"


def speed(gigabytes: float, runs: int, family: str, *, whole: bool) -> None:
    """Times against ffmpeg's, turn by turn, and what memory each took."""
    clip = looped(gigabytes, family)
    profile = OUT / "metadata-only.yaml"
    profile.write_text("stages:\n  - metadata\n")
    target, work = OUT / f"scrubbed.{family}", OUT / "metadata-work"
    commands = {
        "ffmpeg -c copy -map_metadata -1": [
            *("ffmpeg", "-v", "error", "-y", "-i", str(clip), "-map_metadata", "-1"),
            *("-c", "copy", str(target)),
        ],
        "scrub alone": [sys.executable, "-c", SCRUB, str(clip), str(target)],
        "veilcast run": [
            *(sys.executable, "-m", "veilcast", "run", str(clip), "--quiet", "--force"),
            *("-o", str(target), "--work", str(work), "--profile", str(profile)),
        ],
    }
    if not whole:
        del commands["veilcast run"]
    found: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            shutil.rmtree(work, ignore_errors=True)
            # To replace a file takes the system longer than to write one, and by chance.
            target.unlink(missing_ok=True)
            found[name].append(measure(command))
    print(f"{clip.stat().st_size / 1e9:.2f} GB, {clip.suffix}, median of {runs} turns")
    base = next(iter(found.values()))
    for name, turns in found.items():
        pairs = list(zip(base, turns, strict=True))
        walls = [first.wall_s / turn.wall_s for first, turn in pairs]
        cpus = [first.cpu_s / turn.cpu_s for first, turn in pairs]
        peak = max(turn.peak_mib for turn in turns)
        print(f"{name:34} speed {spread(walls)}, by processor time {spread(cpus)}")
        cpu = statistics.median(turn.cpu_s for turn in turns)
        print(f"{'':34} {cpu:.2f} s of processor time, peak {peak:.0f} MiB")
