"""Distributions as their users get them: built, and installed in an environment of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from cli.program import Answer

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "fixtures" / "plugins" / "veilcast-wristband"
LIMIT_S = 120


def built(project: Path, folder: Path, target: str) -> Path:
    """Build a project as ``python -m build --no-isolation`` does.

    Args:
        project: a folder with a pyproject.toml.
        folder: where the result goes; made when it is not there.
        target: ``wheel`` or ``sdist``.

    Returns:
        What was built.
    """
    before = set(folder.glob("*")) if folder.exists() else set()
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=LIMIT_S)
    (result,) = set(folder.glob("*")) - before
    return result


class Environment:
    """A virtual environment in which wheels are installed.

    What they depend on comes from the environment that the tests run in, which is looked at last:
    the distributions themselves have to come from their wheels.
    """

    def __init__(self, folder: Path) -> None:
        """Make it.

        Args:
            folder: for it, and for its work folders.
        """
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"
        venv = [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")]
        subprocess.run(venv, check=True, timeout=LIMIT_S)
        told = self._run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
        self.packages = Path(told.out.strip())
        # A folder named by a .pth file has its own .pth files left alone, so nothing of the
        # checkout comes along when it is installed there for editing.
        others = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
        (self.packages / "dependencies.pth").write_text("\n".join(others) + "\n")

    def install(self, *wheels: Path) -> None:
        """Install wheels, as pip does."""
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "-q"]
        pip += ["--no-deps", "--no-index", "--disable-pip-version-check", "--force-reinstall"]
        subprocess.run([*pip, *map(str, wheels)], check=True, timeout=LIMIT_S)

    def _run(self, *arguments: object, cwd: Path | None = None) -> Answer:
        hidden = {"PYTHONPATH", "VIRTUAL_ENV", "VEILCAST_DEBUG"}
        env = {name: value for name, value in os.environ.items() if name not in hidden}
        binaries = f"{self.python.parent}{os.pathsep}{env['PATH']}"
        done = subprocess.run(
            [self.python, *map(str, arguments)],
            env={**env, "PATH": binaries, "VEILCAST_WORK": str(self.folder / "work")},
            cwd=cwd or self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        return Answer(code=done.returncode, out=done.stdout, err=done.stderr)

    def python_says(self, *arguments: object, cwd: Path | None = None) -> Answer:
        """Run its Python, far from the checkout."""
        return self._run(*arguments, cwd=cwd)

    def __call__(self, *arguments: object, cwd: Path | None = None) -> Answer:
        """Run its program ``veilcast``, far from the checkout."""
        return self._run(self.python.with_name("veilcast"), *arguments, cwd=cwd)
