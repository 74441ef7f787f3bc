"""`veilcast.run`, `veilcast.redact` and `veilcast.locate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.api.batches import batch_later
from veilcast.api.preparing import overrides, path_of, prepared, profile_of, work_folder
from veilcast.api.results import LocateResult, RunResult
from veilcast.api.working import in_own_thread

if TYPE_CHECKING:
    import threading

    from veilcast.api.batches import OutputNaming, TranscriptForm
    from veilcast.api.events import ProgressCallback
    from veilcast.api.preparing import PathArgument, Settings
    from veilcast.api.working import Listener
    from veilcast.findings import FindingsDocument
    from veilcast.host import Host


def run(
    source: PathArgument,
    output: PathArgument | None = None,
    *,
    profile: PathArgument = "default",
    settings: Settings = (),
    regions: PathArgument | None = None,
    known: PathArgument | None = None,
    findings: PathArgument | FindingsDocument | LocateResult | None = None,
    transcript: TranscriptForm | None = None,
    name: OutputNaming = "input",
    allow_residual: bool = False,
    accept: PathArgument | None = None,
    report: bool = True,
    force: bool = False,
    keep_intermediates: bool = False,
    work: PathArgument | None = None,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    host: Host | None = None,
) -> RunResult:
    """De-identify one recording: everything that belongs to the result appears, or nothing does.

    Args:
        source: the recording. It is left as it is.
        output: the delivered file, or a folder for it; beside the source when None. What else is
            written is named after it.
        profile: the name of a shipped profile, or the path of a YAML file.
        settings: changes to it: ``{"faces": {"padding": 0.4}}`` or ``["faces.padding=0.4"]``.
        regions: a file of rectangles and spans of sound to cover.
        known: a file of what is known of the person.
        findings: located before: no stage locates then.
        transcript: also write what was said, in this format, without what was covered.
        name: ``neutral`` names the output after the source's hash and not after its name.
        allow_residual: publish although looking again found something.
        accept: a file of what a reviewer found to be nothing.
        report: also write a page about the result, and the same facts as JSON.
        force: replace outputs that are there.
        keep_intermediates: also write every stage's own file.
        work: where work folders go; your cache folder when None.
        progress: called with each event, in the thread that called `run`.
        stop: set from anywhere, it stops the run.
        host: plugins that were loaded before; all that are installed when None.

    Raises:
        VeilcastError: one of `veilcast.errors` says what stopped it. Nothing was published then.
        KeyboardInterrupt: Ctrl-C, after the run was stopped and tidied up. Nothing was published
            then: when publishing has begun it comes too late, as does `stop`.
    """
    make = batch_later(
        profile=profile,
        settings=settings,
        regions=regions,
        known=known,
        findings=findings,
        transcript=transcript,
        name=name,
        allow_residual=allow_residual,
        accept=accept,
        report=report,
        force=force,
        keep_intermediates=keep_intermediates,
        work=work,
        host=host,
    )
    path, target = path_of(source), path_of(output)
    return in_own_thread(
        lambda listener: make().run_here(path, target, listener), progress=progress, stop=stop
    )


def redact(
    source: PathArgument,
    findings: PathArgument | FindingsDocument | LocateResult,
    output: PathArgument | None = None,
    *,
    profile: PathArgument = "default",
    settings: Settings = (),
    regions: PathArgument | None = None,
    known: PathArgument | None = None,
    transcript: TranscriptForm | None = None,
    name: OutputNaming = "input",
    allow_residual: bool = False,
    accept: PathArgument | None = None,
    report: bool = True,
    force: bool = False,
    keep_intermediates: bool = False,
    work: PathArgument | None = None,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    host: Host | None = None,
) -> RunResult:
    """De-identify with findings that were located before, and perhaps edited by a person since.

    Args:
        source: the recording that they are of.
        findings: what `locate` gave, or its file.
        output: as all that follows, as in `run`.
        profile: see `run`; the one that the findings were located with.
        settings: see `run`.
        regions: see `run`.
        known: see `run`.
        transcript: see `run`.
        name: see `run`.
        allow_residual: see `run`.
        accept: see `run`.
        report: see `run`.
        force: see `run`.
        keep_intermediates: see `run`.
        work: see `run`.
        progress: see `run`.
        stop: see `run`.
        host: see `run`.

    Raises:
        FindingsError: the findings are malformed, or of another recording or profile.
        VeilcastError: whatever else stopped it. Nothing was published then.
    """
    return run(
        source,
        output,
        findings=findings,
        profile=profile,
        settings=settings,
        regions=regions,
        known=known,
        transcript=transcript,
        name=name,
        allow_residual=allow_residual,
        accept=accept,
        report=report,
        force=force,
        keep_intermediates=keep_intermediates,
        work=work,
        progress=progress,
        stop=stop,
        host=host,
    )


def locate(
    source: PathArgument,
    output: PathArgument | None = None,
    *,
    profile: PathArgument = "default",
    settings: Settings = (),
    regions: PathArgument | None = None,
    known: PathArgument | None = None,
    force: bool = False,
    work: PathArgument | None = None,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    host: Host | None = None,
) -> LocateResult:
    """Locate only: for a person to review before `redact`.

    Args:
        source: the recording.
        output: a file for the findings, which only you can read; None writes no file.
        profile: as all that follows, as in `run`.
        settings: see `run`.
        regions: see `run`.
        known: see `run`.
        force: see `run`.
        work: see `run`.
        progress: see `run`.
        stop: see `run`.
        host: see `run`.

    Raises:
        VeilcastError: whatever stopped it. Nothing was written then.
    """
    path, target, root = path_of(source), path_of(output), work_folder(work)
    marked, person = path_of(regions), path_of(known)
    plan, asked = profile_of(profile), overrides(settings)

    def task(listener: Listener) -> LocateResult:
        from veilcast.pipeline import located, save_findings
        from veilcast.workspace import check_target

        ready = prepared(profile=plan, settings=asked, regions=marked, known=person, host=host)
        if target is not None:
            check_target([target], force=force, source=path)
        document = located(ready.host, path, ready.profile, root, listener)
        for found in document.stages:
            for warning in found.warnings:
                listener.warning(warning)
        if target is not None:
            listener.commit()
            save_findings(document, target, root, force=force)
        return LocateResult(findings=document, path=target, warnings=tuple(listener.warnings))

    return in_own_thread(task, progress=progress, stop=stop)
