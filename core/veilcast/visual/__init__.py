"""Locating with visual detectors: all that a new visual identifier needs beside its detector.

Frames are sampled by video time and looked at by a first detector; the others are asked at a
lower rate, and at once where the first leaves a question open. What was seen is followed by optical
flow where it is no longer seen, forwards and backwards, and becomes tracks. What a person has
marked is followed without a detector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.visual.locate import locate_visual
from veilcast.visual.marks import Followed, Mark, Stretch
from veilcast.visual.watched import Looker, Watched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.extensions import CheckContext, LocateContext, Progress, Treated
    from veilcast.media.info import MediaInfo
    from veilcast.types import Box

__all__ = [
    "Followed",
    "Looker",
    "Mark",
    "Stretch",
    "Watched",
    "asked_to_stay",
    "follow_marks",
    "locate_visual",
    "look_through",
    "watch",
]


def asked_to_stay(context: CheckContext, treated: Treated, time_us: int, box: Box) -> bool:
    """Whether the user wanted that what is seen there and then in the delivered file is left.

    Args:
        context: of a check; the delivered file has a picture.
        treated: the stage that would have covered it; its settings are `SelectionSettings`.
        time_us: of the frame.
        box: where something is seen, in displayed pixels.
    """
    from veilcast.visual.suppressions import Allowances

    if context.delivered_media.video is None:
        raise TypeError("what is seen needs a picture stream")
    size = context.delivered_media.video.displayed_size
    return Allowances(context.treated, treated, size).asked_to_stay(time_us, box)


def look_through(
    file: Path, media: MediaInfo, looker: Looker, *, rate: float | str, progress: Progress
) -> None:
    """Have pictures of a file looked at, without following what is seen.

    Args:
        file: to read.
        media: what it holds.
        looker: what looks; it is loaded before and closed afterwards.
        rate: looks per second of video; a word for every frame.
        progress: told about every frame.
    """
    from veilcast.visual.watching import looked_through

    looked_through(file, media, looker, rate, progress)


def watch(
    context: LocateContext,
    looker: Looker,
    *,
    rate: float | str,
    hold: float,
    identifier: str,
    hipaa: str,
    detector: str,
) -> Watched:
    """Have the source's pictures looked at, and follow what is seen in them both ways.

    Args:
        context: of a source with a picture.
        looker: what looks.
        rate: looks per second of video; a word for every frame. More are made around cuts.
        hold: how long to cover before and after sightings while they can be followed, seconds.
        identifier: of the tracks; see `Track`, as for the next two.
        hipaa: its letter.
        detector: who saw it.
    """
    from veilcast.visual.watching import watched

    return watched(
        context,
        looker,
        rate=rate,
        hold=hold,
        identifier=identifier,
        hipaa=hipaa,
        detector=detector,
    )


def follow_marks(context: LocateContext, marks: Sequence[Mark]) -> list[Followed]:
    """Follow what was marked through the source's picture, forwards and backwards.

    Between two markings it is followed from both, and what either says is covered. Where it is
    lost, its cover is held and widens, up to where it is found again, or to the next marking or the
    end.

    Args:
        context: of the stage that locates.
        marks: what to follow.
    """
    from veilcast.visual.following import follow

    return follow(context, marks)
