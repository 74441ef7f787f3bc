"""Pages about results, and packages for plugins, as they are asked for on the command line."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from cli.program import files

if TYPE_CHECKING:
    from pathlib import Path

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
