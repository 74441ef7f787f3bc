"""Verify: every registered check examines the delivered file afresh."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from veilcast.errors import Interrupted, PluginLoadError, TruncatedError, VerificationError
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
    """Run all checks, side by side.

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
    stop = threading.Event()

    def watched(activity: str, done: int, total: int | None) -> None:
        if stop.is_set():
            raise Interrupted("Another check failed or the run was interrupted.")
        progress(activity, done, total)

    context = CheckContext(
        delivered=delivered,
        delivered_media=media,
        source=source,
        source_media=source_media,
        source_frames=source_frames,
        progress=watched,
    )
    names = sorted(host.checks)
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(_problems, host, name, context) for name in names]
        try:
            wait(jobs, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    # The one that failed by itself before those that were stopped for it.
    failures = [error for job in jobs if (error := job.exception()) is not None]
    for error in sorted(failures, key=lambda error: isinstance(error, Interrupted)):
        raise error
    problems = [problem for job in jobs for problem in job.result()]
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise VerificationError(f"Verification failed: {problems[0]}{more}")
    return tuple(names)


def _problems(host: Host, name: str, context: CheckContext) -> list[str]:
    """What one check says."""
    with guarded(host.owner("check", name), name):
        try:
            return list(host.checks[name].run(context))
        except TruncatedError:
            if context.source_frames is not None:
                context.source_frames.times_us()  # raises when it is the source that is damaged
            return ["The delivered file can't be decoded to its end."]
