"""`veilcast plugin new`: what it refuses, and what it writes."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from scaffold.generated import install, run
from thorough import only

from veilcast.errors import OutputExistsError, UnwritableError, UsageError
from veilcast.host import Host
from veilcast.scaffold import KINDS, named, new_plugin

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.errors import VeilcastError

# Names


@pytest.mark.parametrize(
    ("name", "distribution", "module", "thing"),
    [
        ("veilcast-badges", "veilcast-badges", "veilcast_badges", "badges"),
        ("Veilcast_Ward.Doors", "veilcast-ward-doors", "veilcast_ward_doors", "ward-doors"),
        ("gait", "gait", "gait", "gait"),
        ("acme--x2", "acme-x2", "acme_x2", "acme-x2"),
    ],
)
def test_a_name_is_normalised_as_indexes_do(
    name: str, distribution: str, module: str, thing: str
) -> None:
    names = named(name)
    assert (names.distribution, names.module, names.thing) == (distribution, module, thing)
    assert names.identifier == thing.replace("-", " ")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-badges",
        "badges-",
        "my badges",
        "../badges",
        "a/b",
        "naïve",
        "badges\n",
        "2fast",
        "veilcast-2fast",
        "class",
        "veilcast",
        "veilcast-" + "x" * 33,
        "json",
        "Test",
        "conftest",
        "numpy",
        "veilcast-faces",
    ],
)
def test_a_name_that_can_not_be_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        new_plugin(name, "check", tmp_path)
    assert re.fullmatch(r"[A-Z].*\.", str(told.value))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("veilcast-whisper", "transcriber"),
        ("veilcast-yunet", "detector"),
        ("veilcast-dates", "recogniser"),
        ("veilcast-mosaic", "treatment"),
        ("veilcast-beep", "treatment"),
        ("veilcast-playback", "check"),
        *((f"veilcast-{name}", "text-reader") for name in Host().text_readers),
    ],
)
def test_what_is_there_already_is_not_provided_twice(name: str, kind: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="already"):
        new_plugin(name, kind, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        new_plugin("veilcast-badges", "stages", tmp_path)
    assert all(kind in str(told.value) for kind in KINDS)


# Folders


@pytest.mark.parametrize("what", ["folder", "file", "link"])
def test_nothing_that_is_there_is_touched(what: str, tmp_path: Path) -> None:
    place = tmp_path / "veilcast-badges"
    if what == "folder":
        place.mkdir()
    elif what == "file":
        place.write_text("mine")
    else:
        place.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputExistsError):
        new_plugin("Veilcast_Badges", "check", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["veilcast-badges"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError):
        new_plugin("veilcast-badges", "check", tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(UnwritableError):
        new_plugin("veilcast-badges", "check", tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path as Real

    write = Real.write_text
    written: list[Path] = []

    def full(path: Path, text: str, **more: str) -> int:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(path)
        return write(path, text, **more)

    monkeypatch.setattr(Real, "write_text", full)
    with pytest.raises(UnwritableError, match="room"):
        new_plugin("veilcast-badges", "detector", tmp_path)
    assert len(written) == 3
    assert list(tmp_path.iterdir()) == []


def test_no_error_names_the_folder(tmp_path: Path) -> None:
    refusals: list[VeilcastError] = []
    (tmp_path / "veilcast-badges").mkdir()
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises((OutputExistsError, UnwritableError)) as told:
            new_plugin("veilcast-badges", "check", folder)
        refusals.append(told.value)
    assert all(str(tmp_path) not in str(refusal) for refusal in refusals)


# Packages


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One of each kind: short names and, for the formatter to be content with, the longest."""
    folder = tmp_path_factory.mktemp("packages")
    made = {}
    for number, kind in enumerate(KINDS):
        name = f"q{kind[:3]}" if number % 2 else f"veilcast-{kind:x<32}"
        made[kind] = new_plugin(name, kind, folder)
    return made


def test_a_package_is_complete(packages: dict[str, Path]) -> None:
    for kind, package in packages.items():
        module = package.name.replace("-", "_")
        files = {path.relative_to(package).as_posix() for path in package.rglob("*.*")}
        assert {
            ".gitignore",
            "README.md",
            "pyproject.toml",
            f"src/{module}/__init__.py",
            f"src/{module}/py.typed",
            f"tests/test_{module}.py",
        } <= files, kind
        assert "Apache License" in (package / "LICENSE").read_text()
        project = tomllib.loads((package / "pyproject.toml").read_text())
        assert project["project"]["entry-points"]["veilcast"] == {
            package.name.removeprefix("veilcast-"): module
        }
        whole = "".join(path.read_text() for path in package.rglob("*") if path.is_file())
        assert not re.search(r"\{\{|\{%|TODO|FIXME|NotImplemented", whole)


def test_both_spellings_make_a_recogniser(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first = new_plugin("veilcast-badges", "recogniser", tmp_path)
    second = new_plugin("veilcast-badges", "recognizer", tmp_path / "a")
    for file in first.rglob("*.*"):
        if file.is_file():
            assert file.read_text() == (second / file.relative_to(first)).read_text()


def test_ruff_is_content_with_every_package(packages: dict[str, Path]) -> None:
    for package in packages.values():
        for command in (("check",), ("format", "--check")):
            told = run("ruff", *command, "--no-cache", ".", cwd=package)
            assert told.returncode == 0, told.stdout + told.stderr


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.release
def test_mypy_is_content_with_every_package(packages: dict[str, Path], cache: Path) -> None:
    # In one go, with the settings that they ship: to read Veilcast and numpy takes longest.
    paths = [package / folder for package in packages.values() for folder in ("src", "tests")]
    sources = [package / "src" for package in packages.values()]
    settings = next(iter(packages.values())) / "pyproject.toml"
    text = settings.read_text()
    assert "strict = true" in text
    for package in packages.values():
        assert (
            text.partition("[tool.mypy]")[2]
            == ((package / "pyproject.toml").read_text().partition("[tool.mypy]")[2])
        )
    told = run(
        *("mypy", "--config-file", settings, "--cache-dir", cache, *paths),
        cwd=packages["check"],
        path=sources,
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.release
@pytest.mark.parametrize("kind", only(["recogniser", "treatment"], KINDS))
def test_a_package_passes_its_own_tests(kind: str, packages: dict[str, Path]) -> None:
    told = run("pytest", "-q", "-p", "no:cacheprovider", cwd=packages[kind])
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr
    assert re.search(r"[2-9] passed", told.stdout)
    assert "skipped" not in told.stdout


def test_every_package_is_listed_when_it_is_installed(
    packages: dict[str, Path], tmp_path: Path
) -> None:
    for package in packages.values():
        install(package, tmp_path)
    path = [tmp_path, *(package / "src" for package in packages.values())]
    told = run("veilcast", "plugins", cwd=tmp_path, path=path)
    assert told.returncode == 0, told.stderr
    for kind, package in packages.items():
        thing = package.name.removeprefix("veilcast-")
        spelled = {"recogniser": "recognizer", "text-reader": "text reader"}.get(kind, kind)
        assert f"{thing}  ({package.name} 0.1.0)\n" in told.stdout
        assert f"    {spelled} {thing}\n" in told.stdout
