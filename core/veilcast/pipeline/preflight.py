"""Preflight checks: what would stop a run, and how much room it takes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from veilcast.errors import ProfileError, UnsupportedError
from veilcast.media.codecs import video_encoder
from veilcast.pipeline.findings_intake import check_selections
from veilcast.pipeline.plugin_calls import guarded
from veilcast.redaction.render import Current, Marks, needs_encode
from veilcast.settings import TranscribeSettings
from veilcast.types import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from veilcast.host import Host
    from veilcast.media.info import MediaInfo
    from veilcast.profile import PlannedStage, Profile


def objections(
    host: Host, profile: Profile, source: Path, media: MediaInfo, family: str
) -> Iterator[Callable[[], None]]:
    """Calls of which each raises what would stop a run, some of it only after hours.

    A run stops at the first; an inspection makes all of them and tells what they raise.

    Args:
        host: provides the stages' plugins.
        profile: what is to be done.
        source: the input, under a neutral name.
        media: what it holds.
        family: the container family that is delivered.
    """
    yield partial(_check_hearing, profile)
    yield partial(check_selections, host, profile, media)
    for planned in profile.stages:
        yield partial(_ask, host, planned, media, family)
    yield partial(_check_start, media, family)
    yield partial(_check_alpha, media)
    yield partial(_check_encoder, profile, source, media)


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


def _check_alpha(media: MediaInfo) -> None:
    if media.video is not None and media.video.alpha_beside:
        decoder = "libvpx" if media.video.codec == "vp8" else "libvpx-vp9"
        raise UnsupportedError(
            "The video has transparent parts, and what they hide would be shown; lay it over black "
            f"first, with 'ffmpeg -c:v {decoder} -i IN -vf premultiply=inplace=1,format=yuv420p "
            "-metadata:s:v alpha_mode= -c:a copy OUT.webm'."
        )


def _check_encoder(profile: Profile, source: Path, media: MediaInfo) -> None:
    if media.video is not None and encodes_picture(profile, source, media):
        video_encoder(media.video, profile.deliver)


def encodes_picture(profile: Profile, source: Path, media: MediaInfo) -> bool:
    """Whether the picture may have to be encoded anew, if anything is found in it."""
    on_picture = any(p.stage.phase is Phase.PICTURE for p in profile.stages)
    current = Current(path=source, media=media, picture_changed=on_picture)
    return needs_encode(current, source, media, Marks(), profile.deliver)
