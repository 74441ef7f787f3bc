"""Models that are folders: found where somebody put them, refused when changed, fetched whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from veilcast import model_folders, models
from veilcast.errors import ModelChecksumError, ModelMissingError
from veilcast.extensions import HubRepository, ModelFolder

if TYPE_CHECKING:
    from pathlib import Path

MODEL = ModelFolder(
    name="whisper-toy",
    files=("config.json", "model.bin", "vocabulary.*"),
    licence="MIT",
    origin="Somebody",
    source=HubRepository(repository="somebody/whisper-toy"),
)


def put(folder: Path, **changed: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in {
        "config.json": "{}",
        "model.bin": "weights",
        "vocabulary.txt": "a b",
    }.items():
        (folder / name).write_text(changed.get(name.split(".")[0], text))
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEILCAST_MODEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("VEILCAST_MODELS", raising=False)
    return tmp_path / "cache"


def test_a_folder_that_somebody_put_there_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = put(tmp_path / "own" / "speech" / "whisper-toy")
    monkeypatch.setenv("VEILCAST_MODELS", str(tmp_path / "own"))
    assert models.find(MODEL) == own
    assert models.pull(MODEL) == own


def test_a_folder_that_lacks_a_file_does_not_count(cache: Path) -> None:
    (put(cache / "whisper-toy") / "vocabulary.txt").unlink()
    with pytest.raises(ModelMissingError, match="veilcast models pull whisper-toy"):
        models.find(MODEL)


def test_a_fetched_folder_is_held_to_its_record(cache: Path) -> None:
    folder = put(cache / "whisper-toy")
    sums = dict.fromkeys(("config.json", "model.bin", "vocabulary.txt"), "0" * 64)
    (folder / model_folders.RECORD).write_text(json.dumps({"sha256": sums}))
    with pytest.raises(ModelChecksumError, match="delete its folder"):
        models.find(MODEL)
    (folder / model_folders.RECORD).write_text("no record")
    with pytest.raises(ModelChecksumError):
        models.find(MODEL)


def test_the_digest_is_of_the_contents(tmp_path: Path) -> None:
    one, same, other = (
        put(tmp_path / "one"),
        put(tmp_path / "same"),
        put(tmp_path / "other", model="else"),
    )
    assert models.digest(MODEL, one) == models.digest(MODEL, same)
    assert models.digest(MODEL, one) != models.digest(MODEL, other)


def test_a_refused_network_is_one_clear_error_and_leaves_nothing(cache: Path) -> None:
    command = (
        "from veilcast.offline import cut_off; cut_off(); from veilcast.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, "models", "pull", "whisper-tiny.en", "--quiet"],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "0"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 42, done.stderr
    assert "check the network" in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3
    assert list(cache.iterdir()) == []


def test_the_command_line_lists_them() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "veilcast", "models", "list"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "whisper-small.en" in done.stdout
