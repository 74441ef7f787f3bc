"""Pages about results, and packages for plugins, as they are asked for on the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli.program import files, refused

if TYPE_CHECKING:
    from cli.conftest import Visit
    from cli.program import Program


def test_a_report_is_made_of_the_manifest_and_the_file_beside_it(
    visit: Visit, tmp_path: Path
) -> None:
    for path in (visit.output, visit.manifest):
        shutil.copy(path, tmp_path)
    manifest = tmp_path / visit.manifest.name
    answer = visit.program("report", manifest)
    page = tmp_path / visit.report.name
    assert (answer.code, answer.out) == (0, f"{page}\n")
    assert page.read_text() == visit.report.read_text(), "it is the page that the run wrote"
    assert page.with_suffix(".json").is_file()
    again = visit.program("report", manifest, "-q")
    assert (again.code, again.out) == (17, "")
    assert "--force" in again.err


def test_its_facts_can_be_printed_alone(visit: Visit, tmp_path: Path) -> None:
    manifest = shutil.copy(visit.manifest, tmp_path / "any.manifest.json")
    answer = visit.program("report", manifest, "--output", visit.output, "--json")
    assert (answer.code, answer.err) == (0, "")
    facts = json.loads(answer.out)
    assert facts == json.loads(visit.report.with_suffix(".json").read_text())
    assert files(tmp_path) == ["any.manifest.json"]


def test_a_report_about_another_file_is_refused(visit: Visit, tmp_path: Path) -> None:
    answer = visit.program(
        *("report", visit.manifest, "--output", visit.source, "-q", "-o", tmp_path / "page.html")
    )
    assert (answer.code, answer.out) == (61, "")
    assert visit.source.stem not in answer.err
    assert files(tmp_path) == []


def test_a_new_plugin_is_a_package(veilcast: Program, bench: Path) -> None:
    answer = veilcast("plugin", "new", "veilcast-badges", "--kind", "detector", cwd=bench)
    assert (answer.code, answer.out) == (0, "veilcast-badges\n")
    assert {"veilcast-badges/pyproject.toml", "veilcast-badges/README.md"} <= set(files(bench))
    again = veilcast("plugin", "new", "veilcast-badges", "--kind", "check", "--folder", bench)
    assert (again.code, again.out) == (17, "")


@pytest.mark.parametrize(
    "words",
    [("veilcast-badges",), ("veilcast-badges", "--kind", "badge"), ("../x", "--kind", "check")],
)
def test_what_can_t_be_a_plugin(words: tuple[str, ...], veilcast: Program, bench: Path) -> None:
    answer = veilcast("plugin", "new", *words, cwd=bench)
    assert (answer.code, answer.out) == (2, "")
    assert files(bench) == []


def test_a_report_never_replaces_the_copy(visit: Visit, tmp_path: Path) -> None:
    for path in (visit.output, visit.manifest):
        shutil.copy(path, tmp_path)
    manifest, copy = tmp_path / visit.manifest.name, tmp_path / visit.output.name
    refused(visit.program("report", manifest, "-q", "-f", "-o", copy), 2, unsaid=[copy])
    assert copy.read_bytes() == visit.output.read_bytes()
    refused(visit.program("report", manifest, "-q", "-f", "-o", tmp_path / "x.json"), 2)
    assert files(tmp_path) == sorted([copy.name, manifest.name])


@pytest.mark.parametrize("place", [".", "/"])
def test_a_folder_is_no_manifest(place: str, veilcast: Program, bench: Path) -> None:
    refused(veilcast("report", place, "-q", cwd=bench), 2)


def test_a_manifest_finds_its_file_among_others_of_that_name(visit: Visit, tmp_path: Path) -> None:
    for path in (visit.output, visit.manifest):
        shutil.copy(path, tmp_path)
    for ending in (".html", ".json", ".txt"):
        (tmp_path / f"{visit.output.stem}{ending}").write_text("mine")
    manifest = tmp_path / visit.manifest.name
    assert visit.program("manifest", "check", manifest).code == 0
    assert visit.program("report", manifest, "-q").code == 0


def test_facts_that_can_t_be_printed(visit: Visit) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            visit.program.line("report", visit.manifest, "--json"),
            env=visit.program.env,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "veilcast: Cannot write to standard output; see where it is sent.\n"
