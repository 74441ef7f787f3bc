"""What settings ask to be left uncovered, as edits.

In doubt a frame is covered: a span to leave out counts only frames that are shown wholly within
it, a span to cover counts every frame that is shown during any of it, and rectangles are compared
with the cover itself, padding and all.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from veilcast.errors import FindingsError, SettingError
from veilcast.findings.edits import Drop
from veilcast.redaction.covers import TrackCovers
from veilcast.settings import CoverSettings, SelectionSettings
from veilcast.units import in_pixels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from veilcast.findings import Findings
    from veilcast.redaction.selection import Shown
    from veilcast.settings import TrackTime
    from veilcast.types import Box, Track

COVER = "cover"
"""A track's option that says False: what located it found that it should be left uncovered."""
TOLD = 20
"""So many tracks are named in a sentence."""


def asked_drops(
    findings: Findings, settings: CoverSettings, shown: Shown, width: int, height: int
) -> list[Drop]:
    """Which tracks are to be left uncovered, and when; one edit for each setting that says so.

    Args:
        findings: what counts of one stage.
        settings: the stage's.
        shown: when each frame of the recording is shown.
        width: of the displayed frame.
        height: of the displayed frame.

    Raises:
        SettingError: the settings speak of a track, a time or a place that is not there.
        FindingsError: they speak of tracks by number, and two have the same.
    """
    marked = any(COVER in track.options for track in findings.tracks)
    if not isinstance(settings, SelectionSettings) or not (
        marked or settings.selects or settings.per_track
    ):
        return []
    check_rectangles(settings, width, height)
    _check_tracks(findings, settings)
    _check_times(settings, int(shown.times_us[0]), int(shown.ends_us[-1]))
    drops = []
    for located in findings.tracks:
        track, own = configured(located, settings)
        covers = TrackCovers(track, settings)
        here = shown.during(covers)
        reasons = _reasons(track.id, own, settings, here.times_us, here.ends_us)
        reasons |= _places(covers, settings, here.times_us, width, height)
        drops += [
            Drop(
                stage=findings.stage,
                author="stage" if name == "person" else "settings",
                reason=name,
                thing="track",
                id=track.id,
                spans_us=here.spans_of(mask),
            )
            for name, mask in reasons.items()
            if mask.any()
        ]
    return drops


def check_rectangles(settings: SelectionSettings, width: int, height: int) -> None:
    """Stop when a rectangle is about nothing.

    Raises:
        SettingError: one is wholly outside a frame of this size.
    """
    for name in ("within", "outside"):
        for number, rectangle in enumerate(getattr(settings, name), 1):
            if in_pixels(rectangle, width, height).clamped(width, height) is None:
                raise SettingError(
                    f"Rectangle {number} of '{name}' is wholly outside the frame of "
                    f"{width}x{height}; give left, top, width, height."
                )


def _check_tracks(findings: Findings, settings: SelectionSettings) -> None:
    if not settings.names_tracks:
        return
    there = [track.id for track in findings.tracks]
    if len(set(there)) != len(there):
        raise FindingsError(
            f"Two tracks of stage '{findings.stage}' have the same number, and the settings "
            "speak of tracks by number; correct the findings."
        )
    wanted = {
        "keep": {entry.track for entry in settings.keep},
        "only": {entry.track for entry in settings.only},
        "per_track": set(settings.per_track),
    }
    for name, ids in wanted.items():
        for unknown in sorted(ids - set(there)):
            known = f"it has {numbers(there)}" if there else "it has none"
            raise SettingError(
                f"'{findings.stage}.{name}' names track {unknown}, which was not located; {known}."
            )


def _check_times(settings: SelectionSettings, start_us: int, end_us: int) -> None:
    early = settings.end is not None and settings.end <= start_us
    if early or (settings.start is not None and settings.start >= end_us):
        raise SettingError(
            "'from' and 'to' leave no frame of the recording to be covered; "
            "give times within the recording."
        )


