"""From what was seen and judged to covers: which tracks, as what, and which part of each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from veilcast.plugin import TextLine
from veilcast_text.blocks import are_near, blocks_of
from veilcast_text.cutting import size_of
from veilcast_text.looking import READABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from veilcast.plugin import Track
    from veilcast_text.looking import SeenLine, Sight
    from veilcast_text.settings import TextSettings
    from veilcast_text.understanding import Identified

    Floats = NDArray[np.float64]

CODE, TEXT, UNREADABLE = "code", "text", "unreadable text"
LETTER = "R"
"""45 CFR 164.514(b)(2)(i)(R): any other unique identifying number, characteristic, or code."""

_MARGIN = 0.25
_STRONG, _LOOKS, _SHARE, _MOSTLY = 0.8, 3, 0.3, 0.6
_WITHIN = 0.6
_SPARE = 1.0


class Target(NamedTuple):
    """Something to cover in one picture.

    Attributes:
        line: corners (4, 2) of the line or code that it was seen by.
        part: corners (n, 2) of what is to be covered.
        identifier: the class.
        hipaa: its letter.
        score: 0 to 1.
    """

    line: Floats
    part: Floats
    identifier: str
    hipaa: str
    score: float


def is_unreadable(line: SeenLine) -> bool:
    """Whether what was read of it can't be relied on."""
    return line.reading.sure < READABLE


def text_lines(sight: Sight) -> list[TextLine]:
    """The lines of a picture as they are judged; what can't be read says nothing."""
    lines = []
    for line in sight.lines:
        said = line.reading.line
        kept = not is_unreadable(line)
        lines.append(
            TextLine(
                quad=line.as_read,
                text=said.text if kept else "",
                confidences=said.confidences if kept else (),
            )
        )
    return lines


def targets(sight: Sight, judged: Sequence[Identified], settings: TextSettings) -> Iterator[Target]:
    """What to cover of one picture.

    Args:
        sight: what was seen.
        judged: what identifies in its lines.
        settings: of the stage.
    """
    for corners in sight.codes:
        yield Target(corners, corners, CODE, LETTER, 1.0)
    quads = [line.as_read for line in sight.lines]
    blocks = blocks_of(quads)
    telling = set()
    for one in judged:
        line = sight.lines[one.line]
        telling.add(blocks[one.line])
        part = quads[one.line]
        if settings.cover == "word":
            part = _words(line, one.start, one.end)
        elif settings.cover == "block":
            block = blocks[one.line]
            part = np.concatenate([q for q, b in zip(quads, blocks, strict=True) if b == block])
        yield Target(line.quad, part, one.identifier, one.hipaa, one.score)
    told = [quad for quad, block in zip(quads, blocks, strict=True) if block in telling]
    for corners in sight.patterns:
        if any(are_near(corners, line) for line in told):
            yield Target(corners, corners, CODE, LETTER, 0.7)
    for line, block in zip(sight.lines, blocks, strict=True):
        if is_unreadable(line) and (settings.unreadable == "cover" or block in telling):
            yield Target(line.quad, line.quad, UNREADABLE, LETTER, 0.5)


def _words(line: SeenLine, start: int, end: int) -> Floats:
    """The corners of some characters of a line, with a character to spare on both sides."""
    middles = line.reading.line.middles
    if not middles[start:end]:
        return line.as_read
    letter = 1.0 / max(1, len(middles))
    left = max(0.0, min(middles[start:end]) - _SPARE * letter)
    right = min(1.0, max(middles[start:end]) + _SPARE * letter)
    quad = line.as_read
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    return np.stack(
        (
            quad[0] + left * top,
            quad[0] + right * top,
            quad[3] + right * bottom,
            quad[3] + left * bottom,
        )
    )


@dataclass(slots=True)
class _Case:
    """What speaks for covering a track."""

    looks: set[int] = field(default_factory=set)
    told: dict[tuple[str, str], dict[int, float]] = field(default_factory=dict)
    reach: list[Floats] = field(default_factory=list)


