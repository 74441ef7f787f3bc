"""What the tests of whole runs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pipeline.program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

    from veilcast.findings import FindingsDocument
    from veilcast.pipeline import Outcome
    from veilcast.profile import Profile


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program; what it publishes stays until the session ends."""
    return Program(tmp_path_factory.mktemp("program"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """The demonstration, located and delivered with the default profile and its regions."""

    source: Path
    regions: Path
    profile: Profile
    findings: FindingsDocument
    outcome: Outcome


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


def one_by_one(
    program: Program, consultation: Consultation, findings: FindingsDocument
) -> list[Path]:
    """The delivered clip, and the file that each stage made on the way to it."""
    outcome = program.run(
        consultation.source, consultation.profile, findings=findings, keep_intermediates=True
    )
    return [outcome.output, *sorted(outcome.output.parent.glob("*-*.nut"))]


@pytest.fixture(scope="session")
def stepwise(program: Program, consultation: Consultation) -> list[Path]:
    """The consultation again, with each stage's own file kept."""
    return one_by_one(program, consultation, consultation.findings)
