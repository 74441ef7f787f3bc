"""docs/plugins.md, followed to the letter: files are written, commands typed, answers compared."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from docs.reading import Block, blocks
from scaffold.generated import ROOT
from wheels.distributions import SAMPLE, Environment, built

PAGE = ROOT / "docs" / "plugins.md"
LIMIT_S = 120
_FILE = re.compile(r"# ([\w./-]+\.\w+)\n")
_PARTS = {
    "veilcast-room-numbers": "a-recogniser-room-numbers",
    "veilcast-wristband": "a-detector-wristbands",
    "veilcast-hum": "a-whole-stage-mains-hum",
}


@dataclass
class Desk:
    """A shell of a stranger: a folder, and what is on the path."""

    folder: Path
    env: dict[str, str]
    said: str = ""
    codes: dict[int, tuple[int, str]] = field(default_factory=dict)

    def type(self, block: Block) -> None:
        """Type what is in a block; it may change the folder."""
        script = f'set -eu\n{block.text}pwd > "$HERE"\n'
        here = self.env["HERE"]
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        self.said = done.stdout
        self.codes[block.line] = done.returncode, done.stdout
        if done.returncode == 0:
            self.folder = Path(Path(here).read_text().strip())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A virtual environment with Veilcast's wheel, and tools as they are after ``pip install``."""
    if not all(map(shutil.which, ("flite", "ffmpeg"))):
        pytest.skip("the page speaks with flite")
    folder = tmp_path_factory.mktemp("stranger")
    environment = Environment(folder / "environment")
    environment.install(built(ROOT, folder / "dist", "wheel"))
    binaries = environment.python.parent
    for tool in ("pytest", "mypy"):
        _program(binaries / tool, f'exec "{environment.python}" -m {tool} "$@"')
    # As a module of that environment it would look for its program there, and find this one.
    _program(binaries / "ruff", f'exec "{sys.executable}" -m ruff "$@"')
    # What it would fetch is there already; with no index, anything else would be an error.
    pip = f'exec "{sys.executable}" -m pip --python "{environment.python}" "$@"'
    _program(binaries / "pip", f"{pip} -q --no-index --no-build-isolation")
    hidden = {"PYTHONPATH", "VIRTUAL_ENV", "VEILCAST_DEBUG"}
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    env |= {
        "PATH": f"{binaries}{os.pathsep}{env['PATH']}",
        "VEILCAST_WORK": str(folder / "work"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "MYPY_CACHE_DIR": str(folder / "mypy"),
        "HERE": str(folder / "here"),
    }
    start = folder / "desk"
    start.mkdir()
    return Desk(start, env)


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


@pytest.fixture(scope="module")
def followed(desk: Desk) -> list[tuple[Block, int, str]]:
    """Every block of the page in order: of commands, how they ended and what they said."""
    results = []
    for block in blocks(PAGE):
        file = _FILE.match(block.text)
        if block.language == "sh":
            desk.type(block)
            code, said = desk.codes[block.line]
            results.append((block, code, said))
            assert code == 0, f"{block.where} ends with {code}:\n{block.text}\n{said}"
        elif file is not None:
            path = desk.folder / file[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        elif block.language == "text":
            results.append((block, 0, desk.said))
    return results


@pytest.mark.release
def test_every_command_works_as_it_stands(followed: list[tuple[Block, int, str]]) -> None:
    typed = [block for block, _, _ in followed if block.language == "sh"]
    assert len(typed) == sum(block.language == "sh" for block in blocks(PAGE))
    assert len(typed) >= 8


@pytest.mark.release
def test_what_the_page_says_is_answered_is_answered(
    followed: list[tuple[Block, int, str]],
) -> None:
    answers = [(block, said) for block, _, said in followed if block.language == "text"]
    assert len(answers) >= 4
    for block, said in answers:
        for line in block.text.splitlines():
            assert line in said, f"{block.where}: {line!r} is not in:\n{said}"


@pytest.mark.release
def test_tests_of_every_part_are_run_and_pass(followed: list[tuple[Block, int, str]]) -> None:
    passed = [re.findall(r"(\d+) passed", said) for block, _, said in followed]
    runs = [int(count) for counts in passed for count in counts]
    assert len(runs) >= 4
    assert min(runs) >= 1


@pytest.mark.release
def test_nothing_was_delivered_by_a_plugin_that_is_not_installed(
    desk: Desk, followed: list[tuple[Block, int, str]]
) -> None:
    plugins = subprocess.run(
        ["veilcast", "plugins"],
        env=desk.env,
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for package in _PARTS:
        assert f"({package} 0.1.0)" in plugins
    assert "Error" not in plugins


def written(package: str) -> dict[str, str]:
    """The files that a part of the page gives, without the line that names them."""
    text = PAGE.read_text()
    start = text.index(f"veilcast plugin new {package} ")
    found = {}
    for block in blocks(PAGE):
        file = _FILE.match(block.text)
        if (
            file is not None
            and file[1].startswith(("src/", "tests/"))
            and (package.replace("-", "_") in file[1])
        ):
            assert text.index(block.text) > start
            found[file[1]] = block.text[file.end() :]
    return found


def test_the_page_shows_the_sample_that_is_in_the_repository() -> None:
    files = written("veilcast-wristband")
    assert len(files) == 3
    for path, text in files.items():
        assert (SAMPLE / path).read_text() == text, path


def test_the_page_shows_what_is_generated(tmp_path: Path) -> None:
    from veilcast.scaffold import KINDS, new_plugin

    package = new_plugin("veilcast-hum", "stage", tmp_path)
    files = written("veilcast-hum")
    assert len(files) == 3
    for path, text in files.items():
        assert (package / path).read_text() == text, path
    kinds = re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert kinds == list(KINDS)


def test_the_example_of_a_model_is_a_model() -> None:
    from veilcast.plugin import ModelFile

    (example,) = (block for block in blocks(PAGE) if block.text.startswith("# example:"))
    space: dict[str, object] = {}
    exec(compile(example.text, example.where, "exec"), space)  # noqa: S102 - ours
    provided = space["veilcast_models"]
    assert callable(provided)
    (model,) = provided()
    assert isinstance(model, ModelFile)
    assert re.fullmatch(r"[0-9a-f]{64}", model.sha256)


def test_links_of_the_contents_lead_to_the_parts() -> None:
    text = PAGE.read_text()
    assert all(f"(#{anchor})" in text for anchor in _PARTS.values())
