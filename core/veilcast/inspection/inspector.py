"""Inspects a recording before a run."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from veilcast.errors import ModelChecksumError, ModelMissingError, VeilcastError
from veilcast.inspection import inspection_model as records
from veilcast.inspection import tags
from veilcast.inspection.estimating import estimate
from veilcast.inspection.streams import plans, refusals_when_covered
from veilcast.pipeline.job import opened
from veilcast.pipeline.locating import model_files
from veilcast.pipeline.naming import name_warnings
from veilcast.pipeline.preflight import objections, scratch_needed
from veilcast.pipeline.search_scope import looked_for
from veilcast.types import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veilcast.extensions import LookedFor
    from veilcast.host import Host
    from veilcast.inspection.inspection_model import Inspection
    from veilcast.pipeline.job import Job, Reporter
    from veilcast.profile import PlannedStage, Profile

    Sought = Mapping[str, Sequence[LookedFor]]
    """By stage."""

_MEDIA = {"pixels": "picture", "speech": "sound"}


def examine(
    host: Host,
    profile: Profile,
    source: Path,
    output: Path,
    work: Path,
    reporter: Reporter,
    *,
    show: bool = False,
) -> Inspection:
    """Look at a recording, and at what a profile would do to it.

    Args:
        host: every plugin.
        profile: what would be done.
        source: the recording.
        output: what the delivered file would be called: its name is looked at too.
        work: where a run would work: its room is looked at. Nothing is made there.
        reporter: told about progress.
        show: with the values of tags.

    Raises:
        VeilcastError: the same as a run would raise when the recording can't be opened or its tags
            can't be read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="veilcast-") as private,
        opened(host, source, Path(private), profile) as job,
    ):
        reporter.phase("inspect")
        return _examined(host, profile, source, output, work, job, reporter, show=show)


def _examined(
    host: Host,
    profile: Profile,
    source: Path,
    output: Path,
    work: Path,
    job: Job,
    reporter: Reporter,
    *,
    show: bool,
) -> Inspection:
    media = job.media
    sought = {p.stage.name: looked_for(host, p) for p in profile.stages}
    workers = _workers(profile, sought)
    refusals = list(_refusals(host, profile, job))
    for error in refusals_when_covered(profile, workers, job):
        refusals.append(_refusal(error, "if anything is covered"))
    stopped = any(refusal.when == "always" for refusal in refusals)
    warnings = list(name_warnings(host, profile, source, output))
    with contextlib.suppress(VeilcastError):  # a refusal says it
        warnings += [told.sentence for told in job.conformed]
    return records.Inspection(
        sha256=job.sha256,
        bytes=media.size,
        kind=media.kind,
        container=job.recorded_media.converted_from or job.recorded_media.container,
        container_after=_family_after(job),
        duration_us=None if media.duration is None else media.duration_us,
        chapters=media.chapters,
        streams=list(plans(profile, workers, job)),
        holds=list(tags.held(host, profile, job, reporter)),
        values=list(tags.values(job.original, media)) if show else None,
        profile=records.ProfilePlan(
            name=profile.name,
            sha256=profile.sha256,
            stages=[_stage(p, sought[p.stage.name], job) for p in profile.stages],
        ),
        refusals=refusals,
        warnings=warnings,
        estimate=None if stopped else estimate(profile, workers, job, reporter),
        scratch=records.Room(
            needed=scratch_needed(profile, media, keep_intermediates=False), free=_free(work)
        ),
    )


def _family_after(job: Job) -> str:
    try:
        return job.delivery.family
    except VeilcastError:
        return job.media.container  # a refusal says why there is no other


def _workers(profile: Profile, sought: Sought) -> dict[str, list[str]]:
    """The stages that may cover something, by ``picture`` and ``sound``."""
    found: dict[str, list[str]] = {"picture": [], "sound": []}
    for planned in profile.stages:
        stage = planned.stage
        media = {_MEDIA[one.where] for one in sought[stage.name] if one.where in _MEDIA}
        if not media and stage.looks_for is None and stage.phase is not Phase.CONTAINER:
            media = {stage.phase.value}  # it does not say, and works on something
        for medium in sorted(media):
            found[medium].append(stage.name)
    return found


def _stage(planned: PlannedStage, sought: Sequence[LookedFor], job: Job) -> records.StagePlan:
    here = {
        "pixels": job.media.video is not None,
        "speech": bool(job.media.audio),
    }
    phase = planned.stage.phase
    possible = {Phase.PICTURE: here["pixels"], Phase.SOUND: here["speech"], Phase.CONTAINER: True}
    classes = {one.identifier: None for one in sought if here.get(one.where, True)}
    return records.StagePlan(
        stage=planned.stage.name,
        phase=phase.value,
        looks_for=sorted(classes),
        applies=bool(classes) or (possible[phase] and planned.stage.looks_for is None),
    )


def _refusals(host: Host, profile: Profile, job: Job) -> Iterator[records.Refusal]:
    for objection in objections(host, profile, job):
        try:
            objection()
        except VeilcastError as error:
            yield _refusal(error, "always")
    for planned in profile.stages:
        if planned.stage.phase is Phase.PICTURE and job.media.video is None:
            continue
        try:
            model_files(host, planned)
        except (ModelMissingError, ModelChecksumError) as error:
            yield _refusal(error, "always")


def _refusal(error: VeilcastError, when: str) -> records.Refusal:
    return records.Refusal.model_validate(
        {
            "error": type(error).__name__,
            "exit_code": error.exit_code,
            "sentence": str(error),
            "when": when,
        }
    )


def _free(work: Path) -> int:
    """Bytes in the work folder, or where it would be made."""
    there = next(path for path in (work, *work.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free
