"""Core's own checks: the delivered file plays as the source does, and shows nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.extensions import Check, Problem
from veilcast.host import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.extensions import CheckContext


@hookimpl
def veilcast_checks() -> Iterator[Check]:
    """Playback, synchrony, covered sound, and a second look at the picture."""
    yield Check(
        name="playback",
        summary="Decodes to the end; frames, timing and picture properties are the source's",
        run=_playback,
    )
    yield Check(
        name="sync",
        summary="What is heard comes when it comes in the source",
        run=_sync,
    )
    yield Check(
        name="covers",
        summary="Where sound was to be covered, it does not go as in the source",
        run=_covers,
    )
    yield Check(
        name="likeness",
        summary="Examined later, the picture shows what the source shows",
        run=_likeness,
    )
    yield Check(
        name="picture",
        summary="Detectors look at the delivered picture again and see nothing uncovered",
        run=_picture,
    )


def _playback(context: CheckContext) -> Sequence[Problem]:
    from veilcast.checks.playback import examine

    return examine(context)


def _sync(context: CheckContext) -> Sequence[Problem]:
    from veilcast.checks.sync import examine

    return examine(context)


def _covers(context: CheckContext) -> Sequence[Problem]:
    from veilcast.checks.sound_covers import examine

    return examine(context)


def _likeness(context: CheckContext) -> Sequence[Problem]:
    from veilcast.checks.likeness import examine

    return examine(context)


def _picture(context: CheckContext) -> Sequence[Problem]:
    from veilcast.checks.picture_check import examine

    return examine(context)
