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

    from veilcast.extensions import LocateContext

__all__ = [
    "Followed",
    "Looker",
    "Mark",
    "Stretch",
    "Watched",
    "follow_marks",
    "locate_visual",
    "watch",
]


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
