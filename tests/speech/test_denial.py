"""Where readings differ: a guess of one against what another is sure of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from veilcast.plugin import Sound, SpokenWord
from veilcast_speech.denial import MARGIN_US, Denial, believed
from veilcast_speech.placing import Placed
from veilcast_speech.turns import Conversation

STEP_US = 400_000


def read(text: str, confidence: float = 0.9) -> list[SpokenWord]:
    """Words of 0.4 s each, one after the other; one in brackets is unsure."""
    return [
        SpokenWord(
            text=word.strip("[]"),
            start_us=number * STEP_US,
            end_us=(number + 1) * STEP_US,
            confidence=0.2 if word.startswith("[") else confidence,
            stream=0,
            channel=None,
        )
        for number, word in enumerate(text.split())
    ]


def guess(
    first: int, end: int, identifier: str = "person", reason: str = "words around it"
) -> Sound:
    """Over these words, found in another reading."""
    return Sound(
        id=0,
        identifier=identifier,
        hipaa="A",
        detector="names",
        start_us=first * STEP_US,
        end_us=end * STEP_US,
        score=0.9,
        streams=(0,),
        options={"reason": reason},
    )


def test_surely_ordinary_words_are_no_name() -> None:
    assert Denial(read("the label says two pages")).left_of(guess(1, 3)) is None


@pytest.mark.parametrize(
    "words",
    ["the [label] says two", "the Bronwen says two", "the zorblatt says two", ""],
    ids=["unsure", "written like a name", "no common word", "nothing heard"],
)
def test_a_name_stays_where_that_is_not_sure(words: str) -> None:
    left = Denial(read(words)).left_of(guess(1, 2))
    assert left == guess(1, 2)


def test_ordinary_words_on_both_sides_of_a_name_are_left_alone() -> None:
    left = Denial(read("my sister Bronwen was ill today")).left_of(guess(0, 5))
    assert left is not None
    assert left.start_us == 2 * STEP_US - MARGIN_US
    assert left.end_us == 3 * STEP_US + MARGIN_US


def test_what_was_announced_stays_whatever_it_was_read_as() -> None:
    announced = guess(1, 3, reason="cue: my name is")
    assert Denial(read("name label says two")).left_of(announced) == announced


def test_what_was_not_understood_stays_unless_it_was_common_words() -> None:
    misheard = guess(1, 3, "unintelligible", "not understood after a relative")
    assert Denial(read("my Zorblatt Quixby two")).left_of(misheard) == misheard
    assert Denial(read("my label says two")).left_of(misheard) is None


def test_an_announced_name_loses_no_word_that_is_common_elsewhere() -> None:
    announced = guess(1, 3, reason="cue: my name is")
    assert Denial(read("is hope Zorblatt two")).left_of(announced) == announced


def test_another_channel_denies_nothing() -> None:
    """Somebody else may say ordinary words while a name is said."""
    there = replace(guess(1, 3), options={"reason": "words around it", "channels": [1]})
    words = [replace(word, channel=0) for word in read("the label says two")]
    assert Denial(words).left_of(there) == there
    same = [replace(word, channel=1) for word in words]
    assert Denial(same).left_of(there) is None


def test_numbers_are_never_denied() -> None:
    number = guess(1, 3, "mrn", "long number")
    assert Denial(read("the label says two pages")).left_of(number) == number


@pytest.mark.parametrize(
    ("unsure", "reason", "counts"),
    [
        (6, "words around it", False),
        (6, "not understood after a relative", False),
        (6, "cue: my name is", True),
        (6, "cue: record number", True),
        (4, "words around it", True),
    ],
)
def test_who_misheard_most_of_it_is_not_believed_in_guesses(
    unsure: int, reason: str, *, counts: bool
) -> None:
    words = tuple(
        Placed(word=word, start_s=word.start_us / 1e6, end_s=word.end_us / 1e6)
        for word in read("one two three four five six seven eight nine ten")
    )
    talk = Conversation(words=words, breaks=(), unsure=tuple(range(unsure)), lost=(), pauses=())
    said = [guess(1, 2, reason=reason)]
    assert list(believed(said, talk)) == (said if counts else [])


def test_a_name_that_is_a_word_too_stays_where_it_begins_a_sentence() -> None:
    assert Denial(read("it ends. Grace left then")).left_of(guess(2, 3)) == guess(2, 3)
