"""Whole runs of the pipeline, from a test."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veilcast.testing.opened_recording import silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.findings import Findings
    from veilcast.host import Host
    from veilcast.pipeline import Outcome
    from veilcast.profile import Profile
    from veilcast.verification import Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A finished run.

    Attributes:
        output: the delivered file.
        manifest_path: the manifest beside it.
        manifest: what is in it.
        findings: of each stage, in order.
        verification: what the checks said.
        warnings: what the user was told.
    """

    output: Path
    manifest_path: Path
    manifest: Mapping[str, Any]
    findings: tuple[Findings, ...]
    verification: Verification
    warnings: tuple[str, ...]


class _Listener:
    """Takes what a run reports."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def phase(self, name: str) -> None:
        """Not kept."""

    def stage(self, name: str) -> Progress:
        """Not kept."""
        return silent

    def warning(self, sentence: str) -> None:
        self.warnings.append(sentence)


def run_pipeline(
    source: Path,
    folder: Path,
    host: Host,
    *,
    profile: str | Path | Mapping[str, Any] = "default",
    settings: Sequence[str] = (),
    files: Mapping[str, Path] | None = None,
    allow_residual: bool = False,
    keep_intermediates: bool = False,
) -> Ran:
    """De-identify a file as ``veilcast run`` does: without a network, checks and manifest included.

    Args:
        source: the recording.
        folder: where the output, the manifest and the work folder go.
        host: the plugins that take part.
        profile: the name of a shipped one, a file, or what is in one, such as
            ``{"stages": ["wristbands", "metadata"]}``.
        settings: as ``--set`` takes them: ``stage.key=value``.
        files: by stage, a file that it reads settings from, such as marked regions.
        allow_residual: deliver although a check finds that something may be left.
        keep_intermediates: keep what every stage wrote, beside the output.

    Raises:
        VeilcastError: whatever stopped it. Nothing was delivered then.
    """
    import json

    from veilcast.testing.profile_making import profile_of

    folder.mkdir(parents=True, exist_ok=True)
    loaded = profile_of(host, profile, folder, settings=settings, files=files)
    listener = _Listener()
    outcome = _cut_off(
        lambda: _run(host, source, folder, loaded, listener, allow_residual, keep_intermediates)
    )
    return Ran(
        output=outcome.output,
        manifest_path=outcome.manifest,
        manifest=json.loads(outcome.manifest.read_bytes()),
        findings=outcome.found,
        verification=outcome.verification,
        warnings=tuple(listener.warnings),
    )


def _run(
    host: Host,
    source: Path,
    folder: Path,
    profile: Profile,
    listener: _Listener,
    allow_residual: bool,
    keep_intermediates: bool,
) -> Outcome:
    from veilcast.pipeline import Request, run

    request = Request(
        source=source,
        output=folder / f"{source.stem}.deid{source.suffix}",
        profile=profile,
        work=folder / "work",
        named=False,
        force=True,
        keep_intermediates=keep_intermediates,
        allow_residual=allow_residual,
    )
    return run(host, request, listener)


def _cut_off(work: Any) -> Any:
    """Do it in a thread without a network: the test's own keeps it."""
    from veilcast.offline import cut_off

    done: list[Any] = []
    failed: list[BaseException] = []

    def offline() -> None:
        try:
            cut_off()
            done.append(work())
        except BaseException as exc:  # noqa: BLE001 - raised again where it was asked for
            failed.append(exc)

    thread = threading.Thread(target=offline, name="veilcast-run", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]
