"""Each rule for recognisers stops a recogniser that breaks just that one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from testing.broken import rules_broken

from veilcast.plugin import Recognized, Recognizer
from veilcast.testing import RECOGNISER_RULES, RecogniserCase, RuleBroken, check_recogniser

FINDS = {"she is in room twelve now": "twelve", "room 312, please": ["312"]}
IGNORES = ["there is room for two in the ward"]


class Rooms:
    """Finds numbers of rooms, and does nothing wrong."""

    pattern = re.compile(r"\broom (twelve|\d+)\b", re.IGNORECASE)

    def __init__(self, context: Any) -> None:
        self.context = context

    def recognize(self, passage: Any) -> Any:
        return self.found(passage)

    def found(self, passage: Any, score: float = 0.9) -> list[Recognized]:
        return [
            self.one(match.start(1), match.end(1), score=score)
            for match in self.pattern.finditer(passage.content)
        ]

    def one(self, start: int, end: int, **more: Any) -> Recognized:
        said = {"identifier": "room", "score": 0.9, "reason": "cue: room"}
        return Recognized(start=start, end=end, **{**said, **more})

    def close(self) -> None:
        pass


class GivesAGenerator(Rooms):
    def recognize(self, passage: Any) -> Any:
        yield from self.found(passage)


class FindsHalfOfIt(Rooms):
    def recognize(self, passage: Any) -> Any:
        return [self.one(one.start, one.end - 1) for one in self.found(passage)]


class FindsTheWard(Rooms):
    pattern = re.compile(r"\b(?:room (?=twelve|\d)|the (?=ward\Z))(\w+)", re.IGNORECASE)


class FindsBlanks(Rooms):
    def recognize(self, passage: Any) -> Any:
        text = passage.content
        return [self.one(0, 1)] if text == "..." else self.found(passage)


class TellsWhatItFound(Rooms):
    def recognize(self, passage: Any) -> Any:
        return [
            self.one(one.start, one.end, reason=f"heard {passage.content[one.start : one.end]}")
            for one in self.found(passage)
        ]


class CanReadSoMuch(Rooms):
    def recognize(self, passage: Any) -> Any:
        if len(passage.content) > 2500:
            raise RecursionError
        return self.found(passage)


class KnowsNoFiles(Rooms):
    def recognize(self, passage: Any) -> Any:
        return {"filename": None}.get(passage.modality, self.found(passage))


class Tires(Rooms):
    times = 0

    def recognize(self, passage: Any) -> Any:
        self.times += 1
        return self.found(passage, 0.9 - 1e-6 * self.times)


class ClosesOnce(Rooms):
    closed = False

    def close(self) -> None:
        assert not self.closed
        self.closed = True


BREAKS = {
    GivesAGenerator: "gives-spans",
    FindsHalfOfIt: "finds",
    FindsTheWard: "ignores",
    FindsBlanks: "ignores",
    TellsWhatItFound: "tells-nothing",
    CanReadSoMuch: "any-text",
    KnowsNoFiles: "any-passage",
    Tires: "same-again",
    ClosesOnce: "closes",
}


def describe(load: Any, **more: Any) -> Recognizer:
    said = {"name": "rooms", "identifiers": {"room": "R"}, "summary": "Rooms", "load": load}
    return Recognizer(**{**said, **more})


def test_one_that_does_nothing_wrong_passes() -> None:
    check_recogniser(describe(Rooms), FINDS, IGNORES)
    check_recogniser(describe(Rooms, languages=("en",), forms=("written",)), FINDS, IGNORES)


@pytest.mark.parametrize("load", BREAKS)
def test_one_that_breaks_a_rule_breaks_just_that_one(load: Any) -> None:
    case = RecogniserCase(describe(load), FINDS, IGNORES)
    assert rules_broken(RECOGNISER_RULES, case) == [BREAKS[load]]


@pytest.mark.parametrize(
    "said",
    [
        {"name": "room numbers"},
        {"summary": ""},
        {"identifiers": {}},
        {"identifiers": {"Room": "R"}},
        {"identifiers": {"room": "Z"}},
        {"forms": ()},
        {"forms": ("sung",)},
        {"languages": ("english",)},
        {"languages": ("de",)},
    ],
    ids=str,
)
def test_one_that_says_something_wrong_of_itself(said: Any) -> None:
    case = RecogniserCase(describe(Rooms, **said), FINDS)
    assert rules_broken(RECOGNISER_RULES[:1], case) == ["says-what-it-is"]


@pytest.mark.parametrize(
    "wrong", [{"end": 99}, {"start": 3}, {"score": 1.5}, {"identifier": "ward"}], ids=str
)
def test_spans_have_to_be_possible(wrong: Any) -> None:
    class Impossible(Rooms):
        def recognize(self, passage: Any) -> Any:
            return [self.one(**{"start": 0, "end": 3, **wrong})]

    with pytest.raises(RuleBroken) as caught:
        check_recogniser(describe(Impossible), FINDS)
    assert caught.value.rule == "gives-spans"


def test_a_word_in_a_reason_may_be_a_cue() -> None:
    rooms = describe(TellsWhatItFound)
    finds = {"she is in room twelve now": "twelve"}
    with pytest.raises(AssertionError, match="`cues`"):
        check_recogniser(rooms, finds)
    check_recogniser(rooms, finds, cues=["Twelve"])


def test_a_test_of_nothing_is_no_test() -> None:
    wrong: list[dict[str, Any]] = [{}, {"room 12": []}, {"room 12": ""}, {"room 12": "13"}]
    for finds in wrong:
        with pytest.raises(ValueError, match=r"part|text"):
            check_recogniser(describe(Rooms), finds)
