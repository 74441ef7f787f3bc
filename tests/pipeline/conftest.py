"""What the tests of whole runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pipeline.program import Consultation, Program, one_by_one

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program; what it publishes stays until the session ends."""
    return Program(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="session")
def consultation(program: Program, media: Corpus) -> Consultation:
    """Made once for all who look at it."""
    source, regions = media["consultation.mp4"], media["consultation.regions.yaml"]
    profile = program.shipped("default", regions)
    findings = program.locate(source, profile)
    return Consultation(
        source=source,
        regions=regions,
        profile=profile,
        findings=findings,
        outcome=program.run(source, profile, findings=findings),
    )


@pytest.fixture(scope="session")
def stepwise(program: Program, consultation: Consultation) -> list[Path]:
    """The consultation again, with each stage's own file kept."""
    return one_by_one(program, consultation, consultation.findings)
