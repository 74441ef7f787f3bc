"""Numbers that identify: by what announces them, by their shape, by their length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from veilcast_identifiers.numbers import read_numbers

if TYPE_CHECKING:
    from identifiers.conftest import Listener

    from veilcast.extensions import Recognizer

# Text, the class, and what is covered.
ANNOUNCED = [
    ("record number 615839 please", "mrn", "615839"),
    ("MRN: 00123456", "mrn", "00123456"),
    ("hospital number is X204418", "mrn", "X204418"),
    ("patient id 44 01 9", "mrn", "44 01 9"),
    ("nhs number 943 476 5919", "mrn", "943 476 5919"),
    ("my member number is 8812 0047", "health plan", "8812 0047"),
    ("policy number is XB 20 44 9", "health plan", "XB 20 44 9"),
    ("my medicare is 1EG4 TE5 MK73", "health plan", "1EG4 TE5 MK73"),
    ("group number 70345", "health plan", "70345"),
    ("my account is 392 27 01", "account", "392 27 01"),
    ("account ending in 4417", "account", "4417"),
    ("sort code 20 44 18", "account", "20 44 18"),
    ("routing number 011000138", "account", "011000138"),
    ("the security code is 412", "credit card", "412"),
    ("expires 04 27", "credit card", "04 27"),
    ("logged by nadia badge 5508", "id number", "5508"),
    ("employee number 20 11", "id number", "20 11"),
    ("the reference is AB 20 77", "id number", "AB 20 77"),
    ("case number 2021 334", "id number", "2021 334"),
    ("confirmation code QX7 44P", "id number", "QX7 44P"),
    ("driving licence TAIT 901 065", "licence", "TAIT 901 065"),
    ("passport number 53 30 18 22 7", "passport", "53 30 18 22 7"),
    ("the registration is GH24 MPS", "plate", "GH24 MPS"),
    ("licence plate 7ABC123", "plate", "7ABC123"),
    ("serial number 4471 A 90", "device", "4471 A 90"),
    ("imei 49 015420 323751", "device", "49 015420 323751"),
    ("zip code 90210", "postcode", "90210"),
    ("the fax is 0161 496 0733", "fax", "0161 496 0733"),
    ("call me on 617 555 0143", "phone", "617 555 0143"),
    ("reach us at extension 4417", "phone", "4417"),
    ("social security 987 65 4321", "ssn", "987 65 4321"),
]
AFAR = [
    ("could you verify your social?\nsure it's\n987 65 4321", "ssn", "987 65 4321"),
    ("what is the badge?\nuh one second it says here\n5508", "id number", "5508"),
    ("and the record number for the gentleman in the second bed was\n615839", "mrn", "615839"),
    ("615839 is my record number", "mrn", "615839"),
    ("yes 3922701 that's my account number", "account", "3922701"),
    ("my account is 39 to 27 own 1", "account", "39 to 27 own 1"),
    ("badge is 5 um 5 sorry 0 8", "id number", "5 um 5 sorry 0 8"),
    ("my phone number is 617\n555 0143", "phone", "617\n555 0143"),
]
# What a recogniser makes of it: words for digits, digits for words, whole words lost.
MISHEARD = [
    ("could you verify your social i still going to be fine 4321", "ssn", "4321"),
    ("here is the card 5520 18 like i do 18337", "credit card", "5520 18 like i do 18337"),
    ("where is it\nit's 3922 simoneau", "id number", "3922"),
    ("my mobile is 415 059031", "phone", "415 059031"),
    ("expiry is oh 427", "credit card", "oh 427"),
    ("the code to get in is 6291", "id number", "6291"),
    ("bleep 8245", "phone", "8245"),
    ("sample N981573", "id number", "N981573"),
    ("his chart is 149965", "mrn", "149965"),
    ("it ends in 7639", "id number", "7639"),
]
BY_THEMSELVES = [
    ("987 65 4321", "ssn", "987 65 4321"),
    ("5520 1818 3374 6009", "credit card", "5520 1818 3374 6009"),
    ("(617) 555-0143", "phone", "(617) 555-0143"),
    ("it was 0161 496 0722", "phone", "0161 496 0722"),
    ("+44 20 7946 0958", "phone", "+44 20 7946 0958"),
    ("so 4451 90822", "id number", "4451 90822"),
    ("90045112 yes", "id number", "90045112"),
]


@pytest.mark.parametrize(
    ("text", "identifier", "value"), ANNOUNCED + AFAR + MISHEARD + BY_THEMSELVES
)
def test_numbers_that_identify(text: str, identifier: str, value: str) -> None:
    found = [(hit.identifier, text[hit.start : hit.end]) for hit in read_numbers(text)]
    assert (identifier, value) in found


@pytest.mark.parametrize(("text", "identifier", "value"), ANNOUNCED)
def test_what_is_announced_is_sure(text: str, identifier: str, value: str) -> None:
    scores = [hit.score for hit in read_numbers(text) if hit.identifier == identifier]
    assert max(scores) >= 0.75


NEITHER = [
    "he takes 500 mg twice and 250 mg at night",
    "the price is 350 dollars on my card",
    "your account balance is $350",
    "my insurance covers 100 percent",
    "my insurance changed in 2019",
    "phone me in 20 minutes",
    "call in 2 to 3 weeks",
    "blood pressure 135 over 90",
    "135/90 and 98.6",
    "1 2 3 4 5 6 7 8",
    "12345678",
    "2010 2012 2015",
    "1000000 people",
    "1,250,000 dollars",
    "glucose 120 100 95",
    "L3 L4 L5 S1",
    "T12 and C5 C6",
    "at 10:30 or 11:45",
    "call 911",
    "my case is 2 weeks old",
    "the card has 3 lines",
    "room 214",
    "vitamin B12 and H1N1 and COVID-19",
    "HbA1c of 7",
    "the number of tablets is 30 tablets",
    "my number 1 problem",
    "8 pills over 90 days and 120 over 80",
    "between 1980 and 1995",
    "size 44 waist 36",
    "code blue",
    "no number at all",
    "four brothers aged 18 16 14 and 12",
    "platelets 234000",
    "in the year 2004 i was fine",
    "what happened\n2004 was bad",
    "how many\n12 a day",
    "the social worker saw 350 people",
    "group of 12 people",
]


@pytest.mark.parametrize("text", NEITHER)
def test_quantities_are_left(text: str) -> None:
    assert [text[hit.start : hit.end] for hit in read_numbers(text)] == []


@pytest.mark.parametrize("text", ["0161 for 96 go 7 22 22", "0161. For 96, 07 double 2"])
def test_digits_that_were_heard_as_words_are_part_of_the_number(text: str) -> None:
    (hit,) = read_numbers(text)
    assert (hit.start, hit.end) == (0, len(text))


@pytest.mark.parametrize("text", ["from 1990 to 2005", "for 120 to 140 people"])
def test_years_and_ranges_are_no_number_that_was_misheard(text: str) -> None:
    assert list(read_numbers(text)) == []


def test_reasons_hold_nothing_of_the_text() -> None:
    for text, _, value in ANNOUNCED + AFAR + BY_THEMSELVES:
        for hit in read_numbers(text):
            assert not any(char.isdigit() for char in hit.reason), value


def test_all_numbers_covers_every_number(
    listener: type[Listener], recognizers: dict[str, Recognizer]
) -> None:
    found = listener([recognizers["all-numbers"]])(
        "take twenty five milligrams of 20mg twice on the first at 10:30 or B12"
    )
    said = {words for kind, words, _, _ in found if kind == "number"}
    for part in ("twenty five", "20mg", "twice", "first", "10:30", "B12"):
        assert any(part in words for words in said), (part, said)


def test_rooms_have_a_class_of_their_own(
    listener: type[Listener], recognizers: dict[str, Recognizer]
) -> None:
    rooms = listener([recognizers["rooms"]])
    assert {words for _, words, _, _ in rooms("bed nine in room two fourteen on ward six")} == {
        "bed nine", "room two fourteen", "ward six",
    }  # fmt: skip
    assert rooms("bed rest for nine days and room for two more") == []
