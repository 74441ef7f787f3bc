"""Detectors look at the delivered picture again and see nobody uncovered."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

from veilcast.extensions import Problem
from veilcast.settings import DetectSettings
from veilcast.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.extensions import CheckContext
    from veilcast.visual.residual import Residual

MOST_TOLD = 50
"""So many are told one by one."""


def examine(context: CheckContext) -> list[Problem]:
    """Look at the delivered picture again for every stage that detects.

    Other frames are looked at than while locating, never three in a row are passed over, and by
    another detector where there is one. See `veilcast.visual.residual` for what counts.

    Raises:
        ModelMissingError: no detector for a stage has its models on this machine.
        VeilcastError: the picture can't be decoded, or a detector failed.
    """
    detecting = [one for one in context.treated if isinstance(one.settings, DetectSettings)]
    if context.delivered_media.video is None or not detecting:
        return []
    from veilcast.visual.residual import residuals

    found = sorted(residuals(context, detecting), key=lambda one: (one.from_us, one.to_us))
    problems = [_told(one) for one in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        problems.append(_summed_up(found[MOST_TOLD:]))
    return problems


def _told(residual: Residual) -> Problem:
    box = residual.box
    left, top = floor(box.x), floor(box.y)
    return Problem(
        sentence=f"A {residual.identifier} can be seen that is not covered.",
        kind="residual",
        identifier=residual.identifier,
        from_us=residual.from_us,
        to_us=residual.to_us,
        box=Box(x=left, y=top, width=ceil(box.right) - left, height=ceil(box.bottom) - top),
        score=round(residual.score, 3),
    )


def _summed_up(rest: Sequence[Residual]) -> Problem:
    classes = sorted({residual.identifier for residual in rest})
    return Problem(
        sentence=f"{len(rest)} more can be seen that are not covered ({', '.join(classes)}).",
        kind="residual",
        identifier=classes[0] if len(classes) == 1 else "",
        from_us=min(residual.from_us for residual in rest),
        to_us=max(residual.to_us for residual in rest),
        score=round(max(residual.score for residual in rest), 3),
    )
