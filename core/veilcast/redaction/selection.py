"""What is covered of a stage's findings, after all edits: the one place that decides it.

In doubt a frame is covered: one is left uncovered only when it is shown wholly within a span that
an edit drops.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from veilcast.errors import SettingError
from veilcast.redaction.asked import asked_drops, configured, numbers
from veilcast.redaction.covers import TrackCovers
from veilcast.redaction.sounds import settled
from veilcast.settings import CoverSettings
from veilcast.types import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from veilcast.findings.edits import Author, Drop, Effective, Spans, Thing
    from veilcast.types import Cover, Sound, Track

WHY = {"person": "reviewed", "link": "linked", "check": "checked"}
"""What a manifest says of an author's reasons: they may be somebody's own words."""


@dataclass(frozen=True, slots=True)
class Shown:
    """When frames are shown.

    Attributes:
        times_us: int64, rising: from when.
        ends_us: int64: until when, exclusive.
    """

    times_us: NDArray[np.int64]
    ends_us: NDArray[np.int64]

    @classmethod
    def of(cls, frames_us: NDArray[np.int64]) -> Shown:
        """Of all frames of a recording, of which these are the times."""
        # The last frame's end is not written down everywhere; most last as long as the one before.
        last = int(frames_us[-1])
        shown = last - int(frames_us[-2]) if len(frames_us) > 1 else 1
        return cls(frames_us, np.append(frames_us[1:], last + shown))

    def during(self, covers: TrackCovers) -> Shown:
        """Of the frames that a track covers."""
        bounds = np.searchsorted(self.times_us, [covers.start_us, covers.end_us + 1])
        here = slice(*bounds.tolist())
        return Shown(self.times_us[here], self.ends_us[here])

    def spans_of(self, which: NDArray[np.bool_]) -> Spans:
        """The spans during which some of these frames are shown: runs of neighbours are one."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], which, [False]]).astype(np.int8)))
        return tuple(
            (int(self.times_us[first]), int(self.ends_us[end - 1]))
            for first, end in edges.reshape(-1, 2).tolist()
        )

    def within(self, spans_us: Spans | None) -> NDArray[np.bool_]:
        """Which of these frames are shown wholly within one of the spans; None: all."""
        which = np.full(len(self.times_us), spans_us is None)
        for start_us, end_us in spans_us or ():
            which |= (self.times_us >= start_us) & (self.ends_us <= end_us)
        return which


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
    """A track that was located and left uncovered, wholly or in part, because somebody said so.

    Attributes:
        track: where it was uncovered: only those frames.
        frames: how many frames it has in all.
        why: which settings said so: ``keep``, ``only``, ``time``, ``within``, ``outside``;
            ``person`` where the track was recognised as somebody to keep; or who: ``reviewed``,
            ``linked``, ``checked``.
    """

    track: Track
    frames: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UncoveredSound:
    """A span of sound that was located and is left as it was.

    Attributes:
        sound: only that span.
        why: as of `Uncovered`.
    """

    sound: Sound
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What becomes of a stage's tracks and sounds.

    Attributes:
        covered: each track that is covered, with its covers; of a track that is left uncovered
            in part only the frames that are covered.
        uncovered: what is not.
        sounds: the spans of sound that are covered, with what the settings say of them.
        uncovered_sounds: those that are not.
        warnings: sentences for the user, without values.
        edits: how many things each author added, changed and dropped.
    """

    covered: tuple[tuple[Track, TrackCovers], ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    sounds: tuple[Sound, ...] = ()
    uncovered_sounds: tuple[UncoveredSound, ...] = ()
    warnings: tuple[str, ...] = ()
    edits: Mapping[Author, Mapping[str, int]] = field(default_factory=dict)


def select(
    merged: Effective,
    settings: object,
    frames_us: NDArray[np.int64] | None = None,
    width: int = 0,
    height: int = 0,
) -> Selection:
    """What is covered and what is left uncovered.

    Args:
        merged: what counts of one stage.
        settings: the stage's.
        frames_us: int64, rising: the time of every frame of the recording; None where tracks are
            covered whole, whatever the settings say: there is no picture, or the stage covers by
            itself.
        width: of the displayed frame.
        height: of the displayed frame.

    Raises:
        SettingError: the settings speak of a track, a time or a place that is not there, or an
            edit drops a track of a stage that covers by itself.
        FindingsError: they speak of tracks by number, and two have the same.
    """
    findings, drops = merged.findings, list(merged.drops)
    sounds, bare = _sounds(settled(findings.sounds, settings), drops)
    chosen = Selection(sounds=sounds, uncovered_sounds=bare, edits=merged.counts)
    if not isinstance(settings, CoverSettings):
        return chosen
    if frames_us is None:
        if any(drop.thing == "track" for drop in drops):
            raise SettingError(
                f"The stage '{findings.stage}' covers by itself and can't leave out tracks; take "
                "these edits back."
            )
        tracks = [configured(track, settings)[0] for track in findings.tracks]
        return replace(chosen, covered=tuple((t, TrackCovers(t, settings)) for t in tracks))
    shown = Shown.of(frames_us)
    drops += asked_drops(findings, settings, shown, width, height)
    of_tracks = _by_number(drops, "track")
    covered: list[tuple[Track, TrackCovers]] = []
    uncovered: list[Uncovered] = []
    for located in findings.tracks:
        track, _ = configured(located, settings)
        covers = TrackCovers(track, settings)
        here = shown.during(covers)
        mine = [(drop, here.within(drop.spans_us)) for drop in of_tracks.get(track.id, ())]
        left = np.logical_or.reduce([which for _, which in mine]) if mine else np.zeros(1, bool)
        if not left.any():
            covered.append((track, covers))
            continue
        dense = _on_frames(track, here.times_us)
        why = tuple(dict.fromkeys(_why(drop) for drop, which in mine if which.any()))
        uncovered.append(Uncovered(track=_part(dense, left), frames=len(left), why=why))
        if not left.all():
            partial = PartialCovers(track, settings, here.times_us[left])
            covered.append((_part(dense, ~left), partial))
    return replace(
        chosen,
        covered=tuple(covered),
        uncovered=tuple(uncovered),
        warnings=_sentences(findings.stage, covered, uncovered),
    )


def _by_number(drops: Sequence[Drop], thing: Thing) -> Mapping[int, Sequence[Drop]]:
    found: dict[int, list[Drop]] = {}
    for drop in drops:
        if drop.thing == thing:
            found.setdefault(drop.id, []).append(drop)
    return found


def _why(drop: Drop) -> str:
    return WHY.get(drop.author, drop.reason)


def _sounds(
    sounds: Sequence[Sound], drops: Sequence[Drop]
) -> tuple[tuple[Sound, ...], tuple[UncoveredSound, ...]]:
    """What is covered of each sound, and what is not."""
    of_sounds = _by_number(drops, "sound")
    covered: list[Sound] = []
    uncovered: list[UncoveredSound] = []
    for sound in sounds:
        mine = of_sounds.get(sound.id, ())
        whole = (sound.start_us, sound.end_us)
        for start_us, end_us, why in _pieces(whole, mine):
            piece = replace(sound, start_us=start_us, end_us=end_us)
            if why:
                uncovered.append(UncoveredSound(sound=piece, why=why))
            else:
                covered.append(piece)
    return tuple(covered), tuple(uncovered)


def _pieces(
    whole: tuple[int, int], drops: Sequence[Drop]
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """A span in pieces: from, to, and why it is left uncovered, where it is."""
    spans = [(drop, span) for drop in drops for span in drop.spans_us or (whole,)]
    cuts = {*whole, *(cut for _, span in spans for cut in span if whole[0] < cut < whole[1])}
    edges = sorted(cuts)
    run: tuple[int, int, tuple[str, ...]] | None = None
    for start_us, end_us in pairwise(edges):
        why = tuple(dict.fromkeys(_why(d) for d, (a, b) in spans if a <= start_us and end_us <= b))
        if run is not None and bool(run[2]) == bool(why):
            run = (run[0], end_us, tuple(dict.fromkeys((*run[2], *why))))
            continue
        if run is not None:
            yield run
        run = (start_us, end_us, why)
    if run is not None:
        yield run


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
        parts.append(f"{numbers(wholly)} wholly")
    if partly:
        parts.append(f"{numbers(partly)} for some of the time")
    end = "check the result" if covered else "nothing of this stage is covered"
    return (f"As asked, '{stage}' leaves uncovered {' and '.join(parts)}; {end}.",)
