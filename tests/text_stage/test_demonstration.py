"""The demonstration's wristband and monitor, covered by the stage `text` alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import ImageFont
from pipeline.decoded import pictures
from testmedia import consultation as clip
from testmedia.tools import write_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Program
    from testmedia import Corpus

    from veilcast.findings import FindingsDocument
    from veilcast.pipeline import Outcome

    Plane = NDArray[np.uint8]

TEXT = "stages: [text: {recognizers: [names, dates, numbers]}]\n"
OTHERS = "stages: [metadata]\n"
FRAMES = clip.RATE // 2
BLACK, WHITE = 32, 160
"""Luma, in limited range: darker than the monitor, and brighter than anything but letters there."""


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first half second of it, in which nobody is there yet."""
    path = tmp_path_factory.mktemp("short") / "visit.mp4"
    shots = (shot.picture for shot in islice(clip.shots(), FRAMES))
    write_pictures(path, shots, rate=Fraction(clip.RATE), options={"crf": "18"})
    return path


@pytest.fixture(scope="module")
def located(program: Program, short: Path) -> FindingsDocument:
    return program.locate(short, program.profile(TEXT))


@pytest.fixture(scope="module")
def covered(program: Program, short: Path, located: FindingsDocument) -> Outcome:
    return program.run(short, program.profile(TEXT), findings=located, keep_intermediates=True)


def letters(lines: Sequence[str], left: int, top: int) -> list[tuple[slice, slice]]:
    """Where the letters of each line are: rows and columns."""
    font = ImageFont.load_default(clip.LETTERS_PX)
    places = []
    for number, line in enumerate(lines):
        x, y, right, bottom = map(round, font.getbbox(line))
        down = top + number * clip.LINE_PX
        places.append((slice(down + y, down + bottom), slice(left + x, left + right)))
    return places


def band() -> list[tuple[slice, slice]]:
    return letters(clip.BAND_LINES, clip.WRISTBAND[0] + 10, clip.WRISTBAND[1] + 5)


def named(index: int) -> tuple[slice, slice]:
    """The name on the monitor."""
    left, top = clip.monitor_at(index)
    return letters(clip.NAMED_LINES, left + 10, top + 5)[0]


def vital(index: int) -> list[tuple[slice, slice]]:
    left, top = clip.monitor_at(index)
    return letters(clip.VITAL_LINES, left + clip.MONITOR_NAMED[0] + 10, top + 5)


def luma(path: Path) -> Iterator[Plane]:
    for frame in pictures(path):
        yield frame.components[0]


def lossless(outcome: Outcome) -> Path:
    """The last file before delivery."""
    return sorted(outcome.output.parent.glob("*-*.nut"))[-1]


def all_is_covered(source: Path, outcome: Outcome) -> int:
    """Every frame: names and numbers are under the fill, vital signs are as they were."""
    count = 0
    frames = zip(luma(source), luma(lossless(outcome)), luma(outcome.output), strict=True)
    for index, (before, painted, delivered) in enumerate(frames):
        for place in (*band(), named(index)):
            assert before[place].max() > WHITE, (index, place)
            assert delivered[place].max() < BLACK, (index, place)
        for place in vital(index):
            assert np.array_equal(before[place], painted[place]), (index, place)
            assert np.abs(before[place].astype(int) - delivered[place]).mean() < 6
        count += 1
    return count


def test_names_and_numbers_are_covered_and_vital_signs_stay(short: Path, covered: Outcome) -> None:
    assert all_is_covered(short, covered) == FRAMES
    assert "text" in covered.verification.checks
    assert covered.verification.findings == ()


@pytest.mark.release
def test_what_is_left_is_read_by_the_check(
    program: Program, short: Path, located: FindingsDocument
) -> None:
    (stage,) = located.stages
    above = tuple(track for track in stage.tracks if track.boxes[0, 1] < clip.HEIGHT / 2)
    findings = replace(located, stages=(replace(stage, tracks=above),))
    outcome = program.run(short, program.profile(TEXT), findings=findings, allow_residual=True)
    assert {found.check for found in outcome.verification.findings} == {"text"}
    problems = [found.problem for found in outcome.verification.findings]
    assert {problem.kind for problem in problems} == {"residual"}
    assert {problem.identifier for problem in problems} == {"person", "mrn", "date"}
    left, top, width, height = clip.WRISTBAND
    for problem in problems:
        assert problem.box is not None
        assert left <= problem.box.x < problem.box.right <= left + width
        assert top <= problem.box.y < problem.box.bottom <= top + height


@pytest.mark.release
@pytest.mark.parametrize(("identifier", "line"), [("date", 2), ("person", 0)])
def test_one_line_of_a_label_that_is_left_is_read_by_the_check(
    identifier: str, line: int, program: Program, short: Path, located: FindingsDocument
) -> None:
    """Though the lines beside it are covered, as a miss mostly looks."""
    (stage,) = located.stages
    rows, _ = band()[line]
    middle = (rows.start + rows.stop) / 2
    kept = tuple(
        track for track in stage.tracks if abs(track.boxes[0, [1, 3]] @ (1, 0.5) - middle) > 10
    )
    assert len(kept) == len(stage.tracks) - 1
    findings = replace(located, stages=(replace(stage, tracks=kept),))
    outcome = program.run(short, program.profile(TEXT), findings=findings, allow_residual=True)
    (found,) = outcome.verification.findings
    assert (found.check, found.problem.identifier) == ("text", identifier)


@pytest.mark.release
def test_without_the_stage_the_text_is_there_and_the_check_is_silent(
    program: Program, short: Path
) -> None:
    outcome = program.run(short, program.profile(OTHERS))
    assert outcome.verification.findings == ()
    for index, delivered in enumerate(luma(outcome.output)):
        for place in (*band(), named(index)):
            assert delivered[place].max() > WHITE


@pytest.mark.release
def test_the_whole_clip_is_covered_without_a_regions_file(program: Program, media: Corpus) -> None:
    source = media["consultation.mp4"]
    profile = program.profile("stages: [text, metadata]\n")
    outcome = program.run(source, profile, keep_intermediates=True)
    assert all_is_covered(source, outcome) == clip.FRAMES
    assert outcome.verification.findings == ()
