"""What says where text is, for the benchmark of text: the program, files of findings, or fakes."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from measuring import HERE, Measured, measure

sys.path.insert(0, str(HERE.parent / "fixtures"))

from screentext.coverage import Covering, perfect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from screentext.truth import Truth

    from veilcast.findings import Findings

STAGE = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where boxes are in a file, how many frames were looked at, and what it took."""

    tracks: list[Covering]
    looks: int = 0
    cpu_s: float = 0.0


if TYPE_CHECKING:
    Locator = Callable[[Path, "Truth | None"], Located]
    """Given a file; the truth about it is there for fakes only."""


def profile(folder: Path, *stages: str) -> Path:
    """A profile of these stages, as they come."""
    path = folder / f"{'-'.join(stages)}.yaml"
    path.write_text("summary: for a benchmark\nstages:\n" + "".join(f"  - {s}\n" for s in stages))
    return path


class Program:
    """The public API, in this process, with a profile that has the one stage."""

    def __init__(self, settings: Sequence[str], *, as_drawn: bool, stage: str = STAGE) -> None:
        from veilcast.host import Host

        self._host, self._stage = Host(), stage
        if stage not in self._host.stages:
            sys.exit(f"There is no stage {stage!r} here: try --locator or --findings.")
        self._settings, self._as_drawn = list(settings), as_drawn

    def __call__(self, path: Path, _truth: Truth | None) -> Located:
        import veilcast

        with tempfile.TemporaryDirectory(prefix="veilcast-text-") as scratch:
            folder = Path(scratch)
            folder.chmod(0o700)
            written = profile(folder, self._stage)
            before = _used()
            result = veilcast.locate(
                path, host=self._host, profile=written, settings=self._settings, work=folder
            )
            spent = _used() - before
        found = next(one for one in result.findings.stages if one.stage == self._stage)
        tracks = self._drawn(found, path) if self._as_drawn else coverings(found)
        return Located(tracks=tracks, looks=found.examined, cpu_s=spent)

    def _drawn(self, found: Findings, path: Path) -> list[Covering]:
        from veilcast.redaction.covers import TrackCovers
        from veilcast.settings import CoverSettings

        settings = self._host.stages[self._stage].settings()
        assert isinstance(settings, CoverSettings), path
        drawn = []
        for track in found.tracks:
            covers = TrackCovers(track, settings)
            boxes = [cover.box for time in track.times_us if (cover := covers.at(int(time)))]
            rows = [(box.x, box.y, box.width, box.height) for box in boxes]
            laid = np.array(rows, np.float64).reshape(-1, 4)
            drawn.append(Covering(track.times_us, laid, track.identifier))
        return drawn


def _used() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def coverings(found: Findings) -> list[Covering]:
    """The tracks of findings, with boxes as they were found."""
    return [Covering(track.times_us, track.boxes, track.identifier) for track in found.tracks]


class Files:
    """Files of findings in a folder, each named after the clip: ``CLIP.findings.json``."""

    def __init__(self, folder: Path, stage: str = STAGE) -> None:
        self._folder, self._stage = folder, stage

    def __call__(self, path: Path, _truth: Truth | None) -> Located:
        from veilcast.findings import document_from_bytes

        file = self._folder / f"{path.stem}.findings.json"
        if not file.exists():
            sys.exit(f"{file.name} is not there: make it with 'veilcast locate'.")
        document = document_from_bytes(file.read_bytes())
        found = next(one for one in document.stages if one.stage == self._stage)
        return Located(tracks=coverings(found), looks=found.examined)


def fake_perfect(_path: Path, truth: Truth | None) -> Located:
    """The truth itself."""
    return Located(tracks=perfect(truth) if truth else [], looks=100)


def fake_none(_path: Path, _truth: Truth | None) -> Located:
    return Located(tracks=[], looks=100)


def fake_late(path: Path, truth: Truth | None, frames: int = 5) -> Located:
    """The truth, so many frames too late."""
    late = round(frames * 1_000_000 / 30)
    tracks = fake_perfect(path, truth).tracks
    return Located(tracks=[Covering(t.times_us + late, t.boxes) for t in tracks], looks=100)


FAKES: dict[str, Locator] = {"perfect": fake_perfect, "none": fake_none, "late": fake_late}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What locating in a clip took in a process of its own."""

    what: str
    seconds: float
    took: Measured


def cost(
    clip: Path,
    seconds: float,
    what: str,
    stages: Sequence[str],
    folder: Path,
    settings: Sequence[str] = (),
    cores: int = 2,
) -> tuple[Cost, bytes]:
    """Locates in a process of its own; gives what it took and what it found, as JSON."""
    findings = folder / "cost.findings.json"
    with tempfile.TemporaryDirectory(prefix="veilcast-text-") as work:
        Path(work).chmod(0o700)
        command = [
            *("env", f"OMP_NUM_THREADS={cores}"),
            *(("taskset", "-c", ",".join(map(str, _cores(cores)))) if cores else ()),
            *(sys.executable, "-m", "veilcast", "locate", str(clip), "-o", str(findings)),
            *("--profile", str(profile(folder, *stages)), "--work", work, "--quiet", "--force"),
            *(part for setting in settings for part in ("--set", setting)),
        ]
        took = measure(command)
    found = json.loads(findings.read_bytes())["stages"]
    findings.unlink()
    return Cost(what=what, seconds=seconds, took=took), json.dumps(found, sort_keys=True).encode()


def _cores(count: int) -> list[int]:
    return sorted(os.sched_getaffinity(0))[:count]


def reader_named(name: str) -> Any:
    """An object with ``find(picture)`` and ``read(crops)``: ``module:what_makes_it``."""
    from importlib import import_module

    module, _, made = name.partition(":")
    found = getattr(import_module(module), made)
    return found() if callable(found) else found
