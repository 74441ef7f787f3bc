"""The seven patterns that people read out: found as they are said, without capitals and marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from identifiers.conftest import Found

# What is said before the value, the value, what is said after it, and its class.
# ruff: noqa: E501
SPOKEN = [
    # social security numbers
    ("my social is", "nine eight seven sixty five four three two one", "okay", "ssn"),
    ("social security number", "one two three four five six seven eight nine", "", "ssn"),
    ("could you verify your social\nsure it's", "five one nine oh four double two seven one", "", "ssn"),
    ("last four of your social\nuh", "four three two one", "thank you", "ssn"),
    ("my ssn is", "three one two uh four four nine oh eight seven", "", "ssn"),
    # telephones
    ("you can text me on", "six one seven five five five oh one four three", "", "phone"),
    ("my new mobile is", "four one five triple five nine oh three one", "", "phone"),
    ("the number is", "oh one six one four nine six oh seven double two", "", "phone"),
    ("call me back at", "eight hundred five five five oh one nine nine", "please", "phone"),
    ("plus", "four four seven seven double oh nine hundred one two three", "", "phone"),
    ("what's your phone number\nit's um", "two one two five five five uh zero one six eight", "", "phone"),
    # e-mail
    ("is your email still", "fiona underscore tait at outlook dot com", "", "email"),
    ("write to", "k dot lowe at redcliffe dot edu", "", "email"),
    ("it's", "j smith eighty two at gmail dot com", "thanks", "email"),
    ("email me at", "mary dash jane at bbc dot co dot uk", "", "email"),
    # cards
    ("here is the card", "five five two oh one eight one eight three three seven four six oh oh nine", "", "credit card"),
    ("card number", "forty one eleven eleven eleven eleven eleven eleven eleven", "", "credit card"),
    ("my visa is", "four five three two oh one five one one two eight three oh three six six", "", "credit card"),
    # dates
    ("my birthday is", "may the third nineteen eighty one", "", "date"),
    ("i turned on", "the eleventh of the tenth", "", "date"),
    ("fixed it on", "the seventh of february twenty twenty three", "that", "date"),
    ("born", "twenty second uh of march of um ninety", "", "date"),
    ("the scan was on", "december nineteenth", "", "date"),
    ("", "october seventh uh\nninety three", "something", "date"),
    ("it's", "the twentieth of the fourth nineteen ninety", "", "date"),
    ("date of birth", "four twelve eighty four", "", "date"),
    ("and my date of birth um", "fourth october nineteen eighty four", "", "date"),
    # network addresses
    ("the camera sits at", "ten dot zero dot seventeen dot two hundred and three", "", "ip"),
    ("the server is", "one nine two dot one six eight dot zero dot one", "okay", "ip"),
    ("the recording is under", "videos dot elmhurst clinic dot net", "", "url"),
    ("go to", "w w w dot redcliffe dot org", "", "url"),
    ("log in at", "portal dot lakeside health dot com slash results", "", "url"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "value", "after", "identifier"), SPOKEN)
def test_what_is_read_out_is_found_whole(
    listen: Callable[[str], Found], before: str, value: str, after: str, identifier: str
) -> None:
    text = " ".join(part for part in (before, value, after) if part)
    words = " ".join(value.split())
    found = listen(text)
    assert any(kind == identifier and words in said for kind, said, _, _ in found), found


def test_each_of_the_seven_is_in_the_table() -> None:
    kinds = {kind for _, _, _, kind in SPOKEN}
    assert kinds == {"ssn", "phone", "email", "credit card", "date", "ip", "url"}


NEITHER = [
    "take two tablets twice daily for seven days",
    "blood pressure one thirty five over ninety",
    "it was one twenty over eighty this morning",
    "levothyroxine seventy five micrograms",
    "bisoprolol two point five milligrams",
    "ten units of insulin before lunch",
    "one percent hydrocortisone cream",
    "i got a bill for eighty six dollars",
    "that will be two hundred and fifty dollars a month",
    "it costs nineteen ninety nine",
    "lift the arm to ninety degrees",
    "ten repetitions and three sets",
    "that is eighteen months ago",
    "the first time it happened was two weeks ago",
    "one two three four five six seven",
    "one two three testing",
    "if it gets worse call nine one one",
    "the file is two gigabytes and takes fifteen minutes",
    "twelve tablets of ibuprofen two hours ago",
    "the rate is eighty eight",
    "at eleven at night",
    "come back at ten thirty on monday",
    "it is half past nine",
    "sodium one forty potassium four point two chloride one oh one",
    "glucose one twenty one ten ninety five",
    "temperature was ninety eight point six",
    "i weigh one hundred and eighty pounds",
    "i smoked a pack a day for twenty years",
    "an increase of five hundred milligrams to one thousand milligrams",
    "march on to ward six",
    "he may go home tomorrow",
    "you may take two a day",
    "the cortisol rose to six hundred",
    "we have two kids three and five",
    "i had my appendix out in two thousand and four",
    "since nineteen ninety five",
    "an m r i of the l four l five disc",
    "my e c g and the c t were fine",
    "the second dose and the third one",
    "one hundred thousand people",
    "at first i thought at the dot in the middle",
    "look at the red dot",
    "my insurance covers a hundred percent",
    "my card was charged fifty dollars",
    "your account balance is three hundred and fifty dollars",
    "the code says five days",
]


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_no_identifier_is_left(listen: Callable[[str], Found], text: str) -> None:
    found = [one for one in listen(text) if one[0] not in {"age under 90", "room"}]
    assert found == []
