"""Dates, ages, addresses, postcodes, spelled names and user names."""

from __future__ import annotations

import pytest

from veilcast_identifiers.addresses import read_addresses
from veilcast_identifiers.ages import read_ages
from veilcast_identifiers.dates import read_dates
from veilcast_identifiers.internet_addresses import read_contacts
from veilcast_identifiers.postcodes import read_postcodes
from veilcast_identifiers.spelled import read_spelled

DATES = [
    ("born on May 3rd 1981 in", "May 3rd 1981"),
    ("may 3 1981", "may 3 1981"),
    ("on the 7th of February 2023 that", "the 7th of February 2023"),
    ("14 November 1996", "14 November 1996"),
    ("um 22nd uh of March of um 90", "22nd uh of March of um 90"),
    ("October, 7th. Uh.\n93 something", "October, 7th. Uh.\n93"),
    ("October 7th", "October 7th"),
    ("the 11th of the 10th", "the 11th of the 10th"),
    ("20th, of the 4th, 1990", "20th, of the 4th, 1990"),
    ("date of birth 4 12 1984", "4 12 1984"),
    ("your date of birth?\nyes um 4 12 84", "4 12 84"),
    ("i was born 041284", "041284"),
    ("dob 3/5/81", "3/5/81"),
    ("seen 2023-02-07 10:15", "2023-02-07 10:15"),
    ("on 03.05.1981", "03.05.1981"),
    ("in March 2019 we", "March 2019"),
    ("Tuesday the 14th", "Tuesday the 14th"),
    ("come on the 21st at noon", "the 21st"),
    ("you are down for Thursday, June the 12th, please", "Thursday, June the 12th"),
    ("the 9th of this month", "the 9th of this month"),
    # as the written form comes when a date can be divided in more ways than one
    ("date of birth march 1279", "march 1279"),
    ("born September 2019 57", "September 2019 57"),
    ("born on one may 1928", "one may 1928"),
    ("birthday is oh 9/12/77", "oh 9/12/77"),
]
NO_DATES = [
    "March on to ward 6",
    "he may go home tomorrow",
    "you may 2 or 3 times a day",
    "she may 10 minutes later feel",
    "twice daily for 7 days",
    "that is 18 months",
    "in 2 weeks",
    "on Tuesday at 10",
    "in 1996 and since 2004",
    "the 2nd dose and the 3rd one",
    "on the 1st visit",
    "for the 2nd time",
    "135/90 today",
    "5 to 10 a day",
    "pain is 7/10",
    "1/2 a tablet",
    "a ratio of 3:5",
    "i was born in 1981",
    "his birthday is next week",
    "born at 39 weeks",
    "version 1.2.3",
    "take 2 in april",
]


@pytest.mark.parametrize(("text", "value"), DATES)
def test_dates(text: str, value: str) -> None:
    assert value in [text[hit.start : hit.end] for hit in read_dates(text)]


@pytest.mark.parametrize("text", NO_DATES)
def test_no_dates(text: str) -> None:
    assert [text[hit.start : hit.end] for hit in read_dates(text)] == []


AGES = [
    ("who is 94 years of age", "age", "94 years of age"),
    ("a 92-year-old man", "age", "92-year-old"),
    ("he is 97", "age", "97"),
    ("aged 101", "age", "101"),
    ("she turned 90 in june", "age", "90"),
    ("in her nineties", "age", "in her nineties"),
    ("I'm 48", "age under 90", "48"),
    ("she's 19 and", "age under 90", "19"),
    ("a 6 month old baby", "age under 90", "6 month old"),
    ("32 years old", "age under 90", "32 years old"),
    ("how old are you? 56", "age under 90", "56"),
    ("and how old are you now?\n97 would you believe it", "age", "97"),
]


@pytest.mark.parametrize(("text", "identifier", "value"), AGES)
def test_ages(text: str, identifier: str, value: str) -> None:
    found = [(hit.identifier, text[hit.start : hit.end]) for hit in read_ages(text)]
    assert (identifier, value) in found


@pytest.mark.parametrize(
    "text",
    [
        "he is 98 percent on air",
        "I'm 180 pounds",
        "she is 5 foot 4",
        "the rate is 95",
        "94 percent",
        "temperature is 98.6",
        "he's 90 kilos",
        "she was 2 days late",
        "for 92 years",
        "i am 10 minutes away",
        "he is 1 of 3",
    ],
)
def test_no_ages_over_89(text: str) -> None:
    assert [hit for hit in read_ages(text) if hit.identifier == "age"] == []


