"""Check `text`: the delivered picture is read again, by the reader's other size where it is here.

Two have to agree on what can be read: what finds a line in the delivered picture, and the reader
that located, which is shown the same line. One reader alone sees too much that is nothing.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple

from veilcast.plugin import (
    Box,
    ModelMissingError,
    Problem,
    asked_to_stay,
    look_through,
)
from veilcast_text.covering import is_unreadable
from veilcast_text.cutting import cut, size_of
from veilcast_text.looking import WIDE_PX, TextLooks, box_of
from veilcast_text.modes import ALL, judged_lines
from veilcast_text.settings import PpOcrSettings, TextSettings
from veilcast_text.understanding import LISTED, Judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from veilcast.plugin import (
        CheckContext,
        Detection,
        Pictures,
        Pursuit,
        Treated,
    )
    from veilcast_text.understanding import Identified

_LOOKS_HZ = 1.5
_TELLING = 0.8
_SURE = 0.85
_DIGITS, _LETTERS, _WORDS = 5, 3, 2
_WORDED = frozenset({"person", "city", "facility", "organization", "address", "username"})
"""Classes of words; the others are numbers, or have an @."""
_MOST_TOLD = 50
_PERIOD_US = round(1e6 / _LOOKS_HZ)


class _Left(NamedTuple):
    identifier: str
    from_us: int
    to_us: int
    box: Box
    score: float


def examine(context: CheckContext) -> list[Problem]:
    """Read the delivered picture again where a stage read the recording's.

    Raises:
        ModelMissingError: the models of the reader that located are not on this machine.
        VeilcastError: the picture can't be decoded, or the reader failed.
    """
    own = [one for one in context.treated if isinstance(one.settings, TextSettings)]
    if context.delivered_media.video is None or not own:
        return []
    found = [left for treated in own for left in _left(context, treated)]
    found.sort(key=lambda one: (one.from_us, one.to_us, one.identifier))
    problems = [
        Problem(
            sentence=f"Text can be read that is not covered ({one.identifier}).",
            kind="residual",
            identifier=one.identifier,
            from_us=one.from_us,
            to_us=one.to_us,
            box=_whole(one.box),
            score=round(one.score, 3),
        )
        for one in found[:_MOST_TOLD]
    ]
    if rest := found[_MOST_TOLD:]:
        problems.append(
            Problem(
                sentence=f"{len(rest)} more lines can be read that are not covered.",
                kind="residual",
                from_us=rest[0].from_us,
                to_us=max(one.to_us for one in rest),
            )
        )
    return problems


def _whole(box: Box) -> Box:
    left, top = floor(box.x), floor(box.y)
    return Box(x=left, y=top, width=ceil(box.right) - left, height=ceil(box.bottom) - top)


def _left(context: CheckContext, treated: Treated) -> list[_Left]:
    settings: TextSettings = treated.settings
    video = context.delivered_media.video
    reader = context.text_readers[settings.reader.name]
    located = settings.reader.own or reader.settings()
    models = dict(context.models(reader.models(located)))
    other = located
    if isinstance(located, PpOcrSettings):
        other = located.model_copy(update={"size": "tiny" if located.size == "small" else "small"})
        try:
            models |= context.models(reader.models(other))
        except ModelMissingError:
            other = located
    if video is None:
        return []
    looks = _Twice(
        ((reader, other), (reader, located)),
        models,
        video.displayed_size,
        codes=False,
        whole_px=WIDE_PX,
        glances=False,
    )
    look_through(
        context.delivered,
        context.delivered_media,
        looks,
        rate=_LOOKS_HZ,
        progress=context.progress,
    )
    left: list[_Left] = []
    reading = {**models, **context.reading_models(settings.language)}
    with Judge(settings, context.recognizers, reading, settings.language) as judge:
        for sight in looks.sights:
            covers = [box for one in context.treated for box in one.covers(sight.time_us)]
            for one in judged_lines(judge, sight, settings):
                line = sight.lines[one.line]
                box = box_of(line.quad)
                if line.reading.sure < _SURE or not _is_proved(one, line.reading.line.text):
                    continue
                # What runs into a cover is the rest of something that was covered. A line above or
                # below one is not: it may be the one of a label that was missed.
                if any(_runs_into(line.quad, cover) for cover in covers):
                    continue
                if not asked_to_stay(context, treated, sight.time_us, box):
                    _add(
                        left,
                        _Left(one.identifier, sight.time_us, sight.time_us + 1, box, one.score),
                    )
    return left


def _is_proved(one: Identified, text: str) -> bool:
    """Whether it has the form of a whole name or number, or other words stand beside a name.

    A scrap of a line that is read by itself is taken for a name now and then.
    """
    if one.reason == ALL or one.recognizer in LISTED:
        return True
    if one.score < _TELLING:
        return False
    said = text[one.start : one.end]
    if one.identifier not in _WORDED:
        return "@" in said or sum(character.isdigit() for character in said) >= _DIGITS
    return len([word for word in text.split() if len(word) >= _LETTERS]) >= _WORDS


def _runs_into(quad: NDArray[np.float64], cover: Box) -> bool:
    """Whether a line goes on in a cover: that begins at its end, or reaches its middle half."""
    box, high = box_of(quad), size_of(quad)[1]
    across, down = high / 2, -high / 4
    if box.height > box.width:
        across, down = down, across
    return (
        box.x - across < cover.right
        and cover.x < box.right + across
        and box.y - down < cover.bottom
        and cover.y < box.bottom + down
    )


def _add(left: list[_Left], new: _Left) -> None:
    """Add it, or draw out the one that it goes on from."""
    for number, before in enumerate(left):
        if (
            before.identifier == new.identifier
            and new.from_us - before.to_us <= 2 * _PERIOD_US
            and before.box.iou(new.box) > 0
        ):
            left[number] = before._replace(to_us=new.to_us, score=max(before.score, new.score))
            return
    left.append(new)


class _Twice(TextLooks):
    """What one reader finds and reads, another has to read as well."""

    def look(
        self, time_us: int, pictures: Pictures, pursuit: Pursuit | None
    ) -> list[tuple[Detection, float]]:
        seen = super().look(time_us, pictures, pursuit)
        for line in self.sights[-1].lines:
            if line.reading.confirmed or is_unreadable(line):
                continue
            again = self._loaded[-1].read(cut(pictures.colour(pictures.side), line.as_read))
            line.reading.line, line.reading.confirmed = again, True
        return seen
