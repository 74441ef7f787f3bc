"""Runs that have much in common: plugins, profile and lists are loaded once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Literal

from veilcast.api.preparing import (
    findings_of,
    output_of,
    overrides,
    path_of,
    prepared,
    profile_of,
    work_folder,
)
from veilcast.api.results import LocateResult, RunResult
from veilcast.api.working import in_own_thread
from veilcast.errors import UsageError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from veilcast.api.events import ProgressCallback
    from veilcast.api.preparing import PathArgument, Prepared, Settings
    from veilcast.api.working import Listener
    from veilcast.findings import FindingsDocument
    from veilcast.host import Host

OutputNaming = Literal["input", "neutral"]
TranscriptForm = Literal["vtt", "srt", "json"]


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
        path, target = path_of(source), path_of(output)
        return in_own_thread(
            lambda listener: self.run_here(path, target, listener),
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


def batch_later(
    *,
    profile: PathArgument,
    settings: Settings,
    regions: PathArgument | None,
    known: PathArgument | None,
    findings: PathArgument | FindingsDocument | LocateResult | None,
    transcript: TranscriptForm | None,
    name: OutputNaming,
    allow_residual: bool,
    accept: PathArgument | None,
    report: bool,
    force: bool,
    keep_intermediates: bool,
    work: PathArgument | None,
    host: Host | None,
) -> Callable[[], Batch]:
    """`prepare`, to be called in a thread that is off the network; paths are those of now."""
    if name not in ("input", "neutral"):
        raise UsageError("The output is named after its 'input', or 'neutral'.")
    plan, asked, root = profile_of(profile), overrides(settings), work_folder(work)
    marked, person, seen = path_of(regions), path_of(known), path_of(accept)
    if isinstance(findings, (str, PathLike)):
        findings = path_of(findings)

    def make() -> Batch:
        ready = prepared(
            profile=plan,
            settings=asked,
            regions=marked,
            known=person,
            transcript=transcript,
            accept=seen,
            host=host,
        )
        return Batch(
            prepared=ready,
            work=root,
            findings=findings_of(findings),
            neutral=name == "neutral",
            allow_residual=allow_residual,
            report=report,
            force=force,
            keep_intermediates=keep_intermediates,
        )

    return make


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
    return in_own_thread(lambda _: make())