def configured(track: Track, settings: CoverSettings) -> tuple[Track, bool]:
    """The track with its options from the settings, and whether it is to be covered by itself.

    Raises:
        SettingError: the option that says so is malformed, or the stage does not know it.
    """
    own = dict(track.options)
    cover = own.pop(COVER, True)
    if not isinstance(cover, bool):
        raise SettingError(f"The option '{COVER}' of track {track.id} is not true or false.")
    if isinstance(settings, SelectionSettings):
        given = settings.per_track.get(track.id)
        if given is not None:
            own |= {name: getattr(given, name) for name in given.model_fields_set}
    elif not cover:
        raise SettingError(
            f"The option '{COVER}' of track {track.id} is false, which this stage does not know; "
            "to leave a track uncovered, add an edit that drops it."
        )
    return replace(track, options=own), cover


def _reasons(
    track: int,
    cover: bool,
    settings: SelectionSettings,
    times: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> dict[str, NDArray[np.bool_]]:
    """By setting, which frames it leaves uncovered; frames are shown from `times` to `ends`."""
    kept = np.zeros(len(times), dtype=bool)
    for entry in _of(track, settings.keep):
        kept |= (times >= _or(entry.start, times[0])) & (ends <= _or(entry.end, ends[-1]))
    asked = np.zeros(len(times), dtype=bool)
    for entry in _of(track, settings.only):
        asked |= _during(entry.start, entry.end, times, ends)
    none = np.zeros(len(times), dtype=bool)
    return {
        "keep": kept,
        "only": ~asked if settings.only else none,
        "person": ~asked if not cover else none,
        "time": ~_during(settings.start, settings.end, times, ends),
    }


def _of(track: int, entries: Iterable[TrackTime]) -> list[TrackTime]:
    return [entry for entry in entries if entry.track == track]


def _or(time_us: int | None, otherwise: int) -> int:
    return otherwise if time_us is None else time_us


def _during(
    start: int | None, end: int | None, times: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which frames are shown during any of a span."""
    return (times < _or(end, times[-1] + 1)) & (ends > _or(start, ends[0] - 1))


def _places(
    covers: TrackCovers,
    settings: SelectionSettings,
    times: NDArray[np.int64],
    width: int,
    height: int,
) -> dict[str, NDArray[np.bool_]]:
    if not settings.within and not settings.outside:
        return {}
    within = [in_pixels(rectangle, width, height) for rectangle in settings.within]
    outside = [in_pixels(rectangle, width, height) for rectangle in settings.outside]
    apart = np.zeros(len(times), dtype=bool)
    inside = np.zeros(len(times), dtype=bool)
    for index, time_us in enumerate(times.tolist()):
        cover = covers.at(time_us)
        if cover is None:
            continue
        box, soft = cover.box, cover.feather_px
        edges = (
            max(floor(box.x - soft), 0),
            max(floor(box.y - soft), 0),
            min(ceil(box.right + soft), width),
            min(ceil(box.bottom + soft), height),
        )
        apart[index] = bool(within) and not any(_touches(edges, place) for place in within)
        inside[index] = any(_lies_in(edges, place) for place in outside)
    return {"within": apart, "outside": inside}


def _touches(edges: tuple[int, int, int, int], box: Box) -> bool:
    left, top, right, bottom = edges
    return left < box.right and right > box.x and top < box.bottom and bottom > box.y


def _lies_in(edges: tuple[int, int, int, int], box: Box) -> bool:
    left, top, right, bottom = edges
    return left >= box.x and right <= box.right and top >= box.y and bottom <= box.bottom


def numbers(ids: Sequence[int]) -> str:
    """Numbers of tracks for a sentence, the first of them when there are many."""
    told = ", ".join(map(str, sorted(ids)[:TOLD]))
    more = f" and {len(ids) - TOLD} more" if len(ids) > TOLD else ""
    return f"track{'s' if len(ids) > 1 else ''} {told}{more}"
