"""Which of the located tracks are covered: all, but for what the user asked to be left.

In doubt a frame is covered: a span to leave out counts only frames that are shown wholly within
it, a span to cover counts every frame that is shown during any of it, and rectangles are compared
with the cover itself, padding and all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from veilcast.errors import FindingsError, SettingError
from veilcast.redaction.covers import TrackCovers
from veilcast.settings import CoverSettings, SelectionSettings
from veilcast.types import Origin
from veilcast.units import in_pixels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from veilcast.findings import Findings
    from veilcast.settings import TrackTime
    from veilcast.types import Box, Cover, Track

COVER = "cover"
"""A track's option that says False: what located it found that it should be left uncovered."""
_TOLD = 20
"""So many tracks are named in a sentence."""


class PartialCovers(TrackCovers):
    """The covers of a track of which some frames are left uncovered."""

    def __init__(self, track: Track, settings: CoverSettings, bare_us: NDArray[np.int64]) -> None:
        """As the whole track's covers, but for the frames at these very times (rising)."""
        super().__init__(track, settings)
        self._bare_us = frozenset(bare_us.tolist())

    def at(self, time_us: int) -> Cover | None:
        """The cover of the frame at this time, if it has one."""
        return None if time_us in self._bare_us else super().at(time_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """A track that was located and left uncovered, wholly or in part, because the user said so.

    Attributes:
        track: where it was uncovered: only those frames.
        frames: how many frames it has in all.
        why: which settings said so: ``keep``, ``only``, ``time``, ``within``, ``outside``, or
            ``person`` where the track was recognised as somebody to keep.
    """

    track: Track
    frames: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What becomes of a stage's tracks.

    Attributes:
        covered: each track that is covered, with its covers; of a track that is left uncovered
            in part only the frames that are covered.
        uncovered: what is not.
        warnings: sentences for the user, without values.
    """

    covered: tuple[tuple[Track, TrackCovers], ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def everything(findings: Findings, settings: CoverSettings) -> Selection:
    """Every track, covered as the settings say.

    Raises:
        SettingError: an option of a track is not allowed.
    """
    tracks = [_configured(track, settings)[0] for track in findings.tracks]
    return Selection(covered=tuple((track, TrackCovers(track, settings)) for track in tracks))


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


def select(
    findings: Findings,
    settings: CoverSettings,
    frames_us: NDArray[np.int64],
    width: int,
    height: int,
) -> Selection:
    """What is covered and what is left uncovered.

    Args:
        findings: of one stage.
        settings: the stage's.
        frames_us: int64, rising: the time of every frame of the recording.
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
        return everything(findings, settings)
    check_rectangles(settings, width, height)
    _check_tracks(findings, settings)
    # The last frame's end is not written down everywhere; most last as long as the one before.
    last = int(frames_us[-1])
    shown = last - int(frames_us[-2]) if len(frames_us) > 1 else 1
    ends_us = np.append(frames_us[1:], last + shown)
    _check_times(settings, int(frames_us[0]), last + shown)
    covered: list[tuple[Track, TrackCovers]] = []
    uncovered: list[Uncovered] = []
    for located in findings.tracks:
        track, own = _configured(located, settings)
        covers = TrackCovers(track, settings)
        here = slice(*np.searchsorted(frames_us, [covers.start_us, covers.end_us + 1]))
        times, ends = frames_us[here], ends_us[here]
        reasons = _reasons(track.id, own, settings, times, ends)
        reasons |= _places(covers, settings, times, width, height)
        bare = np.zeros(len(times), dtype=bool)
        for mask in reasons.values():
            bare |= mask
        if not bare.any():
            covered.append((track, covers))
            continue
        dense = _on_frames(track, times)
        why = tuple(name for name, mask in reasons.items() if mask.any())
        uncovered.append(Uncovered(track=_part(dense, bare), frames=len(times), why=why))
        if not bare.all():
            covered.append((_part(dense, ~bare), PartialCovers(track, settings, times[bare])))
    return Selection(
        covered=tuple(covered),
        uncovered=tuple(uncovered),
        warnings=_sentences(findings.stage, covered, uncovered),
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
            known = f"it has {_numbers(there)}" if there else "it has none"
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


def _configured(track: Track, settings: CoverSettings) -> tuple[Track, bool]:
    """The track with its options from the settings, and whether it is to be covered by itself."""
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
            "to leave a track uncovered, take it out of the findings."
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


def _on_frames(track: Track, times: NDArray[np.int64]) -> Track:
    """The track with a box for each of these frames, none of which is before or after it."""
    after = np.searchsorted(track.times_us, times)
    exact = track.times_us[after] == times
    before = np.where(exact, after, after - 1)
    one, other = track.boxes[before], track.boxes[after]
    corner = np.minimum(one[:, :2], other[:, :2])
    end = np.maximum(one[:, :2] + one[:, 2:], other[:, :2] + other[:, 2:])
    return replace(
        track,
        times_us=times,
        boxes=np.hstack([corner, end - corner]),
        scores=np.where(exact, track.scores[after], np.nan),
        origins=np.where(exact, track.origins[after], np.uint8(Origin.INTERPOLATED)),
    )


def _part(track: Track, which: NDArray[np.bool_]) -> Track:
    return replace(
        track,
        times_us=track.times_us[which],
        boxes=track.boxes[which],
        scores=track.scores[which],
        origins=track.origins[which],
    )


def _sentences(
    stage: str, covered: Sequence[tuple[Track, TrackCovers]], uncovered: Sequence[Uncovered]
) -> tuple[str, ...]:
    if not uncovered:
        return ()
    some = {track.id for track, _ in covered}
    wholly = [u.track.id for u in uncovered if u.track.id not in some]
    partly = [u.track.id for u in uncovered if u.track.id in some]
    parts = []
    if wholly:
        parts.append(f"{_numbers(wholly)} wholly")
    if partly:
        parts.append(f"{_numbers(partly)} for some of the time")
    end = "check the result" if covered else "nothing of this stage is covered"
    return (f"As asked, '{stage}' leaves uncovered {' and '.join(parts)}; {end}.",)


def _numbers(ids: Sequence[int]) -> str:
    told = ", ".join(map(str, sorted(ids)[:_TOLD]))
    more = f" and {len(ids) - _TOLD} more" if len(ids) > _TOLD else ""
    return f"track{'s' if len(ids) > 1 else ''} {told}{more}"
