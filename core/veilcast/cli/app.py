"""Commands and their options."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads annotations as it runs
from typing import Annotated

import typer

from veilcast import __version__
from veilcast.cli.evidence_commands import evidence_app
from veilcast.cli.findings_commands import findings_app
from veilcast.cli.options import (
    Accept,
    AcceptLoss,
    AllowResidual,
    Force,
    Input,
    Inputs,
    Json,
    Keep,
    Known,
    Name,
    Output,
    OutputName,
    ProfileName,
    Quiet,
    Regions,
    Sets,
    Transcript,
    WithReport,
    Work,
)
from veilcast.cli.plugin_commands import plugin_app

app = typer.Typer(
    name="veilcast",
    help="De-identify video, audio and stills on this machine: faces, text in the picture, speech, "
    "marked regions and metadata.\n\nTry:  veilcast run clip.mp4      "
    "(writes clip.deid.mp4 and clip.deid.manifest.json)",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models_app = typer.Typer(no_args_is_help=True, help="Model files: what is here, and fetching them.")
manifest_app = typer.Typer(no_args_is_help=True, help="Manifests: their schema, and checking them.")
app.add_typer(models_app, name="models")
app.add_typer(findings_app, name="findings")
app.add_typer(manifest_app, name="manifest")
app.add_typer(plugin_app, name="plugin")
app.add_typer(evidence_app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"veilcast {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="and exit")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    inputs: Inputs,
    output: Output = None,
    profile: ProfileName = "default",
    regions: Regions = None,
    known: Known = None,
    settings: Sets = None,
    transcript: Transcript = None,
    name: Name = OutputName.INPUT,
    accept_loss: AcceptLoss = False,
    allow_residual: AllowResidual = False,
    accept: Accept = None,
    keep_intermediates: Keep = False,
    report: WithReport = True,
    jobs: Annotated[
        int, typer.Option("-j", "--jobs", min=1, max=64, help="inputs at the same time")
    ] = 1,
    force: Force = False,
    work: Work = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """De-identify files: locate, redact, deliver, verify.

    The shipped profiles cover faces, text in the picture that identifies, and speech that does, and
    remove metadata. Writes NAME.deid.EXT and NAME.deid.manifest.json beside each input (or to -o).
    Nothing is written unless everything held and looking again found nothing. A second run picks up
    what was located before.

    Examples:
      veilcast run visit.mp4

      veilcast run visit.mp4 --regions visit.regions.yaml --profile exam

      veilcast run recordings/ -o released/ --set faces.sample_rate=every_frame
    """
    from veilcast.cli.commands import run_inputs

    run_inputs(
        inputs,
        output,
        profile=profile,
        regions=regions,
        known=known,
        settings=settings or [],
        transcript=None if transcript is None else transcript.value,
        name=name.value,
        report=report,
        accept_loss=accept_loss,
        allow_residual=allow_residual,
        accept=accept,
        keep_intermediates=keep_intermediates,
        jobs=jobs,
        force=force,
        work=work,
        quiet=quiet,
        as_json=as_json,
    )


@app.command()
def locate(
    source: Input,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="the findings file (JSON)", readable=False)
    ],
    profile: ProfileName = "default",
    regions: Regions = None,
    known: Known = None,
    settings: Sets = None,
    accept_loss: AcceptLoss = False,
    force: Force = False,
    work: Work = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Locate only, and write the findings to a file that a person can review and edit.

    Findings hold what identifies people; keep them private.
    """
    from veilcast.cli.commands import locate_input

    locate_input(
        source,
        output,
        profile=profile,
        regions=regions,
        known=known,
        settings=settings or [],
        accept_loss=accept_loss,
        force=force,
        work=work,
        quiet=quiet,
        as_json=as_json,
    )


