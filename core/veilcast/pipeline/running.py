"""One input from beginning to end."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from veilcast.errors import (
    EmptyInputError,
    FindingsError,
    UnreadableError,
    UnsupportedError,
    UsageError,
)
from veilcast.findings import Findings, FindingsDocument, document_to_bytes
from veilcast.media.codecs import video_encoder
from veilcast.media.frames import FrameIndex
from veilcast.media.guard import media_errors
from veilcast.media.info import CONTAINERS, MediaInfo
from veilcast.media.probe import probe
from veilcast.pipeline.locating import locate_all, located_with
from veilcast.pipeline.recording import write_manifest
from veilcast.pipeline.redacting import Redacted, Redaction, marks_of
from veilcast.pipeline.verifying import run_checks
from veilcast.redact.render import Current, Marks, delivered_family, needs_encode
from veilcast.types import Phase
from veilcast.workspace import check_room, check_target, file_sha256, open_workspace, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.host import Host
    from veilcast.profile import PlannedStage, Profile
    from veilcast.workspace import Workspace


class Reporter(Protocol):
    """Where progress goes."""

    def phase(self, name: str) -> None:
        """A phase begins: locate, redact, verify, publish."""

    def stage(self, name: str) -> Progress:
        """The progress of a stage within the phase."""

    def warning(self, sentence: str) -> None:
        """Something the user should know."""


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
    """

    source: Path
    output: Path
    profile: Profile
    work: Path
    named: bool = True
    force: bool = False
    keep_intermediates: bool = False
    findings: FindingsDocument | None = None

    @property
    def manifest(self) -> Path:
        """Where the manifest goes."""
        return self.output.with_name(f"{self.output.stem}.manifest.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A published result."""

    output: Path
    manifest: Path
    found: tuple[Findings, ...]
    seconds: dict[str, float]


@dataclass(slots=True)
class _Job:
    """An opened input in its workspace."""

    source: Path
    media: MediaInfo
    sha256: str
    workspace: Workspace
    frames: FrameIndex
    seconds: dict[str, float]

    @contextmanager
    def timed(self, reporter: Reporter, phase: str) -> Iterator[None]:
        reporter.phase(phase)
        began = time.monotonic()
        with media_errors(writing=True):
            yield
        self.seconds[phase] = round(time.monotonic() - began, 3)


@contextmanager
def _opened(host: Host, source: Path, work: Path) -> Iterator[_Job]:
    try:
        size = source.stat().st_size
        if not source.is_file():
            raise UnreadableError("The input is not a file.")
    except OSError as exc:
        raise UnreadableError("The input does not exist or may not be read.") from exc
    if size == 0:
        raise EmptyInputError("The input is empty (0 bytes).")
    sha256 = file_sha256(source)
    with open_workspace(work, sha256) as workspace:
        link = workspace.link(source)
        media = probe(link)
        # Kept by the code that made it, as findings are.
        kept_as = f"frames-{host.code_digest(host.owner('check', 'playback'))[:32]}.i64"
        frames = FrameIndex(
            link,
            media,
            load=lambda: workspace.cached(kept_as),
            store=lambda data: workspace.keep(kept_as, data),
        )
        yield _Job(
            source=link,
            media=media,
            sha256=sha256,
            workspace=workspace,
            frames=frames,
            seconds={},
        )


def run(host: Host, request: Request, reporter: Reporter) -> Outcome:
    """De-identify one file: the output and its manifest appear together, or nothing does.

    Raises:
        VeilcastError: whatever stopped it. Nothing was published then.
    """
    host.checks  # noqa: B018 - a clash among checks must stop the run before the work
    targets = [request.output, request.manifest]
    check_target(targets, force=request.force, source=request.source)
    with _opened(host, request.source, request.work) as job:
        request = _refuse_early(request, job)
        if request.findings is None:
            with job.timed(reporter, "locate"):
                found = _locate(host, request.profile, job, reporter)
        else:
            found = _given(request.findings, request.profile, job)
        for findings in found:
            _check_real(findings, job)
            for warning in findings.warnings:
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
                keep_intermediates=request.keep_intermediates,
            )
            result = redaction.run(found)
        with job.timed(reporter, "verify"):
            passed = run_checks(
                host,
                result.path,
                result.media,
                reporter.stage("verify"),
                **_reference(result, job),
            )
        manifest = job.workspace.folder_for("manifest") / "manifest.json"
        write_manifest(
            manifest,
            host=host,
            profile=request.profile,
            source=job.source,
            source_media=job.media,
            source_sha256=job.sha256,
            found=found,
            redacted=result,
            checks=passed,
            seconds=job.seconds,
        )
        with job.timed(reporter, "publish"):
            files = [(manifest, request.manifest), (result.path, request.output)]
            for number, (stage, path) in enumerate(result.intermediates, 1):
                name = f"{request.output.stem}.{number}-{stage}{path.suffix}"
                files.insert(0, (path, request.output.with_name(name)))
            publish(files, force=request.force)
        return Outcome(
            output=request.output, manifest=request.manifest, found=found, seconds=job.seconds
        )


def _reference(result: Redacted, job: _Job) -> dict[str, Any]:
    """What the delivered file is compared with."""
    path, media = result.reference
    frames = job.frames
    if path != job.source:
        frames = FrameIndex(path, media, load=lambda: None, store=lambda _: None)
    return {"source": path, "source_media": media, "source_frames": frames}


