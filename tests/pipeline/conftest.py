"""What the tests of whole runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pipeline.program import Consultation, Program, one_by_one
from sharing import once

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

    from veilcast.findings import FindingsDocument
    from veilcast.pipeline import Outcome


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program; what it publishes stays until the session ends."""
    return Program(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="session")
def consultation(
    program: Program, media: Corpus, tmp_path_factory: pytest.TempPathFactory
) -> Consultation:
    """Made once for all who look at it."""
    source, regions = media["consultation.mp4"], media["consultation.regions.yaml"]
    profile = program.shipped("default", regions)

    def make(folder: Path) -> tuple[FindingsDocument, Outcome]:
        own = Program(folder)
        findings = own.locate(source, profile)
        return findings, own.run(source, profile, findings=findings)

    findings, outcome = once(tmp_path_factory, "consultation", make)
    return Consultation(
        source=source, regions=regions, profile=profile, findings=findings, outcome=outcome
    )


@pytest.fixture(scope="session")
def stepwise(consultation: Consultation, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The consultation again, with each stage's own file kept."""

    def make(folder: Path) -> list[Path]:
        return one_by_one(Program(folder), consultation, consultation.findings)

    return once(tmp_path_factory, "stepwise", make)
