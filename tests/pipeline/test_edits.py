"""What a person decided in the findings is what is delivered: pixels, samples and manifest."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pipeline.decoded import heard, pictures

from veilcast.errors import FindingsError
from veilcast.findings.edits import Add, Drop, Edit, Undo

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.program import Program
    from testmedia import Corpus

    from veilcast.findings import FindingsDocument
    from veilcast.profile import Profile

STAGES = "stages: [regions, metadata]"
MARKED = """
regions:
  - {box: [8, 8, 40, 32], treatment: fill}
mute:
  - {from: 0.5, to: 0.75}
  - {from: 0.8, to: 0.9}
"""
BY: dict[str, Any] = {"stage": "regions", "author": "person", "reason": "it is Margaret's"}
DARK, MUTED = (slice(12, 36), slice(12, 44)), 1e-3


@pytest.fixture(scope="module")
def profile(program: Program) -> Profile:
    return program.profile(STAGES, MARKED)


@pytest.fixture(scope="module")
def located(program: Program, media: Corpus, profile: Profile) -> FindingsDocument:
    return program.locate(media["plain.mp4"], profile)


def filled(path: Path) -> list[bool]:
    """For each frame, whether the rectangle is of one colour."""
    return [bool(shown.components[0][DARK].std() < 3) for shown in pictures(path)]


def muted(path: Path, start: float, end: float) -> bool:
    """Whether nothing is heard in the middle of a span."""
    sound = heard(path)
    first = int((start + 0.03 - float(sound.time)) * sound.rate_hz)
    last = int((end - 0.03 - float(sound.time)) * sound.rate_hz)
    return bool(np.abs(sound.samples[first:last].astype(np.float64)).max() < MUTED)


def test_what_is_dropped_stays_as_it_was_and_is_told(
    program: Program, media: Corpus, profile: Profile, located: FindingsDocument
) -> None:
    source = media["plain.mp4"]
    assert not any(filled(source))
    assert not muted(source, 0.5, 0.75)
    edits: tuple[Edit, ...] = (
        Drop(**BY, thing="track", id=1, spans_us=((0, 500_000),)),
        Drop(**BY, thing="sound", id=1),
        Drop(**BY, thing="sound", id=2),
        Undo(**BY, edit=3),
    )
    outcome = program.run(source, profile, findings=replace(located, edits=edits))
    bare = filled(outcome.output)
    assert not any(bare[:12])
    assert all(bare[-12:])
    assert not muted(outcome.output, 0.5, 0.75)
    assert muted(outcome.output, 0.8, 0.9)
    assert outcome.verification.verdict == "clean"
    text = outcome.manifest.read_text()
    assert "Margaret" not in text
    (entry,) = [one for one in json.loads(text)["entries"] if one["stage"] == "regions"]
    assert entry["edits"] == {"person": {"dropped": 2}}
    told = [(one["track"], one["why"], one["from_us"]) for one in entry["uncovered"]]
    assert told == [(1, ["reviewed"], 0), (None, ["reviewed"], 500_000)]


def test_what_is_added_is_covered(
    program: Program, media: Corpus, profile: Profile, located: FindingsDocument
) -> None:
    source = media["plain.mp4"]
    (track,) = located.stages[0].tracks
    elsewhere = replace(track, id=9, boxes=track.boxes + np.array([60, 30, 0, 0]))
    edits = (Add(**BY, tracks=(elsewhere,)),)
    outcome = program.run(source, profile, findings=replace(located, edits=edits))
    for shown in pictures(outcome.output):
        assert shown.components[0][42:66, 72:104].std() < 3
    assert all(filled(outcome.output))


def test_an_edit_of_another_stage_stops_the_run(
    program: Program, media: Corpus, profile: Profile, located: FindingsDocument
) -> None:
    edits = (Drop(stage="faces", author="person", thing="track", id=1),)
    with pytest.raises(FindingsError, match="stage that the profile does not have"):
        program.run(media["plain.mp4"], profile, findings=replace(located, edits=edits))
