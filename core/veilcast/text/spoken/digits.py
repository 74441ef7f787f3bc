"""Numbers in digits: runs joined, grouped by what was paused, marked where a mark was said.

Digits said without a pause become one run, so that patterns of cards, telephone and insurance
numbers find them ("nine eight seven sixty five" is 98765); a comma or a break between such
groups becomes a space. Numbers that only stand in a row ("eighteen, sixteen and twelve", "two
three days") stay apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.text.spoken.dates import fields_of_birth
from veilcast.text.spoken.form import Atom
from veilcast.text.spoken.lexemes import core_at, tight
from veilcast.text.spoken.lexicon import (
    CLOCK_AFTER,
    CLOCK_BEFORE,
    DURATIONS,
    MEASURED,
    NUMBERED,
    STREETS,
)
from veilcast.text.spoken.runs import groups_of, run_at, strength

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.text.spoken.lexemes import Lexeme
    from veilcast.text.spoken.runs import Step

_FEW = 4


def number_at(lexemes: Sequence[Lexeme], at: int) -> list[Atom] | None:
    """The numbers that begin with lexeme `at`, or None when there is none to write."""
    if lexemes[at].core == "plus" and tight(lexemes, at + 1):
        return _international(lexemes, at)
    steps = run_at(lexemes, at)
    if not steps or _stays(lexemes, steps):
        return None
    marked = fields_of_birth(lexemes, [step.chunk for step in steps])
    joints = _joints(lexemes, steps)
    atoms: list[Atom] = []
    for n, step in enumerate(steps):
        joint = joints[n]
        text = step.chunk.text
        if marked:
            joint, text = "", marked[n] + text
        elif step.link == "mark" and step.mark != " ":
            joint, text = "", step.mark + text
        last = n + 1 == len(steps)
        if last or joints[n + 1] is None:
            text += lexemes[step.chunk.end - 1].trail
        if n == 0:
            text, joint = lexemes[at].lead + text, None
        atoms.append(Atom(text=text, first=step.first, last=step.chunk.end, joint=joint))
    return atoms


def _international(lexemes: Sequence[Lexeme], at: int) -> list[Atom] | None:
    """A number with a leading "plus", as of a telephone."""
    if strength(run_at(lexemes, at + 1)[:_FEW]) < _FEW:
        return None
    atoms = number_at(lexemes, at + 1)
    return atoms and [Atom(text="+" + atoms[0].text, first=at, last=atoms[0].last), *atoms[1:]]


def _stays(lexemes: Sequence[Lexeme], steps: Sequence[Step]) -> bool:
    """Whether a run is left as it is: written digits alone, or "one" that counts nothing."""
    if len(steps) > 1:
        return False
    chunk = steps[0].chunk
    if chunk.kind == "literal":
        return True
    if chunk.kind != "digit" or chunk.text != "1":
        return False
    before, after = core_at(lexemes, chunk.start - 1), core_at(lexemes, chunk.end)
    return before not in NUMBERED and after not in MEASURED


def _joints(lexemes: Sequence[Lexeme], steps: Sequence[Step]) -> list[str | None]:
    """What stands before each step: "" joins, " " parts, None parts and keeps punctuation."""
    groups = groups_of(steps)
    said_singly = len(groups) >= _FEW and all(
        len(group) == 1 and len(group[0].chunk.text) == 1 for group in groups
    )
    identifier = any(strength(group) >= 2 for group in groups) and not all(
        step.chunk.kind == "literal" for step in steps
    )
    joints: list[str | None] = []
    for group in groups:
        if said_singly:
            joints.append("")
        else:
            joints.append(" " if identifier or group[0].link == "pause" else None)
        joints.extend(_inside(lexemes, group, alone=not identifier or len(groups) == 1))
    return joints


def _inside(lexemes: Sequence[Lexeme], group: Sequence[Step], *, alone: bool) -> list[str]:
    """What stands before each step of a group but the first."""
    apart = alone and _row(lexemes, group)
    years = _years(group)
    joints = []
    for n in range(1, len(group)):
        before, step = group[n - 1].chunk, group[n].chunk
        long = any(c.kind == "literal" and len(c.text) > 1 for c in (before, step))
        parted = apart or long or (years and n % 2 == 0) or group[n].mark == " "
        joints.append(" " if parted else "")
    if len(group) == 2 and _clock(lexemes, group):
        joints = [":"]
    return joints


def _row(lexemes: Sequence[Lexeme], group: Sequence[Step]) -> bool:
    """Two numbers that only follow each other: "two three days", "twenty thirty minutes"."""
    if len(group) != 2 or any(step.mark for step in group):
        return False
    first, second = (step.chunk for step in group)
    if first.kind == second.kind == "digit" and "0" not in first.text + second.text:
        return group[1].link == "tight"
    if "literal" in {first.kind, second.kind} or {first.kind, second.kind} & {"oh", "multiple"}:
        return False
    if (first.text, second.text) == ("24", "7"):
        return True
    rising = int(first.text) < int(second.text)
    if first.kind == second.kind == "tens" and int(second.text) - int(first.text) == 10:
        return first.text != "20" or core_at(lexemes, second.end) in DURATIONS
    return rising and core_at(lexemes, second.end) in DURATIONS


def _years(group: Sequence[Step]) -> bool:
    """Whether the steps are years one after another: "nineteen ninety one nineteen ninety two"."""
    texts = [step.chunk.text for step in group]
    return (
        len(texts) >= 4
        and len(texts) % 2 == 0
        and all(text in {"19", "20"} for text in texts[::2])
        and all(len(text) == 2 for text in texts[1::2])
    )


def _clock(lexemes: Sequence[Lexeme], group: Sequence[Step]) -> bool:
    """Whether two numbers are a time of day."""
    hour, minute = (step.chunk for step in group)
    if group[1].link != "tight" or hour.kind not in {"digit", "teen"}:
        return False
    if not (1 <= int(hour.text) <= 12 and len(minute.text) == 2 and 10 <= int(minute.text) <= 59):
        return False
    end = minute.end
    after = [core_at(lexemes, n) for n in range(end, end + 4)]
    if after[0] in {"over", "to"} or any(word in STREETS for word in after):
        return False
    spelled = tuple(after[:2]) in {("a", "m"), ("p", "m"), ("in", "the"), ("o", "clock")}
    return core_at(lexemes, hour.start - 1) in CLOCK_BEFORE or after[0] in CLOCK_AFTER or spelled
