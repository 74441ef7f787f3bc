"""Runs one input from locating to publishing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from veilcast.errors import UsageError
from veilcast.findings import Findings, FindingsDocument, document_to_bytes
from veilcast.findings.edits import Effective
from veilcast.findings.transcript import transcript, transcript_bytes
from veilcast.manifest import load
from veilcast.media.frames import FrameIndex
from veilcast.media.guard import media_errors
from veilcast.media.info import CONTAINERS
from veilcast.pipeline.check_runner import run_checks
from veilcast.pipeline.findings_intake import (
    check_real,
    check_selections,
    given,
    merged,
    selected,
)
from veilcast.pipeline.job import Job, Reporter, opened, patiently
from veilcast.pipeline.locating import locate_all, located_with
from veilcast.pipeline.manifest_writing import write_manifest
from veilcast.pipeline.message_policy import Discretion
from veilcast.pipeline.naming import name_warnings, neutral_name
from veilcast.pipeline.preflight import objections, scratch_needed
from veilcast.pipeline.redacting import Redacted, Redaction, marks_of
from veilcast.pipeline.requests import Outcome, Request
from veilcast.pipeline.watchdog import together
from veilcast.redaction.selection import select
from veilcast.settings import CoverSettings
from veilcast.verification.treated import treated_in_run
from veilcast.workspace import check_room, check_target, open_workspace, publish

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.extensions import Treated
    from veilcast.host import Host
    from veilcast.profile import Profile
    from veilcast.redaction.selection import Selection


def run(host: Host, request: Request, reporter: Reporter) -> Outcome:
    """De-identify one file: the output and its manifest appear together, or nothing does.

    Raises:
        VeilcastError: whatever stopped it. Nothing was published then.
    """
    host.checks  # noqa: B018 - a clash among checks must stop the run before the work
    if not request.neutral:
        check_target(request.targets, force=request.force, source=request.source)
    said: set[str] = set()
    return patiently(
        partial(
            opened,
            host,
            request.source,
            request.work,
            request.profile,
            progress=reporter.stage("conform"),
        ),
        lambda job: _ready(host, request, job, reporter, said),
        lambda job, ready: _worked(host, ready, job, reporter),
        reporter,
    )


def _ready(host: Host, request: Request, job: Job, reporter: Reporter, said: set[str]) -> Request:
    """What can be said before the work, each thing once. Settles the output's name."""
    warnings = (
        ()
        if request.neutral
        else name_warnings(host, request.profile, request.source, request.output)
    )
    request = _refuse_early(host, _named(request, job), job)
    for sentence in (*warnings, *(change.sentence for change in job.conformed)):
        if sentence not in said:
            said.add(sentence)
            reporter.warning(sentence)
    return request


def _worked(host: Host, request: Request, job: Job, reporter: Reporter) -> Outcome:
    """From locating to publishing."""
    if request.findings is None:
        with job.timed(reporter, "locate"):
            found = _locate(host, request.profile, job, reporter)
        told = Discretion(host, request.profile, found, request.source, request.output)
        told.check_sentences()
    else:
        found = given(host, request.findings, request.profile, job)
        told = Discretion(host, request.profile, found, request.source, request.output)
    counted = merged(found, () if request.findings is None else request.findings.edits)
    found = tuple(one.findings for one in counted)
    for findings in found:
        check_real(findings, job)
        for warning in findings.warnings:
            reporter.warning(warning)
    selections = selected(request.profile, counted, job)
    for selection in selections:
        for warning in selection.warnings:
            reporter.warning(warning)
    with job.timed(reporter, "redact"):
        redaction = Redaction(
            host,
            request.profile,
            job.source,
            job.media,
            job.sha256,
            job.workspace,
            reporter.stage,
            target=job.delivery,
            keep_intermediates=request.keep_intermediates,
        )
        (result,) = together([lambda: redaction.run(found, selections)])
    with job.timed(reporter, "verify"):
        verification = run_checks(
            host,
            result.path,
            result.media,
            reporter.stage("verify"),
            scratch=job.workspace.folder_for("verify"),
            treated=_treated(request.profile, found, selections, result),
            original=job.recorded,
            retimed=result.reference[0] != result.source,
            accepted=request.accepted,
            **_reference(result, job),
        )
        told.check_problems(verification)
        verification.raise_for(allow_residual=request.allow_residual)
        if verification.verdict != "clean":
            reporter.warning(
                f"{len(verification.open)} things may identify somebody in the delivered "
                "file; it is published because you allowed that, and the manifest says so."
            )
    manifest = job.workspace.folder_for("manifest") / "manifest.json"
    write_manifest(
        manifest,
        host=host,
        profile=request.profile,
        source=job.original,
        source_media=job.recorded_media,
        conformed=job.conformed,
        source_sha256=job.sha256,
        found=found,
        selections=selections,
        redacted=result,
        verification=verification,
        allow_residual=request.allow_residual,
        seconds=job.seconds,
    )
    pages = _report(request, manifest, result, job, reporter)
    with job.timed(reporter, "publish"):
        files = [(manifest, request.manifest), (result.path, request.output)]
        files = [*pages, *files]
        if request.transcript is not None:
            said = _transcript(request.profile, found, selections, result.cuts_us, job)
            files.insert(0, (said, request.transcript))
        kept = result.intermediates if request.keep_intermediates else ()
        for number, (stage, path) in enumerate(kept, 1):
            name = f"{request.output.stem}.{number}-{stage}{path.suffix}"
            files.insert(0, (path, request.output.with_name(name)))
        publish(files, force=request.force)
    return Outcome(
        output=request.output,
        manifest=request.manifest,
        found=found,
        verification=verification,
        seconds=job.seconds,
        reports=request.reports,
    )


