"""Writing a new plugin package from templates."""

from __future__ import annotations

import shutil
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veilcast import __version__
from veilcast.errors import OutputExistsError, UnwritableError, UsageError
from veilcast.scaffold.naming import Names, named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

KINDS = {
    "recogniser": "identifiers in text: spoken, in subtitles, in tags",
    "detector": "things in the picture, with a stage that covers them",
    "stage": "a whole stage that changes the recording itself",
    "transcriber": "sound in, words with times out",
    "text-reader": "pictures in, lines of text out",
    "treatment": "how covered pixels are destroyed",
    "check": "a rule that every delivered file must pass",
}
"""What a new plugin can provide, and what that is."""
_SPELLINGS = {"recognizer": "recogniser"}
_SUFFIX = ".jinja"


def new_plugin(name: str, kind: str, folder: Path) -> Path:
    """Write a complete package: project file, code, tests, README.

    Args:
        name: of the distribution, e.g. ``veilcast-badges``.
        kind: one of `KINDS`; ``recognizer`` is understood too.
        folder: where the package's own folder is made; it must be there.

    Returns:
        The package's folder, called as the distribution is.

    Raises:
        UsageError: the name or the kind can't be used.
        OutputExistsError: there is something of that name in the folder.
        UnwritableError: the folder is not there or can't be written to. Nothing is left behind.
    """
    kind = _SPELLINGS.get(kind, kind)
    if kind not in KINDS:
        raise UsageError(f"There is no kind of plugin like that; there are {', '.join(KINDS)}.")
    names = named(name)
    _check_free(names, kind)
    target = folder / names.distribution
    if target.exists() or target.is_symlink():
        raise OutputExistsError(
            f"There is a file or folder '{names.distribution}' already; move it away, or take "
            "another name or folder."
        )
    files = dict(_rendered(names, kind))
    try:
        # Beside its place and then renamed: it is there in whole or not at all.
        unfinished = Path(tempfile.mkdtemp(prefix=f".{names.distribution}-", dir=folder))
    except OSError:
        raise UnwritableError(
            "The folder for the new plugin is not there or can't be written to; make it first."
        ) from None
    try:
        package = unfinished / names.distribution
        for path, text in files.items():
            file = package / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        package.rename(target)
    except OSError:
        raise UnwritableError(
            "The new plugin could not be written; make room on the disk, or take another folder."
        ) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target


def _check_free(names: Names, kind: str) -> None:
    """Two plugins that provide things of one name are an error at every run."""
    from veilcast.host import Host

    host = Host()
    there: dict[str, Any] = {
        "recogniser": host.recognizers,
        "detector": {**host.detectors, **host.stages},
        "stage": host.stages,
        "transcriber": host.transcribers,
        "text-reader": host.text_readers,
        "treatment": {**host.pixel_treatments, **host.sound_treatments},
        "check": host.checks,
    }
    if names.thing in there[kind]:
        raise UsageError(
            f"There is a {kind} '{names.thing}' already; 'veilcast plugins' says whose; take "
            "another name."
        )


def _rendered(names: Names, kind: str) -> Iterator[tuple[str, str]]:
    """The files of a package: where each goes, and its text."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

    templates = resources.files(__package__) / "templates"
    environment = Environment(
        loader=FunctionLoader(lambda path: (templates / path).read_text(encoding="utf-8")),
        autoescape=select_autoescape(()),  # Python, TOML and Markdown
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    values = {
        "distribution": names.distribution,
        "module": names.module,
        "thing": names.thing,
        "identifier": names.identifier,
        "kind": kind,
        "about": KINDS[kind],
        "version": ".".join(__version__.split(".")[:2]),
    }
    for part in ("package", kind):
        for path, template in _files(templates / part):
            text = environment.get_template(f"{part}/{template}").render(values)
            yield path.replace("MODULE", names.module), text


def _files(folder: Traversable, before: str = "") -> Iterator[tuple[str, str]]:
    """Every template of a folder: where it is written to, and where it is."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = before + entry.name
        if entry.is_dir():
            yield from _files(entry, f"{path}/")
        elif path.endswith(_SUFFIX):
            # A name that begins with a dot would be left out by some that pack data files.
            yield path.removesuffix(_SUFFIX).replace("dot-", "."), path
