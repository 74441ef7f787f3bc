"""What the commands do."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from veilcast.cli.inputs import Planned, plan, sidecars
from veilcast.cli.process import UnprintableError, explain
from veilcast.cli.screens import choose_screen, teller
from veilcast.errors import ManifestError, SomeInputsFailed, UnwritableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    from veilcast.api import LocateOptions, RunOptions
    from veilcast.profile import Profile


def run_inputs(
    inputs: Sequence[Path],
    output: str | None,
    *,
    findings: Path | None = None,
    jobs: int = 1,
    quiet: bool,
    as_json: bool,
    **options: Unpack[RunOptions],
) -> None:
    """Run the pipeline over every input. One that fails does not stop the others.

    Raises:
        SomeInputsFailed: several were given and at least one failed; each was told about.
        VeilcastError: the only one failed.
    """
    from veilcast.api import prepare
    from veilcast.offline import cut_off

    cut_off()
    batch = prepare(findings=findings, **options)
    planned = plan(inputs, Path(output) if output else None, bool(output and output.endswith("/")))
    if len(planned) > 1:
        _check_no_tracks(batch.prepared.profile)
    if any(item.stem for item in planned) and not quiet and not as_json:
        typer.echo(
            "Inputs of one name are told apart by their endings, as in NAME_HEIC.deid.png and "
            "NAME_MOV.deid.mov.",
            err=True,
        )
    if (beside := sidecars(planned)) and not quiet and not as_json:
        typer.echo(
            f"Left where they are: {beside} files beside the recordings that bear their names "
            "(previews, subtitles, tracks of places, edits); they may identify somebody.",
            err=True,
        )
    stop = threading.Event()
    screen = choose_screen(len(planned), quiet=quiet, as_json=as_json)
    failures: list[int] = []

    def one(number: int, item: Planned) -> None:
        try:
            result = batch.run(
                item.source,
                item.given,
                stem=item.stem,
                progress=teller(screen, number),
                stop=stop,
            )
        except UnprintableError:
            raise
        except Exception as exc:  # noqa: BLE001 - told about; the other inputs go on
            code, sentence = explain(exc)
            failures.append(code)
            screen.failed(number, code, sentence)
        else:
            screen.finished(number, result)

    with screen:
        _each(one, planned, jobs, stop)
    if len(planned) == 1 and failures:
        raise typer.Exit(failures[0])
    if failures:
        raise SomeInputsFailed(f"{len(failures)} of {len(planned)} inputs failed.")


def _check_no_tracks(profile: Profile) -> None:
    """Track 3 is somebody else in every recording."""
    from veilcast.settings import SelectionSettings

    for stage in profile.stages:
        if isinstance(stage.settings, SelectionSettings) and stage.settings.names_tracks:
            raise UsageError(
                f"The settings of stage '{stage.stage.name}' name tracks, which are those of one "
                "recording; give the inputs one by one."
            )


def _each(
    work: Callable[[int, Planned], None],
    planned: Sequence[Planned],
    jobs: int,
    stop: threading.Event,
) -> None:
    if jobs == 1 or len(planned) == 1:
        for number, item in enumerate(planned, 1):
            work(number, item)
        return
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = [pool.submit(work, number, item) for number, item in enumerate(planned, 1)]
        try:
            for future in futures:
                future.result()
        except (KeyboardInterrupt, UnprintableError):
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def locate_input(
    source: Path,
    output: Path,
    *,
    quiet: bool,
    as_json: bool,
    **options: Unpack[LocateOptions],
) -> None:
    """Locate and write the findings."""
    from veilcast import locate
    from veilcast.offline import cut_off

    cut_off()
    screen = choose_screen(1, quiet=quiet, as_json=as_json)
    with screen:
        locate(source, output, progress=teller(screen, 1), **options)
    if not quiet and not as_json:
        typer.echo(output)


def make_report(
    manifest: Path,
    delivered: Path | None,
    html: Path | None,
    *,
    as_json: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Make the page about a result, or print its facts."""
    from veilcast import report
    from veilcast.offline import cut_off
    from veilcast.reporting import facts_json

    cut_off()
    screen = choose_screen(1, quiet=quiet or as_json, as_json=False)
    with screen:
        made = report(
            manifest,
            delivered,
            html=html,
            write=not as_json,
            force=force,
            progress=teller(screen, 1),
        )
    if as_json:
        typer.echo(facts_json(made.report).rstrip("\n"))
    elif not quiet:
        typer.echo(made.html)


def check_manifest(manifest: Path, output: Path | None, source: Path | None) -> None:
    """Check a manifest and its files."""
    from veilcast.api.verifying import read_manifest
    from veilcast.manifest import beside, check

    record = read_manifest(manifest)
    if output is None:
        output = beside(record, manifest)
    problems = check(record, output, source)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ManifestError(f"{problems[0]}{more}")
    typer.echo("The manifest holds, and belongs to the file.")


def pull_models(names: Sequence[str], *, quiet: bool) -> None:
    """Fetch model files."""
    from veilcast.extensions import ModelFile
    from veilcast.host import Host
    from veilcast.models import pull

    host = Host()
    # Folders are up to gigabytes, and few of them are enough: each is asked for by its name.
    files = sorted(name for name, model in host.models.items() if isinstance(model, ModelFile))
    wanted = dict.fromkeys(one for name in names for one in (files if name == "all" else [name]))
    models = [host.model(name) for name in wanted]
    screen = choose_screen(len(models), quiet=quiet, as_json=False)
    with screen:
        for number, model in enumerate(models, 1):
            pull(model, partial(screen.progress, number, model.name))
            if not quiet:
                typer.echo(f"{model.name}: here ({model.licence}, {model.origin})")


def clean_work(work: Path | None) -> None:
    """Delete the work folders."""
    from veilcast.api.preparing import work_folder

    root = work_folder(work)
    folders = [path for path in root.glob("*") if path.is_dir() and _is_ours(path.name)]
    try:
        for folder in folders:
            shutil.rmtree(folder)
    except OSError as exc:
        raise UnwritableError("A work folder can't be deleted.") from exc
    typer.echo(f"{len(folders)} work folders deleted.")


def _is_ours(name: str) -> bool:
    return len(name) == 24 and all(c in "0123456789abcdef" for c in name)
