"""Commands for people who write plugins."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

plugin_app = typer.Typer(no_args_is_help=True, help="Plugins of your own.")


class Kind(StrEnum):
    """What a new plugin adds."""

    RECOGNISER = "recogniser"
    RECOGNIZER = "recognizer"  # the same, as the hook spells it
    DETECTOR = "detector"
    STAGE = "stage"
    TRANSCRIBER = "transcriber"
    TEXT_READER = "text-reader"
    TREATMENT = "treatment"
    CHECK = "check"


@plugin_app.callback()
def _plugin() -> None:
    pass


@plugin_app.command("new")
def plugin_new(
    name: Annotated[
        str, typer.Argument(help="of the package, e.g. veilcast-badges", show_default=False)
    ],
    kind: Annotated[Kind, typer.Option("--kind", help="what it adds", show_default=False)],
    folder: Annotated[
        Path, typer.Option("--folder", help="where the package's own folder goes", readable=False)
    ] = Path(),
) -> None:
    """Write a complete package for a plugin: code, tests and README.

    Its tests pass as it is; change it from there. See docs/plugins.md.

    Example:
      veilcast plugin new veilcast-badges --kind detector
    """
    from veilcast.scaffold import new_plugin

    typer.echo(new_plugin(name, kind.value, folder))
