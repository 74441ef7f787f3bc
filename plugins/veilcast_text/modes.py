"""What identifies in the lines of a picture, by the mode that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast_text.covering import LETTER, TEXT, text_lines
from veilcast_text.understanding import Identified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast_text.looking import Sight
    from veilcast_text.settings import TextSettings
    from veilcast_text.understanding import Judge

ALL = "all text is covered"


def judged_lines(judge: Judge, sight: Sight, settings: TextSettings) -> Sequence[Identified]:
    """What identifies in the lines of a picture, or all of them where that is asked for."""
    if settings.mode == "all" or (settings.mode == "all_but" and not settings.allow):
        return [_whole(number) for number in range(len(sight.lines))]
    lines = text_lines(sight)
    judged = judge.judge(lines)
    if settings.mode == "identifiers":
        return judged
    telling = {one.line for one in judged}
    harmless = {" ".join(phrase.casefold().split()) for phrase in settings.allow}
    return [
        _whole(number)
        for number, line in enumerate(lines)
        if number in telling or " ".join(line.text.casefold().split()) not in harmless
    ]


def _whole(number: int) -> Identified:
    return Identified(
        line=number,
        start=0,
        end=0,
        identifier=TEXT,
        hipaa=LETTER,
        score=1.0,
        reason=ALL,
        recognizer=TEXT,
    )
