"""The program, and one run of it over a clip with everything in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

pytest.register_assert_rewrite("cli.program")

from cli.program import Answer, Program  # noqa: E402 - rewritten first
from sharing import once  # noqa: E402

WARD, PATIENT = "Ward Zorblatt", "Quixby Vantongeren"
"""In the names of the folder and of the file."""
TAGGED = ("Holloway", "Okafor", "Fishponds", "Brendan")
"""In the clip's tags, chapters and subtitles."""


@pytest.fixture
def veilcast(tmp_path: Path) -> Program:
    return Program(tmp_path / "work")


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """An empty folder for inputs and outputs."""
    folder = tmp_path / "bench"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile that looks for nothing by itself, so that it is quick."""
    path = tmp_path_factory.mktemp("profile") / "light.yaml"
    path.write_text("stages: [regions, metadata]\n")
    return path


@pytest.fixture(scope="session")
def unheard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default profile but for listening, which takes seconds."""
    path = tmp_path_factory.mktemp("profile") / "unheard.yaml"
    path.write_text("stages: [faces, regions, metadata]\n")
    return path


@pytest.fixture(scope="session")
def corner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A regions file that fits every picture."""
    path = tmp_path_factory.mktemp("regions") / "corner.yaml"
    path.write_text("regions: [{label: wristband, box: [8, 8, 40, 30], treatment: fill}]\n")
    return path


@pytest.fixture(scope="session")
def unprivileged() -> list[str]:
    """What to put before a command so that file permissions hold for it."""
    if os.geteuid() != 0:
        return []
    before = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    if shutil.which("setpriv") is None or subprocess.run([*before, "true"], check=False).returncode:
        pytest.skip("root may do anything here: setpriv can't take that right away")
    return before


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A clip and what became of it."""

    program: Program
    source: Path
    regions: Path
    profile: Path
    output: Path
    manifest: Path
    report: Path
    answer: Answer

    @property
    def entries(self) -> dict[str, dict[str, Any]]:
        """The manifest's entries by stage."""
        return {e["stage"]: e for e in json.loads(self.manifest.read_text())["entries"]}


@pytest.fixture(scope="session")
def visit(media: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """One run that many tests look at, of the default profile but for reading the picture."""

    def make(made: Path) -> Visit:
        folder = made / WARD
        folder.mkdir()
        source, regions = folder / f"{PATIENT}.mp4", folder / f"{PATIENT}.yaml"
        shutil.copy(media["consultation.mp4"], source)
        shutil.copy(media["consultation.regions.yaml"], regions)
        profile = made / "unread.yaml"
        profile.write_text("stages: [faces, regions, speech, metadata]\n")
        program = Program(folder.parent / "work")
        answer = program("run", source, "--regions", regions, "-p", profile)
        assert answer.code == 0, answer
        output = folder / f"{PATIENT}.deid.mp4"
        manifest = folder / f"{PATIENT}.deid.manifest.json"
        return Visit(
            program=program,
            source=source,
            regions=regions,
            profile=profile,
            output=output,
            manifest=manifest,
            report=folder / f"{PATIENT}.deid.report.html",
            answer=answer,
        )

    shared = once(tmp_path_factory, "visit", make)
    # What is kept of the run is looked at, and added to: each process has a copy.
    work = tmp_path_factory.mktemp("visit") / "work"
    shutil.copytree(shared.program.work, work)
    return replace(shared, program=Program(work))


@pytest.fixture(scope="session")
def again(visit: Visit, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The events of a second run over the same clip."""

    def make(made: Path) -> list[dict[str, Any]]:
        answer = visit.program(
            *("run", visit.source, "--regions", visit.regions, "--json"),
            *("-p", visit.profile, "-o", visit.output.with_name("again.mp4")),
        )
        assert (answer.code, answer.err) == (0, "")
        return answer.events

    return once(tmp_path_factory, "again", make)
