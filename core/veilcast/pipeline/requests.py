"""What a run is asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from veilcast.verification import Acceptance

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.findings import Findings, FindingsDocument
    from veilcast.profile import Profile
    from veilcast.verification import Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to do with one input.

    Attributes:
        source: the input file.
        output: where the de-identified file goes; the manifest goes beside it.
        named: the user chose this very name; otherwise its ending follows the delivered container.
        profile: stages and delivery.
        work: the root of work folders.
        force: replace an existing output.
        keep_intermediates: every stage writes its own file, kept beside the output.
        findings: located before, instead of locating.
        neutral: name the output after the input's hash and not after its name.
        allow_residual: publish although something may be left; the manifest says so.
        accepted: what a reviewer looked at and found to be nothing.
        report: publish a report with the output: a page for people, and the same facts as JSON.
    """

    source: Path
    output: Path
    profile: Profile
    work: Path
    named: bool = True
    force: bool = False
    keep_intermediates: bool = False
    findings: FindingsDocument | None = None
    neutral: bool = False
    allow_residual: bool = False
    accepted: Acceptance = field(default_factory=Acceptance)
    report: bool = False

    @property
    def manifest(self) -> Path:
        """Where the manifest goes."""
        return self.output.with_name(f"{self.output.stem}.manifest.json")

    @property
    def transcript(self) -> Path | None:
        """Where the transcript goes, if there is to be one."""
        form = self.profile.deliver.transcript
        if form == "none":
            return None
        return self.output.with_name(f"{self.output.stem}.transcript.{form}")

    @property
    def reports(self) -> tuple[Path, Path] | None:
        """Where the report's page and its facts go, if there is to be one."""
        if not self.report:
            return None
        stem = self.output.stem
        return (
            self.output.with_name(f"{stem}.report.html"),
            self.output.with_name(f"{stem}.report.json"),
        )

    @property
    def targets(self) -> list[Path]:
        """Every file that is always written, beside intermediates."""
        others = [] if self.transcript is None else [self.transcript]
        return [self.output, self.manifest, *others, *(self.reports or ())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A published result."""

    output: Path
    manifest: Path
    found: tuple[Findings, ...]
    verification: Verification
    seconds: dict[str, float]
    reports: tuple[Path, Path] | None = None
    """The report's page and its facts as JSON."""
