"""The command line: a thin layer over the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer import Typer


def main() -> None:
    """Entry point of the program `veilcast`."""
    from veilcast.cli.process import run_program

    run_program(_app)


def _app() -> Typer:
    from veilcast.cli.app import app

    return app
