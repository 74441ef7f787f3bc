"""Whole runs against a bare ffmpeg transcode, and against deface, in one sitting.

    python benchmarks/pipeline.py [--seconds 20] [--runs 3] [--long] [--deface] [--clip FILE]

Times are only comparable within one call: the commands take turns, and what counts is the ratio of
wall times pair by pair. `--long` adds a clip 20 times as long and compares peak memory. `--deface`
makes a virtual environment of its own for the peer.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
sys.path.insert(0, str(HERE.parent / "fixtures"))

PRESET, CRF = "veryfast", "18"
REGIONS = 'regions:\n  - {label: screen, box: ["70%", "10%", "20%", "20%"]}\n'


@dataclass(frozen=True)
class Measured:
    wall_s: float
    cpu_s: float
    peak_mib: float


def measure(command: list[str]) -> Measured:
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        errors = process.stderr.read() if process.stderr else b""
        # The children of a child are in its own figures only once it has waited for them.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed with {process.returncode}: {errors.decode()[-400:]}")
    return Measured(
        wall_s=time.monotonic() - began,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mib=usage.ru_maxrss / 1024,
    )


def ffmpeg(clip: Path) -> list[str]:
    target = OUT / "ffmpeg.mp4"
    return [
        *("ffmpeg", "-v", "error", "-y", "-i", str(clip), "-map", "0:v", "-map", "0:a?"),
        *("-c:v", "libx264", "-preset", PRESET, "-crf", CRF, "-c:a", "copy", str(target)),
    ]


def veilcast(clip: Path, work: Path, *more: str) -> list[str]:
    regions = OUT / "regions.yaml"
    regions.write_text(REGIONS)
    return [
        *(sys.executable, "-m", "veilcast", "run", str(clip), "--quiet", "--force"),
        *("-o", str(OUT / "veilcast.mp4"), "--work", str(work), "--regions", str(regions)),
        *("--set", f"deliver.preset={PRESET}", "--set", f"deliver.crf={CRF}", *more),
    ]


def deface(clip: Path) -> list[str]:
    home = OUT / "deface-venv"
    if not (home / "bin" / "deface").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        pip = [str(home / "bin" / "pip"), "install", "--quiet"]
        subprocess.run([*pip, "deface==1.5.0", "onnxruntime", "opencv-python-headless"], check=True)
    config = json.dumps({"codec": "libx264", "ffmpeg_params": ["-preset", PRESET, "-crf", CRF]})
    target = OUT / "deface.mp4"
    return [
        *(str(home / "bin" / "deface"), str(clip), "-o", str(target), "--keep-audio"),
        *("--ffmpeg-config", config),
    ]


def show(name: str, runs: list[Measured], base: list[Measured], frames: int) -> None:
    wall = statistics.median(run.wall_s for run in runs)
    ratios = [run.wall_s / other.wall_s for run, other in zip(runs, base, strict=False)]
    print(
        f"{name:22} wall {wall:7.2f} s   {frames / wall:7.1f} frames/s   "
        f"cpu {statistics.median(r.cpu_s for r in runs):7.2f} s   "
        f"peak {max(r.peak_mib for r in runs):6.0f} MiB   "
        f"x ffmpeg {statistics.median(ratios):5.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    )


def phases() -> None:
    seconds = json.loads((OUT / "veilcast.manifest.json").read_text())["volatile"]["seconds"]
    print("  phases: " + ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items()))


def frames_of(clip: Path) -> int:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=20, help="length of the generated clip")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--clip", type=Path, help="instead of the generated one")
    parser.add_argument("--long", action="store_true", help="memory on a clip 20 times as long")
    parser.add_argument("--deface", action="store_true", help="also the peer (slow)")
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    clip = options.clip
    if clip is None:
        from testmedia import hd_clip

        clip = OUT / f"hd-{options.seconds}.mp4"
        if not clip.exists():
            hd_clip(clip, options.seconds)
    frames = frames_of(clip)
    work = OUT / "work"
    base, ours = [], []
    for _ in range(options.runs):
        base.append(measure(ffmpeg(clip)))
        shutil.rmtree(work, ignore_errors=True)  # nothing located before
        ours.append(measure(veilcast(clip, work)))
    print(f"{frames} frames, h264 {PRESET} crf {CRF}, median of {options.runs} turns")
    show("ffmpeg", base, base, frames)
    show("veilcast faces 5 Hz", ours, base, frames)
    phases()
    if options.deface:
        show("deface 1.5.0", [measure(deface(clip))], base, frames)
    if options.long:
        longer = OUT / f"hd-{options.seconds * 20}.mp4"
        if not longer.exists():
            from testmedia import hd_clip

            hd_clip(longer, options.seconds * 20)
        shutil.rmtree(work, ignore_errors=True)
        run = measure(veilcast(longer, work))
        ratio = run.peak_mib / max(r.peak_mib for r in ours)
        print(f"20 times: wall {run.wall_s:.1f} s, peak {run.peak_mib:.0f} MiB ({ratio:.2f}x)")
        phases()


if __name__ == "__main__":
    main()
