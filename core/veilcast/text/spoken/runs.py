"""Runs of number chunks: what of a stretch of numbers, fillers and marks belongs together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from veilcast.text.spoken.lexemes import after_fillers, core_at, near, tight
from veilcast.text.spoken.lexicon import (
    CORRECTIONS,
    DETERMINERS,
    DIGITS,
    HOMOPHONES,
    MONTHS,
    NUMBER_MARKS,
    NUMBERED,
    OH,
    ORDINALS,
    ROW_FILLERS,
    YEAR_BEFORE,
)
from veilcast.text.spoken.numbers import Chunk, chunk_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.text.spoken.lexemes import Lexeme

# Longer runs are cut: nobody says one, and the time stays linear.
_LONGEST = 64
# Digits that are taken back and said again are few.
_REPEATED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A chunk and how it follows the chunk before.

    Attributes:
        chunk: the number.
        first: the lexeme after the chunk before (fillers and marks between are this step's).
        link: "tight", "comma" (punctuation), "pause" (a break), "filler" or "mark".
        mark: for "mark", what is written.
    """

    chunk: Chunk
    first: int
    link: str
    mark: str = ""


def run_at(lexemes: Sequence[Lexeme], at: int) -> list[Step]:
    """The run that begins with lexeme `at`, with only what surely goes on it; may be empty."""
    steps = _reach(lexemes, at)
    previous = 0
    while steps and len(steps) != previous:
        previous = len(steps)
        steps = _without_doubtful(lexemes, steps)
    return _corrected(lexemes, steps)


def strength(steps: Sequence[Step]) -> int:
    """How many digits are said one by one."""
    return sum(len(step.chunk.text) for step in steps if step.chunk.spelled)


def groups_of(steps: Sequence[Step]) -> list[list[Step]]:
    """The steps between punctuation or pauses."""
    groups: list[list[Step]] = []
    for step in steps:
        if not groups or step.link in {"comma", "pause"}:
            groups.append([])
        groups[-1].append(step)
    return groups


def _reach(lexemes: Sequence[Lexeme], at: int) -> list[Step]:
    chunk = chunk_at(lexemes, at)
    if chunk is None:
        return []
    steps = [Step(chunk=chunk, first=at, link="tight")]
    while len(steps) < _LONGEST:
        following = _next(lexemes, steps[-1].chunk.end)
        if following is None:
            break
        steps.append(following)
    return steps


def _next(lexemes: Sequence[Lexeme], at: int) -> Step | None:
    """The step after the chunk that ends before lexeme `at`."""
    marked = _marked(lexemes, at) if tight(lexemes, at) and tight(lexemes, at + 1) else None
    if marked is not None:
        return marked
    start = after_fillers(lexemes, at)
    chunk = chunk_at(lexemes, start)
    if chunk is None:
        return None
    if any(lexemes[n].pause for n in range(at, start + 1)):
        link = "pause"
    elif start > at:
        return Step(chunk=chunk, first=at, link="filler")
    else:
        link = "tight" if tight(lexemes, at) else "comma"
    return Step(chunk=chunk, first=at, link=link) if _near_or_pause(lexemes, at) else None


def _marked(lexemes: Sequence[Lexeme], at: int) -> Step | None:
    """A mark and the number after it, or a homophone between numbers."""
    word, beyond = lexemes[at].core, chunk_at(lexemes, at + 1)
    if beyond is None:
        return None
    if word in NUMBER_MARKS:
        return Step(chunk=beyond, first=at, link="mark", mark=NUMBER_MARKS[word])
    if word in HOMOPHONES:
        heard = Chunk(text=HOMOPHONES[word], start=at, end=at + 1, kind="homophone")
        return Step(chunk=heard, first=at, link="tight")
    return None


