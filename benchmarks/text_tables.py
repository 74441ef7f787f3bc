"""Tables of the benchmark of text, in Markdown."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from measuring import HERE

sys.path.insert(0, str(HERE.parent / "fixtures"))

from screentext.stills import CAPS
from screentext.words import (
    CODE,
    DATE,
    IDENTIFYING,
    NAME,
    NUMBER,
    ORDINARY,
    PHONE,
    UNLISTED,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from screentext.coverage import LineScore

TURNS = ((0, 15), (15, 35), (35, 60), (60, 80), (80, 100), (100, 145), (145, 181))
CLIP_CAPS = ((0, 8), (8, 10), (10, 12), (12, 16), (16, 99))
NAMES = (NAME, UNLISTED)


def nearest_cap(px: float) -> int:
    """The height that a line counts under: perspective changes it a little."""
    return min(CAPS, key=lambda cap: abs(cap - px) / cap)


def share(scores: Iterable[LineScore]) -> str:
    """Covered lines of all, in percent, and how many there are."""
    found = list(scores)
    if not found:
        return ""
    return f"{100 * covered_share(found):.1f} ({len(found)})"


def covered_share(scores: Sequence[LineScore]) -> float:
    return sum(one.covered == one.frames for one in scores) / max(len(scores), 1)


def frames_share(scores: Iterable[LineScore]) -> float:
    """The share of the frames of lines in which they are covered."""
    found = list(scores)
    return sum(one.covered for one in found) / max(sum(one.frames for one in found), 1)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def still_tables(scores: Sequence[LineScore]) -> Iterator[str]:
    """By kind, height and quality; then by what may explain a miss."""
    caps = sorted({nearest_cap(one.line.cap_px) for one in scores if one.kind in IDENTIFYING})
    crfs = sorted({one.crf for one in scores})
    yield "## Still frames\n"
    yield "Lines covered, in percent (of how many), by height of a capital letter.\n"

    def cells(kinds: Sequence[str], crf: int) -> list[str]:
        mine = [one for one in scores if one.kind in kinds and one.crf == crf and one.readable]
        # Below what counts as readable in a clip a still frame is judged all the same.
        mine += [
            one
            for one in scores
            if one.kind in kinds and one.crf == crf and not one.readable and one.line.cap_px < 7.5
        ]
        return [share(one for one in mine if nearest_cap(one.line.cap_px) == cap) for cap in caps]

    kinds = (*((kind, (kind,)) for kind in IDENTIFYING), ("all", IDENTIFYING))
    yield from table(
        ("kind", "crf", *(f"{cap} px" for cap in caps)),
        ((name, str(crf), *cells(kind, crf)) for name, kind in kinds for crf in crfs),
    )
    yield "Ordinary lines covered, in percent (of how many): the fewer, the better.\n"
    yield from table(
        ("crf", *(f"{cap} px" for cap in caps)),
        (
            (
                str(crf),
                *(
                    share(
                        one
                        for one in scores
                        if one.kind == ORDINARY
                        and one.crf == crf
                        and nearest_cap(one.line.cap_px) == cap
                    )
                    for cap in caps
                ),
            )
            for crf in crfs
        ),
    )
    large = [one for one in scores if one.kind in IDENTIFYING and one.line.cap_px >= 9]
    yield "From 9 px on, all qualities: by what carries it, by font, by how it is turned.\n"
    yield from by(large, "written on", lambda one: one.line.thing)
    yield from by(large, "font", lambda one: one.line.font)
    bands = [one for one in large if one.line.thing == "wristband"]
    yield from by(bands, "wristband turned", lambda one: turned(one.line.turn))


def turned(degrees: float) -> str:
    low, high = next((a, b) for a, b in TURNS if a <= abs(degrees) < b)
    return f"{low:3}-{min(high, 180)}°"


def by(scores: Sequence[LineScore], title: str, of: Callable[[LineScore], str]) -> Iterator[str]:
    groups = sorted({of(one) for one in scores})
    kinds = (*((kind, (kind,)) for kind in IDENTIFYING), ("all", IDENTIFYING))

    def row(group: str) -> list[str]:
        mine = [one for one in scores if of(one) == group]
        return [share(one for one in mine if one.kind in kind) for _, kind in kinds]

    yield from table(
        (title, *(name for name, _ in kinds)), ((group, *row(group)) for group in groups)
    )


def clip_tables(scores: Sequence[LineScore]) -> Iterator[str]:
    """Every frame of every line that can be read at any time."""
    yield "## Clips\n"
    yield (
        "Identifying lines that can be read at any time: the share of their frames in which they "
        "are covered, in percent (lines; of these covered in every frame), and the most frames "
        "on end in which one is bare.\n"
    )
    mine = [one for one in scores if one.kind in IDENTIFYING and one.readable]
    keys = sorted({(one.motion, one.crf) for one in mine})
    names = [f"{low}-{high} px" if high < 99 else f"from {low} px" for low, high in CLIP_CAPS]

    def row(motion: str, crf: int) -> list[str]:
        own = [one for one in mine if (one.motion, one.crf) == (motion, crf)]
        cells = []
        for low, high in CLIP_CAPS:
            some = [one for one in own if low <= one.line.cap_px + 0.5 < high]
            whole = sum(one.covered == one.frames for one in some)
            text = f"{100 * frames_share(some):.1f} ({len(some)}; {whole})"
            cells.append(text if some else "")
        return [*cells, str(max(one.longest for one in own))]

    yield from table(
        ("motion", "crf", *names, "longest bare"),
        ((motion, str(crf), *row(motion, crf)) for motion, crf in keys),
    )


def other_tables(stills: Sequence[LineScore], clips: Sequence[LineScore]) -> Iterator[str]:
    """Ordinary lines and codes."""
    yield "## Ordinary lines and codes\n"
    rows = []
    for name, scores in (("still frames", stills), ("clips", clips)):
        for crf in sorted({one.crf for one in scores}):
            mine = [one for one in scores if one.crf == crf]
            ordinary = [one for one in mine if one.kind == ORDINARY]
            codes = [one for one in mine if one.kind == CODE and one.readable]
            rows.append(
                (
                    name,
                    str(crf),
                    f"{100 * frames_share(ordinary):.1f} ({len(ordinary)})" if ordinary else "",
                    f"{100 * frames_share(codes):.1f} ({len(codes)})" if codes else "",
                )
            )
    yield from table(("", "crf", "ordinary covered, %", "codes covered, %"), rows)


def all_tables(stills: Sequence[LineScore], clips: Sequence[LineScore]) -> Iterator[str]:
    """What there is to tell of lines."""
    if stills:
        yield from still_tables(stills)
    if clips:
        yield from clip_tables(clips)
    if stills or clips:
        yield from other_tables(stills, clips)
        yield from bars(stills, clips)


def missed(scores: Sequence[LineScore], count: int) -> Iterator[str]:
    """What was missed, and which ordinary lines were covered, most often first."""
    wrong: Counter[str] = Counter()
    for one in scores:
        if one.kind == ORDINARY:
            if one.covered:
                wrong[f"covered: {one.line.text} ({one.line.thing})"] += 1
        elif one.covered < one.frames:
            at = f"{one.line.cap_px:.0f} px, {one.line.thing}, {one.line.font}, {one.motion}"
            wrong[f"missed {one.kind}: {one.line.text} ({at})"] += 1
    yield from (f"{number:3} {text}" for text, number in wrong.most_common(count))


def bars(stills: Sequence[LineScore], clips: Sequence[LineScore]) -> Iterator[str]:
    """What is wanted, and what there is."""
    yield "## Wanted\n"

    def lines(kinds: Sequence[str], crf: int, low: int, high: int = 99) -> str:
        found = [
            one
            for one in stills
            if one.kind in kinds
            and one.crf == crf
            and one.readable
            and low <= nearest_cap(one.line.cap_px) < high
        ]
        return share(found)

    ordinary = [one for one in (*stills, *clips) if one.kind == ORDINARY]
    moving = [
        one for one in clips if one.kind in IDENTIFYING and one.readable and one.line.cap_px >= 7.5
    ]
    low, high = min(CRFS_WANTED), max(CRFS_WANTED)
    rows = [
        (f"names from 12 px, crf {low}", "95", lines(NAMES, low, 12)),
        (f"names at 10 px, crf {low}", "85", lines(NAMES, low, 10, 12)),
        (f"names at 12 px, crf {high}", "90", lines(NAMES, high, 12, 14)),
        *(
            (f"{kind}s from 12 px, crf {low}", "97", lines((kind,), low, 12))
            for kind in (NUMBER, DATE, PHONE)
        ),
        (
            "frames of lines in clips, from 8 px (mean of the motions)",
            "99",
            _mean_of_motions(moving),
        ),
        (
            "ordinary lines, at most",
            "8",
            f"{100 * frames_share(ordinary):.1f} ({len(ordinary)})" if ordinary else "",
        ),
    ]
    yield from table(("what", "wanted, %", "measured, %"), rows)


def _mean_of_motions(scores: Sequence[LineScore]) -> str:
    """Each kind of motion counts the same: a record that is scrolled has hundreds of lines."""
    if not scores:
        return ""
    motions = {one.motion for one in scores}
    each = [frames_share(one for one in scores if one.motion == motion) for motion in motions]
    return f"{100 * sum(each) / len(each):.2f} ({len(scores)})"


CRFS_WANTED = (18, 30)
