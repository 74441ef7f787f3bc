"""The program answers at once: nothing heavy is loaded until it is needed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.program import Program

from veilcast import __version__

HEAVY = {
    *("cv2", "mediapipe", "av", "numpy", "spacy", "torch", "faster_whisper", "pydub", "skimage"),
    *("scipy", "matplotlib", "presidio_analyzer", "onnxruntime", "ffmpeg"),
}


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after running `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize("command", [["--help"], ["run", "--help"], ["models", "--help"]])
def test_help_loads_nothing_heavy(command: list[str]) -> None:
    loaded = loaded_by(f"from veilcast.cli.app import app\napp({command}, standalone_mode=False)")
    assert "typer" in loaded
    assert loaded & HEAVY == set()
    assert not any(name.startswith("veilcast_") for name in loaded), "nor any plugin"


def test_listing_plugins_loads_no_model_runtime() -> None:
    modules = sorted({point.module for point in entry_points(group="veilcast")})
    assert {"veilcast_faces", "veilcast_regions", "veilcast_metadata"} <= set(modules)
    loaded = loaded_by(f"import {', '.join(modules)}\nfrom veilcast.host import Host\nHost()")
    assert set(modules) & loaded
    assert loaded & (HEAVY - {"numpy", "ffmpeg"}) == set()


def test_the_version(veilcast: Program) -> None:
    answer = veilcast("--version")
    assert (answer.code, answer.out) == (0, f"veilcast {__version__}\n")


def test_lists(veilcast: Program) -> None:
    plugins = veilcast("plugins")
    assert plugins.code == 0
    assert f"faces  (veilcast {__version__})" in plugins.out
    for thing in ("stage faces", "stage regions", "stage metadata", "detector blazeface-full"):
        assert f"    {thing}\n" in plugins.out
    assert "FAILED" not in plugins.out
    profiles = veilcast("profiles")
    assert [line.split()[0] for line in profiles.out.splitlines()] == [
        *("consultation", "default", "exam", "fast", "procedure", "sensitive", "telehealth")
    ]
    exam = veilcast("profiles", "exam")
    assert "  padding: 0.4\n" in exam.out
    models = veilcast("models", "list")
    assert models.code == 0
    assert "blazeface-short" in models.out
    assert "Apache-2.0" in models.out
