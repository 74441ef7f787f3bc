"""From a source to covers of what identifies in its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import Findings, SettingError, watch
from veilcast_text.covering import LETTER, TEXT, Target, covers, is_unreadable, targets
from veilcast_text.keeping import Seen, packed, unpacked
from veilcast_text.looking import STILL_PX, WHOLE_PX, TextLooks
from veilcast_text.modes import judged_lines
from veilcast_text.understanding import Judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.plugin import LocateContext
    from veilcast_text.looking import Sight
    from veilcast_text.settings import TextSettings

STAGE = "text"


def locate(context: LocateContext) -> Findings:
    """Find, read and follow every line, and cover those that identify.

    Raises:
        SettingError: there is no text reader of the name that the settings give.
    """
    settings: TextSettings = context.settings
    if context.media.video is None:
        return Findings(stage=STAGE, nothing_to_do="The input has no picture.")
    seen = _seen(context, settings)
    aims: dict[int, list[Target]] = {}
    with Judge(settings, context.recognizers, context.models, settings.language) as judge:
        for number, sight in enumerate(seen.sights):
            context.progress("reading", number, len(seen.sights))
            judged = judged_lines(judge, sight, settings)
            aims[sight.time_us] = list(targets(sight, judged, settings))
        foreign = judge.foreign
    covered = covers(seen.tracks, seen.sights, aims)
    return Findings(
        stage=STAGE,
        tracks=tuple(covered),
        warnings=tuple(_warnings(seen.sights, foreign, settings)),
        examined=seen.looks,
    )


def _seen(context: LocateContext, settings: TextSettings) -> Seen:
    """Every line, followed: from an earlier run where that looked in the same way."""
    readers = []
    for choice in settings.readers:
        if choice.name not in context.text_readers:
            raise SettingError(
                f"There is no text reader '{choice.name}'; 'veilcast plugins' lists them."
            )
        reader = context.text_readers[choice.name]
        readers.append((reader, choice.own or reader.settings()))
    key = [
        [[reader.name, own.model_dump(mode="json")] for reader, own in readers],
        [settings.sample_rate, settings.hold, settings.codes],
    ]
    kept = context.cache.get(key)
    if kept is not None:
        return unpacked(kept)
    video = context.media.video
    if video is None:
        raise TypeError("looking needs a picture stream")
    whole_px = STILL_PX if context.media.kind == "still" else WHOLE_PX
    looks = TextLooks(
        readers,
        context.models,
        video.displayed_size,
        codes=settings.codes,
        whole_px=whole_px,
    )
    tracks, examined = watch(
        context,
        looks,
        rate=settings.sample_rate,
        hold=settings.hold,
        identifier=TEXT,
        hipaa=LETTER,
        detector=settings.reader.name,
    )
    seen = Seen(tracks, looks.sights, examined)
    context.cache.put(key, packed(seen))
    return seen


def _warnings(sights: Sequence[Sight], foreign: Sequence[str], settings: TextSettings) -> list[str]:
    warnings = []
    if foreign:
        warnings.append(
            f"Text was read without {', '.join(foreign)}: not made for the language "
            f"'{settings.language}'."
        )
    unread = max((sum(is_unreadable(line) for line in sight.lines) for sight in sights), default=0)
    if unread and settings.unreadable == "leave":
        warnings.append(
            f"Lines that are too small or blurred could not be read (at most {unread} at a time); "
            "where one stands by itself it was left: look at the result, or set "
            "text.unreadable=cover."
        )
    return warnings
