"""What is in the wheel and in the source distribution."""

from __future__ import annotations

import re
import subprocess
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from wheels.distributions import ROOT, SAMPLE, built

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def in_wheel(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def in_sdist(sdist: Path) -> dict[str, bytes]:
    """Without the folder around everything."""
    found = {}
    with tarfile.open(sdist) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                found[member.name.partition("/")[2]] = file.read()
    return found


def foreign(files: dict[str, bytes]) -> list[str]:
    """Files that name this checkout, this environment or this home."""
    here = {str(ROOT), sysconfig.get_path("purelib")}
    home = str(Path.home())
    if len(Path(home).parts) > 2:
        here.add(home)
    return [name for name, held in files.items() if any(path.encode() in held for path in here)]


def test_the_wheel_holds_all_that_a_run_needs_and_nothing_of_making_it(wheel: Path) -> None:
    names = set(in_wheel(wheel))
    information = {name.partition("/")[0] for name in names if ".dist-info/" in name}
    assert len(information) == 1
    tops = {
        Path(path).name
        for path in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    }
    assert {name.partition("/")[0] for name in names} == tops | information
    # Templates of new plugins have tests of their own.
    templates = "veilcast/scaffold/templates/"
    code = {name for name in names if not name.startswith(templates)}
    parts = {part for name in code for part in Path(name).parts[:-1]}
    assert not parts & {"tests", "training", "fixtures", "benchmarks", "docs", "__pycache__"}
    assert {
        "veilcast/py.typed",
        "veilcast/profiles/default.yaml",
        "veilcast/scaffold/templates/package/pyproject.toml.jinja",
        "veilcast/scaffold/templates/package/src/MODULE/py.typed.jinja",
        "veilcast/scaffold/templates/package/dot-gitignore.jinja",
        "veilcast/testing/__init__.py",
    } <= names
    # What plugins carry beside code: names, rules and language models.
    for package in ("veilcast_identifiers", "veilcast_speech"):
        assert any(name.startswith(f"{package}/") and not name.endswith(".py") for name in names)
    for folder in ("core", "plugins"):
        data = {
            file.relative_to(ROOT / folder).as_posix()
            for file in (ROOT / folder).rglob("*")
            if file.is_file() and not {"__pycache__", "training"} & set(file.parts)
        }
        assert data - names == set(), "everything beside the code is in it"


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    files = in_wheel(wheel)
    (metadata,) = (text.decode() for name, text in files.items() if name.endswith("/METADATA"))
    assert "License-Expression: Apache-2.0" in metadata
    assert any(name.endswith("/licenses/LICENSE") for name in files)
    for extra in PROJECT["project"]["optional-dependencies"]:
        assert f"Provides-Extra: {extra}" in metadata
    (points,) = (text.decode() for name, text in files.items() if name.endswith("entry_points.txt"))
    assert "veilcast = veilcast.cli:main" in points


@pytest.mark.parametrize("which", ["wheel", "sdist", "sample"])
def test_no_path_of_this_machine_is_in(which: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(which)
    files = in_sdist(path) if which == "sdist" else in_wheel(path)
    assert files
    assert foreign(files) == []


def test_the_sdist_holds_every_tracked_file_but_those_of_the_repository_itself(sdist: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout, so nothing says which files are tracked")
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True
    ).stdout
    tracked = {name.decode() for name in listed.split(b"\0") if name}
    names = set(in_sdist(sdist))
    missing = {name for name in tracked - names if (ROOT / name).is_file()}
    assert missing == set()
    generated = {name for name in names if re.match(r"fixtures/generated|benchmarks/out", name)}
    assert generated == set()


def test_the_sdist_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (project,) = (path for path in tmp_path.iterdir() if path.is_dir())
    again = built(project, tmp_path / "again", "wheel")
    mine, theirs = in_wheel(wheel), in_wheel(again)
    assert set(mine) == set(theirs)
    assert [name for name in mine if mine[name] != theirs[name]] == []


def test_building_leaves_nothing_in_the_checkout(wheel: Path, sdist: Path, sample: Path) -> None:
    for folder in (ROOT, SAMPLE):
        for left in ("dist", "build", "*.egg-info", "src/*.egg-info"):
            made = [path for path in folder.glob(left) if path.stat().st_mtime >= _started(wheel)]
            assert made == []


def _started(first: Path) -> float:
    """About when the first of the builds began."""
    return first.stat().st_mtime - 60


def test_the_sample_is_a_distribution_of_its_own(sample: Path) -> None:
    files = in_wheel(sample)
    assert {name.partition("/")[0] for name in files if ".dist-info/" not in name} == {
        "veilcast_wristband"
    }
    assert "veilcast_wristband/py.typed" in files
    (metadata,) = (text.decode() for name, text in files.items() if name.endswith("/METADATA"))
    assert "Requires-Dist: veilcast>=" in metadata
    assert "License-Expression: Apache-2.0" in metadata
