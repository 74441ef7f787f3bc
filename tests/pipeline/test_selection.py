"""Whole runs in which the user chose what is covered: pixels, manifest, and what stops the run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from pipeline.decoded import pictures
from pipeline.program import Quiet

from veilcast.errors import SettingError
from veilcast.findings import Findings, FindingsDocument
from veilcast.host import Host
from veilcast.manifest import equal_apart_from_volatile, load
from veilcast.pipeline import Request, run
from veilcast.pipeline.locating import located_with
from veilcast.profile import load_profile
from veilcast.types import Origin, Track
from veilcast.workspace import file_sha256

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Program
    from testmedia import Corpus

    from veilcast.pipeline import Outcome
    from veilcast.profile import Profile

PLACES = {1: (10, 10), 2: (110, 10), 3: (210, 10), 4: (10, 130), 5: (210, 130)}
"""Where each of five tracks stands still, 40 px wide and high, in a picture of 320x240."""
EDGE = 20
"""No cover reaches further than this from its box."""


class Phases(Quiet):
    """Which phases a run came to."""

    def __init__(self) -> None:
        self.phases: list[str] = []

    def phase(self, name: str) -> None:
        self.phases.append(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Five:
    """A recording with five tracks that no detector had to find, and the means to redact it."""

    program: Program
    source: Path
    times_us: list[int]
    metadata: Findings

    def profile(self, **settings: Any) -> Profile:
        # JSON is YAML.
        return self.program.profile(json.dumps({"stages": [{"faces": settings}, "metadata"]}))

    def findings(self, profile: Profile) -> FindingsDocument:
        count = len(self.times_us)
        tracks = tuple(
            Track(
                id=number,
                identifier="face",
                hipaa="Q",
                detector="test",
                times_us=np.array(self.times_us, dtype=np.int64),
                boxes=np.tile([float(x), float(y), 40.0, 40.0], (count, 1)),
                scores=np.full(count, 0.9),
                origins=np.full(count, Origin.DETECTED, dtype=np.uint8),
            )
            for number, (x, y) in PLACES.items()
        )
        return FindingsDocument(
            input_sha256=file_sha256(self.source),
            stages=(Findings(stage="faces", tracks=tracks), self.metadata),
            located_with={p.stage.name: located_with(p) for p in profile.stages},
        )

    def redact(self, **settings: Any) -> Outcome:
        profile = self.profile(**settings)
        return self.program.run(
            self.source,
            profile,
            findings=self.findings(profile),
            keep_intermediates=True,
            allow_residual=True,  # the tracks are made up: the picture's own face is none of them
        )

    def covered(self, outcome: Outcome) -> dict[int, list[bool]]:
        """By track, in which frames the pixels at its place are not the source's."""
        steps = list(outcome.output.parent.glob("*.1-faces.nut"))
        if not steps:
            # Nothing was covered, so no picture was made.
            steps = [outcome.output]
        (step,) = steps
        seen: dict[int, list[bool]] = {number: [] for number in PLACES}
        for before, after in zip(pictures(self.source), pictures(step), strict=True):
            differs = before.components[0] != after.components[0]
            for number, (x, y) in PLACES.items():
                place = _around(x, y)
                share = float(np.mean(differs[place]))
                assert share == 0 or share > 0.2
                seen[number].append(share > 0)
                differs[place] = False
            assert not differs.any()
        return seen

    def look(self, outcome: Outcome, number: int) -> NDArray[Any]:
        (step,) = outcome.output.parent.glob("*.1-faces.nut")
        x, y = PLACES[number]
        luma: NDArray[Any] = next(pictures(step)).components[0]
        return luma[y : y + 40, x : x + 40]


def _around(x: int, y: int) -> tuple[slice, slice]:
    return (
        slice(max(y - EDGE, 0), y + 40 + EDGE),
        slice(max(x - EDGE, 0), x + 40 + EDGE),
    )


@pytest.fixture(scope="module")
def five(program: Program, media: Corpus) -> Five:
    source = media["plain.mp4"]
    located = program.locate(source, program.profile("stages: [metadata]"))
    times = [int(frame.time * 1_000_000) for frame in pictures(source)]
    return Five(program=program, source=source, times_us=times, metadata=located.stages[0])


def _entry(outcome: Outcome) -> dict[str, Any]:
    entries: list[dict[str, Any]] = load(outcome.manifest.read_bytes())["entries"]
    (entry,) = (entry for entry in entries if entry["stage"] == "faces")
    return entry


@pytest.fixture(scope="module")
def chosen(five: Five) -> Outcome:
    return five.redact(
        keep=[1, {"track": 2, "from": 0.5, "to": 1}],
        outside=[150, 0, 170, 90],
        per_track={4: {"treatment": "fill", "fill_colour": "#000000"}},
    )


@pytest.mark.release
def test_only_what_was_asked_is_left_and_it_is_the_source(five: Five, chosen: Outcome) -> None:
    covered = five.covered(chosen)
    seconds = [us / 1e6 for us in five.times_us]
    assert not any(covered[1])
    assert covered[2] == [not 0.4999 <= t < 0.9999 for t in seconds]
    assert not any(covered[3])
    assert all(covered[4])
    assert all(covered[5])


@pytest.mark.release
def test_a_track_is_covered_in_its_own_way(five: Five, chosen: Outcome) -> None:
    assert np.ptp(five.look(chosen, 4)) == 0
    assert np.ptp(five.look(chosen, 5)) > 0