@app.command()
def redact(
    source: Input,
    findings: Annotated[
        Path, typer.Option("--findings", help="made by 'veilcast locate'", readable=False)
    ],
    output: Output = None,
    profile: ProfileName = "default",
    regions: Regions = None,
    known: Known = None,
    settings: Sets = None,
    transcript: Transcript = None,
    name: Name = OutputName.INPUT,
    accept_loss: AcceptLoss = False,
    allow_residual: AllowResidual = False,
    accept: Accept = None,
    keep_intermediates: Keep = False,
    report: WithReport = True,
    force: Force = False,
    work: Work = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Redact with findings that were located before. No model is loaded."""
    from veilcast.cli.commands import run_inputs

    run_inputs(
        [source],
        output,
        profile=profile,
        regions=regions,
        known=known,
        settings=settings or [],
        transcript=None if transcript is None else transcript.value,
        name=name.value,
        report=report,
        accept_loss=accept_loss,
        allow_residual=allow_residual,
        accept=accept,
        keep_intermediates=keep_intermediates,
        force=force,
        work=work,
        quiet=quiet,
        as_json=as_json,
        findings=findings,
    )


@app.command()
def recognize(
    source: Annotated[
        Path | None,
        typer.Argument(help="a text file; standard input when left out", readable=False),
    ] = None,
    known: Known = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("-s", "--set", help="change a setting, e.g. policy=gdpr", metavar="K=V"),
    ] = None,
    language: Annotated[str, typer.Option("-l", "--language", help="ISO 639-1")] = "en",
    as_json: Annotated[
        bool, typer.Option("--json", help="where they are, by character, as JSON lines")
    ] = False,
) -> None:
    """Find identifiers in text: to try settings, or for a transcript that you have.

    Each line is a turn of the talk, or a paragraph. Prints the text with [PERSON], [DATE] ...
    in the place of what was found.

    Example:
      echo "my name is jon and i was born on may third" | veilcast recognize
    """
    from veilcast.cli.text_recognition import recognize_text

    recognize_text(source, known=known, settings=settings or [], language=language, as_json=as_json)


@app.command()
def verify(
    delivered: Annotated[
        Path, typer.Argument(help="the delivered file", show_default=False, readable=False)
    ],
    source: Annotated[
        Path | None, typer.Option("--source", help="what it was made from", readable=False)
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="its manifest", readable=False)
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "-p",
            "--profile",
            help="which stages look again; those of the manifest, or else default",
            show_default=False,
        ),
    ] = None,
    known: Known = None,
    settings: Sets = None,
    accept: Accept = None,
    work: Work = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Examine a file afresh, whoever made it: is anything left that identifies?

    Decodes it to the end, accounts for every byte of its structure, lists its tags, looks for
    known strings, and lets detectors and transcriber look and listen again. With --manifest what
    was covered is known; with --source the file is compared with what it was made from.

    Verdicts: clean (exit code 0), residual (60): something may be left, told with time and place;
    unverifiable (62): damaged, or not what the manifest or the source says. --json gives all of it.

    Examples:
      veilcast verify clip.deid.mp4 --manifest clip.deid.manifest.json --source clip.mp4

      veilcast verify clip.deid.mp4 --known patient.yaml --accept reviewed.yaml
    """
    from veilcast.cli.verification_view import verify_file

    verify_file(
        delivered,
        source,
        manifest,
        profile=profile,
        known=known,
        settings=settings or [],
        accept=accept,
        work=work,
        quiet=quiet,
        as_json=as_json,
    )


@app.command()
def plugins() -> None:
    """What is loaded, from which distribution, what it provides, and what failed and why."""
    from veilcast.cli.listings import list_plugins

    list_plugins()


@app.command()
def profiles(
    name: Annotated[
        str | None, typer.Argument(help="show this profile", show_default=False)
    ] = None,
) -> None:
    """The profiles that ship, or all settings of one."""
    from veilcast.cli.listings import list_profiles

    list_profiles(name)


@app.command()
def doctor() -> None:
    """What is missing on this machine, and the command that fixes it."""
    from veilcast.cli.listings import show_doctor

    show_doctor()


@app.command()
def clean(work: Work = None) -> None:
    """Delete the work folders: located results and whatever a killed run left behind."""
    from veilcast.cli.commands import clean_work

    clean_work(work)


@models_app.command("list")
def models_list() -> None:
    """Named models, their licences, and whether they are here."""
    from veilcast.cli.listings import list_models

    list_models()


@models_app.command("pull")
def models_pull(
    names: Annotated[list[str], typer.Argument(help="names, or 'all'", show_default=False)],
    quiet: Quiet = False,
) -> None:
    """Fetch model files and check them. The only command that uses the network."""
    from veilcast.cli.commands import pull_models

    pull_models(names, quiet=quiet)


@manifest_app.command("schema")
def manifest_schema() -> None:
    """The JSON Schema of manifests."""
    from veilcast.cli.listings import show_schema

    show_schema()


@manifest_app.command("check")
def manifest_check(
    manifest: Annotated[
        Path, typer.Argument(help="NAME.deid.manifest.json", show_default=False, readable=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", help="the delivered file, if not beside it", readable=False),
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--source", help="the input, to check too", readable=False)
    ] = None,
) -> None:
    """Check a manifest's chain, and that it belongs to these files."""
    from veilcast.cli.commands import check_manifest

    check_manifest(manifest, output, source)