def _near_or_pause(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether nothing but a break or a written pause lies before lexeme `at`."""
    return near(lexemes, at) or (
        lexemes[at].pause and not lexemes[at].lead and lexemes[at - 1].trail in {"", ",", "."}
    )


def _without_doubtful(lexemes: Sequence[Lexeme], steps: list[Step]) -> list[Step]:
    left, right = _streaks(steps)
    for n, step in enumerate(steps):
        row = step.link == "filler" and lexemes[step.first].core in ROW_FILLERS
        if n and row and min(left[n - 1], right[n]) < 2:
            return steps[:n]
        if n and not _linked(steps, n, left[n - 1], right[n]):
            return steps[:n]
        if step.chunk.kind == "oh" and not _zero(lexemes, steps, n):
            return steps[:n]
    if steps[0].chunk.text == "1" and steps[0].chunk.kind == "digit" and len(steps) > 1:
        before = core_at(lexemes, steps[0].first - 1)
        group = groups_of(steps)[0]
        if before in DETERMINERS and strength(group) < 4 and len(group) > 1:
            return []  # "this one thirty milligrams"
    return steps


def _streaks(steps: Sequence[Step]) -> tuple[list[int], list[int]]:
    """For each step, how many digits are said one by one without another number, each way."""
    left: list[int] = []
    right: list[int] = []
    for n, step in enumerate(steps):
        before = left[-1] if n and step.link != "mark" else 0
        left.append(_counted(step, before))
    for n in range(len(steps) - 1, -1, -1):
        last = n + 1 == len(steps) or steps[n + 1].link == "mark"
        right.append(_counted(steps[n], 0 if last else right[-1]))
    return left, right[::-1]


def _counted(step: Step, before: int) -> int:
    if step.chunk.kind == "homophone":
        return before
    return before + len(step.chunk.text) if step.chunk.spelled else 0


def _linked(steps: Sequence[Step], n: int, left: int, right: int) -> bool:
    kind, before = steps[n].chunk.kind, steps[n - 1].chunk.kind
    if kind == "homophone":
        return left > 0 and right > 0 and left + right >= 5
    if steps[n].link == "filler":
        year = before == "teen" and kind in {"tens", "oh"}
        both = left > 0 and right > 0 and left + right >= 3
        return year or both or max(left, right) >= 3
    if steps[n].link == "pause":
        whole = max(left, right) >= 3 and _long(steps[n]) and _long(steps[n - 1])
        return (left >= 2 and right >= 2) or whole
    return True


def _long(step: Step) -> bool:
    return len(step.chunk.text) >= 2


def _corrected(lexemes: Sequence[Lexeme], steps: list[Step]) -> list[Step]:
    """The steps without digits that were taken back: "four one five, sorry, four one six".

    They go on the step that replaced them. Only a repetition that differs in few digits is one.
    """
    kept: list[Step] = []
    for n, step in enumerate(steps):
        said = {lexemes[k].core for k in range(step.first, step.chunk.start)}
        rest = takewhile(lambda other: other.link == "tight", steps[n + 1 :])
        text = "".join(other.chunk.text for other in (step, *rest))
        if step.link != "filler" or not said & CORRECTIONS or not 2 <= len(text) <= _REPEATED:
            kept.append(step)
            continue
        back, before = len(kept), ""
        while (
            back and len(before) < len(text) and (back == len(kept) or kept[back].link == "tight")
        ):
            back -= 1
            before = kept[back].chunk.text + before
        same = sum(one == other for one, other in zip(before, text, strict=False))
        if len(before) != len(text) or 3 * same < 2 * len(text):
            kept.append(step)
            continue
        first = kept[back]
        del kept[back:]
        kept.append(replace(step, first=first.first, link=first.link, mark=first.mark))
    return kept


def _zero(lexemes: Sequence[Lexeme], steps: Sequence[Step], n: int) -> bool:
    """Whether an "oh" among the steps is a digit rather than a sigh."""
    before = n > 0 and steps[n].link not in {"comma", "pause"}
    after = n + 1 < len(steps) and steps[n + 1].link not in {"comma", "pause"}
    if before and after:
        return True
    group = next(group for group in groups_of(steps) if any(step is steps[n] for step in group))
    others = strength(group) - 1
    company = others >= 1 and strength(steps) - strength(group) >= 2
    if before:
        return others >= 2 or company
    if not after or steps[n + 1].link == "filler":
        return False
    cue = core_at(lexemes, steps[n].first - 1)
    dated = cue in YEAR_BEFORE or cue in MONTHS or cue in ORDINALS or cue in NUMBERED
    multiple = group[1].chunk.kind == "multiple" if len(group) > 1 else False
    return others >= 2 or dated or multiple or company


def is_digit_word(word: str) -> bool:
    """Whether a word alone may be a digit."""
    return word in DIGITS or word in OH
