"""What recognisers find is mapped back to the words, judged by the policy, and nothing is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.plugin import (
    IdentifierSettings,
    Passage,
    Reader,
    Recognized,
    Recognizer,
    RecognizerContext,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Matching:
    """Finds what matches a pattern, and remembers what it was given."""

    pattern: str
    identifier: str
    score: float
    given: list[Passage]
    reason: str

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        self.given.append(passage)
        return [
            Recognized(
                start=match.start(),
                end=match.end(),
                identifier=self.identifier,
                score=self.score,
                reason=self.reason,
            )
            for match in re.finditer(self.pattern, passage.content)
        ]

    def close(self) -> None:
        pass


def matching(pattern: str, identifier: str = "code", score: float = 0.9, **more: Any) -> Recognizer:
    def load(context: RecognizerContext) -> Matching:
        reason = more.get("reason", "pattern")
        return Matching(pattern, identifier, score, more.get("given", []), reason)

    return Recognizer(
        name=more.get("name", "matching"),
        identifiers={identifier: more.get("letter", "R")},
        summary="",
        load=load,
        languages=more.get("languages", ()),
        forms=more.get("forms", ("spoken", "written")),
    )


def reading(*recognizers: Recognizer, language: str = "en", **settings: Any) -> Reader:
    return Reader(
        IdentifierSettings(**settings),
        {recognizer.name: recognizer for recognizer in recognizers},
        {},
        language,
        "text",
    )


def words_of(reader: Reader, text: str, unsure: Sequence[int] = ()) -> list[str]:
    words = text.split()
    return [" ".join(words[s.first : s.last]) for s in reader.find(words, (), unsure)]


def test_a_number_that_is_only_written_as_one_is_mapped_back_to_its_words() -> None:
    reader = reading(matching(r"\b\d{6}\b", forms=("written",)))
    assert words_of(reader, "it is four two oh double one seven okay") == [
        "four two oh double one seven"
    ]


def test_recognisers_see_turns_and_unsure_words_in_both_forms() -> None:
    given: list[Passage] = []
    reader = reading(matching("x", given=given))
    reader.find(["six", "one", "seven", "yes", "smith"], [3], [4])
    assert {p.form: p.content for p in given} == {
        "spoken": "six one seven\nyes smith",
        "written": "617\nyes smith",
    }
    for passage in given:
        assert [passage.content[a:b] for a, b in passage.unsure] == ["smith"]


@pytest.mark.parametrize(
    ("identifier", "settings", "counts"),
    [
        ("code", {}, True),  # a class that a plugin adds counts
        ("age under 90", {}, False),
        ("age under 90", {"policy": "gdpr"}, True),
        ("age under 90", {"identifiers": {"age under 90": True}}, True),
        ("number", {}, False),
        ("number", {"all_numbers": True}, True),
        ("date", {"policy": "names-only"}, False),
        ("person", {"policy": "names-only"}, True),
        ("date", {"identifiers": {"date": False}}, False),
        ("date", {"identifiers": {"date": 0.95}}, False),
        ("date", {"threshold": 0.95}, False),
        ("date", {"threshold": 0.95, "identifiers": {"date": 0.9}}, True),
    ],
)
def test_policies_and_thresholds(identifier: str, settings: dict[str, Any], counts: bool) -> None:
    reader = reading(matching("secret", identifier, 0.9), **settings)
    assert bool(words_of(reader, "a secret word")) == counts


def test_what_is_allowed_never_counts_and_what_is_denied_always_does() -> None:
    reader = reading(matching("smith|jones", "person"), allow=["Dr. Smith"], deny=["red barn"])
    text = "dr smith met mr smith in the Red Barn, with jones"
    assert words_of(reader, text) == ["smith", "Red Barn,", "jones"]


def test_a_recogniser_of_another_language_is_left_out_and_named() -> None:
    reader = reading(matching("smith", languages=("en",)), language="fr")
    assert reader.foreign == ("matching",)
    assert words_of(reader, "smith") == []


def test_one_whose_classes_another_finds_need_not_be_named() -> None:
    there = matching("smith", "person", name="there", languages=("en",))
    reader = reading(there, matching("schmidt", "person", languages=("de",)))
    assert reader.foreign == ()
    assert words_of(reader, "smith schmidt") == ["smith"]
    # What reads any language finds few forms of a class, so that does not stand for another.
    general = matching("[0-9]+", "person", name="general")
    german = matching("schmidt", "person", languages=("de",))
    assert reading(general, german).foreign == ("matching",)


def test_an_identifier_reaches_over_the_unsure_words_beside_it() -> None:
    reader = reading(matching("ada", "person"))
    text = "is ada lava lace and here"
    assert words_of(reader, text, unsure=[2, 3]) == ["ada lava lace"]
    assert words_of(reader, text) == ["ada"]


def test_doubt_reaches_over_no_pause_and_seldom_over_small_words() -> None:
    reader = reading(matching("ada", "person"))
    words = "is ada lava lace and here".split()
    (span,) = reader.find(words, unsure=[2, 3], pauses=[3])
    assert (span.first, span.last) == (1, 3)
    words = "is ada and lace".split()
    assert [(s.first, s.last) for s in reader.find(words, unsure=[2, 3])] == [(1, 2)]
    assert [(s.first, s.last) for s in reader.find(words, unsure=[2, 3], lost=[2])] == [(1, 4)]


def test_what_was_surely_misheard_is_no_evidence_by_itself() -> None:
    words = "so ada lace went".split()
    name = reading(matching("ada|lace", "person"))
    assert [s.first for s in name.find(words, unsure=[1, 2], lost=[1])] == [1]
    assert name.find(words, unsure=[1, 2], lost=[1, 2]) == ()
    guess = reading(matching("ada", "unintelligible"))
    assert guess.find(words, unsure=[1], lost=[1])
    assert reading(deny=["ada"]).find(words, unsure=[1], lost=[1])
    number = reading(matching("ada", "phone"))
    assert number.find(words, unsure=[1], lost=[1]), "digits are digits, however faint"
    announced = reading(matching("ada", "person", reason="cue: my name is"))
    assert announced.find(words, unsure=[1], lost=[1])


@pytest.mark.release
@given(
    count=st.integers(1, 1500),
    at=st.integers(0, 1499),
    length=st.integers(1, 20),
    turn=st.integers(2, 90),
)
def test_long_texts_lose_nothing_wherever_it_stands(
    count: int, at: int, length: int, turn: int
) -> None:
    first = min(at, count - 1)
    last = min(first + length, count)
    words = ["word"] * count
    words[first:last] = ["secret"] * (last - first)
    reader = reading(matching("secret(?: secret)*"))
    spans = reader.find(words, range(turn, count, turn))
    covered = {n for span in spans for n in range(span.first, span.last)}
    assert covered == set(range(first, last))
