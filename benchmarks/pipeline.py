"""Whole runs against a bare ffmpeg transcode, and against deface, in one sitting.

    python benchmarks/pipeline.py [--seconds 20] [--runs 3] [--long] [--deface] [--clip FILE]

Times are only comparable within one call: the commands take turns, and what counts is the ratio of
wall times pair by pair. `--long` adds a clip 20 times as long and compares peak memory. `--deface`
makes a virtual environment of its own for the peer.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from measuring import CRF, HERE, OUT, PEER, PRESET, deface, ffmpeg, frames_of, measure, veilcast

sys.path.insert(0, str(HERE.parent / "fixtures"))

if TYPE_CHECKING:
    from measuring import Measured

REGIONS = 'regions:\n  - {label: screen, box: ["70%", "10%", "20%", "20%"]}\n'


def ours_on(clip: Path, work: Path) -> list[str]:
    regions = OUT / "regions.yaml"
    regions.write_text(REGIONS)
    return veilcast(clip, OUT / "veilcast.mp4", work, "--regions", str(regions))


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
        base.append(measure(ffmpeg(clip, OUT / "ffmpeg.mp4")))
        shutil.rmtree(work, ignore_errors=True)  # nothing located before
        ours.append(measure(ours_on(clip, work)))
    print(f"{frames} frames, h264 {PRESET} crf {CRF}, median of {options.runs} turns")
    show("ffmpeg", base, base, frames)
    show("veilcast", ours, base, frames)
    phases()
    if options.deface:
        peer = measure(deface(clip, OUT / "deface.mp4"))
        show(PEER, [peer], base, frames)
    if options.long:
        longer = OUT / f"hd-{options.seconds * 20}.mp4"
        if not longer.exists():
            from testmedia import hd_clip

            hd_clip(longer, options.seconds * 20)
        shutil.rmtree(work, ignore_errors=True)
        run = measure(ours_on(longer, work))
        ratio = run.peak_mib / max(r.peak_mib for r in ours)
        print(f"20 times: wall {run.wall_s:.1f} s, peak {run.peak_mib:.0f} MiB ({ratio:.2f}x)")
        phases()


if __name__ == "__main__":
    main()
