"""The programs in examples/ run as their first lines say."""

from __future__ import annotations

import csv
import json
import runpy
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import veilcast

if TYPE_CHECKING:
    from testmedia import Corpus

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def folder(media: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader's folder with a photo in it: a still is the quickest recording."""
    shutil.copy(media["portrait.jpg"], tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VEILCAST_WORK", str(tmp_path / "work"))
    return tmp_path


@pytest.fixture
def result(folder: Path) -> veilcast.RunResult:
    """The photo, de-identified."""
    return veilcast.run("photo.jpg")


def run(name: str, *arguments: str) -> None:
    sys.argv[1:] = arguments
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


@pytest.fixture(autouse=True)
def arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["example"])


def test_every_example_is_tried() -> None:
    tried = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in EXAMPLES.glob("*.py") if f'"{path.name}"' not in tried] == []


@pytest.mark.release
def test_the_notebook(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its cells, one after the other; a notebook adds nothing to that."""
    notebook = json.loads((EXAMPLES / "look_and_run.ipynb").read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    for number, cell in enumerate(notebook["cells"], 1):
        assert not cell.get("outputs"), "no result of somebody's run is kept"
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)  # noqa: S102
    assert "clean {'face': 1, 'id number': 1}" in capsys.readouterr().out


def test_one_recording(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("one_recording.py", "photo.jpg")
    out, err = capsys.readouterr()
    assert "clean: photo.deid.jpg, covered {'face': 1, 'id number': 1}" in out
    assert "faces:" in err


@pytest.mark.release
def test_a_folder_and_a_table(folder: Path) -> None:
    (folder / "in").mkdir()
    shutil.copy("photo.jpg", "in/one.jpg")
    Path("in/two.mp4").write_text("no recording")
    run("folder_to_table.py", "in", "out")
    with Path("out/results.csv").open() as file:
        rows = list(csv.reader(file))
    assert [row[:3] for row in rows[1:]] == [["1", "clean", "2"], ["2", "exit code 10", ""]]


@pytest.mark.release
def test_short_tracks_are_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("leave_short_tracks.py", "photo.jpg")
    assert capsys.readouterr().out.startswith("1 tracks are left uncovered; clean")


@pytest.mark.release
def test_covers_as_a_table(result: veilcast.RunResult, capsys: pytest.CaptureFixture[str]) -> None:
    run("covers_as_table.py", str(result.manifest))
    rows = list(csv.reader(capsys.readouterr().out.splitlines()))
    assert ["faces", "face", "Q"] in [row[:3] for row in rows]


@pytest.mark.release
def test_what_was_changed_is_not_released(
    result: veilcast.RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run("check_before_release.py", ".")
    assert ended.value.code == 0
    assert capsys.readouterr().out == "clean          photo.deid.manifest.json\n"
    result.output.write_bytes(result.output.read_bytes() + b"more")
    with pytest.raises(SystemExit, match="Not to be released: 1"):
        run("check_before_release.py", ".")