@pytest.mark.release
def test_the_manifest_says_what_was_left(five: Five, chosen: Outcome) -> None:
    entry = _entry(chosen)
    left = {record["track"]: record for record in entry["uncovered"]}
    assert {number: record["why"] for number, record in left.items()} == {
        1: ["keep"],
        2: ["keep"],
        3: ["outside"],
    }
    assert (left[1]["count"], left[1]["of"]) == (75, 75)
    assert (left[2]["count"], left[2]["of"]) == (15, 75)
    assert (left[2]["from_us"], left[2]["to_us"]) == (500_000, 966_667)
    assert {record["what"] for record in left.values()} == {"face"}
    changes = {change["track"]: change for change in entry["changes"]}
    assert sorted(changes) == [2, 4, 5]
    assert {number: change["count"] for number, change in changes.items()} == {2: 60, 4: 75, 5: 75}
    assert changes[4]["how"]["treatment"] == "fill"
    (warning,) = entry["warnings"]
    assert "tracks 1, 3 wholly" in warning
    assert "track 2 for some" in warning


@pytest.mark.release
def test_the_same_choice_gives_the_same_bytes(five: Five, chosen: Outcome) -> None:
    again = five.redact(
        keep=[1, {"track": 2, "from": 0.5, "to": 1}],
        outside=[150, 0, 170, 90],
        per_track={4: {"treatment": "fill", "fill_colour": "#000000"}},
    )
    assert again.output.read_bytes() == chosen.output.read_bytes()
    manifests = [load(outcome.manifest.read_bytes()) for outcome in (again, chosen)]
    assert equal_apart_from_volatile(*manifests)


@pytest.mark.release
def test_covering_only_some_at_some_times_and_places(five: Five) -> None:
    outcome = five.redact(only=[1, 2, 5], within=["0%", "0%", "100%", "50%"], to=1.0)
    covered = five.covered(outcome)
    first = [us < 1_000_000 for us in five.times_us]
    assert covered[1] == covered[2] == first
    assert not any(covered[3])
    assert not any(covered[4])
    assert not any(covered[5])
    why = {record["track"]: record["why"] for record in _entry(outcome)["uncovered"]}
    assert why[1] == ["time"]
    assert why[3] == ["only", "time"]
    assert why[5] == ["time", "within"]


@pytest.mark.release
def test_nothing_covered_is_said(five: Five) -> None:
    outcome = five.redact(keep=list(PLACES))
    assert not any(any(frames) for frames in five.covered(outcome).values())
    entry = _entry(outcome)
    assert entry["changes"] == []
    assert "nothing of this stage is covered" in entry["warnings"][0]


@pytest.mark.parametrize(
    "settings",
    [
        {"keep": [6]},
        {"only": [9]},
        {"per_track": {6: {"padding": 0.5}}},
        {"within": [400, 0, 50, 50]},
        {"outside": [0, "100%", 10, 10]},
        {"from": 3},
        {"per_track": {1: {"treatment": "melt"}}},
    ],
)
def test_what_is_not_there_stops_the_run_before_anything_is_rendered(
    settings: dict[str, Any], five: Five, tmp_path: Path
) -> None:
    profile, heard = five.profile(**settings), Phases()
    request = Request(
        source=five.source,
        output=tmp_path / "out.mp4",
        profile=profile,
        work=tmp_path / "work",
        findings=five.findings(profile),
    )
    with pytest.raises(SettingError):
        run(five.program.host, request, heard)
    assert heard.phases == []
    assert not request.output.exists()


@pytest.mark.parametrize(
    "override",
    [
        "keep=[1]",
        "only=[{track: 1, from: 2}]",
        "within=[0, 0, 10, 10]",
        "outside=[['1%', 0, 10, 10]]",
        "from=1",
        "to='00:02'",
        "per_track={1: {treatment: fill}}",
    ],
)
def test_a_choice_never_locates_again(override: str) -> None:
    host = Host()
    plain, changed = (
        load_profile(host, overrides=overrides).stages[0]
        for overrides in ((), (f"faces.{override}",))
    )
    assert plain.settings != changed.settings
    assert located_with(plain) == located_with(changed)


@pytest.mark.parametrize(
    "overrides",
    [
        ["keep=[1]", "only=[1]"],
        ["keep=[{track: 1, from: 2, to: 2}]"],
        ["from=2", "to=1"],
        ["within=[0, 0, 0, 10]"],
        ["within=[0, 0, 10]"],
        ["outside=[0, 0, 10, '-5%']"],
        ["keep=someone"],
        ["keep=[true]"],
        ["keep=[-1]"],
        ["per_track={1: {colour: red}}"],
        ["per_track={1: {padding: 9}}"],
        ["per_track={somebody: {padding: 0.1}}"],
        ["per_track=[1]"],
    ],
)
def test_a_choice_that_makes_no_sense_is_a_wrong_setting(overrides: list[str]) -> None:
    with pytest.raises(SettingError) as caught:
        load_profile(Host(), overrides=[f"faces.{one}" for one in overrides])
    assert "somebody" not in str(caught.value)
    assert "someone" not in str(caught.value)


def test_a_picture_for_one_track_is_told_by_its_hash(tmp_path: Path) -> None:
    picture = tmp_path / "Quixby.png"
    cv2.imwrite(str(picture), np.zeros((4, 4, 3), dtype=np.uint8))
    override = f"faces.per_track={{2: {{treatment: picture, picture: '{picture}'}}}}"
    profile = load_profile(Host(), overrides=[override])
    told = json.dumps(profile.settings_json())
    assert "Quixby" not in told
    assert file_sha256(picture) in told
