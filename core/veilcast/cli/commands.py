"""What the commands do."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from veilcast.cli.inputs import Planned, plan
from veilcast.cli.process import explain
from veilcast.cli.reporting import InputReporter, choose_screen
from veilcast.errors import (
    ManifestError,
    SomeInputsFailed,
    UnreadableError,
    UnwritableError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from veilcast.host import Host
    from veilcast.profile import Profile


def prepare(
    profile: str, regions: Path | None, known: Path | None, settings: Sequence[str]
) -> tuple[Host, Profile]:
    """Cut the process off the network, find the plugins, and read the profile."""
    from veilcast.host import Host
    from veilcast.offline import cut_off
    from veilcast.profile import load_profile

    cut_off()
    host = Host()
    files = {"regions": regions} if regions is not None else {}
    return host, load_profile(host, profile, overrides=settings, files=files, known=known)


def work_folder(work: Path | None) -> Path:
    """Where work folders go."""
    from veilcast.workspace import default_root

    return work if work is not None else default_root()


def run_inputs(
    inputs: Sequence[Path],
    output: str | None,
    *,
    profile: str,
    regions: Path | None,
    known: Path | None,
    settings: Sequence[str],
    keep_intermediates: bool,
    neutral: bool,
    allow_residual: bool,
    accept: Path | None,
    jobs: int,
    force: bool,
    work: Path | None,
    quiet: bool,
    as_json: bool,
    findings: Path | None = None,
) -> None:
    """Run the pipeline over every input. One that fails does not stop the others.

    Raises:
        SomeInputsFailed: several were given and at least one failed; each was told about.
        VeilcastError: the only one failed.
    """
    from veilcast.cli.findings import read_findings
    from veilcast.pipeline import Request, run
    from veilcast.verification import Acceptance, load_acceptance

    host, chosen = prepare(profile, regions, known, settings)
    document = read_findings(findings) if findings is not None else None
    accepted = load_acceptance(accept) if accept is not None else Acceptance()
    planned = plan(inputs, Path(output) if output else None, bool(output and output.endswith("/")))
    if len(planned) > 1:
        _check_no_tracks(chosen)
    stop = threading.Event()
    screen = choose_screen(len(planned), quiet=quiet, as_json=as_json)
    failures: list[int] = []

    def one(number: int, item: Planned) -> None:
        request = Request(
            source=item.source,
            output=item.output,
            named=item.named,
            profile=chosen,
            work=work_folder(work),
            force=force,
            keep_intermediates=keep_intermediates,
            findings=document,
            neutral=neutral,
            allow_residual=allow_residual,
            accepted=accepted,
        )
        try:
            outcome = run(host, request, InputReporter(screen, number, stop))
        except Exception as exc:  # noqa: BLE001 - told about; the other inputs go on
            code, sentence = explain(exc)
            failures.append(code)
            screen.failed(number, code, sentence)
        else:
            screen.finished(number, outcome.output, outcome.manifest)

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
        except KeyboardInterrupt:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def locate_input(
    source: Path,
    output: Path,
    *,
    profile: str,
    regions: Path | None,
    known: Path | None,
    settings: Sequence[str],
    force: bool,
    work: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Locate and write the findings."""
    from veilcast.pipeline import located, save_findings
    from veilcast.workspace import check_target

    host, chosen = prepare(profile, regions, known, settings)
    check_target([output], force=force, source=source)
    screen = choose_screen(1, quiet=quiet, as_json=as_json)
    with screen:
        reporter = InputReporter(screen, 1, threading.Event())
        document = located(host, source, chosen, work_folder(work), reporter)
        for findings in document.stages:
            for warning in findings.warnings:
                reporter.warning(warning)
        save_findings(document, output, work_folder(work), force=force)
    if not quiet and not as_json:
        typer.echo(output)


def check_manifest(manifest: Path, output: Path | None, source: Path | None) -> None:
    """Check a manifest and its files."""
    if output is None:
        stem = manifest.name.removesuffix(".manifest.json")
        beside = [
            path
            for path in manifest.parent.glob(f"{_literal(stem)}.*")
            if path.stem == stem and path != manifest
        ]
        if len(beside) != 1:
            raise UsageError("Say which file the manifest is about with --output.")
        output = beside[0]
    _manifest_problems(manifest, output, source)
    typer.echo("The manifest holds, and belongs to the file.")


def _literal(name: str) -> str:
    from glob import escape

    return escape(name)


def read_manifest(path: Path) -> dict[str, Any]:
    """A manifest from its file.

    Raises:
        UnreadableError, ManifestError: it can't be read, or is none.
    """
    from veilcast.manifest import load

    try:
        data = path.read_bytes()
    except OSError as exc:
        raise UnreadableError("The manifest can't be read.") from exc
    return load(data)


def _manifest_problems(manifest: Path, output: Path, source: Path | None) -> None:
    from veilcast.manifest import check

    problems = check(read_manifest(manifest), output, source)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ManifestError(f"{problems[0]}{more}")


def pull_models(names: Sequence[str], *, quiet: bool) -> None:
    """Fetch model files."""
    from veilcast.extensions import ModelFile
    from veilcast.host import Host
    from veilcast.models import pull

    host = Host()
    # Folders are gigabytes, and one of them is enough: each is asked for by its name.
    files = sorted(name for name, model in host.models.items() if isinstance(model, ModelFile))
    wanted = files if list(names) == ["all"] else names
    models = [host.model(name) for name in wanted]
    screen = choose_screen(len(models), quiet=quiet, as_json=False)
    with screen:
        for number, model in enumerate(models, 1):
            reporter = InputReporter(screen, number, threading.Event())
            pull(model, reporter.stage(model.name))
            if not quiet:
                typer.echo(f"{model.name}: here ({model.licence}, {model.origin})")


def clean_work(work: Path | None) -> None:
    """Delete the work folders."""
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
