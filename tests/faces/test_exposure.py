"""Faces that are hard to follow stay covered in every frame, and nothing else is taken for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from pipeline.program import Program
from testmedia import SCENES
from testmedia.scoring import Laid, covers_of, read_truth, score
from testmedia.seen import greys
from thorough import only

from veilcast.media.frames import read_frames
from veilcast.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from testmedia import Corpus

    from veilcast.findings import Findings

pytestmark = pytest.mark.release

PEOPLED = only(["occluders"], [name for name in SCENES if name != "nobody"])
CENTRAL = 0.7
"""The share of a face's box, per side, of which not even the pixels may look alike."""
ALIKE = 0.45
"""The share of fine detail that may be left; encoding alone leaves more than 0.7."""
DETAIL = 0.9
"""Grey levels of fine detail below which there is nothing to compare."""
ELSEWHERE, ELSEWHERE_QUICK = 0.03, 0.06
"""The share of the picture outside faces that covers may take; more where things move quickly."""
QUICK = ("blur", "handheld")
TOO_LONG_S = 0.5


class Case:
    """One clip, located and redacted by the program with its default profile's faces."""

    def __init__(self, program: Program, clip: Path, truth: Path) -> None:
        profile = program.profile("stages:\n  - faces: {}\n")
        document = program.locate(clip, profile)
        self.source, self.truth = clip, read_truth(truth)
        self.findings: Findings = document.stages[0]
        self.delivered = program.run(clip, profile, findings=document).output
        settings: Any = profile.stages[0].settings
        times = [time_us for time_us, _ in read_frames(clip, probe(clip), look="times")]
        self.covers: list[list[Laid]] = covers_of(self.findings.tracks, settings, times)

    def faces(self) -> list[dict[str, Any]]:
        """Those that count."""
        return [box for box in self.truth["boxes"] if not box["ignore"]]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory, media: Corpus) -> dict[str, Case]:
    program = Program(tmp_path_factory.mktemp("exposure"))

    class Lazily(dict[str, Case]):
        def __missing__(self, name: str) -> Case:
            clip, truth = media[f"faces_{name}.mp4"], media[f"faces_{name}.truth.json"]
            self[name] = Case(program, clip, truth)
            return self[name]

    return Lazily()


@pytest.mark.release
@pytest.mark.parametrize("name", PEOPLED)
def test_every_face_is_under_a_cover_in_every_frame(name: str, cases: dict[str, Case]) -> None:
    case = cases[name]
    result = score(case.truth, enumerate(case.covers))
    assert result.faces == len(case.faces()) > 50
    stretches = [(run[0].track, run[0].frame, run[-1].frame) for run in result.runs()]
    assert stretches == []


def _detail(picture: NDArray[np.float32], box: dict[str, Any]) -> NDArray[np.float32]:
    """What is fine in the middle of a face: of large faces, what is still fine at 64 pixels."""
    size = (box["w"] * box["h"]) ** 0.5
    x, y = box["x"] + box["w"] / 2, box["y"] + box["h"] / 2
    left, right = int(x - box["w"] * CENTRAL / 2), int(np.ceil(x + box["w"] * CENTRAL / 2))
    top, bottom = int(y - box["h"] * CENTRAL / 2), int(np.ceil(y + box["h"] * CENTRAL / 2))
    middle = picture[max(top, 0) : bottom, max(left, 0) : right]
    if size > 64:
        scale = 64 / size
        small = cv2.resize(middle, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        middle = np.asarray(small, np.float32)
    return np.asarray(middle - cv2.GaussianBlur(middle, (0, 0), 1.2), np.float32)


def _alike(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """The share of one's fine detail that is in the other too."""
    # The edges of a mosaic's blocks are no detail of the face.
    most = 2 * float(np.percentile(np.abs(before), 97)) + 0.5
    after = np.clip(after, -most, most)
    strength = float(np.linalg.norm(before)), float(np.linalg.norm(after))
    return float((before * after).sum()) / (strength[0] * max(strength) + 1e-6)


@pytest.mark.release
@pytest.mark.parametrize("name", PEOPLED)
def test_the_pixels_of_every_face_are_gone(name: str, cases: dict[str, Case]) -> None:
    case = cases[name]
    before, after = greys(case.source), greys(case.delivered)
    assert len(before) == len(after)
    left, compared = [], 0
    for box in case.faces():
        one = _detail(before[box["frame"]].astype(np.float32), box)
        two = _detail(after[box["frame"]].astype(np.float32), box)
        if float(np.sqrt((one**2).mean())) < DETAIL:
            continue
        compared += 1
        if (share := _alike(one, two)) > ALIKE:
            left.append((box["frame"], box["track"], round(share, 2)))
    assert left == []
    assert compared > 0.7 * len(case.faces())


@pytest.mark.parametrize("name", PEOPLED)
def test_what_is_no_face_is_left(name: str, cases: dict[str, Case]) -> None:
    altered = score(cases[name].truth, enumerate(cases[name].covers)).altered
    assert altered < (ELSEWHERE_QUICK if name in QUICK else ELSEWHERE)


@pytest.mark.release
def test_where_there_is_no_face_nothing_is_covered_for_long(cases: dict[str, Case]) -> None:
    tracks = cases["nobody"].findings.tracks
    lengths = [float(track.times_us[-1] - track.times_us[0]) / 1e6 for track in tracks]
    assert [length for length in lengths if length > TOO_LONG_S] == []
