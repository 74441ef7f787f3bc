"""The check: what it tells of a still whose covers are gone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from text_stage.drawn import sheet, stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.program import Program
    from text_stage.drawn import Picture


@pytest.mark.parametrize(
    ("line", "classes"),
    [
        ("Patient: Okonkwo", ["person"]),
        ("MRN: 4471902", ["mrn"]),
        ("Infusion pump running", []),
    ],
)
def test_a_line_that_is_bare_is_told_of(
    line: str, classes: list[str], still: Callable[[Picture], Path], program: Program
) -> None:
    source = still(sheet([(line, 30, 40)], (480, 120))[0])
    profile = program.profile(stage())
    located = program.locate(source, profile)
    bare = replace(located, stages=tuple(replace(s, tracks=()) for s in located.stages))
    outcome = program.run(source, profile, findings=bare, allow_residual=True)
    told = [(one.check, one.problem.identifier) for one in outcome.verification.findings]
    assert told == [("text", identifier) for identifier in classes]
