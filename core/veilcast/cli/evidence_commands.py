"""Commands about what is to be looked at: recordings before a run, and results after it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads annotations as it runs
from typing import Annotated

import typer

from veilcast.cli.options import (  # noqa: TC001
    Force,
    Input,
    Known,
    ProfileName,
    Quiet,
    Regions,
    Sets,
    Work,
)

evidence_app = typer.Typer()


@evidence_app.command()
def inspect(
    source: Input,
    profile: ProfileName = "default",
    regions: Regions = None,
    known: Known = None,
    settings: Sets = None,
    show: Annotated[
        bool, typer.Option("--show", help="also the values of tags: keep them private")
    ] = False,
    work: Work = None,
    as_json: Annotated[bool, typer.Option("--json", help="all of it, for programs")] = False,
) -> None:
    """Look at a recording before anything is run: what it holds, and what would be done to it.

    Streams, tags by place, chapters and attachments, what the profile would do to each, what would
    stop a run, and about how long it takes. Nothing is changed and nothing is written.

    Examples:
      veilcast inspect visit.mp4

      veilcast inspect visit.mp4 --show --profile exam
    """
    from veilcast.cli.inspection_view import inspect_input

    inspect_input(
        source,
        profile=profile,
        regions=regions,
        known=known,
        settings=settings or [],
        show=show,
        work=work,
        as_json=as_json,
    )


@evidence_app.command()
def report(
    manifest: Annotated[
        Path, typer.Argument(help="NAME.deid.manifest.json", show_default=False, readable=False)
    ],
    delivered: Annotated[
        Path | None,
        typer.Option("--output", help="the delivered file, if not beside it", readable=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("-o", "--html", help="where the page goes; else beside", readable=False),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="only print the facts, and write nothing")
    ] = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Make the page about a result: what was found, covered and removed, and what to look at.

    One HTML page for people, which needs no network, and the same facts beside it as JSON. Every
    run writes them too. The original recording is not needed and never opened.

    Example:
      veilcast report visit.deid.manifest.json
    """
    from veilcast.cli.commands import make_report

    make_report(manifest, delivered, html, as_json=as_json, force=force, quiet=quiet)
