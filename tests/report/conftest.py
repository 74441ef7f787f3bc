"""One run that all tests of the report look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pipeline.program import Quiet
from report.making import KNOWN, PROFILE, REGIONS, Made, clip

from veilcast.host import Host
from veilcast.pipeline import Request, run
from veilcast.profile import load_profile

if TYPE_CHECKING:
    from pathlib import Path


def requested(host: Host, source: Path, folder: Path, *, report: bool = True) -> Request:
    """A run of the planted clip into a folder, with a report."""
    (folder / "profile.yaml").write_text(PROFILE.replace("known.yaml", str(folder / "known.yaml")))
    (folder / "known.yaml").write_text(KNOWN)
    (folder / "regions.yaml").write_text(REGIONS)
    files = {"regions": folder / "regions.yaml"}
    published = folder / "published"
    published.mkdir()
    return Request(
        source=source,
        output=published / f"{source.stem}.deid{source.suffix}",
        profile=load_profile(host, str(folder / "profile.yaml"), files=files),
        work=folder / "work",
        report=report,
    )


@pytest.fixture(scope="session")
def host() -> Host:
    return Host()


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="session")
def made(host: Host, planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("report")
    outcome = run(host, requested(host, planted, folder), Quiet())
    assert outcome.reports is not None
    html, facts = outcome.reports
    return Made(
        source=planted,
        outcome=outcome,
        html=html.read_text(encoding="utf-8"),
        json=facts.read_text(encoding="utf-8"),
    )