def covers(
    tracks: Sequence[Track],
    sights: Sequence[Sight],
    aims: Mapping[int, Sequence[Target]],
) -> list[Track]:
    """The tracks to cover, as what they are, each as large as what is to be covered of it.

    A track is covered from its first to its last frame: a name that could be read once is there
    also where it is too small or blurred to be.

    Args:
        tracks: of all lines and codes.
        sights: every look.
        aims: what to cover, by the time of the look.
    """
    cases = [_Case() for _ in tracks]
    rows = [{int(t): row for row, t in enumerate(track.times_us)} for track in tracks]
    for sight in sights:
        numbers = [number for number, at in enumerate(rows) if sight.time_us in at]
        boxes = [tracks[number].boxes[rows[number][sight.time_us]] for number in numbers]
        there = _There(numbers, np.asarray(boxes, np.float64).reshape(-1, 4))
        quads = (*(line.quad for line in sight.lines), *sight.codes, *sight.patterns)
        for quad in quads:
            for number, _ in there.holding(quad):
                cases[number].looks.add(sight.time_us)
        for aim in aims.get(sight.time_us, ()):
            part = _grown(aim)
            held = there.holding(aim.line)
            if not held:
                # Every line that was seen is on a track; what is on none would stay bare.
                raise RuntimeError("a line that identifies is on no track")
            for number, own in held:
                case = cases[number]
                told = case.told.setdefault((aim.identifier, aim.hipaa), {})
                told[sight.time_us] = max(aim.score, told.get(sight.time_us, 0.0))
                size = np.tile(own[2:] - own[:2], 2)
                case.reach.append((part - np.tile(own[:2], 2)) / size)
    covered = []
    for track, case in zip(tracks, cases, strict=True):
        if (what := _verdict(case)) is not None:
            covered.append(_covering(track, case, *what))
    return [replace(track, id=number) for number, track in enumerate(covered, start=1)]


def _verdict(case: _Case) -> tuple[str, str, float] | None:
    """As what to cover it: once announced or validated, or in several looks, or in many of few."""
    best: tuple[float, str, str] | None = None
    for (identifier, letter), scores in case.told.items():
        top, often = max(scores.values()), len(scores)
        many = often >= _SHARE * len(case.looks)
        if identifier == CODE and top < _STRONG:
            # A patch of cloth has passed by a label; a code stays beside it.
            many = often >= _MOSTLY * len(case.looks)
        elif top >= _STRONG or often >= _LOOKS:
            many = True
        if many:
            weight = top * (identifier != UNREADABLE)
            if best is None or (weight, identifier) > best[:2]:
                best = (weight, identifier, letter)
    return None if best is None else (best[1], best[2], best[0])


def _covering(track: Track, case: _Case, identifier: str, letter: str, score: float) -> Track:
    reach = np.stack(case.reach)
    low, high = reach[:, :2].min(axis=0), reach[:, 2:].max(axis=0)
    place, size = track.boxes[:, :2], track.boxes[:, 2:]
    boxes = np.concatenate((place + low * size, (high - low) * size), axis=1)
    scores = np.where(np.isnan(track.scores), np.nan, score)
    return replace(track, identifier=identifier, hipaa=letter, boxes=boxes, scores=scores)


def _around(points: Floats) -> Floats:
    return np.concatenate((points.min(axis=0), points.max(axis=0)))


def _grown(aim: Target) -> Floats:
    """The rectangle around what is to be covered, with some of the line's height to each side."""
    margin = _MARGIN * size_of(aim.line)[1]
    return np.asarray(_around(aim.part) + np.asarray((-margin, -margin, margin, margin)))


class _There:
    """The tracks of one picture."""

    def __init__(self, numbers: Sequence[int], boxes: Floats) -> None:
        self._numbers = numbers
        self._edges = np.concatenate((boxes[:, :2], boxes[:, :2] + boxes[:, 2:]), axis=1)

    def holding(self, quad: Floats) -> list[tuple[int, Floats]]:
        """The tracks whose box holds a line, with its edges; if none does, the one that best does.

        Args:
            quad: corners (4, 2) of the line.
        """
        wanted = _around(quad)
        shared = np.minimum(self._edges[:, 2:], wanted[2:]) - np.maximum(
            self._edges[:, :2], wanted[:2]
        )
        share = np.maximum(shared, 0).prod(axis=1) / max(float(np.prod(wanted[2:] - wanted[:2])), 1)
        rows = np.flatnonzero(share >= _WITHIN)
        if not len(rows) and len(share) and share.max() > 0:
            rows = np.asarray([share.argmax()])
        return [(self._numbers[int(row)], self._edges[row]) for row in rows]
