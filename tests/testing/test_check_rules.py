"""Each rule for checks stops a check that breaks just that one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from testing.broken import rules_broken

from veilcast.errors import VeilcastError
from veilcast.plugin import Box, Check, Problem
from veilcast.testing import CHECK_RULES, CheckCase, MediaMaker, check_check

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = count()
PROBLEM = Problem(
    sentence="There is sound in it.",
    kind="residual",
    identifier="voice",
    from_us=0,
    to_us=100_000,
    score=0.5,
)


def silent(context: Any, problem: Problem = PROBLEM) -> Any:
    """It has no sound."""
    context.progress("listening", 1, 1)
    return [problem] if context.delivered_media.audio else []


def changed(**more: Any) -> Callable[[Any], Any]:
    return lambda context: silent(context, replace(PROBLEM, **more))


def beside(context: Any) -> Any:
    (context.delivered.parent / "notes.txt").touch()
    return silent(context)


def into_it(context: Any) -> Any:
    with context.delivered.open("ab") as file:
        file.write(b"checked")
    return silent(context)


def deaf(context: Any) -> Any:
    with suppress(VeilcastError):
        context.progress("listening", 0, 1)
    return silent(type("Context", (), {**_all(context), "progress": lambda *more: None}))


def _all(context: Any) -> dict[str, Any]:
    return {name: getattr(context, name) for name in ("delivered_media", "delivered")}


BREAKS = {
    "nothing wrong": (silent, []),
    "a generator": (lambda context: iter(silent(context)), ["gives-problems", "same-again"]),
    "always something": (lambda context: [PROBLEM], ["passes"]),
    "never anything": (lambda context: [], ["stops"]),
    "another kind": (changed(kind="odd"), ["sound-problems"]),
    "a class in capitals": (changed(identifier="Voice"), ["sound-problems"]),
    "a score over one": (changed(score=2.0), ["sound-problems"]),
    "a time without an end": (changed(to_us=None), ["sound-problems"]),
    "a time that ends before": (changed(from_us=9, to_us=1), ["sound-problems"]),
    "a time after the end": (changed(from_us=10**9, to_us=10**9 + 1), ["sound-problems"]),
    "a box far out": (changed(box=Box(x=900, y=9, width=9, height=9)), ["sound-problems"]),
    "no sentence": (changed(sentence="sound"), ["tells-nothing"]),
    "a path": (changed(sentence="There is sound in /srv/a.mp4."), ["tells-nothing"]),
    "a file beside": (beside, ["leaves-files"]),
    "a changed file": (into_it, ["leaves-files"]),
    "another each time": (
        lambda context: silent(context, replace(PROBLEM, score=next(TIMES) % 997 / 997)),
        ["same-again"],
    ),
    "no way to stop it": (deaf, ["can-be-stopped"]),
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> CheckCase:
    maker = MediaMaker(tmp_path_factory.mktemp("delivered"))
    clean = maker.video(0.2, (64, 48))
    dirty = maker.video(0.4, (64, 48), sound=np.sin(np.arange(6400) / 9) / 3)
    return CheckCase(Check(name="silent", summary="No sound", run=silent), clean, dirty)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("what", BREAKS)
def test_one_that_breaks_a_rule_breaks_just_that_one(what: str, case: CheckCase) -> None:
    run, rules = BREAKS[what]
    check = Check(name="silent", summary="No sound", run=run)
    assert rules_broken(CHECK_RULES, CheckCase(check, case.clean, case.dirty)) == rules


@pytest.mark.parametrize("said", [{"summary": ""}, {"name": "no sound"}, {"run": None}], ids=str)
def test_one_that_says_something_wrong_of_itself(said: Any, case: CheckCase) -> None:
    check = Check(**{"name": "silent", "summary": "No sound", "run": silent, **said})
    own = CheckCase(check, case.clean, case.dirty)
    assert rules_broken(CHECK_RULES[:1], own) == ["says-what-it-is"]


def test_one_that_compares_is_given_what_it_compares_with(case: CheckCase) -> None:
    def same(context: Any) -> Any:
        assert context.source_frames.times_us()[0] == 0
        longer = context.delivered_media.duration > context.source_media.duration
        return [PROBLEM] if longer else []

    check = Check(name="same", summary="The same length", run=same)
    check_check(check, case.clean, case.dirty, source=case.clean)