ADDRESSES = [
    ("the new place is 63 larchmont drive apartment 9 in", "63 larchmont drive apartment 9"),
    ("address\n305 willow bank road number", "305 willow bank road"),
    ("it's 4 Park Avenue", "4 Park Avenue"),
    ("and 28 Great Road SW19 1EZ", "28 Great Road"),
    ("address?\nand, 5, um, Kings Place.", "5, um, Kings Place"),
    ("and address 50 Avenue", "50 Avenue"),
    ("i live at flat 2 14 abbey road", "flat 2 14 abbey road"),
    ("are you still at 1142 Pember to have a new", "1142 Pember"),
    ("21 Elm Street, Springfield, Illinois 62704", "21 Elm Street, Springfield, Illinois 62704"),
    ("at 1400 North Dutton Avenue #6.", "1400 North Dutton Avenue #6"),
    ("po box 12", "po box 12"),
    ("i live on Temple Street", "Temple Street"),
    ("suite 501", "suite 501"),
    ("my address is 12 rue de rivoli", "12 rue de rivoli"),
]
NO_ADDRESSES = [
    "take 2 tablets and drive carefully",
    "a 20 minute drive",
    "it is 5 miles down the road",
    "30 minutes on the road",
    "i have 2 kids in the house",
    "1 way or another",
    "2 weeks in that place",
    "10 of us in a row",
    "i live with my wife",
    "i live in a house on a hill",
    "4 bedroom 3 bath place",
    "9 months in court",
    "7 days to close the wound",
    "apartment i found",
    "90 percent of the way",
]


@pytest.mark.parametrize(("text", "value"), ADDRESSES)
def test_addresses(text: str, value: str) -> None:
    assert value in [text[hit.start : hit.end] for hit in read_addresses(text)]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_no_addresses(text: str) -> None:
    assert [text[hit.start : hit.end] for hit in read_addresses(text)] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("bramhall SK7 2DX", "SK7 2DX"),
        ("sw1a 1aa", "sw1a 1aa"),
        ("s k 7 2 d x", "s k 7 2 d x"),
        ("K1A 0B1", "K1A 0B1"),
        ("90210-1234", "90210-1234"),
        ("4 park avenue and it's ab one cb 2", "ab one cb 2"),
        ("Albany, NY 12207", "12207"),
        ("bramhall SK 7 2 geerts", "SK 7 2 geerts"),
    ],
)
def test_postcodes(text: str, value: str) -> None:
    assert value in [text[hit.start : hit.end] for hit in read_postcodes(text)]


@pytest.mark.parametrize(
    "text",
    [
        "it's 28th of", "L2 L3 L4", "take 2 at 10 am", "b 12 is low", "at 5 10 mg", "T4 3 times",
        "n 95 masks", "i 2 am tired", "a 1 c of 7",
    ],
)  # fmt: skip
def test_no_postcodes(text: str) -> None:
    assert [text[hit.start : hit.end] for hit in read_postcodes(text)] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes that's T A I T okay", "T A I T"),
        ("h o l l o w a y", "h o l l o w a y"),
        ("it's T-A-I-T", "T-A-I-T"),
        ("B as in bravo O as in oscar Y as in yes", "B as in bravo O as in oscar Y as in yes"),
        ("spell it please\nk i m", "k i m"),
        ("that is bravo oscar yankee delta", "bravo oscar yankee delta"),
        ("h o double l o w a y", "h o double l o w a y"),
        ("m for mary o for orange", "m for mary o for orange"),
        # misheard letters and digits
        ("t as in bravo l as in oscar", "t as in bravo l as in oscar"),
        ("golf hotel q for mike papa sierra", "golf hotel q for mike papa sierra"),
    ],
)  # fmt: skip
def test_spelled_names(text: str, value: str) -> None:
    assert value in [text[hit.start : hit.end] for hit in read_spelled(text)]


@pytest.mark.parametrize(
    "text",
    [
        "an E C G and an M R I", "the N H S", "H I V negative", "a d h d", "c t and m r i",
        "he had a P P D", "the G V H D", "that's for sure", "i don't like them", "i i i think",
        "a b c", "vitamin d and e", "a for adjustments", "my hotel in india", "x y z",
        "the u i h c", "o k", "u k and u s a",
    ],
)  # fmt: skip
def test_abbreviations_are_no_names(text: str) -> None:
    assert [text[hit.start : hit.end] for hit in read_spelled(text)] == []


@pytest.mark.parametrize(
    ("text", "identifier", "value"),
    [
        ("my username is nadia_k", "username", "nadia_k"),
        ("instagram handle is @bea.h", "username", "@bea.h"),
        ("follow @nadia_k there", "username", "@nadia_k"),
        ("my password is tulip 44", "username", "tulip 44"),
        ("email is mary jane at gmail", "email", "mary jane at gmail"),
        (
            "is your email still fiene and altieri@outlook.com",
            "email",
            "fiene and altieri@outlook.com",
        ),
        ("see barker dash norma.org now", "url", "barker dash norma.org"),
        ("visit chen clinic.edu/login", "url", "chen clinic.edu"),
        (
            "brett dot lindsey 313 at mail dot howell dot edu",
            "email",
            "brett dot lindsey 313 at mail dot howell dot edu",
        ),
        ("10 dot 0 dot 17 dot 203", "ip", "10 dot 0 dot 17 dot 203"),
        ("videos dot elmhurst clinic dot net", "url", "videos dot elmhurst clinic dot net"),
    ],
)
def test_contacts(text: str, identifier: str, value: str) -> None:
    found = [(hit.identifier, text[hit.start : hit.end]) for hit in read_contacts(text)]
    assert (identifier, value) in found


@pytest.mark.parametrize(
    "text",
    [
        "look at the dot in the middle", "we met at home", "the login is not working",
        "my password is the problem", "a polka dot dress", "at least 2 point 5",
    ],
)  # fmt: skip
def test_no_contacts(text: str) -> None:
    assert [text[hit.start : hit.end] for hit in read_contacts(text)] == []
