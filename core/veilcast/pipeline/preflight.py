"""Preflight checks: what would stop a run, and how much room it takes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from veilcast.errors import ProfileError, UnsupportedError, VeilcastError
from veilcast.media.codecs import video_encoder
from veilcast.pipeline.findings_intake import check_selections
from veilcast.pipeline.plugin_calls import guarded
from veilcast.redaction.render import Current, Marks, needs_encode
from veilcast.settings import TranscribeSettings
from veilcast.types import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from veilcast.host import Host
    from veilcast.media.info import MediaInfo
    from veilcast.pipeline.job import Job
    from veilcast.profile import PlannedStage, Profile


def objections(host: Host, profile: Profile, job: Job) -> Iterator[Callable[[], object]]:
    """Calls of which each raises what would stop a run, some of it only after hours.

    A run stops at the first; an inspection makes all of them and tells what they raise.

    Args:
        host: provides the stages' plugins.
        profile: what is to be done.
        job: the opened input.
    """
    media = job.media
    yield lambda: job.delivery
    yield partial(_check_hearing, profile)
    yield partial(check_selections, host, profile, media)
    try:
        family = job.delivery.family
    except VeilcastError:
        return  # said above; the rest depends on it
    for planned in profile.stages:
        yield partial(_ask, host, planned, media, family)
    yield partial(_check_start, media, family)
    yield partial(_check_fidelity, job)
    yield partial(_check_encoder, profile, job)


def scratch_needed(profile: Profile, media: MediaInfo, *, keep_intermediates: bool) -> int:
    """Bytes of scratch that a run takes at most, near enough to stop before a disk is full."""
    # The new file is rarely larger than twice the old; intermediates are lossless.
    needed = media.size * 2
    if keep_intermediates and media.video is not None:
        raw = media.video.width * media.video.height * 3 // 2 * float(media.video.rate)
        needed += int(raw / 2 * float(media.duration or 0) * len(profile.stages))
    return needed


def _check_hearing(profile: Profile) -> None:
    hears = any(isinstance(p.settings, TranscribeSettings) for p in profile.stages)
    if profile.deliver.transcript != "none" and not hears:
        raise ProfileError(
            "No stage of this profile hears speech, so there is nothing to transcribe; "
            "add the stage 'speech' to it."
        )


def _ask(host: Host, planned: PlannedStage, media: MediaInfo, family: str) -> None:
    with guarded(host.owner("stage", planned.stage.name), planned.stage.name):
        planned.stage.refuse(planned.settings, media, family)


def _check_start(media: MediaInfo, family: str) -> None:
    if (
        media.video is not None
        and media.video.start < 0
        and family != media.container
        and family in ("mp4", "mov")
    ):
        raise UnsupportedError(
            f"The input's picture starts before time 0, which {family} would hide; "
            "keep its container."
        )


def _check_fidelity(job: Job) -> None:
    if job.deliver.fidelity != "exact":
        return
    if job.conformed:
        raise UnsupportedError(
            f"{job.conformed[0].sentence.removesuffix('.')}; deliver.fidelity=exact asks for "
            "another thing, so leave it out to have it so."
        )
    if job.media.video is not None and job.media.video.alpha_beside:
        raise UnsupportedError(
            "The video has transparent parts, and what they hide would be shown; leave "
            "deliver.fidelity=exact out to have them black."
        )


def _check_encoder(profile: Profile, job: Job) -> None:
    video, target = job.media.video, job.delivery
    if video is not None and encodes_picture(profile, job):
        video_encoder(video, target.picture, target.settings)


def encodes_picture(profile: Profile, job: Job) -> bool:
    """Whether the picture may have to be encoded anew, if anything is found in it."""
    on_picture = any(p.stage.phase is Phase.PICTURE for p in profile.stages)
    current = Current(path=job.source, media=job.media, picture_changed=on_picture)
    return needs_encode(current, job.source, job.media, Marks(), job.delivery)
