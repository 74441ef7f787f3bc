"""Setting up: the script, the pinned versions, and what an installed Veilcast consists of."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LINES = [
    line
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def pins() -> dict[str, Requirement]:
    requirements = [Requirement(line) for line in LINES]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def declared() -> list[Requirement]:
    project = PROJECT["project"]
    groups = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ]
    # A group may include another, which is told by a table.
    lines = [line for group in groups for line in group if isinstance(line, str)]
    requirements = [Requirement(line) for line in lines]
    return [requirement for requirement in requirements if requirement.name != "veilcast"]


def test_constraints_pin_versions_and_name_no_address() -> None:
    for line in LINES:
        assert re.fullmatch(r"[\w.-]+==[\w.]+(; python_version >= '3\.\d+')?", line), line
    assert len(pins()) == len(LINES), "a distribution is pinned twice"


def test_every_dependency_is_pinned_to_a_version_that_it_allows() -> None:
    for requirement in declared():
        pin = pins()[canonicalize_name(requirement.name)]
        (version,) = (specifier.version for specifier in pin.specifier)
        assert requirement.specifier.contains(version), requirement
        assert str(pin.marker).replace('"', "'") == str(requirement.marker).replace('"', "'")


def test_only_one_distribution_owns_cv2() -> None:
    owners = set(importlib.metadata.packages_distributions()["cv2"])
    assert owners == {"opencv-contrib-python"}
    assert not {"opencv-python", "opencv-python-headless"} & set(pins())


@pytest.mark.release
def test_a_wheel_holds_every_package_of_core_and_plugins(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", tmp_path, ROOT], check=True)
    (wheel,) = tmp_path.glob("veilcast-*.whl")
    sources = {
        file.relative_to(root).as_posix()
        for root in (ROOT / "core", ROOT / "plugins")
        for file in root.glob("veilcast*/**/*")
        if file.is_file() and not {"__pycache__", "training"} & set(file.parts)
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (entry_points,) = (name for name in names if name.endswith("/entry_points.txt"))
        named = archive.read(entry_points).decode()
    assert {name for name in names if ".dist-info/" not in name} == sources
    assert "veilcast/py.typed" in names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    for module in PROJECT["project"]["entry-points"]["veilcast"].values():
        assert module in named
        path = module.replace(".", "/")
        assert {f"{path}.py", f"{path}/__init__.py"} & names, module


# The script that sets everything up


def run(folder: Path, path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the copy of `run` in `folder` with nothing but `path` to find programs in."""
    return subprocess.run(
        [folder / "run", *arguments],
        env={"PATH": str(path), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("run", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder of programs that has what any system has, and no apt-get, Python or ffmpeg."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "dirname", "cat", "cksum", "env", "id"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def add(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_the_scripts_are_well_formed_and_executable() -> None:
    for shell, script in (("sh", "run"), ("bash", ".ci/run")):
        subprocess.run([shell, "-n", ROOT / script], check=True)
        assert os.access(ROOT / script, os.X_OK)


def test_run_explains_itself(clone: Path, bare: Path) -> None:
    for arguments in ((), ("help",)):
        answer = run(clone, bare, *arguments)
        assert answer.returncode == 0
        for command in ("./run demo", "./run test", "./run veilcast"):
            assert command in answer.stdout
    wrong = run(clone, bare, "dmeo")
    assert wrong.returncode == 2
    assert "./run demo" in wrong.stderr


def test_without_apt_run_says_exactly_what_to_install(clone: Path, bare: Path) -> None:
    add(bare, "python3", f'exec "{sys.executable}" "$@"')
    answer = run(clone, bare, "veilcast", "doctor")
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [
        "veilcast: system packages are missing; install them, then try again: "
        "sudo apt-get install ffmpeg libimage-exiftool-perl"
    ]
    assert not (clone / ".venv").exists()


def test_without_python_run_says_what_to_install(clone: Path, bare: Path) -> None:
    answer = run(clone, bare, "veilcast")
    assert answer.returncode == 1
    assert (
        "sudo apt-get install python3 python3-venv ffmpeg libimage-exiftool-perl" in answer.stderr
    )

    for name in ("ffmpeg", "exiftool"):
        add(bare, name, "exit 0")
    add(bare, "python3", "exit 1")  # one that is too old
    answer = run(clone, bare, "veilcast")
    assert answer.returncode == 1
    assert "Python 3.11 or newer is needed" in answer.stderr
    assert not (clone / ".venv").exists()