def _report(
    request: Request, manifest: Path, result: Redacted, job: Job, reporter: Reporter
) -> list[tuple[Path, Path]]:
    """The report's files, and where they go. It is made of the delivered file, never the source."""
    if request.reports is None:
        return []
    from veilcast.reporting.report_building import report_of, written

    with job.timed(reporter, "report"):
        report = report_of(
            load(manifest.read_bytes()), result.path, progress=reporter.stage("report")
        )
        files = written(report, job.workspace.folder_for("report"))
    return list(zip(files, request.reports, strict=True))


def _transcript(
    profile: Profile,
    found: Sequence[Findings],
    selections: Sequence[Selection],
    cuts_us: Sequence[tuple[int, int]],
    job: Job,
) -> Path:
    """What was said, without what any stage covered, by the time of the delivered file."""
    sounds = [sound for selection in selections for sound in selection.sounds]
    words = [word for findings in found for word in findings.words]
    path = job.workspace.folder_for("transcript") / "transcript"
    form = profile.deliver.transcript
    if form != "none":
        with media_errors(writing=True):
            path.write_bytes(transcript_bytes(transcript(words, sounds, cuts_us), form))
    return path


def _named(request: Request, job: Job) -> Request:
    """With a neutral name where that is asked for."""
    if not request.neutral:
        return request
    request = replace(request, output=neutral_name(request.output, job.sha256))
    check_target(request.targets, force=request.force, source=request.source)
    return request


def _treated(
    profile: Profile,
    found: Sequence[Findings],
    selections: Sequence[Selection],
    result: Redacted,
) -> tuple[Treated, ...]:
    """What was done, for the checks. After cutting, times are known; after other changes not."""
    same_times = result.reference[0] == result.source or bool(result.cuts_us)
    return treated_in_run(profile, found, selections, cuts_us=result.cuts_us, same_times=same_times)


def _reference(result: Redacted, job: Job) -> dict[str, Any]:
    """What the delivered file is compared with."""
    path, media = result.reference
    frames = job.frames
    if path != job.source:
        frames = FrameIndex(path, media, load=lambda: None, store=lambda _: None)
    return {"source": path, "source_media": media, "source_frames": frames}


def _refuse_early(host: Host, request: Request, job: Job) -> Request:
    """What can't work is said before the work, not after. Settles the output's name."""
    profile, media = request.profile, job.media
    family = job.delivery.family
    usual = CONTAINERS[family].suffix
    if request.output.suffix.lower() not in (usual, *CONTAINERS[family].also):
        if not request.named:
            fitting = request.output.with_name(f"{request.output.stem}{usual}")
            request = replace(request, output=fitting)
            check_target(request.targets, force=request.force)
            return _refuse_early(host, request, job)
        raise UsageError(
            f"The output is delivered as {family} and should be named *{usual}; "
            "change -o, or set deliver.container."
        )
    for objection in objections(host, profile, job):
        objection()
    needed = scratch_needed(profile, media, keep_intermediates=request.keep_intermediates)
    check_room(job.workspace.scratch, needed)
    return request


def _locate(host: Host, profile: Profile, job: Job, reporter: Reporter) -> tuple[Findings, ...]:
    return locate_all(host, profile.stages, job, reporter.stage)


def located(
    host: Host, source: Path, profile: Profile, work: Path, reporter: Reporter
) -> FindingsDocument:
    """Locate only.

    Raises:
        VeilcastError: whatever stopped it.
    """

    def worked(job: Job, _: None) -> FindingsDocument:
        with job.timed(reporter, "locate"):
            return _located(host, source, profile, job, reporter)

    return patiently(
        partial(opened, host, source, work, profile, progress=reporter.stage("conform")),
        lambda job: check_selections(host, profile, job.media),
        worked,
        reporter,
    )


def _located(
    host: Host, source: Path, profile: Profile, job: Job, reporter: Reporter
) -> FindingsDocument:
    found = _locate(host, profile, job, reporter)
    Discretion(host, profile, found, source).check_sentences()
    for planned, findings in zip(profile.stages, found, strict=True):
        # Which tracks there are to choose from, a person will see in what is located.
        if planned.stage.redact is None and isinstance(planned.settings, CoverSettings):
            marks_of(
                planned, findings, host, select(Effective(findings=findings), planned.settings)
            )
    return FindingsDocument(
        input_sha256=job.sha256,
        stages=found,
        located_with={p.stage.name: located_with(p) for p in profile.stages},
    )


def save_findings(document: FindingsDocument, target: Path, work: Path, *, force: bool) -> None:
    """Write findings, readable by their owner only: they hold PHI.

    Raises:
        OutputExistsError, UnwritableError, DiskFullError: as their names say.
    """
    save_private(document_to_bytes(document), document.input_sha256, target, work, force=force)


def save_private(data: bytes, input_sha256: str, target: Path, work: Path, *, force: bool) -> None:
    """Write a file about an input, readable by its owner only, whole or not at all.

    Raises:
        OutputExistsError, UnwritableError, DiskFullError: as their names say.
    """
    with open_workspace(work, input_sha256) as workspace:
        path = workspace.folder_for("private") / "private"
        with media_errors(writing=True):
            path.touch(mode=0o600)
            path.write_bytes(data)
        publish([(path, target)], force=force, private=True)
