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


def left(words: str, sound: Sound) -> list[Sound]:
    """What is left of it where these words were heard."""
    return list(Denial(read(words)).left_of(sound))


def test_surely_ordinary_words_are_no_name() -> None:
    assert left("the label says two pages", guess(1, 3)) == []


@pytest.mark.parametrize(
    "words",
    ["the [label] says two", "the Bronwen says two", "the zorblatt says two", ""],
    ids=["unsure", "written like a name", "no common word", "nothing heard"],
)
def test_a_name_stays_where_that_is_not_sure(words: str) -> None:
    assert left(words, guess(1, 2)) == [guess(1, 2)]


def test_ordinary_words_on_both_sides_of_a_name_are_left_alone() -> None:
    (name,) = left("my sister Bronwen was ill today", guess(0, 5))
    assert name.start_us == 2 * STEP_US - MARGIN_US
    assert name.end_us == 3 * STEP_US + MARGIN_US


def test_a_sentence_between_two_names_is_left_alone() -> None:
    one, other = left("Bronwen and my sister saw Zorblatt", guess(0, 6))
    assert (one.start_us, one.end_us) == (0, STEP_US + MARGIN_US)
    assert (other.start_us, other.end_us) == (5 * STEP_US - MARGIN_US, 6 * STEP_US)


def test_one_ordinary_word_within_a_name_belongs_to_it() -> None:
    assert left("Bronwen the Zorblatt", guess(0, 3)) == [guess(0, 3)]


def test_what_was_announced_stays_whatever_it_was_read_as() -> None:
    announced = guess(1, 3, reason="cue: my name is")
    assert left("name label says two", announced) == [announced]


def test_what_was_not_understood_stays_unless_it_was_common_words() -> None:
    misheard = guess(1, 3, "unintelligible", "not understood after a relative")
    assert left("my Zorblatt Quixby two", misheard) == [misheard]
    assert left("my label says two", misheard) == []


def test_an_announced_name_loses_no_word_that_is_common_elsewhere() -> None:
    announced = guess(1, 3, reason="cue: my name is")
    assert left("is hope Zorblatt two", announced) == [announced]


def test_another_channel_denies_nothing() -> None:
    """Somebody else may say ordinary words while a name is said."""
    there = replace(guess(1, 3), options={"reason": "words around it", "channels": [1]})
    words = [replace(word, channel=0) for word in read("the label says two")]
    assert list(Denial(words).left_of(there)) == [there]
    same = [replace(word, channel=1) for word in words]
    assert list(Denial(same).left_of(there)) == []


def test_numbers_are_never_denied() -> None:
    number = guess(1, 3, "mrn", "long number")
    assert left("the label says two pages", number) == [number]


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
    assert left("it ends. Grace left then", guess(2, 3)) == [guess(2, 3)]
