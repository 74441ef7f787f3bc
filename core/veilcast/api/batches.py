"""Runs that have much in common: plugins, profile and lists are loaded once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING

from veilcast.api.preparing import findings_of, output_of, path_of, preparation, work_folder
from veilcast.api.results import LocateResult, RunResult
from veilcast.api.run_options import RunOptions, check_options
from veilcast.api.working import in_own_thread
from veilcast.errors import UsageError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path
    from typing import Unpack

    from veilcast.api.events import ProgressCallback
    from veilcast.api.preparing import PathArgument, Prepared
    from veilcast.api.working import Listener
    from veilcast.findings import FindingsDocument
    from veilcast.host import Host
    from veilcast.pipeline import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Runs that have all but the recording in common; several at the same time too."""

    prepared: Prepared
    request: Callable[..., Request]
    """Takes what is of one recording: `source`, `output` and `named`."""

    def run(
        self,
        source: PathArgument,
        output: PathArgument | None = None,
        *,
        stem: str | None = None,
        progress: ProgressCallback | None = None,
        stop: threading.Event | None = None,
    ) -> RunResult:
        """De-identify one recording, as `run` does.

        Args:
            source: see `run`.
            output: see `run`.
            stem: what results are named after where `output` does not say it; the source's name
                when None.
            progress: see `run`.
            stop: see `run`.

        Raises:
            VeilcastError: whatever stopped it. Nothing was published then.
        """
        path, target = path_of(source), path_of(output)
        return in_own_thread(
            lambda listener: self.run_here(path, target, listener, stem),
            progress=progress,
            stop=stop,
        )

    def run_here(
        self,
        source: Path,
        output: PathArgument | None,
        listener: Listener,
        stem: str | None = None,
    ) -> RunResult:
        """`run` in this very thread, which must be off the network."""
        from veilcast.manifest import Manifest
        from veilcast.pipeline import run as run_pipeline

        target, named = output_of(source, output, stem)
        request = self.request(source=source, output=target, named=named)
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
    options: RunOptions,
    *,
    findings: PathArgument | FindingsDocument | LocateResult | None,
    host: Host | None,
) -> Callable[[], Batch]:
    """`prepare`, to be called in a thread that is off the network; paths are those of now."""
    name = options.get("name", "input")
    if name not in ("input", "neutral"):
        raise UsageError("The output is named after its 'input', or 'neutral'.")
    prepare = preparation(
        options, transcript=options.get("transcript"), accept=options.get("accept"), host=host
    )
    work = work_folder(options.get("work"))
    if isinstance(findings, (str, PathLike)):
        findings = path_of(findings)

    def make() -> Batch:
        from veilcast.pipeline import Request

        ready = prepare()
        request = partial(
            Request,
            profile=ready.profile,
            accepted=ready.accepted,
            work=work,
            findings=findings_of(findings),
            neutral=name == "neutral",
            allow_residual=options.get("allow_residual", False),
            report=options.get("report", True),
            force=options.get("force", False),
            keep_intermediates=options.get("keep_intermediates", False),
        )
        return Batch(prepared=ready, request=request)

    return make


def prepare(
    *,
    findings: PathArgument | FindingsDocument | LocateResult | None = None,
    host: Host | None = None,
    **options: Unpack[RunOptions],
) -> Batch:
    """Load plugins, profile and lists once, for many recordings.

    Args:
        findings: see `run`.
        host: see `run`.
        options: those of `RunOptions`.

    Raises:
        VeilcastError: something of it does not exist or is malformed.
    """
    check_options(options, RunOptions, "prepare")
    make = batch_later(options, findings=findings, host=host)
    return in_own_thread(lambda _: make())
