"""`veilcast.run`, `veilcast.redact` and `veilcast.locate`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from veilcast.api.preparing import findings_of, output_of, prepared, work_folder
from veilcast.api.results import LocateResult, RunResult
from veilcast.api.working import in_own_thread
from veilcast.errors import UsageError

if TYPE_CHECKING:
    import threading

    from veilcast.api.events import ProgressCallback
    from veilcast.api.preparing import PathArgument, Prepared, Settings
    from veilcast.api.working import Listener
    from veilcast.findings import FindingsDocument
    from veilcast.host import Host

OutputNaming = Literal["input", "neutral"]
TranscriptForm = Literal["vtt", "srt", "json"]


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
        KeyboardInterrupt: Ctrl-C, after the run was stopped and tidied up.
    """

    def task(listener: Listener) -> RunResult:
        batch = _batch(
            prepared(
                profile=profile,
                settings=settings,
                regions=regions,
                known=known,
                transcript=transcript,
                accept=accept,
                host=host,
            ),
            findings=findings,
            name=name,
            allow_residual=allow_residual,
            report=report,
            force=force,
            keep_intermediates=keep_intermediates,
            work=work,
        )
        return batch.run_here(Path(source), output, listener)

    return in_own_thread(task, progress=progress, stop=stop)


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

    def task(listener: Listener) -> LocateResult:
        from veilcast.pipeline import located, save_findings
        from veilcast.workspace import check_target

        ready = prepared(
            profile=profile, settings=settings, regions=regions, known=known, host=host
        )
        target = None if output is None else Path(output)
        if target is not None:
            check_target([target], force=force, source=Path(source))
        root = work_folder(work)
        document = located(ready.host, Path(source), ready.profile, root, listener)
        for found in document.stages:
            for warning in found.warnings:
                listener.warning(warning)
        if target is not None:
            save_findings(document, target, root, force=force)
        return LocateResult(findings=document, path=target, warnings=tuple(listener.warnings))

    return in_own_thread(task, progress=progress, stop=stop)


def prepare(
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
    host: Host | None = None,
) -> Batch:
    """Load plugins, profile and lists once, for many recordings; the arguments are those of `run`.

    Raises:
        VeilcastError: something of it does not exist or is malformed.
    """

    def task(listener: Listener) -> Batch:
        return _batch(
            prepared(
                profile=profile,
                settings=settings,
                regions=regions,
                known=known,
                transcript=transcript,
                accept=accept,
                host=host,
            ),
            findings=findings,
            name=name,
            allow_residual=allow_residual,
            report=report,
            force=force,
            keep_intermediates=keep_intermediates,
            work=work,
        )

    return in_own_thread(task)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Runs that have all but the recording in common; several at the same time too."""

    prepared: Prepared
    work: Path
    findings: FindingsDocument | None
    neutral: bool
    allow_residual: bool
    report: bool
    force: bool
    keep_intermediates: bool

    def run(
        self,
        source: PathArgument,
        output: PathArgument | None = None,
        *,
        progress: ProgressCallback | None = None,
        stop: threading.Event | None = None,
    ) -> RunResult:
        """De-identify one recording, as `run` does.

        Raises:
            VeilcastError: whatever stopped it. Nothing was published then.
        """
        return in_own_thread(
            lambda listener: self.run_here(Path(source), output, listener),
            progress=progress,
            stop=stop,
        )

    def run_here(self, source: Path, output: PathArgument | None, listener: Listener) -> RunResult:
        """`run` in this very thread, which must be off the network."""
        from veilcast.manifest import Manifest
        from veilcast.pipeline import Request
        from veilcast.pipeline import run as run_pipeline

        target, named = output_of(source, output)
        request = Request(
            source=source,
            output=target,
            named=named,
            profile=self.prepared.profile,
            work=self.work,
            force=self.force,
            keep_intermediates=self.keep_intermediates,
            findings=self.findings,
            neutral=self.neutral,
            allow_residual=self.allow_residual,
            accepted=self.prepared.accepted,
            report=self.report,
        )
        outcome = run_pipeline(self.prepared.host, request, listener)
        published = replace(request, output=outcome.output)
        page, facts = outcome.reports or (None, None)
        return RunResult(
            output=outcome.output,
            manifest=outcome.manifest,
            report=page,
            report_json=facts,
            transcript=published.transcript,
            verification=outcome.verification,
            warnings=tuple(listener.warnings),
            seconds=outcome.seconds,
            record=Manifest.model_validate_json(outcome.manifest.read_bytes()),
        )


def _batch(
    ready: Prepared,
    *,
    findings: PathArgument | FindingsDocument | LocateResult | None,
    name: OutputNaming,
    allow_residual: bool,
    report: bool,
    force: bool,
    keep_intermediates: bool,
    work: PathArgument | None,
) -> Batch:
    if name not in ("input", "neutral"):
        raise UsageError("The output is named after its 'input', or 'neutral'.")
    return Batch(
        prepared=ready,
        work=work_folder(work),
        findings=findings_of(findings),
        neutral=name == "neutral",
        allow_residual=allow_residual,
        report=report,
        force=force,
        keep_intermediates=keep_intermediates,
    )
