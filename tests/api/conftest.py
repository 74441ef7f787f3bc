"""A quick profile, a clip of a moment, and a folder for results."""

from __future__ import annotations

import importlib
import importlib.metadata
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from veilcast.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from testmedia import Corpus


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where work folders go."""
    folder = tmp_path / "work"
    monkeypatch.setenv("VEILCAST_WORK", str(folder))
    return folder


@pytest.fixture(scope="session")
def host() -> Host:
    return Host()


@pytest.fixture(scope="session")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile that loads no model."""
    path = tmp_path_factory.mktemp("profile") / "light.yaml"
    path.write_text("stages: [regions, metadata]\ndeliver: {preset: ultrafast}\n")
    return path


@pytest.fixture(scope="session")
def corner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rectangle that fits every picture."""
    path = tmp_path_factory.mktemp("regions") / "corner.yaml"
    path.write_text("regions: [{label: wristband, box: [8, 8, 40, 30], treatment: fill}]\n")
    return path


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """An empty folder for results."""
    folder = tmp_path / "bench"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def brief(media: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second of picture with a title and an artist, and no sound."""
    path = tmp_path_factory.mktemp("brief") / "brief.mp4"
    tags = ("-metadata", "title=Quixby Vantongeren", "-metadata", "artist=Ward Zorblatt")
    subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-i",
            media["no_audio.mp4"],
            "-t",
            "0.5",
            "-c",
            "copy",
            *tags,
            path,
        ],
        check=True,
    )
    return path


PLUGINS = ("faces", "identifiers", "metadata", "plates", "regions", "speech")

PLUGIN = """
import time

from veilcast.plugin import Check, Problem, hookimpl

{body}

@hookimpl
def veilcast_checks():
    yield Check(name="zzz", summary="of a test", run=run)
"""


@pytest.fixture
def with_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Host]]:
    """A host with one more check, which is given as the text of its `run`."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)

    def make(body: str) -> Host:
        (folder / "thirdparty_check.py").write_text(PLUGIN.replace("{body}", body))
        point = importlib.metadata.EntryPoint("checks", "thirdparty_check", "veilcast")
        return Host([*importlib.metadata.entry_points(group="veilcast"), point])

    yield make
    sys.modules.pop("thirdparty_check", None)
