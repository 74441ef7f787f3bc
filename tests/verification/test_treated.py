"""What checks are told of a run, from its findings and afterwards from its manifest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veilcast.findings import Findings
from veilcast.findings.edits import Effective
from veilcast.host import Host
from veilcast.manifest.paths import path_of
from veilcast.profile import load_profile
from veilcast.redaction.selection import select
from veilcast.types import Origin, Sound, SpokenWord, Track
from veilcast.verification.treated import treated_by_manifest, treated_in_run

STEP_US = 33_367


def track(boxes: list[list[float]], first_us: int = 0) -> Track:
    count = len(boxes)
    return Track(
        id=1,
        identifier="face",
        hipaa="Q",
        detector="yunet+centerface",
        times_us=first_us + STEP_US * np.arange(count, dtype=np.int64),
        boxes=np.asarray(boxes, dtype=np.float64),
        scores=np.full(count, 0.9),
        origins=np.full(count, Origin.DETECTED.value, dtype=np.uint8),
    )


def walk(seed: int, count: int) -> list[list[float]]:
    """A box that wanders, stands still, and jumps now and then."""
    random = np.random.default_rng(seed)
    steps = random.normal(0, 2, (count, 4)) * (random.random((count, 1)) < 0.5)
    jumps = random.normal(0, 80, (count, 4)) * (random.random((count, 1)) < 0.03)
    boxes = np.array([200.0, 150.0, 80.0, 90.0]) + np.cumsum(steps + jumps, axis=0)
    boxes[:, 2:] = np.maximum(boxes[:, 2:], 24)
    found: list[list[float]] = boxes.tolist()
    return found


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(1, 700))
def test_the_way_of_a_track_is_told_closely(seed: int, count: int) -> None:
    one = track(walk(seed, count))
    keys = np.array([[int(part) for part in key.split()] for key in path_of(one)], dtype=float)
    assert keys[0][0] == one.times_us[0]
    assert keys[-1][0] == one.times_us[-1]
    edges = np.hstack((one.boxes[:, :2], one.boxes[:, :2] + one.boxes[:, 2:]))
    told = np.hstack((keys[:, 1:3], keys[:, 1:3] + keys[:, 3:5]))
    for edge in range(4):
        line = np.interp(one.times_us, keys[:, 0], told[:, edge])
        room = np.maximum(2.0, 0.05 * one.boxes[:, 2 + edge % 2]) + 1.0  # whole pixels, outward
        assert (np.abs(line - edges[:, edge]) <= room).all()


def test_something_that_stands_still_for_long_is_told_in_few_words() -> None:
    assert len(path_of(track([[10, 20, 30, 40]] * 2_000))) < 12


@pytest.fixture(scope="module")
def host() -> Host:
    return Host()


def test_a_run_tells_covers_spans_and_words(host: Host) -> None:
    profile = load_profile(host)
    faces = Findings(stage="faces", tracks=(track([[100, 50, 40, 40]] * 5),))
    spoken = Findings(
        stage="speech",
        sounds=(
            Sound(id=1, identifier="person", hipaa="A", detector="names", start_us=100, end_us=900),
        ),
        words=(
            SpokenWord(text="my", start_us=0, end_us=90, confidence=1, stream=0),
            SpokenWord(
                text="Ada", start_us=100, end_us=500, confidence=1, stream=0, identifier="person"
            ),
            SpokenWord(
                text="Roe", start_us=500, end_us=900, confidence=1, stream=0, identifier="person"
            ),
        ),
    )
    by_stage = {"faces": faces, "speech": spoken}
    found = [by_stage.get(p.stage.name, Findings(stage=p.stage.name)) for p in profile.stages]
    selections = [
        select(Effective(findings=f), p.settings)
        for p, f in zip(profile.stages, found, strict=True)
    ]
    treated = {t.stage: t for t in treated_in_run(profile, found, selections)}
    (box,) = treated["faces"].covers(STEP_US)
    assert box.x < 100  # with its padding
    assert box.right > 140
    assert treated["faces"].covers(STEP_US + 1_000)  # a container that counts milliseconds
    assert not treated["faces"].covers(10 * STEP_US)
    assert treated["faces"].detectors == ("centerface", "yunet")
    assert treated["speech"].texts == ("Ada Roe",)
    assert [s.start_us for s in treated["speech"].sounds] == [100]
    cut = treated_in_run(profile, found, selections, cuts_us=[(0, 60)])
    assert [s.start_us for t in cut for s in t.sounds] == [40]
    unknown = treated_in_run(profile, found, selections, same_times=False)
    assert not any(t.covers(0) or t.sounds for t in unknown)


def test_a_manifest_tells_nearly_the_same(host: Host) -> None:
    from veilcast.manifest import sound_change, track_change, uncovered_record

    profile = load_profile(host)
    way = track(walk(7, 300))
    bare = track([[10, 10, 20, 20]] * 3, first_us=50 * STEP_US)
    sound = Sound(
        id=1, identifier="person", hipaa="A", detector="names", start_us=5, end_us=9, streams=(1,)
    )
    entries = [
        {
            "stage": "faces",
            "settings": {},
            "changes": [track_change(way, {"padding": 0.25}).model_dump()],
            "uncovered": [uncovered_record(bare, 10, ["keep"]).model_dump()],
        },
        {
            "stage": "speech",
            "settings": {"transcriber": {"name": "pocketsphinx"}},
            "changes": [sound_change(sound, {"treatment": "beep"}).model_dump()],
            "uncovered": [],
        },
    ]
    treated = {t.stage: t for t in treated_by_manifest(profile, {"entries": entries})}
    for time_us, (x, y, width, height) in zip(
        way.times_us.tolist(), way.boxes.tolist(), strict=True
    ):
        (box,) = treated["faces"].covers(time_us)
        assert box.x < x
        assert box.y < y
        assert box.right > x + width
        assert box.bottom > y + height
    assert treated["faces"].spared(51 * STEP_US)
    assert not treated["faces"].spared(60 * STEP_US)
    assert treated["speech"].sounds[0].streams == (1,)
    assert "pocketsphinx" in treated["speech"].detectors
