"""The command line: a thin layer over the pipeline."""

from __future__ import annotations


def main() -> None:
    """Entry point of the program `veilcast`."""
    from veilcast.cli.process import run_program

    run_program()
