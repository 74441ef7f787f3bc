"""What is done with packages that were just written: their tests, style and types."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 240


def run(*command: object, cwd: Path, path: Sequence[Path] = ()) -> subprocess.CompletedProcess[str]:
    """A tool of the test environment, as a module: ``pytest``, ``mypy``, ``veilcast`` ..."""
    paths = [*map(str, path), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    paths = [str(Path(one).resolve()) for one in paths]
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )


def install(package: Path, site: Path) -> None:
    """Put a package on a path as ``pip install -e`` does: its metadata and where its code is.

    Args:
        package: its folder, with a pyproject.toml.
        site: a folder that is on the path.
    """
    import tomllib

    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    name, version = project["name"], project["version"]
    information = site / f"{name.replace('-', '_')}-{version}.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    )
    points = "".join(
        f"{key} = {value}\n" for key, value in project["entry-points"]["veilcast"].items()
    )
    (information / "entry_points.txt").write_text(f"[veilcast]\n{points}")
