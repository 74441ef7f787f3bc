"""The lanes of the timeline: bars in percent of the recording's length, with what they say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.reporting.times import merged
from veilcast.reporting.words import clock, several, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from veilcast.reporting.report_model import Cover, ReportFacts, Uncovered, Waveform

ONE_EACH = 40
"""Up to so many tracks have a lane each; more share lanes with those at other times."""
RESOLUTION = 1500
"""Steps that a lane's length is told apart in."""
_LEAST = 0.15
"""Percent: a shorter bar could not be seen."""
_TICKS = 6
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rectangle of a lane: `x` and `width` in percent; `look` says how it is drawn."""

    x: str
    width: str
    look: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One row: a label, what the whole of it says for those who do not see it, and its bars."""

    label: str
    note: str
    said: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A waveform: the outline as an SVG path over `width` columns, and its covered stretches."""

    label: str
    said: str
    width: int
    outline: str
    silenced: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A time on the axis."""

    x: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Everything that is drawn over time."""

    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    waves: tuple[Wave, ...]


def timeline(facts: ReportFacts) -> Timeline | None:
    """The lanes of a recording; None for a still, which has no time."""
    if not facts.duration_us:
        return None
    scale = _Scale(facts.duration_us)
    pictures = [cover for cover in facts.covers if cover.medium == "picture"]
    sounds = [cover for cover in facts.covers if cover.medium == "sound"]
    return Timeline(
        ticks=tuple(_ticks(scale)),
        lanes=(
            *_uncovered_lanes(facts.uncovered, scale),
            *_picture_lanes(pictures, scale),
            *_sound_lanes(sounds, scale),
        ),
        waves=tuple(_wave(one, facts, scale) for one in facts.waveforms),
    )


class _Scale:
    def __init__(self, duration_us: int) -> None:
        self.duration_us = duration_us
        self.step_us = duration_us // RESOLUTION

    def bar(self, from_us: int, to_us: int, look: str, title: str) -> Bar:
        start = min(max(from_us / self.duration_us * 100, 0.0), 100.0 - _LEAST)
        end = min(max(to_us / self.duration_us * 100, start + _LEAST), 100.0)
        return Bar(x=f"{start:.2f}%", width=f"{end - start:.2f}%", look=look, title=title)


def described(cover: Cover) -> str:
    """When, what, who found it, how surely, and what was done about it."""
    which = f", track {cover.track}" if cover.track is not None else ""
    parts = [f"{span(cover.from_us, cover.to_us)} {cover.what}{which}"]
    parts.append(f"found by {cover.detector}")
    if (score := scores(cover)) != "":
        parts.append(f"score {score}")
    parts.append(cover.treatment)
    return " \N{MIDDLE DOT} ".join(parts)


def scores(cover: Cover) -> str:
    """The least and the highest score, or the only one; nothing where a person marked it."""
    if cover.score_min is None or cover.score_max is None:
        return ""
    low, high = f"{cover.score_min:.2f}", f"{cover.score_max:.2f}"
    return low if low == high else f"{low}\N{EN DASH}{high}"


def _picture_lanes(covers: Sequence[Cover], scale: _Scale) -> Iterator[Lane]:
    groups: dict[tuple[str, str], list[Cover]] = defaultdict(list)
    for cover in sorted(covers, key=lambda one: (one.from_us, one.track or 0)):
        groups[cover.stage, cover.what].append(cover)
    alone = len(covers) <= ONE_EACH
    for (stage, what), members in groups.items():
        if alone:
            for cover in members:
                yield Lane(
                    label=f"{what} {cover.track}",
                    note=stage,
                    said=described(cover),
                    bars=tuple(_track_bars(cover, scale)),
                )
            continue
        rows = _packed(members)
        for number, row in enumerate(rows, 1):
            yield Lane(
                label=f"{what} ({number}/{len(rows)})",
                note=several(len(row), "track"),
                said=f"{several(len(row), 'track')} of {what} that do not overlap, "
                f"from {clock(row[0].from_us)}; the table lists them.",
                bars=tuple(bar for cover in row for bar in _track_bars(cover, scale)),
            )


def _packed(covers: Iterable[Cover]) -> list[list[Cover]]:
    """Rows of covers that do not overlap, each put into the first row with room (first fit)."""
    rows: list[list[Cover]] = []
    for cover in covers:
        for row in rows:
            if row[-1].to_us <= cover.from_us:
                row.append(cover)
                break
        else:
            rows.append([cover])
    return rows


def _track_bars(cover: Cover, scale: _Scale) -> Iterator[Bar]:
    yield scale.bar(cover.from_us, cover.to_us, "seen", described(cover))
    for how in ("held", "flow"):
        spans = ((one.from_us, one.to_us) for one in cover.inferred if one.how == how)
        for from_us, to_us in merged(spans, scale.step_us):
            word = "held in place" if how == "held" else "followed by motion"
            which = f"{cover.what}, track {cover.track}"
            yield scale.bar(from_us, to_us, how, f"{span(from_us, to_us)} {which}: {word}")


def _sound_lanes(covers: Sequence[Cover], scale: _Scale) -> Iterator[Lane]:
    groups: dict[str, list[Cover]] = defaultdict(list)
    for cover in covers:
        groups[cover.what].append(cover)
    for what, members in sorted(groups.items()):
        yield Lane(
            label=what,
            note=several(len(members), "span"),
            said=f"{several(len(members), 'span')} of {what} covered in the sound: "
            + ", ".join(span(one.from_us, one.to_us) for one in members[:8])
            + ("; the table lists all." if len(members) > 8 else "."),
            bars=tuple(_sound_bars(what, members, scale)),
        )


def _sound_bars(what: str, covers: Sequence[Cover], scale: _Scale) -> Iterator[Bar]:
    by_place: dict[int, list[Cover]] = defaultdict(list)
    for cover in covers:
        by_place[cover.from_us // max(scale.step_us, 1)].append(cover)
    for members in by_place.values():
        first, last = members[0], max(one.to_us for one in members)
        title = described(first)
        if len(members) > 1:
            title = f"{span(first.from_us, last)} {several(len(members), 'span')} of {what}"
        look = "cut" if any(one.removed_us for one in members) else "sound"
        yield scale.bar(min(one.from_us for one in members), last, look, title)


def _uncovered_lanes(uncovered: Sequence[Uncovered], scale: _Scale) -> Iterator[Lane]:
    for one in uncovered[:ONE_EACH]:
        said = (
            f"{span(one.from_us, one.to_us)} {one.what}, track {one.track}: uncovered in "
            f"{several(one.count, 'frame')} as asked ({', '.join(one.why)})"
        )
        yield Lane(
            label=f"{one.what} {one.track}",
            note="left uncovered",
            said=said,
            bars=(scale.bar(one.from_us, one.to_us, "bare", said),),
        )


def _wave(waveform: Waveform, facts: ReportFacts, scale: _Scale) -> Wave:
    count = len(waveform.highs)
    top = "".join(f"L{n} {-high}" for n, high in enumerate(waveform.highs))
    bottom = "".join(f"L{n} {-low + 1}" for n, low in reversed(list(enumerate(waveform.lows))))
    stretches = several(len(facts.silenced), "stretch", "stretches")
    covered = sum(one.to_us - one.from_us for one in facts.silenced) / 1_000_000
    silenced = []
    for start, end in merged(((one.from_us, one.to_us) for one in facts.silenced), scale.step_us):
        silenced.append(scale.bar(start, end, "silenced", f"{span(start, end)} covered sound"))
    return Wave(
        label="Sound" if len(facts.waveforms) == 1 else f"Sound {waveform.stream}",
        said=f"Waveform of the delivered sound; {stretches} of it, {covered:.1f} s, covered.",
        width=count,
        outline=f"M0 0{top}{bottom}Z",
        silenced=tuple(silenced),
    )


def _ticks(scale: _Scale) -> Iterator[Tick]:
    seconds = scale.duration_us / 1_000_000
    step = next((one for one in _STEPS_S if seconds / one <= _TICKS), 4 * _STEPS_S[-1])
    number = 0
    while number * step < seconds * 0.97:
        time_us = round(number * step * 1_000_000)
        label = clock(time_us)
        yield Tick(
            x=f"{time_us / scale.duration_us * 100:.2f}%",
            label=label if step < 1 else label[:-3],
        )
        number += 1
