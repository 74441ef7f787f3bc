"""Runs every registered check on the delivered file."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from veilcast.errors import (
    Interrupted,
    PluginLoadError,
    PluginOutputError,
    TruncatedError,
    UsageError,
)
from veilcast.extensions import CheckContext, Problem
from veilcast.media.sound import read_sound
from veilcast.models import find_all
from veilcast.pipeline.plugin_calls import (
    guarded,
    guarded_detectors,
    guarded_recognizers,
    guarded_text_readers,
    guarded_transcribers,
)
from veilcast.pipeline.recognizer_models import reading_models
from veilcast.pipeline.response_validation import problems
from veilcast.pipeline.watchdog import together
from veilcast.verification.acceptance import Acceptance
from veilcast.verification.result import Finding, Verification, ordered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.extensions import Progress, Treated
    from veilcast.host import Host
    from veilcast.media.frames import FrameIndex
    from veilcast.media.info import MediaInfo

NEEDED = (
    "covers",
    "likeness",
    "picture",
    "playback",
    "streams",
    "strings",
    "structure",
    "sync",
    "tags",
)
"""Without these no file is vouched for."""


def run_checks(
    host: Host,
    delivered: Path,
    media: MediaInfo,
    progress: Progress,
    *,
    scratch: Path,
    treated: Sequence[Treated] = (),
    original: Path | None = None,
    retimed: bool = False,
    source: Path | None = None,
    source_media: MediaInfo | None = None,
    source_frames: FrameIndex | None = None,
    accepted: Acceptance | None = None,
    afterwards: bool = False,
) -> Verification:
    """Run all checks, side by side.

    Raises:
        PluginLoadError: a check that is needed is not there.
        VeilcastError: a check could not examine the file.
    """
    missing = [name for name in NEEDED if name not in host.checks]
    if missing:
        raise PluginLoadError(
            f"The check '{missing[0]}' is not installed and nothing is published without it; "
            "'veilcast plugins' says what failed to load."
        )
    reviewed = accepted or Acceptance()
    if unknown := reviewed.checks - host.checks.keys():
        raise UsageError(
            f"The list of accepted findings names {len(unknown)} checks that do not exist; there "
            f"are {', '.join(sorted(host.checks))}."
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
        original=original,
        retimed=retimed,
        treated=tuple(treated),
        models=lambda names: find_all(host.model(name) for name in names),
        reading_models=partial(reading_models, host),
        scratch=scratch,
        afterwards=afterwards,
    )
    names = sorted(host.checks)
    answers = together([partial(_problems, host, name, context) for name in names], stop)
    found = [
        Finding(check=name, problem=problem, accepted=reviewed.covers(name, problem))
        for name, answer in zip(names, answers, strict=True)
        for problem in answer
    ]
    return Verification(checks=tuple(names), findings=ordered(found))


def _problems(host: Host, name: str, context: CheckContext) -> list[Problem]:
    """What one check says."""
    with guarded(host.owner("check", name), name, wrong=PluginOutputError) as call:
        own = replace(
            context,
            progress=call.beating(context.progress),
            detectors=guarded_detectors(host),
            transcribers=guarded_transcribers(host),
            text_readers=guarded_text_readers(host),
            recognizers=guarded_recognizers(host),
        )
        try:
            return problems(host.checks[name].run(own))
        except TruncatedError:
            _decode_source(own)  # raises when it is the source that is damaged
            return [Problem(sentence="The delivered file can't be decoded to its end.")]


def _decode_source(context: CheckContext) -> None:
    media = context.source_media
    if context.source is None or media is None:
        return
    if media.video is not None and context.source_frames is not None:
        context.source_frames.times_us()
    for audio in media.audio:
        for _ in read_sound(context.source, media, audio, whole=False):
            context.progress("decoding the source", 0, None)
