"""The examples of docs/python.md and README.md are run as a reader would, in a folder."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import veilcast
from veilcast import errors

if TYPE_CHECKING:
    from testmedia import Corpus

ROOT = Path(__file__).resolve().parents[2]
PAGE, README = ROOT / "docs" / "python.md", ROOT / "README.md"


def examples(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.release
def test_the_examples_run(
    media: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    # A moment is enough, and quick; without sound nothing has to listen.
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", media["no_audio.mp4"], "-t", "0.4", "visit.mp4"], check=True
    )
    shutil.copy(media["portrait.jpg"], "photo.jpg")
    names: dict[str, Any] = {}
    for number, example in enumerate(examples(PAGE), 1):
        exec(compile(example, f"example {number}", "exec"), names)  # noqa: S102 - our own page
    written = {path.name for path in tmp_path.iterdir()}
    for name in ("visit.deid", "released", "reviewed"):
        assert {f"{name}.mp4", f"{name}.manifest.json", f"{name}.report.html"} <= written
    assert not {name for name in written if name.startswith("stopped")}
    assert "nothing was published" in capsys.readouterr().out


@pytest.mark.release
def test_the_example_of_the_readme_runs(
    media: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    # Any recording will do; a still is the quickest.
    shutil.copy(media["portrait.jpg"], "visit.mp4")
    Path("patient.yaml").write_text("names: [Margaret Holloway]\n")
    (example,) = examples(README)
    exec(compile(example, "README", "exec"), {})  # noqa: S102 - our own page
    assert f"clean {{'face': 1}} {tmp_path / 'visit.deid.report.html'}" in capsys.readouterr().out


def test_the_functions_of_the_page_exist() -> None:
    text = PAGE.read_text()
    for name in re.findall(r"`veilcast\.(\w+)", text):
        assert hasattr(veilcast, name), name
    for name in re.findall(r"`(\w+Error)`", text):
        assert issubclass(getattr(errors, name), errors.VeilcastError)
