"""What a reader of a manifest relies on."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veilcast import manifest as m
from veilcast.errors import ManifestError, UnreadableError
from veilcast.types import Item, Origin, Sound, Track

if TYPE_CHECKING:
    from pathlib import Path

CREATED = "2024-05-01T12:00:00Z"
SOURCE, MIDDLE, RESULT = b"source", b"intermediate", b"result"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def record(data: bytes) -> m.FileRecord:
    return m.FileRecord(
        sha256=sha(data),
        bytes=len(data),
        kind="video",
        container="mp4",
        streams=[
            m.StreamRecord(index=0, type="video", codec="h264"),
            m.StreamRecord(index=1, type="audio", codec="aac"),
        ],
    )


def track() -> Track:
    return Track(
        id=3,
        identifier="face",
        hipaa="Q",
        detector="blazeface-full",
        times_us=np.array([0, 40_000, 80_000, 120_000], dtype=np.int64),
        boxes=np.array(
            [[10.5, 20, 30, 40], [12, 20, 30, 40], [14, 18.2, 30, 40], [16, 20, 30.5, 40]]
        ),
        scores=np.array([0.91234, np.nan, 0.7, np.nan]),
        origins=np.array(
            [Origin.DETECTED, Origin.INTERPOLATED, Origin.DETECTED, Origin.HELD], dtype=np.uint8
        ),
    )


def sound() -> Sound:
    return Sound(
        id=1,
        identifier="name",
        hipaa="A",
        detector="regions",
        start_us=1_000_000,
        end_us=1_500_000,
        streams=(1,),
    )


def build(*, created: str = CREATED, seconds: float = 1.5) -> dict[str, Any]:
    plugin = m.PluginRecord(distribution="veilcast", version="0.1.0")
    builder = m.ManifestBuilder(
        input=record(SOURCE),
        profile=m.profile_record("default", {"faces": {"padding": 0.25}}, {"crf": 18}),
        software=m.SoftwareRecord(
            veilcast="0.1.0",
            python="3.11.2",
            libraries={"av": "18.1.0", "libavcodec": "62.3.100"},
            plugins={"veilcast": "0.1.0"},
        ),
    )
    shared: dict[str, Any] = {
        "plugin": plugin,
        "group": 0,
        "input_sha256": sha(SOURCE),
        "output_sha256": sha(MIDDLE),
    }
    builder.add_entry(
        stage="faces",
        phase="picture",
        findings_sha256=sha(b"findings"),
        settings={"padding": 0.25, "shape": "ellipse", "sample_rate": 5},
        changes=[m.track_change(track(), {"treatment": "mosaic", "block_px": 16})],
        models={"blazeface-full": sha(b"model")},
        **shared,
    )
    builder.add_entry(
        stage="regions",
        phase="picture",
        findings_sha256=sha(b"more"),
        changes=[m.sound_change(sound(), {"treatment": "beep", "hz": 1000.0})],
        warnings=["Blur is weak."],
        **shared,
    )
    builder.add_entry(
        stage="metadata",
        phase="container",
        plugin=plugin,
        group=1,
        input_sha256=sha(MIDDLE),
        output_sha256=sha(RESULT),
        findings_sha256=sha(b"items"),
        changes=[
            m.item_change(Item(place="EXIF", kind="locations", count=3, hipaa="B"), "metadata")
        ],
    )
    builder.add_entry(
        stage="verify",
        phase="verify",
        plugin=plugin,
        group=2,
        input_sha256=sha(RESULT),
        output_sha256=sha(RESULT),
        nothing_to_do="",
    )
    return builder.finish(output=record(RESULT), created_at=created, seconds={"locate": seconds})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("files")
    (folder / "source").write_bytes(SOURCE)
    (folder / "result").write_bytes(RESULT)
    return folder / "result", folder / "source"


def leaves(value: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, (*at, key))] or [at]
    if isinstance(value, list):
        return [leaf for n, item in enumerate(value) for leaf in leaves(item, (*at, n))] or [at]
    return [at]


def edited(manifest: dict[str, Any], path: tuple[Any, ...], value: object) -> dict[str, Any]:
    result = copy.deepcopy(manifest)
    place: Any = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return result


MANIFEST = build()
LEAVES = [path for path in leaves(MANIFEST) if path[0] != "volatile"]
SCALARS: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats(0.1, 0.9) | st.text() | st.just({})
)


def test_a_good_manifest_has_no_problems(files: tuple[Path, Path]) -> None:
    assert m.check(MANIFEST, *files) == []
    assert m.check(MANIFEST, files[0]) == []


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(LEAVES), value=SCALARS)
def test_any_edited_value_is_noticed(
    files: tuple[Path, Path], path: tuple[Any, ...], value: object
) -> None:
    forged = edited(MANIFEST, path, value)
    if json.dumps(forged, sort_keys=True) == json.dumps(MANIFEST, sort_keys=True):
        return
    try:
        found = m.check(m.load(m.to_bytes(forged)), *files)
    except ManifestError:
        return
    assert found


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_every_value_is_covered(files: tuple[Path, Path], path: tuple[Any, ...]) -> None:
    place: Any = MANIFEST
    for key in path:
        place = place[key]
    value = place + "0" if isinstance(place, str) else 7 if place != 7 else 8
    try:
        found = m.check(m.load(m.to_bytes(edited(MANIFEST, path, value))), *files)
    except ManifestError:
        return
    assert found


def test_stretches_that_were_not_seen_and_the_least_sure_moment_are_told() -> None:
    times = np.arange(8, dtype=np.int64) * 40_000
    held, seen, between, flow = Origin.HELD, Origin.DETECTED, Origin.INTERPOLATED, Origin.FLOW
    change = m.track_change(
        replace(
            track(),
            times_us=times,
            boxes=np.tile([10.0, 20.0, 30.0, 40.0], (8, 1)),
            scores=np.array([np.nan, 0.9, np.nan, 0.6, np.nan, np.nan, 0.8, np.nan]),
            origins=np.array([held, seen, between, seen, flow, flow, seen, held], dtype=np.uint8),
        ),
        {},
    )
    assert change.inferred == ["0 1 held", "160000 200001 flow", "280000 280001 held"]
    assert change.least_us == 120_000


@pytest.mark.parametrize("n", range(4))
def test_the_edited_entry_is_named(files: tuple[Path, Path], n: int) -> None:
    forged = edited(MANIFEST, ("entries", n, "warnings"), ["nothing of note"])
    assert f"Entry {n} was edited." in m.check(forged, *files)


@pytest.mark.parametrize("n", range(4))
def test_an_entry_that_was_taken_out_is_missed(files: tuple[Path, Path], n: int) -> None:
    forged = copy.deepcopy(MANIFEST)
    del forged["entries"][n]
    problems = m.check(forged, *files)
    assert any("manifest was edited" in problem for problem in problems)
    if n < 3:
        assert f"The chain is broken before entry {n}." in problems


def test_steps_have_to_work_on_what_the_one_before_left(files: tuple[Path, Path]) -> None:
    forged = edited(MANIFEST, ("entries", 1, "output_sha256"), sha(b"other"))
    assert any("Entry 1 did not work on" in problem for problem in m.check(forged, *files))
    forged = edited(MANIFEST, ("entries", 2, "input_sha256"), sha(b"other"))
    assert any("Entry 2 did not work on" in problem for problem in m.check(forged, *files))


def test_other_files_are_noticed(files: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"Result")
    assert m.check(MANIFEST, other) == [
        "The delivered file is not the one that this manifest is about."
    ]
    assert m.check(MANIFEST, files[0], other) == [
        "The input is not the one that this manifest is about."
    ]
    with pytest.raises(UnreadableError):
        m.check(MANIFEST, tmp_path / "none")


def test_equal_runs_are_equal_and_volatile_fields_do_not_count(files: tuple[Path, Path]) -> None:
    later = build(created="2025-01-01T00:00:00Z", seconds=99)
    assert later != MANIFEST
    assert m.equal_apart_from_volatile(later, MANIFEST)
    assert later["manifest_sha256"] == MANIFEST["manifest_sha256"]
    assert m.check(later, *files) == []
    assert not m.equal_apart_from_volatile(edited(later, ("output", "bytes"), 1), MANIFEST)


def test_writing_and_reading_gives_the_same_bytes() -> None:
    data = m.to_bytes(MANIFEST)
    assert data.endswith(b"}\n")
    assert m.to_bytes(m.load(data)) == data


def test_the_published_schema_is_one_and_accepts_a_real_manifest() -> None:
    schema = m.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(m.to_bytes(MANIFEST)))


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("input",),
        ("software",),
        ("volatile",),
        ("entries", 0),
        ("entries", 0, "changes", 0),
        ("entries", 0, "changes", 0, "where"),
    ],
    ids=str,
)
def test_schema_and_reader_reject_a_field_that_does_not_belong(path: tuple[Any, ...]) -> None:
    forged = edited(MANIFEST, (*path, "transcript"), "Jane Roe")
    validator = jsonschema.Draft202012Validator(m.schema())
    assert not validator.is_valid(forged)
    with pytest.raises(ManifestError) as caught:
        m.load(m.to_bytes(forged))
    assert "Jane" not in str(caught.value)


@pytest.mark.release
@settings(max_examples=200)
@given(path=st.sampled_from(leaves(MANIFEST)), value=SCALARS)
def test_schema_and_reader_agree(path: tuple[Any, ...], value: object) -> None:
    forged = edited(MANIFEST, path, value)
    accepted = jsonschema.Draft202012Validator(m.schema()).is_valid(forged)
    try:
        m.load(m.to_bytes(forged))
    except ManifestError:
        assert not accepted
    else:
        assert accepted


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema": NaN}',
        m.to_bytes(MANIFEST).replace(b'"n": 0', b'"n": 0, "n": 0'),
        m.to_bytes(MANIFEST).replace(b"manifest/1", b"manifest/2"),
        m.to_bytes(MANIFEST).replace(b'"faces"', b'"\\ud800"'),
        m.to_bytes(MANIFEST)[:-10],
    ],
    ids=["empty", "object", "list", "null", "bytes", "deep", "nan", "twice", "v2", "half", "cut"],
)
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ManifestError):
        m.load(data)


def test_a_track_is_told_by_place_time_and_origin() -> None:
    change = m.track_change(track(), {"treatment": "mosaic", "block_px": 16})
    assert isinstance(change.where, m.Boxes)
    assert change.where == m.Boxes(
        first=[10, 20, 31, 40],
        last=[16, 20, 31, 40],
        enclosing=[10, 18, 37, 42],
        path=change.where.path,
    )
    assert change.where.path[0] == "0 10 20 31 40"
    assert change.where.path[-1] == "120000 16 20 31 40"
    assert (change.from_us, change.to_us) == (0, 120_001)
    assert change.frames == m.Frames(detected=2, interpolated=1, held=1, flow=0)
    assert (change.score_min, change.score_max) == (0.7, 0.9123)
    assert (change.what, change.hipaa, change.detector) == ("face", "Q", "blazeface-full")


def test_a_sound_and_an_item_are_told() -> None:
    spoken = m.sound_change(sound(), {"treatment": "beep"})
    assert (spoken.kind, spoken.from_us, spoken.to_us) == ("sound", 1_000_000, 1_500_000)
    assert spoken.where == m.Streams(streams=[1])
    item = m.item_change(Item(place="stream 2", kind="subtitle stream"), "metadata")
    assert item.where == m.Place(place="stream 2")
    assert item.how == {"treatment": "removed"}
