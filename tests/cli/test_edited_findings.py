"""Findings that a person edited: what is in them is covered, or the run stops."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli.program import Program, files, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from testmedia import Corpus

FINDINGS = 25
MARKS = """
regions: [{label: patch, box: [40, 40, 80, 60]}]
mute: [{from: 0.5, to: 1.0, label: name}]
"""


def _regions(document: dict[str, Any]) -> dict[str, Any]:
    return next(stage for stage in document["stages"] if stage["stage"] == "regions")


def _twice(document: dict[str, Any]) -> None:
    document["stages"].append({**_regions(document), "tracks": [], "sounds": []})


def _no_such_stream(document: dict[str, Any]) -> None:
    _regions(document)["sounds"][0]["streams"] = [7]


def _after_the_end(document: dict[str, Any]) -> None:
    _regions(document)["sounds"][0] |= {"start_us": 60_000_000, "end_us": 61_000_000}


def _between_frames(document: dict[str, Any]) -> None:
    track = _regions(document)["tracks"][0]
    track |= {"times_us": [510_001], "boxes": track["boxes"][:1]}
    track |= {"scores": [None], "origins": ["detected"]}


def _outside_the_picture(document: dict[str, Any]) -> None:
    track = _regions(document)["tracks"][0]
    track["boxes"] = [[5000, 5000, 10, 10] for _ in track["boxes"]]


def _a_name(document: dict[str, Any]) -> None:
    _regions(document)["tracks"][0]["identifier"] = "John Quixby"


@pytest.fixture(scope="module")
def original(media: Corpus, light: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("located")
    marks, path = folder / "marks.yaml", folder / "findings.json"
    marks.write_text(MARKS)
    locate = ("locate", media["plain.mp4"], "-qp", light, "-r", marks, "-o", path)
    answer = Program(folder / "work")(*locate)
    assert answer.code == 0, answer
    return path


@pytest.fixture
def located(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path))


@pytest.mark.parametrize(
    "edit",
    [
        _twice,
        _no_such_stream,
        _after_the_end,
        _between_frames,
        _outside_the_picture,
        _a_name,
    ],
)
def test_what_would_cover_nothing_stops_the_run(
    edit: Callable[[dict[str, Any]], None],
    veilcast: Program,
    media: Corpus,
    light: Path,
    located: Path,
    tmp_path: Path,
) -> None:
    document = json.loads(located.read_bytes())
    edit(document)
    located.write_text(json.dumps(document))
    out = tmp_path / "out"
    out.mkdir()
    answer = veilcast(
        "redact", media["plain.mp4"], "--findings", located, "-qp", light, "-o", out / "o.mp4"
    )
    refused(answer, FINDINGS, unsaid=["Quixby"])
    assert files(out) == []


def test_other_regions_than_those_located_stop_the_run(
    veilcast: Program, media: Corpus, light: Path, located: Path, tmp_path: Path
) -> None:
    other, out = tmp_path / "other.yaml", tmp_path / "out"
    out.mkdir()
    other.write_text("regions: [{box: [0, 0, 20, 20]}]")
    answer = veilcast(
        *("redact", media["plain.mp4"], "--findings", located, "-qp", light),
        *("-r", other, "-o", out / "o.mp4"),
    )
    refused(answer, FINDINGS)
    assert files(out) == []


def test_the_regions_need_not_be_named_again(
    veilcast: Program, media: Corpus, light: Path, located: Path, tmp_path: Path
) -> None:
    target = tmp_path / "o.mp4"
    answer = veilcast(
        "redact", media["plain.mp4"], "--findings", located, "-qp", light, "-o", target
    )
    assert answer.code == 0, answer
    manifest = json.loads((tmp_path / "o.manifest.json").read_bytes())
    changes = [c for entry in manifest["entries"] for c in entry["changes"]]
    assert [c["kind"] for c in changes if c["detector"] == "regions"] == ["picture", "sound"]
