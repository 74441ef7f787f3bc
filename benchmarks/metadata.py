"""What is left of a planted secret, place by place: ours and three peers, side by side.

    python benchmarks/metadata.py [--only WORD] [--tools NUMBER ...] [--again] [--write]
    python benchmarks/metadata.py --speed [--gigabytes 1.5] [--runs 3] [--family mkv] [--scrub-only]
    python benchmarks/metadata.py --memory [--gigabytes 4]

Peers are Debian's mat2, ExifTool and ffmpeg. What was found is kept, so that one tool (0 is ours)
can be asked again. Ours is the scrub alone; 5 are whole runs, which verify what they wrote.
`--write` puts the tables of all that is kept into docs/metadata.md and docs/metadata-places.md.
`--speed` and `--memory` loop a clip into a large file and compare our scrub alone, and a whole run
with its verification, to ffmpeg copying the same streams: only ratios within one call mean
anything.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from measuring import HERE, OUT
from metadata_speed import speed

sys.path.insert(0, str(HERE.parent / "fixtures"))

import av
import planting
from planting.played import ExifTool, alike, presented, same

from veilcast.errors import VeilcastError
from veilcast.extensions import RedactContext
from veilcast.findings import Findings
from veilcast.host import Host
from veilcast.media.probe import probe
from veilcast.pipeline import Request, run
from veilcast.profile import load_profile
from veilcast_metadata import veilcast_stages
from veilcast_metadata.settings import MetadataSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from veilcast.extensions import Progress

DOCS = HERE.parent / "docs"
MARK = "<!-- table -->"
DEADLINE_S = 60
HARDLY_SEEN_S = Fraction(1, 50)
"""Some muxers move sound against picture by a packet's delay; that is not held against them."""
EXACT = "-map 0 -map_metadata -1 -c copy"
USUAL = "-map_metadata -1 -map_chapters -1 -c copy"
TOOLS = ("veilcast", "mat2", "exiftool -all=", f"ffmpeg {EXACT}", f"ffmpeg {USUAL}")
WHOLE = len(TOOLS)
"""The number of our whole runs, which are no column of the table."""
MAT2 = """
import sys
from libmat2 import parser_factory
for line in sys.stdin:
    try:
        parser, _ = parser_factory.get_parser(line.rstrip())
        print("refused" if parser is None else "done" if parser.remove_all() else "failed")
    except Exception:
        print("failed")
"""


class _Quiet:
    def phase(self, name: str) -> None: ...

    def stage(self, name: str) -> Progress:
        return lambda *_: None

    def warning(self, sentence: str) -> None: ...


class Scrub:
    """The stage `metadata` alone: what it writes is taken as it is, as the peers' is."""

    def __init__(self, folder: Path) -> None:
        (self._stage,) = veilcast_stages()
        self._scratch, self._whole = folder / "scratch", Whole(folder)

    def __call__(self, source: Path, target: Path) -> str:
        if source.suffix == ".heic":
            return self._whole(source, target)  # it has to be converted first
        self._scratch.mkdir()
        try:
            made = self._write(source)
        except VeilcastError as error:
            return f"refused ({type(error).__name__})"
        else:
            made.rename(target)
        finally:
            shutil.rmtree(self._scratch)
        return ""

    def _write(self, source: Path) -> Path:
        media = probe(source)
        redact = self._stage.redact
        if redact is None:
            raise TypeError("the stage writes nothing")
        made: Path = redact(
            RedactContext(
                file=source,
                media=media,
                source_media=media,
                findings=Findings(stage="metadata"),
                settings=MetadataSettings(),
                scratch=self._scratch,
                progress=lambda *_: None,
            )
        )
        return made


class Whole:
    """Whole runs with nothing but the stage `metadata`, and with the verification."""

    def __init__(self, folder: Path) -> None:
        self._host, self._work = Host(), folder / "work"
        profile = folder / "metadata.yaml"
        profile.write_text("stages:\n  - metadata\n")
        self._profile = load_profile(self._host, str(profile))

    def __call__(self, source: Path, target: Path) -> str:
        request = Request(source=source, output=target, profile=self._profile, work=self._work)
        try:
            run(self._host, request, _Quiet())
        except VeilcastError as error:
            return f"refused ({type(error).__name__})"
        finally:
            shutil.rmtree(self._work, ignore_errors=True)
        return ""


class Mat2:
    """One process of the system's Python that does what mat2's command does, file after file."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["/usr/bin/python3", "-u", "-c", MAT2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, source: Path, target: Path) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise TypeError("the process has no pipes")
        copy = target.with_name(f"mat2-{target.name}")
        shutil.copy(source, copy)
        self._process.stdin.write(f"{copy}\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline().strip()
        made = copy.with_name(f"{copy.stem}.cleaned{copy.suffix}")
        if made.exists():
            made.rename(target)
        return "" if said == "done" else said


def told(command: list[str]) -> str:
    """What a program says, and that it took too long where it did."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=DEADLINE_S
        )
    except subprocess.TimeoutExpired:
        return "failed"
    text = done.stderr + done.stdout
    if any(words in text for words in ("not supported", "not yet supported", "Can't write")):
        return "refused"
    return "failed" if done.returncode else ""


def exiftool(source: Path, target: Path) -> str:
    return told(["exiftool", "-all=", "-o", str(target), str(source)])


def ffmpeg(source: Path, target: Path, options: str) -> str:
    still = ["-update", "1"] if target.suffix in (".jpg", ".png", ".tiff", ".webp") else []
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), *options.split(), *still]
    return told([*command, str(target)])


