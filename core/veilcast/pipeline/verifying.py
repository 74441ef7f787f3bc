"""Verify: every registered check examines the delivered file afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.errors import PluginLoadError, TruncatedError, VerificationError
from veilcast.extensions import CheckContext
from veilcast.pipeline.guarding import guarded

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.host import Host
    from veilcast.media.frames import FrameIndex
    from veilcast.media.info import MediaInfo

NEEDED = ("playback", "tags")
"""Without these no file is vouched for."""


def run_checks(
    host: Host,
    delivered: Path,
    media: MediaInfo,
    progress: Progress,
    *,
    source: Path | None = None,
    source_media: MediaInfo | None = None,
    source_frames: FrameIndex | None = None,
) -> tuple[str, ...]:
    """Run all checks.

    Returns:
        Their names.

    Raises:
        VerificationError: any of them failed.
        PluginLoadError: a check that is needed is not there.
    """
    missing = [name for name in NEEDED if name not in host.checks]
    if missing:
        raise PluginLoadError(
            f"The check '{missing[0]}' is not installed and nothing is published without it; "
            "'veilcast plugins' says what failed to load."
        )
    context = CheckContext(
        delivered=delivered,
        delivered_media=media,
        source=source,
        source_media=source_media,
        source_frames=source_frames,
        progress=progress,
    )
    problems = []
    for name in sorted(host.checks):
        with guarded(host.owner("check", name), name):
            try:
                problems += list(host.checks[name].run(context))
            except TruncatedError:
                if source_frames is not None:
                    source_frames.times_us()  # raises when it is the source that is damaged
                problems.append("The delivered file can't be decoded to its end.")
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise VerificationError(f"Verification failed: {problems[0]}{more}")
    return tuple(sorted(host.checks))
