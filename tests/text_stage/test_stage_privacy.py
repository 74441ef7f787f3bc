"""No word that was read in the picture is written anywhere, and nothing is read twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli.program import Program as CommandLine
from pipeline.program import Program
from text_stage.drawn import sheet, stage, tracks

from veilcast.findings import canonical_json, findings_to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cli.program import Answer
    from text_stage.drawn import Picture

READ = ("Zorblatt", "Quixby", "5513907", "Infusion")
"""In the picture: a name and a number that identify, and a word that does not."""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for results, beside one for what is kept between runs."""
    return tmp_path_factory.mktemp("private")


@pytest.fixture(scope="module")
def source(work: Path, still: Callable[[Picture], Path]) -> Path:
    lines = ("Patient: Quixby Zorblatt", "MRN 5513907", "Infusion pump running")
    picture, _ = sheet([(line, 30, 30 + 60 * n) for n, line in enumerate(lines)], (480, 220))
    path = work / "ward.png"
    still(picture).rename(path)
    return path


@pytest.fixture(scope="module")
def veilcast(work: Path) -> Callable[..., Answer]:
    """The program, with the stage alone and perhaps more settings of it."""
    profile = work / "profile.yaml"
    profile.write_text(stage())
    program = CommandLine(work / "kept")

    def run(command: str, *arguments: object) -> Answer:
        return program(command, work / "ward.png", "-p", profile, *arguments)

    return run


@pytest.fixture(scope="module")
def delivered(source: Path, work: Path, veilcast: Callable[..., Answer]) -> Answer:
    """A run that tells events, and leaves findings, a manifest, a report and what is kept."""
    located = veilcast("locate", "-o", work / "findings.json")
    assert located.code == 0, located
    return veilcast("run", "--json", "-o", work / "clean.png")


def assert_unsaid(data: bytes, where: str = "") -> None:
    for word in READ:
        for coded in (word.lower().encode(), word.lower().encode("utf-16-le")):
            assert coded not in data.lower(), where


def files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path


def test_nothing_that_was_read_is_in_findings_or_kept(source: Path, tmp_path: Path) -> None:
    program = Program(tmp_path)
    found = program.locate(source, program.profile(stage()))
    assert {track.identifier for track in tracks(found)} == {"person", "mrn"}
    for one in found.stages:
        assert_unsaid(canonical_json(findings_to_json(one)))
    assert any("findings-text" in path.name for path in files(tmp_path))
    for path in files(tmp_path):
        assert_unsaid(path.read_bytes(), path.name)


@pytest.mark.release
def test_nothing_that_was_read_is_written_or_told(delivered: Answer, work: Path) -> None:
    assert delivered.code == 0, delivered
    names = {path.name for path in files(work)}
    assert {"clean.manifest.json", "clean.report.html", "findings.json"} <= names
    assert any(name.startswith("findings-text") for name in names), "what is kept"
    entries = json.loads((work / "clean.manifest.json").read_text())["entries"]
    (entry,) = (entry for entry in entries if entry["stage"] == "text")
    assert {change["what"] for change in entry["changes"]} == {"person", "mrn"}
    assert_unsaid((delivered.out + delivered.err).encode())
    for path in files(work):
        assert_unsaid(path.read_bytes(), path.name)


@pytest.mark.release
def test_another_treatment_does_not_read_again(
    delivered: Answer, work: Path, veilcast: Callable[..., Answer]
) -> None:
    """What was found is kept as it is; another choice of what to cover is located afresh."""
    kept = {path: path.stat().st_mtime_ns for path in files(work / "kept") if "text" in path.name}
    assert kept
    again = veilcast("locate", "-q", "-o", work / "b.json", "--set", "text.treatment=blur")
    assert again.code == 0, again
    assert kept == {
        path: path.stat().st_mtime_ns for path in files(work / "kept") if "text" in path.name
    }
    other = veilcast("locate", "-q", "-o", work / "other.json", "--set", "text.mode=all")
    assert other.code == 0, other
    assert len([path for path in files(work / "kept") if "text" in path.name]) > len(kept)