def verdict(spot: planting.Planted, target: Path, said: str, listed: ExifTool) -> str:
    """One word for the table."""
    if said.startswith("refused"):
        return said
    if said or not target.exists() or not target.stat().st_size:
        return "failed"
    place = spot.place
    listing = listed.listing(target)
    left = any(planting.traces(target.read_bytes(), place))
    left = left or planting.WORD.lower() in listing.lower()
    left = left or any(text in listing for text in place.listed)
    return ("LEFT" if left else "gone") + ("" if plays(spot.path, target) else ", broken")


def plays(source: Path, target: Path) -> bool:
    """Whether the same frames and samples come out of both, at the same times."""
    try:
        if source.suffix == ".heic":
            return alike(source, target)
        shown = presented(source, damaged=True)[0], presented(target, damaged=True)[0]
        return same(*shown, late=HARDLY_SEEN_S)
    except (av.error.FFmpegError, ValueError):
        return False


def ask(tool: int, folder: Path) -> Callable[[Path, Path], str]:
    """What runs one of the tools on a file."""
    made: tuple[Callable[[], Callable[[Path, Path], str]], ...] = (
        lambda: Scrub(folder),
        Mat2,
        lambda: exiftool,
        lambda: partial(ffmpeg, options=EXACT),
        lambda: partial(ffmpeg, options=USUAL),
        lambda: Whole(folder),
    )
    return made[tool]()


def compare(tool: int, only: str, *, again: bool) -> None:
    """For each place, what became of the secret; kept in a file of each tool's own."""
    kept = OUT / f"metadata-{tool}.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_it, listed = ask(tool, folder), ExifTool()
        for label, place in planting.PLACES.items():
            if only not in label or (label in results and not again):
                continue
            spot = planting.plant(label, folder)
            out = folder / "out"
            out.mkdir()
            converted = place.suffix == ".heic" and tool in (0, WHOLE)
            target = out / f"scrubbed{'.png' if converted else place.suffix}"
            results[label] = verdict(spot, target, run_it(spot.path, target), listed)
            shutil.rmtree(out)
            kept.write_text(json.dumps(results, indent=1))
            print(f"{tool} {label:50} {results[label]}", flush=True)
        listed.close()


def everything() -> dict[str, dict[str, str]]:
    """By place and tool, what was found so far."""
    kept = [json.loads((OUT / f"metadata-{tool}.json").read_text()) for tool in range(len(TOOLS))]
    return {
        label: dict(zip(TOOLS, (each[label] for each in kept), strict=True))
        for label in planting.PLACES
        if all(label in each for each in kept)
    }


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines) + "\n"


def summary(results: dict[str, dict[str, str]]) -> str:
    """By family: how many are gone from a file that still plays."""
    families: dict[str, list[dict[str, str]]] = {}
    for label, found in results.items():
        families.setdefault(planting.PLACES[label].family, []).append(found)
    rows = []
    for family, places in families.items():
        good = [sum(each[tool] == "gone" for each in places) for tool in TOOLS]
        rows.append([family, str(len(places)), *map(str, good)])
    kinds: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("all: gone, and plays as before", lambda v: v == "gone"),
        ("gone, but does not play as before", lambda v: v == "gone, broken"),
        ("LEFT", lambda v: v.startswith("LEFT")),
        ("refused: nothing is written, and it says why", lambda v: v.startswith("refused")),
        ("failed: nothing is written, or an empty file", lambda v: v == "failed"),
    )
    for label, fits in kinds:
        count = Counter(tool for each in results.values() for tool in TOOLS if fits(each[tool]))
        rows.append([f"**{label}**", str(len(results)), *(f"**{count[tool]}**" for tool in TOOLS)])
    return table(["", "places", *(f"`{tool}`" for tool in TOOLS)], rows)


def listing(results: dict[str, dict[str, str]]) -> str:
    rows = [[label, *(found[tool] for tool in TOOLS)] for label, found in results.items()]
    return table(["place", *(f"`{tool}`" for tool in TOOLS)], rows)


def put(page: Path, text: str) -> None:
    """Between the two marks of a page."""
    before, _, rest = page.read_text().partition(MARK)
    page.write_text(f"{before}{MARK}\n\n{text}\n{MARK}{rest.partition(MARK)[2]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="places whose name has this in it")
    parser.add_argument(
        "--tools",
        type=int,
        nargs="*",
        default=list(range(len(TOOLS))),
        help="0 is ours, 5 our whole runs",
    )
    parser.add_argument("--again", action="store_true", help="also what was asked before")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--memory", action="store_true", help="one turn on a file of 4 GB")
    parser.add_argument(
        "--scrub-only", action="store_true", help="no whole runs: they decode it all"
    )
    parser.add_argument("--family", choices=("mp4", "mkv"), default="mp4", help="of the large file")
    parser.add_argument("--gigabytes", type=float)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if options.speed or options.memory:
        runs = 1 if options.memory else options.runs
        size = options.gigabytes or (4 if options.memory else 1.5)
        speed(size, runs, options.family, whole=not options.scrub_only)
        return
    OUT.mkdir(exist_ok=True)
    for tool in options.tools:
        compare(tool, options.only, again=options.again)
    results = everything()
    print(summary(results))
    if options.write:
        put(DOCS / "metadata.md", summary(results))
        put(DOCS / "metadata-places.md", listing(results))


if __name__ == "__main__":
    main()
