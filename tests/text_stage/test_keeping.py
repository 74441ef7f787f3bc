"""What was seen is kept: other settings of what identifies read again without looking again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pipeline.program import Quiet
from text_stage.drawn import on_wall, sheet, stage, tracks

from veilcast.pipeline import located

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pipeline.program import Program
    from text_stage.drawn import Picture

    from veilcast.extensions import Progress
    from veilcast.findings import FindingsDocument

LINES = [("Patient: Bence Kovalenko", 20, 30), ("MRN 4471902", 20, 90), ("Fire Exit", 20, 150)]


class Told(Quiet):
    """Remembers what a stage was busy with."""

    def __init__(self) -> None:
        self.activities: set[str] = set()

    def stage(self, name: str) -> Progress:
        return lambda activity, done, total: self.activities.add(activity)


def test_another_policy_reads_again_without_looking(
    film: Callable[[Sequence[Picture]], Path], program: Program, tmp_path: Path
) -> None:
    paper = sheet(LINES, (420, 200))[0]
    clip = film([on_wall(paper, (480, 270), (10 + number, 20)) for number in range(20)])

    def locate(settings: str, work: Path) -> tuple[FindingsDocument, set[str]]:
        told = Told()
        profile = program.profile(stage(settings))
        return located(program.host, clip, profile, work, told), told.activities

    first, looked = locate("", tmp_path / "work")
    assert "detecting" in looked
    for settings in ("mode: all",):
        kept, activities = locate(settings, tmp_path / "work")
        assert "detecting" not in activities
        assert "reading" in activities
        fresh, _ = locate(settings, tmp_path / settings.split()[-1])
        assert [track.identifier for track in tracks(kept)] == [t.identifier for t in tracks(fresh)]
        for one, other in zip(tracks(kept), tracks(fresh), strict=True):
            np.testing.assert_array_equal(one.boxes, other.boxes)
            np.testing.assert_array_equal(one.scores, other.scores)
    assert {track.identifier for track in tracks(first)} == {"person", "mrn"}
    _, again = locate("sample_rate: 4", tmp_path / "work")
    assert "detecting" in again


def test_a_recording_that_was_conformed_is_looked_at_again(
    film: Callable[[Sequence[Picture]], Path], program: Program, tmp_path: Path
) -> None:
    """Its frames may be at other times."""
    paper = sheet(LINES, (420, 200))[0]
    clip = film([on_wall(paper, (480, 270), (10, 20))] * 5)
    busy: list[bool] = []
    for fidelity in ("exact", "exact", "conformed"):
        told = Told()
        profile = program.profile(f"{stage('policy: gdpr')}deliver: {{fidelity: {fidelity}}}\n")
        if len(busy) == 1:
            profile = program.profile(f"{stage()}deliver: {{fidelity: {fidelity}}}\n")
        located(program.host, clip, profile, tmp_path / "work", told)
        busy.append("detecting" in told.activities)
    assert busy == [True, False, True]
