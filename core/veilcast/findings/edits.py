"""Edits: what is added to what was located, changed in it or left uncovered, by whom and why.

What a stage located are its findings. Everything that decides afterwards what of them is covered
is an edit in a log: the settings of a run, what a link or a check adds, and what a person decides.
`effective` puts findings and log together. Edits of different things may stand in any order; of
one thing, what a later edit says counts. Nothing is taken out of the log: an edit is taken back by
another, and that by a third.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from veilcast.errors import FindingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from veilcast.findings.document import Findings
    from veilcast.types import Sound, Track

Author: TypeAlias = Literal["stage", "settings", "person", "link", "check"]
AUTHORS: tuple[Author, ...] = ("stage", "settings", "person", "link", "check")
Thing: TypeAlias = Literal["track", "sound"]
Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Half-open, in microseconds of the recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What all edits have.

    Attributes:
        stage: whose findings it is about.
        author: who made it.
        reason: why, in words for people. It may be a person's own words: it stays in the findings.
    """

    stage: str
    author: Author
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Edit):
    """Things that no stage located. Their numbers must be new within the stage."""

    tracks: tuple[Track, ...] = ()
    sounds: tuple[Sound, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Edit):
    """Other options for one thing: how it is covered."""

    thing: Thing
    id: int
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Edit):
    """One thing is left uncovered: wholly, or during some spans."""

    thing: Thing
    id: int
    spans_us: Spans | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Edit):
    """Takes back an edit that stands before it in the log, by its number from 1."""

    edit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """What counts of one stage.

    Attributes:
        findings: with what was added and changed.
        drops: what of it is left uncovered.
        counts: how many things each author added, changed and dropped.
    """

    findings: Findings
    drops: tuple[Drop, ...] = ()
    counts: Mapping[Author, Mapping[str, int]] = field(default_factory=dict)


def effective(findings: Findings, log: Sequence[Edit]) -> Effective:
    """What of a stage's findings counts after all edits.

    Args:
        findings: as the stage located.
        log: edits of any stages, oldest first.

    Raises:
        FindingsError: an edit is of something that there is not.
    """
    edits = [edit for edit in standing(log) if edit.stage == findings.stage]
    added = [edit for edit in edits if isinstance(edit, Add)]
    tracks = _unique((*findings.tracks, *(t for edit in added for t in edit.tracks)), bool(added))
    sounds = _unique((*findings.sounds, *(s for edit in added for s in edit.sounds)), bool(added))
    drops = tuple(edit for edit in edits if isinstance(edit, Drop))
    changes = [edit for edit in edits if isinstance(edit, Change)]
    there = {
        "track": Counter(track.id for track in tracks),
        "sound": Counter(sound.id for sound in sounds),
    }
    for thing, number in [(e.thing, e.id) for e in drops] + [(e.thing, e.id) for e in changes]:
        if there[thing][number] != 1:
            raise FindingsError(
                f"An edit is of {thing} {number} of stage '{findings.stage}', which is not "
                "there, or there twice; correct the edits."
            )
    merged = replace(
        findings,
        tracks=_changed(tracks, [one for one in changes if one.thing == "track"]),
        sounds=_changed(sounds, [one for one in changes if one.thing == "sound"]),
    )
    return Effective(findings=merged, drops=drops, counts=_counts(edits))


def standing(log: Sequence[Edit]) -> list[Edit]:
    """The edits that were not taken back, but for those that take back.

    Raises:
        FindingsError: one takes back what does not stand before it.
    """
    undone: set[int] = set()
    for number in range(len(log), 0, -1):
        edit = log[number - 1]
        if isinstance(edit, Undo):
            if not 1 <= edit.edit < number:
                raise FindingsError(
                    f"Edit {number} takes back edit {edit.edit}, which does not stand before it; "
                    "correct the edits."
                )
            if number not in undone:
                undone.add(edit.edit)
    return [
        edit
        for number, edit in enumerate(log, 1)
        if number not in undone and not isinstance(edit, Undo)
    ]


_T = TypeVar("_T", "Track", "Sound")


def _unique(things: tuple[_T, ...], added: bool) -> tuple[_T, ...]:
    """Refuse a number that was given twice, where somebody added things."""
    if added and len({one.id for one in things}) < len(things):
        raise FindingsError("Two things of a stage have one number; give added ones new numbers.")
    return things


def _changed(things: Iterable[_T], changes: Sequence[Change]) -> tuple[_T, ...]:
    own: dict[int, dict[str, Any]] = {}
    for change in changes:
        own.setdefault(change.id, {}).update(change.options)
    return tuple(
        replace(one, options={**one.options, **own[one.id]}) if one.id in own else one
        for one in things
    )


def _counts(edits: Iterable[Edit]) -> dict[Author, dict[str, int]]:
    counts: dict[Author, Counter[str]] = {}
    for edit in edits:
        mine = counts.setdefault(edit.author, Counter())
        match edit:
            case Add():
                mine["added"] += len(edit.tracks) + len(edit.sounds)
            case Change():
                mine["changed"] += 1
            case Drop():
                mine["dropped"] += 1
    return {author: dict(mine) for author, mine in counts.items()}
