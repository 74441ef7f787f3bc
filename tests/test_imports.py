"""Who may import whom: the rules of pyproject.toml hold, and each notices its own offence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


class Offence(NamedTuple):
    """A line that must not be in a file."""

    file: str
    line: str


OFFENCES = {
    "no-plugin-in-core": Offence(
        "core/veilcast/pipeline/orchestration.py", "import veilcast_faces"
    ),
    "one-front-door": Offence(
        "plugins/veilcast_regions/__init__.py", "from veilcast.media.probe import probe"
    ),
    "plugins-apart": Offence("plugins/veilcast_speech/__init__.py", "import veilcast_identifiers"),
    "one-plugin-manager": Offence("core/veilcast/plugin.py", "import pluggy"),
    "one-command-line": Offence("core/veilcast/pipeline/orchestration.py", "import typer"),
    "no-network": Offence("core/veilcast/manifest/manifest_builder.py", "import urllib.request"),
    "mediascrub-alone": Offence("core/mediascrub/reading.py", "import veilcast.types"),
    "mediascrub-front-door": Offence(
        "plugins/veilcast_metadata/strings.py", "from mediascrub.reading import opened"
    ),
    "mediascrub-layers": Offence(
        "core/mediascrub/containers/flv.py", "from mediascrub.codecs import h264"
    ),
    "no-circles": Offence("core/veilcast/visual/marks.py", "from veilcast.visual import following"),
    "layers": Offence("core/veilcast/types.py", "from veilcast.media import frames"),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source as it is, to be spoiled."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in ("core", "plugins"):
        for file in (ROOT / name).rglob("*.py"):
            copy = folder / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    return folder


def lint(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--cache-dir", tree / "cache", *options],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": f"{tree / 'core'}{os.pathsep}{tree / 'plugins'}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_source_keeps_every_rule(tree: Path) -> None:
    done = lint(tree)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_every_rule_has_an_offence_to_try() -> None:
    assert {rule["id"] for rule in RULES["contracts"]} == set(OFFENCES)


@pytest.mark.parametrize("rule", OFFENCES)
def test_a_rule_notices_its_offence(rule: str, tree: Path) -> None:
    offence = OFFENCES[rule]
    file = tree / offence.file
    kept = file.read_text(encoding="utf-8")
    file.write_text(f"{kept}\n\ndef _late():\n    {offence.line}\n", encoding="utf-8")
    try:
        done = lint(tree, "--contract", rule)
    finally:
        file.write_text(kept, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    assert "1 broken" in done.stdout


def test_a_new_room_of_core_needs_a_place_among_the_layers(tree: Path) -> None:
    room = tree / "core/veilcast/attic.py"
    room.write_text('"""Nobody said where it belongs."""\n', encoding="utf-8")
    try:
        done = lint(tree, "--contract", "layers")
    finally:
        room.unlink()
    assert done.returncode == 1
    assert "veilcast.attic" in done.stdout


def test_every_plugin_of_ours_is_under_the_rules() -> None:
    folders = {path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py")}
    assert set(RULES["root_packages"]) == {"mediascrub", "veilcast"} | folders
    for rule in RULES["contracts"]:
        for names in (rule.get("forbidden_modules", []), rule.get("modules", [])):
            ours = {name for name in names if name.startswith("veilcast_")}
            assert ours in (set(), folders), rule["id"]