def _refuse_early(request: Request, job: _Job) -> Request:
    """What can't work is said before the work, not after. Settles the output's name."""
    profile, media = request.profile, job.media
    family = delivered_family(media, profile.deliver)
    usual = CONTAINERS[family].suffix
    if request.output.suffix.lower() not in (usual, *CONTAINERS[family].also):
        if not request.named:
            fitting = request.output.with_name(f"{request.output.stem}{usual}")
            request = replace(request, output=fitting)
            check_target([request.output, request.manifest], force=request.force)
            return _refuse_early(request, job)
        raise UsageError(
            f"The output is delivered as {family} and should be named *{usual}; "
            "change -o, or set deliver.container."
        )
    if media.video is not None:
        if media.video.start < 0 and family != media.container and family in ("mp4", "mov"):
            raise UnsupportedError(
                f"The input's picture starts before time 0, which {family} would hide; "
                "keep its container."
            )
        on_picture = any(p.stage.phase is Phase.PICTURE for p in profile.stages)
        current = Current(path=job.source, media=media, picture_changed=on_picture)
        if needs_encode(current, job.source, media, Marks(), profile.deliver):
            video_encoder(media.video, profile.deliver)
    # The new file is rarely larger than twice the old; intermediates are lossless.
    needed = media.size * 2
    if request.keep_intermediates and media.video is not None:
        raw = media.video.width * media.video.height * 3 // 2 * float(media.video.rate)
        needed += int(raw / 2 * float(media.duration or 0) * len(profile.stages))
    check_room(job.workspace.scratch, needed)
    return request


def _locate(host: Host, profile: Profile, job: _Job, reporter: Reporter) -> tuple[Findings, ...]:
    return locate_all(
        host,
        profile.stages,
        job.source,
        job.media,
        job.frames,
        job.workspace,
        reporter.stage,
    )


def _given(document: FindingsDocument, profile: Profile, job: _Job) -> tuple[Findings, ...]:
    if document.input_sha256 != job.sha256:
        raise FindingsError("The findings are of another input; locate this one first.")
    by_stage = {findings.stage: findings for findings in document.stages}
    names = [planned.stage.name for planned in profile.stages]
    if sorted(findings.stage for findings in document.stages) != sorted(names):
        raise FindingsError(
            "The findings are of other stages than the profile's; "
            "redact with the profile that they were located with."
        )
    for planned in profile.stages:
        asked = located_with(planned)
        # Left alone, such settings need not be repeated; asked for, they may not do nothing.
        if asked not in (document.located_with.get(planned.stage.name), _unasked(planned)):
            raise FindingsError(
                f"The findings of stage '{planned.stage.name}' were located with other settings "
                "or regions; locate again with these."
            )
    # What a person may have written into these sentences does not go into a manifest.
    return tuple(replace(by_stage[name], warnings=()) for name in names)


def _unasked(planned: PlannedStage) -> str:
    """What `located_with` is when a profile says nothing."""
    model = planned.stage.settings
    if any(field.is_required() for field in model.model_fields.values()):
        return ""
    return located_with(replace(planned, settings=model()))


def _check_real(findings: Findings, job: _Job) -> None:
    """Everything found is somewhere in this recording: otherwise it would cover nothing.

    Raises:
        FindingsError: something is not.
    """
    sounds = {audio.index for audio in job.media.audio}
    for sound in findings.sounds:
        late = 0 < job.media.duration_us <= sound.start_us
        if late or not sounds or not sounds.issuperset(sound.streams or ()):
            raise FindingsError(
                f"Sound {sound.id} of stage '{findings.stage}' is not in the recording; "
                "correct the findings, or locate again."
            )
    if not findings.tracks:
        return
    video = job.media.video
    width, height = video.displayed_size if video is not None else (0, 0)
    times = job.frames.times_us() if video is not None else ()
    for track in findings.tracks:
        first, last = int(track.times_us[0]), int(track.times_us[-1])
        x, y, across, down = track.boxes.T
        inside = (x < width) & (y < height) & (x + across > 0) & (y + down > 0)
        if bisect_left(times, first) == bisect_right(times, last) or not inside.all():
            raise FindingsError(
                f"Track {track.id} of stage '{findings.stage}' is in no frame of the recording; "
                "correct the findings, or locate again."
            )


def located(
    host: Host, source: Path, profile: Profile, work: Path, reporter: Reporter
) -> FindingsDocument:
    """Locate only.

    Raises:
        VeilcastError: whatever stopped it.
    """
    with _opened(host, source, work) as job, job.timed(reporter, "locate"):
        found = _locate(host, profile, job, reporter)
        for planned, findings in zip(profile.stages, found, strict=True):
            if planned.stage.redact is None:
                marks_of(planned, findings, host)
        return FindingsDocument(
            input_sha256=job.sha256,
            stages=found,
            located_with={p.stage.name: located_with(p) for p in profile.stages},
        )


def verified(
    host: Host, delivered: Path, source: Path | None, work: Path, reporter: Reporter
) -> tuple[str, ...]:
    """Examine a delivered file afresh, against its source when that is given.

    Returns:
        The names of the checks, which all passed.

    Raises:
        VerificationError: something is wrong.
    """
    with _opened(host, delivered, work) as job, job.timed(reporter, "verify"):
        progress = reporter.stage("verify")
        if source is None:
            return run_checks(host, job.source, job.media, progress)
        with _opened(host, source, work) as origin:
            return run_checks(
                host,
                job.source,
                job.media,
                progress,
                source=origin.source,
                source_media=origin.media,
                source_frames=origin.frames,
            )


def save_findings(document: FindingsDocument, target: Path, work: Path, *, force: bool) -> None:
    """Write findings, readable by their owner only: they hold PHI.

    Raises:
        OutputExistsError, UnwritableError, DiskFullError: as their names say.
    """
    with open_workspace(work, document.input_sha256) as workspace:
        path = workspace.folder_for("findings") / "findings.json"
        with media_errors(writing=True):
            path.write_bytes(document_to_bytes(document))
        publish([(path, target)], force=force, private=True)
