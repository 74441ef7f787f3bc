"""Options and arguments that several commands have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class TranscriptFormat(StrEnum):
    """Formats of a transcript."""

    VTT = "vtt"
    SRT = "srt"
    JSON = "json"


class OutputName(StrEnum):
    """Where the names of outputs come from."""

    INPUT = "input"
    NEUTRAL = "neutral"


# typer's own check of whether a file may be read would name it, and exit as for a usage error.
Inputs = Annotated[
    list[Path], typer.Argument(help="files and folders", show_default=False, readable=False)
]
Input = Annotated[Path, typer.Argument(help="the input file", show_default=False, readable=False)]
Output = Annotated[
    str | None,
    typer.Option("-o", "--output", help="a file, or a folder when there are several inputs"),
]
ProfileName = Annotated[
    str, typer.Option("-p", "--profile", help="a shipped profile's name, or a YAML file")
]
Regions = Annotated[
    Path | None,
    typer.Option(
        "-r", "--regions", help="rectangles and sound spans to cover (YAML)", readable=False
    ),
]
Known = Annotated[
    Path | None,
    typer.Option(
        "-k",
        "--known",
        help="what is known of the person: names, numbers, dates (YAML)",
        readable=False,
    ),
]
Sets = Annotated[
    list[str] | None,
    typer.Option("-s", "--set", help="change a setting, e.g. faces.padding=0.4", metavar="S.K=V"),
]
Transcript = Annotated[
    TranscriptFormat | None,
    typer.Option("--transcript", help="also write what was said, without what was covered"),
]
Force = Annotated[bool, typer.Option("-f", "--force", help="replace existing outputs")]
AllowResidual = Annotated[
    bool,
    typer.Option(
        "--allow-residual",
        help="publish although looking again found something; the manifest says so",
    ),
]
AcceptLoss = Annotated[
    bool,
    typer.Option(
        "--accept-loss",
        help="go on although more than 1 % or 2 s of a damaged recording can't be decoded",
    ),
]
Accept = Annotated[
    Path | None,
    typer.Option(
        "--accept",
        help="what a reviewer found to be nothing, such as a poster (YAML)",
        readable=False,
    ),
]
Name = Annotated[
    OutputName,
    typer.Option("--name", help="name outputs after their inputs, or neutrally"),
]
Keep = Annotated[
    bool, typer.Option("--keep-intermediates", help="write every stage's file beside the output")
]
WithReport = Annotated[
    bool,
    typer.Option(
        "--report/--no-report", help="also write a page about the result, and its facts as JSON"
    ),
]
Work = Annotated[
    Path | None,
    typer.Option(
        "--work", help="where work folders go (private, kept to resume from)", readable=False
    ),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="only warnings and errors")]
Json = Annotated[bool, typer.Option("--json", help="events as JSON lines, for programs")]
