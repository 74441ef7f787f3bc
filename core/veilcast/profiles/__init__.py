"""The profiles that ship: YAML files beside this module."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from veilcast.extensions import ProfileDocument
from veilcast.host import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def veilcast_profiles() -> Iterator[ProfileDocument]:
    """Every YAML file of this package; its first comment line is the summary."""
    for file in sorted(resources.files(__name__).iterdir(), key=lambda f: f.name):
        name, dot, ending = file.name.rpartition(".")
        if dot and ending == "yaml":
            text = file.read_text(encoding="utf-8")
            summary = text.splitlines()[0].removeprefix("#").strip()
            yield ProfileDocument(name=name, summary=summary, text=text)
