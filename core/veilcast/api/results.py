"""What calls give back: frozen, and without paths to anything private but what they name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from veilcast.findings import FindingsDocument
    from veilcast.manifest import Manifest
    from veilcast.reporting import Report
    from veilcast.verification import Verification
    from veilcast.verification.result import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """A published, de-identified recording.

    Attributes:
        output: the delivered file.
        manifest: the file that says what was changed.
        report: the page about it for people, or None when none was asked for.
        report_json: the same facts for programs, or None.
        transcript: what was said, without what was covered, or None.
        verification: what looking again found. Its verdict is ``clean``, or ``residual`` where
            that was allowed.
        warnings: what a person should know, in the order in which it was told.
        seconds: how long each phase took.
        record: the manifest, read.
    """

    output: Path
    manifest: Path
    report: Path | None
    report_json: Path | None
    transcript: Path | None
    verification: Verification
    warnings: tuple[str, ...]
    seconds: Mapping[str, float]
    record: Manifest

    @property
    def verdict(self) -> Verdict:
        """Of the verification."""
        return self.verification.verdict

    @property
    def covered(self) -> dict[str, int]:
        """How many tracks and spans of sound were covered, by class of identifier."""
        return self._counts(("picture", "sound"))

    @property
    def removed(self) -> dict[str, int]:
        """How many things were removed from the container, by kind."""
        return self._counts(("container",))

    def _counts(self, kinds: tuple[str, ...]) -> dict[str, int]:
        found: Counter[str] = Counter()
        for entry in self.record.entries:
            for change in entry.changes:
                if change.kind in kinds:
                    # `count` of a track is frames.
                    found[change.what] += change.count if change.kind == "container" else 1
        return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocateResult:
    """What was located. It holds what identifies people: keep it as private as the recording.

    Attributes:
        findings: of every stage; `veilcast.redact` takes them.
        path: the file that they were written to, or None.
        warnings: what a person should know.
    """

    findings: FindingsDocument
    path: Path | None
    warnings: tuple[str, ...]

    @property
    def located(self) -> dict[str, int]:
        """How many tracks, spans of sound and spans of subtitles there are, by class."""
        found: Counter[str] = Counter()
        for one in self.findings.stages:
            found.update(track.identifier for track in one.tracks)
            found.update(sound.identifier for sound in one.sounds)
            found.update(span.identifier for caption in one.captions for span in caption.spans)
        return dict(sorted(found.items()))

    def save(
        self,
        path: str | PathLike[str],
        *,
        force: bool = False,
        work: str | PathLike[str] | None = None,
    ) -> Path:
        """Write the findings to a file that only you can read, for a person to review and edit.

        Args:
            path: the file.
            force: replace it when it is there.
            work: where work folders go.

        Raises:
            OutputExistsError, UnwritableError, DiskFullError: as their names say.
        """
        from veilcast.pipeline import save_findings
        from veilcast.workspace import default_root

        root = default_root() if work is None else Path(work)
        save_findings(self.findings, Path(path), root, force=force)
        return Path(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportResult:
    """A report about a manifest and its file.

    Attributes:
        report: the facts.
        html: the page, or None when nothing was written.
        json: the same facts as a file, or None.
    """

    report: Report
    html: Path | None
    json: Path | None
