"""Commands about findings files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from veilcast.findings import FindingsDocument
    from veilcast.findings.export import Frames

findings_app = typer.Typer(
    no_args_is_help=True, help="Findings: their schema, and boxes for other programs."
)


@findings_app.command("schema")
def findings_schema() -> None:
    """The JSON Schema of findings files."""
    import json

    from veilcast.findings.schema import schema

    typer.echo(json.dumps(schema(), indent=2, sort_keys=True))


@findings_app.command("export")
def findings_export(
    findings: Annotated[
        Path, typer.Argument(help="made by 'veilcast locate'", show_default=False, readable=False)
    ],
    form: Annotated[Literal["csv", "coco", "mot"], typer.Option("--format", help="see above")],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="a file, or - for standard output; else beside"),
    ] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="only this stage's tracks")] = None,
    media: Annotated[
        Path | None,
        typer.Option("--media", help="the recording, to number its frames by", readable=False),
    ] = None,
    force: Annotated[
        bool, typer.Option("-f", "--force", help="replace an existing output")
    ] = False,
    work: Annotated[
        Path | None, typer.Option("--work", help="where work folders go", readable=False)
    ] = None,
) -> None:
    """Write every box of every track for analysts: as a table, or as COCO or MOT annotations.

    csv: one line for each box, with its time in microseconds; origin is detected, interpolated,
    held or flow, and score is empty where nothing was detected in that very frame.

    coco: an image for each frame and an annotation for each box. mot: MOTChallenge 1.1 (frame, id,
    left, top, width, height, confidence, class, visibility), where frames and pixels count from 1,
    -1 is a confidence that is not known, and classes are numbered in alphabetical order.

    Findings have no list of frames. With --media frames have the numbers that they have in the
    recording; without, only frames in which anything was located are numbered, from 1.

    What is written says where people are: keep it private. It can be read by you only.

    Examples:
      veilcast findings export visit.findings.json --format csv

      veilcast findings export visit.findings.json --format mot --stage faces --media visit.mp4
    """
    from veilcast.api.preparing import read_findings, work_folder
    from veilcast.findings.export import SUFFIXES, export
    from veilcast.pipeline import save_private
    from veilcast.workspace import check_target

    target = None if output == "-" else Path(output or findings.with_suffix(SUFFIXES[form]))
    if target is not None:
        check_target([target], force=force, source=findings)
    document = read_findings(findings)
    root = work_folder(work)
    frames = None if media is None else _frames(media, document, root)
    text = io.StringIO(newline="")
    export(document, form, text, stage=stage, frames=frames)
    if target is None:
        typer.echo(text.getvalue(), nl=False)
        return
    save_private(text.getvalue().encode(), document.input_sha256, target, root, force=force)
    typer.echo(target)


def _frames(media: Path, document: FindingsDocument, work: Path) -> Frames:
    from veilcast.errors import FindingsError, NoPictureError
    from veilcast.findings.export import Frames
    from veilcast.host import Host
    from veilcast.offline import cut_off
    from veilcast.pipeline import opened

    cut_off()
    with opened(Host(), media, work) as job:
        if job.sha256 != document.input_sha256:
            raise FindingsError("The findings are of another recording; name theirs by --media.")
        if job.media.video is None:
            raise NoPictureError("The recording has no picture, so it has no frames to number.")
        return Frames(times_us=job.frames.times_us(), size=job.media.video.displayed_size)
