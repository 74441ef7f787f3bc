"""How well faces stay covered, and at what cost, clip by clip: for tuning.

    python benchmarks/recall.py [--set faces.key=value ...] [--clips NAME,...] [--profile NAME]

Only locates, in this process, and compares the covers that the findings lead to with the truth:
what is exposed has less than 85 % of its box under covers. Times are of the processor, all threads
together, so other work on the machine hardly changes them. `--set` may be given several times for
one variant; `--against` starts the settings of a further variant, so that several are compared in
one table.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "fixtures"))

from testmedia import SCENES, Corpus  # noqa: E402
from testmedia.faceclips import large_clip  # noqa: E402
from testmedia.scoring import Exposed, Laid, covers_of, read_truth, score  # noqa: E402

from veilcast.host import Host  # noqa: E402
from veilcast.media.frames import read_frames  # noqa: E402
from veilcast.media.probe import probe  # noqa: E402
from veilcast.pipeline import located  # noqa: E402
from veilcast.profile import load_profile  # noqa: E402
from veilcast.settings import CoverSettings  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.extensions import Progress
    from veilcast.findings import Findings
    from veilcast.profile import Profile

SHARED = Path(os.environ.get("VEILCAST_SHARED") or HERE.parent.parent / "shared")
FACELESS = ("noface_cars.mp4", "noface_flower.mp4")
STAGE = "faces"


class _Quiet:
    def phase(self, name: str) -> None: ...

    def stage(self, name: str) -> Progress:
        return lambda *_: None

    def warning(self, sentence: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A clip, and the truth about it: None when there is no face in it at all."""

    name: str
    path: Path
    truth: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one variant did on one clip."""

    clip: str
    variant: int
    frames: int
    faces: int
    exposed: int
    longest_run: int
    exposed_tracks: int
    altered: float
    tracks: int
    longest_track_s: float
    cpu_ms_per_frame: float
    wall_ms_per_frame: float
    misses: list[dict[str, Any]]


def clips(wanted: Sequence[str], *, large: bool) -> Iterator[Clip]:
    """Generated clips, annotated recordings, and some without any face."""

    def asked(name: str) -> bool:
        return not wanted or any(part in name for part in wanted)

    corpus = Corpus(HERE.parent / "fixtures" / "generated")
    for name in SCENES:
        if asked(name):
            truth = corpus[f"faces_{name}.truth.json"]
            clip = corpus[f"faces_{name}.mp4"]
            document = read_truth(truth)
            yield Clip(name=name, path=clip, truth=document if document["boxes"] else None)
        if large and asked(f"{name}-large"):
            path, truth = large_clip(HERE / "out", name)
            document = read_truth(truth)
            yield Clip(
                name=f"{name}-large", path=path, truth=document if document["boxes"] else None
            )
    faces = SHARED / "data" / "faces"
    if not faces.is_dir():
        print("no real recordings: set VEILCAST_SHARED to the folder that has data/")
        return
    for path in sorted((faces / "truth").glob("*.json")):
        if asked(path.stem):
            document = read_truth(path)
            yield Clip(name=path.stem, path=faces / document["clip"], truth=document)
    for file in FACELESS:
        if asked(file):
            yield Clip(name=Path(file).stem, path=faces / file, truth=None)


def covers(findings: Findings, profile: Profile, clip: Path) -> list[list[Laid]]:
    """What the findings lead to, frame by frame."""
    planned = next(p for p in profile.stages if p.stage.name == STAGE)
    settings = planned.settings
    assert isinstance(settings, CoverSettings)
    times = [time_us for time_us, _ in read_frames(clip, probe(clip), look="times")]
    return covers_of(findings.tracks, settings, times)


def judge(host: Host, profile: Profile, clip: Clip, variant: int) -> Row:
    with tempfile.TemporaryDirectory(prefix="veilcast-recall-") as work:
        Path(work).chmod(0o700)
        cpu, wall = time.process_time(), time.monotonic()
        document = located(host, clip.path, profile, Path(work), _Quiet())
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    findings = next(found for found in document.stages if found.stage == STAGE)
    laid = covers(findings, profile, clip.path)
    video = probe(clip.path).video
    assert video is not None
    width, height = video.displayed_size
    truth = clip.truth or {
        "width": width,
        "height": height,
        "boxes": [],
        "frames_annotated": list(range(len(laid))),
    }
    result = score(truth, enumerate(laid))
    lengths = [float(track.times_us[-1] - track.times_us[0]) / 1e6 for track in findings.tracks]
    return Row(
        clip=clip.name,
        variant=variant,
        frames=len(laid),
        faces=result.faces,
        exposed=len(result.exposed),
        longest_run=result.longest_run,
        exposed_tracks=len({face.track for face in result.exposed}),
        altered=result.altered,
        tracks=len(findings.tracks),
        longest_track_s=max(lengths, default=0.0),
        cpu_ms_per_frame=1000 * cpu / max(len(laid), 1),
        wall_ms_per_frame=1000 * wall / max(len(laid), 1),
        misses=[_miss(run) for run in result.runs()],
    )


def _miss(run: list[Exposed]) -> dict[str, Any]:
    least = min(run, key=lambda face: face.covered)
    return {
        "track": least.track,
        "kind": least.kind,
        "size_px": least.size_px,
        "from_frame": run[0].frame,
        "to_frame": run[-1].frame,
        "count": len(run),
        "least_covered": least.covered,
    }


def show(row: Row, misses: int) -> None:
    print(
        f"{row.variant:2} {row.clip[:34]:34} {row.faces:6} {row.exposed:7} {row.longest_run:4} "
        f"{100 * row.altered:7.2f}% {row.tracks:6} {row.longest_track_s:7.2f} "
        f"{row.cpu_ms_per_frame:7.1f} {row.wall_ms_per_frame:7.1f}",
        flush=True,
    )
    for miss in row.misses[:misses]:
        print(
            f"      {miss['from_frame']}-{miss['to_frame']}: {miss['track']} ({miss['kind']}, "
            f"{miss['size_px']:.0f} px), {100 * miss['least_covered']:.0f} % covered"
        )
    if misses and len(row.misses) > misses:
        print(f"      and {len(row.misses) - misses} more runs")


def total(rows: Sequence[Row], variant: int) -> None:
    mine = [row for row in rows if row.variant == variant]
    faceless = [row for row in mine if not row.faces]
    faces, frames = sum(row.faces for row in mine), sum(row.frames for row in mine)
    exposed = sum(row.exposed for row in mine)
    cpu = sum(row.cpu_ms_per_frame * row.frames for row in mine) / max(frames, 1)
    print(
        f"{variant:2} all: {exposed} of {faces} exposed ({100 * exposed / max(faces, 1):.2f} %), "
        f"longest run {max((row.longest_run for row in mine), default=0)}, "
        f"{cpu:.1f} cpu ms a frame; without faces: longest track "
        f"{max((row.longest_track_s for row in faceless), default=0.0):.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", action="append", default=[], metavar="STAGE.KEY=VALUE")
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="STAGE.KEY=VALUE[,...]",
        help="a further variant, its settings separated by spaces",
    )
    parser.add_argument("--profile", default="default")
    parser.add_argument("--clips", default="", help="parts of clips' names, separated by commas")
    parser.add_argument("--large", action="store_true", help="also the generated clips at 1080p")
    parser.add_argument("--misses", type=int, default=6, help="how many runs to list for a clip")
    parser.add_argument("--json", type=Path, help="write everything here too")
    options = parser.parse_args()
    host = Host()
    variants = [options.set, *(text.split() for text in options.against)]
    profiles = [load_profile(host, options.profile, overrides=each) for each in variants]
    for number, each in enumerate(variants):
        print(f"{number:2} {options.profile} {' '.join(each)}")
    print(f"   {'clip':34}  faces exposed  run   other tracks longest  cpu ms wall ms")
    rows = []
    for clip in clips([part for part in options.clips.split(",") if part], large=options.large):
        for number, profile in enumerate(profiles):
            rows.append(judge(host, profile, clip, number))
            show(rows[-1], options.misses)
    for number in range(len(variants)):
        total(rows, number)
    if options.json:
        document = {"variants": variants, "rows": [asdict(row) for row in rows]}
        options.json.write_text(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
