"""The report is published with the output and the manifest, or nothing is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pipeline.program import Quiet
from report.conftest import requested

from veilcast.errors import DiskFullError, OutputExistsError
from veilcast.pipeline import run
from veilcast.reporting import build_report, write_report

if TYPE_CHECKING:
    from pathlib import Path

    from report.making import Made

    from veilcast.extensions import Progress
    from veilcast.host import Host


class StopsAtReport(Quiet):
    """The disk is full when the frames of the report are looked at."""

    def stage(self, name: str) -> Progress:
        def progress(activity: str, done: int, total: int | None) -> None:
            if name == "report":
                raise DiskFullError("There is no room left.")

        return progress


def test_all_files_are_beside_each_other(made: Made) -> None:
    stem = made.outcome.output.stem
    assert sorted(path.name for path in made.outcome.output.parent.iterdir()) == sorted(
        [f"{stem}{end}" for end in (".manifest.json", ".mp4", ".report.html", ".report.json")]
    )
    assert "report" in made.outcome.seconds


@pytest.mark.release
def test_a_report_that_can_not_be_made_leaves_nothing_behind(
    host: Host, planted: Path, tmp_path: Path
) -> None:
    request = requested(host, planted, tmp_path)
    with pytest.raises(DiskFullError):
        run(host, request, StopsAtReport())
    assert list(request.output.parent.iterdir()) == []


def test_a_report_that_is_there_stops_the_run_before_the_work(
    host: Host, planted: Path, tmp_path: Path
) -> None:
    request = requested(host, planted, tmp_path)
    there = request.output.with_name(f"{request.output.stem}.report.html")
    there.write_text("mine")
    with pytest.raises(OutputExistsError):
        run(host, request, Quiet())
    assert there.read_text() == "mine"
    assert replace(request, report=False).reports is None
    assert there not in replace(request, report=False).targets


def test_writing_later_replaces_only_what_it_may(made: Made, tmp_path: Path) -> None:
    report = build_report(made.outcome.manifest, made.outcome.output)
    page, facts = tmp_path / "a.html", tmp_path / "a.json"
    facts.write_text("mine")
    with pytest.raises(OutputExistsError):
        write_report(report, page, facts, force=False)
    assert not page.exists()
    write_report(report, page, facts)
    assert facts.read_text() != "mine"
