"""docs/hooks.md says what the hooks and their descriptors are, and its examples run."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from docs.reading import ROOT, blocks, headings, table

from veilcast import extensions, hookspecs, plugin

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs/hooks.md"
TEXT = PAGE.read_text(encoding="utf-8")
HOOKS = {name: spec for name, spec in vars(hookspecs).items() if name.startswith("veilcast_")}
THINGS: dict[str, type[Any]] = {name: getattr(extensions, name) for name in extensions.__all__}
RECORDS = [name for name, thing in THINGS.items() if dataclasses.is_dataclass(thing)]
PROTOCOLS = [name for name in THINGS if name not in RECORDS]
# Of what is found, the rest is plugin.py's and in the reference.
RECORDS.append("Detection")


def typed(annotation: object) -> str:
    """As a cell of a table may hold it."""
    return str(annotation).replace(" | ", " or ")


def default_of(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        made: Any = field.default_factory
        return "`{}`" if made is dict else f"`{made.__name__}()`"
    if field.default is dataclasses.MISSING:
        return "required"
    if inspect.isfunction(field.default):
        return "one that gives nothing"
    if isinstance(field.default, type):
        return f"`{field.default.__name__}`"
    return f'`"{field.default}"`' if isinstance(field.default, str) else f"`{field.default!r}`"


def test_every_hook_is_a_heading_with_its_signature() -> None:
    expected = {
        f"`{name}() -> {inspect.signature(spec).return_annotation}`" for name, spec in HOOKS.items()
    }
    assert not any(inspect.signature(spec).parameters for spec in HOOKS.values())
    assert expected == {title for title in headings(TEXT) if title.startswith("`veilcast_")}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_says_when_it_is_called_on_which_thread_and_what_goes_wrong(hook: str) -> None:
    section = re.split(r"^## ", TEXT.partition(f"\n## `{hook}(")[2], flags=re.MULTILINE)[0]
    for said in ("- **Called**: ", "- **Threads**: ", "- **Errors**: ", "### Example: "):
        assert f"\n{said}" in section, f"{hook} lacks {said!r}"
    assert len(re.findall(r"^```python$", section, re.MULTILINE)) >= 2, "an example and its test"


@pytest.mark.parametrize("name", RECORDS)
def test_every_field_is_listed_with_its_type_and_default(name: str) -> None:
    expected = [
        [f"`{field.name}`", f"`{typed(field.type)}`", default_of(field)]
        for field in dataclasses.fields(getattr(plugin, name))
    ]
    listed = table(TEXT, f"`{name}`")
    assert [row[:3] for row in listed] == expected
    assert all(row[3] for row in listed), "a field has no explanation"


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_method_is_listed_with_its_signature(name: str) -> None:
    expected = []
    for method, spec in vars(THINGS[name]).items():
        if not inspect.isfunction(spec) or (method.startswith("_") and method != "__call__"):
            continue
        signature = inspect.signature(spec)
        taken = [p for p in signature.parameters.values() if p.name != "self"]
        arguments = ", ".join(f"{p.name}: {typed(p.annotation)}" for p in taken)
        expected.append(f"`{method}({arguments}) -> {typed(signature.return_annotation)}`")
    assert expected
    assert [row[0] for row in table(TEXT, f"`{name}`")] == expected


def test_every_descriptor_is_in_reach_of_a_plugin() -> None:
    assert set(THINGS) <= set(plugin.__all__)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the modules of the page, and their tests."""
    folder = tmp_path_factory.mktemp("examples")
    for block in blocks(PAGE):
        if block.language == "python":
            name = re.match(r"# (\w+\.py)\n", block.text)
            assert name, f"{block.where}: the first line names the file"
            (folder / name[1]).write_text(block.text, encoding="utf-8")
    return folder


@pytest.mark.release
def test_every_example_runs(examples: Path) -> None:
    tests = {path.name for path in examples.glob("test_*.py")}
    modules = {path.name for path in examples.glob("*.py")} - tests
    assert tests == {f"test_{name}" for name in modules}
    assert len(modules) == len(HOOKS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "."],
        cwd=examples,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f"{len(modules)} passed" in done.stdout


def test_examples_are_clean(examples: Path) -> None:
    style = [sys.executable, "-m", "ruff"]
    if subprocess.run([*style, "--version"], capture_output=True, check=False).returncode:
        pytest.skip("ruff is not installed here: it has an environment of its own")
    for check in (["check", "--select", "E,F,B,UP"], ["format", "--check"]):
        options = ["--isolated", "--line-length", "100"]
        done = subprocess.run(
            [*style, *check, *options, examples], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
