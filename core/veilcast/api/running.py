"""`veilcast.run`, `veilcast.redact` and `veilcast.locate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.api.batches import batch_later
from veilcast.api.preparing import path_of, preparation, work_folder
from veilcast.api.results import LocateResult, RunResult
from veilcast.api.run_options import LocateOptions, RunOptions, check_options
from veilcast.api.working import in_own_thread

if TYPE_CHECKING:
    import threading
    from typing import Unpack

    from veilcast.api.events import ProgressCallback
    from veilcast.api.preparing import PathArgument
    from veilcast.api.working import Listener
    from veilcast.findings import FindingsDocument
    from veilcast.host import Host


def run(
    source: PathArgument,
    output: PathArgument | None = None,
    *,
    findings: PathArgument | FindingsDocument | LocateResult | None = None,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    host: Host | None = None,
    **options: Unpack[RunOptions],
) -> RunResult:
    """De-identify one recording: everything that belongs to the result appears, or nothing does.

    Args:
        source: the recording. It is left as it is.
        output: the delivered file, or a folder for it; beside the source when None. What else is
            written is named after it.
        findings: located before: no stage locates then.
        progress: called with each event, in the thread that called `run`.
        stop: set from anywhere, it stops the run.
        host: plugins that were loaded before; all that are installed when None.
        options: by keyword, those of `RunOptions`.

    Raises:
        VeilcastError: one of `veilcast.errors` says what stopped it. Nothing was published then.
        KeyboardInterrupt: Ctrl-C, after the run was stopped and tidied up. Nothing was published
            then: when publishing has begun it comes too late, as does `stop`.
    """
    check_options(options, RunOptions, "run")
    make = batch_later(options, findings=findings, host=host)
    path, target = path_of(source), path_of(output)
    return in_own_thread(
        lambda listener: make().run_here(path, target, listener), progress=progress, stop=stop
    )


def redact(
    source: PathArgument,
    findings: PathArgument | FindingsDocument | LocateResult,
    output: PathArgument | None = None,
    *,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    host: Host | None = None,
    **options: Unpack[RunOptions],
) -> RunResult:
    """De-identify with findings that were located before, and perhaps edited by a person since.

    Args:
        source: the recording that they are of.
        findings: what `locate` gave, or its file.
        output: see `run`.
        progress: see `run`.
        stop: see `run`.
        host: see `run`.
        options: those of `RunOptions`; the profile is the one that the findings were located with.

    Raises:
        FindingsError: the findings are malformed, or of another recording or profile.
        VeilcastError: whatever else stopped it. Nothing was published then.
    """
    check_options(options, RunOptions, "redact")
    return run(
        source, output, findings=findings, progress=progress, stop=stop, host=host, **options
    )


def locate(
    source: PathArgument,
    output: PathArgument | None = None,
    *,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    host: Host | None = None,
    **options: Unpack[LocateOptions],
) -> LocateResult:
    """Locate only: for a person to review before `redact`.

    Args:
        source: the recording.
        output: a file for the findings, which only you can read; None writes no file.
        progress: see `run`.
        stop: see `run`.
        host: see `run`.
        options: those of `LocateOptions`.

    Raises:
        VeilcastError: whatever stopped it. Nothing was written then.
    """
    check_options(options, LocateOptions, "locate")
    path, target, root = path_of(source), path_of(output), work_folder(options.get("work"))
    prepare, force = preparation(options, host=host), options.get("force", False)

    def task(listener: Listener) -> LocateResult:
        from veilcast.pipeline import located, save_findings
        from veilcast.workspace import check_target

        ready = prepare()
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
