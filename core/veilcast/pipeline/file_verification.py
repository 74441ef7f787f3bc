"""Verifies a file that was delivered before."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from veilcast.extensions import Problem, Treated
from veilcast.manifest import check
from veilcast.media.codecs import DeliverSettings
from veilcast.pipeline.check_runner import run_checks
from veilcast.pipeline.job import opened
from veilcast.profile import Profile
from veilcast.verification.treated import draws, treated_by_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from veilcast.host import Host
    from veilcast.media.conform import Look
    from veilcast.pipeline.job import Reporter
    from veilcast.verification import Acceptance, Verification


def _look(manifest: Mapping[str, Any] | None) -> Look:
    """How closely the run that is written down looked at its source."""
    conformed = () if manifest is None else manifest["input"].get("conformed", ())
    rules = {one["rule"] for one in conformed}
    return "every" if "decoded" in rules else "thorough" if rules else "doubtful"


def verified(
    host: Host,
    delivered: Path,
    source: Path | None,
    work: Path,
    reporter: Reporter,
    *,
    profile: Profile | None = None,
    manifest: Mapping[str, Any] | None = None,
    accepted: Acceptance | None = None,
) -> Verification:
    """Examine a delivered file afresh, against its source and its manifest when they are given.

    Args:
        host: provides the checks and what they look with.
        delivered: the file.
        source: what it was made from.
        work: the root of work folders.
        reporter: told about progress.
        profile: which stages look again, and how.
        manifest: loaded; what it says of the file and its source is examined too.
        accepted: what a reviewer looked at and found to be nothing.

    Raises:
        VeilcastError: the file could not be examined.
    """
    stages = profile or Profile(name="none", stages=(), deliver=DeliverSettings())
    with ExitStack() as stack:
        job = stack.enter_context(opened(host, delivered, work))
        origin = None
        if source is not None:
            opening = opened(host, source, work, stages, look=_look(manifest))
            origin = stack.enter_context(opening)
        against: dict[str, Any] = {}
        if origin is not None:
            against = {
                "original": origin.recorded,
                "source": origin.source,
                "source_media": origin.media,
                "source_frames": origin.frames,
            }
        stack.enter_context(job.timed(reporter, "verify"))
        treated = (
            tuple(
                Treated(stage=p.stage.name, settings=p.settings, anywhere=draws(p.stage))
                for p in stages.stages
            )
            if manifest is None
            else treated_by_manifest(stages, manifest)
        )
        result = run_checks(
            host,
            job.source,
            job.media,
            reporter.stage("verify"),
            scratch=job.workspace.folder_for("verify"),
            treated=treated,
            accepted=accepted,
            afterwards=True,
            **against,
        )
        if manifest is None:
            return result
        said = check(manifest, job.source, None if origin is None else origin.original)
        return result.also("manifest", [Problem(sentence=sentence) for sentence in said])
