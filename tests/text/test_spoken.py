"""What people say, and how it is written."""

from __future__ import annotations

import pytest

from veilcast.text.spoken import Written, to_written

SAID = {
    # digits
    "six one seven five five five oh one four three": "6175550143",
    "six one seven, five five five, oh one four three.": "617 555 0143.",
    "nine eight seven, sixty five, four three two one": "987 65 4321",
    "nine eight seven sixty five four three two one": "987654321",
    "three nine double two seven oh one": "3922701",
    "three nine, double two, seven oh one": "39 22 701",
    "four one five triple five nine oh three one": "4155559031",
    "four one five treble five nine nought three one": "4155559031",
    "oh one six one, four nine six, oh seven double two": "0161 496 0722",
    "five five two oh, one eight one eight, three three seven four, six oh oh nine": (
        "5520 1818 3374 6009"
    ),
    "one eight hundred five five five one two one two": "18005551212",
    "plus four four seven seven double oh nine hundred one two three": "+447700900123",
    "six one seven dash five five five dash oh one four three": "617-555-0143",
    "five-five-five": "555",
    "6 1 7 5 5 5 0 1 4 3": "6175550143",
    "6, 1, 7, 5, 5, 5, 0, 1, 4, 3.": "6175550143.",
    "badge five five oh eight": "badge 5508",
    "nine oh two one oh": "90210",
    # fillers, and what is heard for a digit
    "five five, uh, five": "555",
    "five five uh five": "555",
    "six one um seven five I mean five five": "617555",
    "six one seven five five five oh one for three": "6175550143",
    "area four one five, no sorry, four one six five five": "area 41541655",
    "area four one five, no sorry, four one six, five five": "area 416 55",
    "from two to three four times": "from 2 to 3 4 times",
    # numbers as words count
    "three hundred and five Willow Bank Road": "305 Willow Bank Road",
    "a hundred and five": "105",
    "one hundred eighty-eight": "188",
    "weight one ninety seven": "weight 197",
    "twenty-one": "21",
    "seventy-six-year-old": "76-year-old",
    "ninety four years of age": "94 years of age",
    "bisoprolol two point five milligrams": "bisoprolol 2.5 milligrams",
    "one percent": "1 percent",
    "four hundred M L and eighty M G": "400 ML and 80 MG",
    "ten dot zero dot seventeen dot two hundred and three": "10.0.17.203",
    "one nine two dot one six eight dot one dot one": "192.168.1.1",
    # dates and times
    "my birthday is may the third nineteen eighty one": "my birthday is May 3rd 1981",
    "May the third, nineteen eighty one.": "May 3rd, 1981.",
    "the twenty-first of March": "the 21st of March",
    "the twenty first of march nineteen seventy two": "the 21st of March 1972",
    "eleventh of the tenth": "11th of the 10th",
    "thirty first October nineteen ninety": "31st October 1990",
    "twentieth of the fourth nineteen ninety": "20th of the 4th 1990",
    "the seventh of February twenty twenty three": "the 7th of February 2023",
    "October seventh": "October 7th",
    "december nineteenth": "December 19th",
    "july thirty first o eight": "July 31st 08",
    "june thirty two thousand and four": "June 30 2004",
    "in march two thousand and seven": "in March 2007",
    "nineteen eighty one": "1981",
    "nineteen oh six": "1906",
    "seventeen ninety": "1790",
    "nineteen ninety one nineteen ninety two": "1991 1992",
    "date of birth three eleven eighty one": "date of birth 3/11/81",
    "born oh five oh three nineteen eighty one": "born 05/03/1981",
    "at eleven thirty": "at 11:30",
    "half past eleven": "half past 11",
    # letters
    "S M I T H": "SMITH",
    "s m i t h": "SMITH",
    "S-M-I-T-H.": "SMITH.",
    "m a double t h e w s": "MATTHEWS",
    "O apostrophe B R I E N": "O'BRIEN",
    "that's T A I T the dressing": "that's TAIT the dressing",
    "B as in boy": "B",
    "B for boy O for oscar": "BO",
    "b as in bravo, o as in oscar, y as in yankee, d as in delta": "BOYD",
    "golf hotel two four mike papa sierra": "GH24 MPS",
    "Bramhall S K seven two D X": "Bramhall SK7 2DX",
    "S K seven, two D X.": "SK7 2DX.",
    "S K seven two D X I think": "SK7 2DX I think",
    "SW nineteen one EZ": "SW19 1EZ",
    "sw nineteen one ez": "SW19 1EZ",
    "K one A oh B one": "K1A 0B1",
    "A B one two three four": "AB1234",
    "M R N double oh four five one": "MRN 00451",
    "seven a b c one two three": "7ABC123",
    "i b a n g b two nine n w b k six oh one six one three": "IBAN GB29NWBK601613",
    "M A C zero zero colon one A colon two B colon three C": "MAC 00:1A:2B:3C",
    "may 3 nineteen eighty one": "May 3 1981",
    "I P ten dot sixteen dot two fifty four dot one": "IP 10.16.254.1",
    # addresses of the net
    "john dot smith at gmail dot com": "john.smith@gmail.com",
    "Is your email still fiona underscore tait at outlook dot com": (
        "Is your email still fiona_tait@outlook.com"
    ),
    "write to me k dot lowe at redcliffe dot edu": "write to me k.lowe@redcliffe.edu",
    "my email is john smith seven two at n h s dot net": "my email is johnsmith72@nhs.net",
    "videos dot elmhurst clinic dot net": "videos.elmhurstclinic.net",
    "w w w dot elmhurst dot co dot uk slash patients": "www.elmhurst.co.uk/patients",
    "double u double u double u dot example dot com": "www.example.com",
    "h t t p s colon slash slash portal dot clinic dot org": "https://portal.clinic.org",
}

STAYS = (
    "617-555-0143. May 3rd, 1981.",
    "no one",
    "one of the nurses",
    "Charlie and Mike had golf at the hotel",
    "victor hotel",
    "I may go home",
    "march on",
    "you may first want to",
    "oh I see",
    "look at the x ray",
    "one second",
    "give it to me for once",
    "I I think",
    "a a a",
    "see you in May",
    "www.example.org/a, jo@example.org",
)

APART = {
    "one thirty five over ninety": "135 over 90",
    "two tablets twice daily": "2 tablets twice daily",
    "two or three days": "2 or 3 days",
    "two three days": "2 3 days",
    "eighteen, sixteen, fourteen and twelve": "18, 16, 14 and 12",
    "E R two weeks ago": "ER 2 weeks ago",
    "thirteen point three then seven point six": "13.3 then 7.6",
    "oh two tablets": "oh 2 tablets",
    "march on to ward six give ten units": "march on to ward 6 give 10 units",
    "look at videos dot elmhurst dot net": "look at videos.elmhurst.net",
}


@pytest.mark.parametrize(("said", "written"), [*SAID.items(), *APART.items()])
def test_written_as_people_write_it(said: str, written: str) -> None:
    assert to_written(said.split()).content == written


@pytest.mark.parametrize("said", STAYS)
def test_other_words_stay(said: str) -> None:
    tokens = said.split()
    found = to_written(tokens)
    assert found.content == said
    assert [(p.first, p.last) for p in found.pieces] == [(n, n + 1) for n in range(len(tokens))]


def at(found: Written, part: str) -> tuple[int, int]:
    start = found.content.index(part)
    return found.tokens(start, start + len(part))


def test_a_part_of_a_number_maps_to_its_own_words() -> None:
    found = to_written("call six one seven triple five oh one four three now".split())
    assert found.content == "call 6175550143 now"
    assert at(found, "617") == (1, 4)
    assert at(found, "555") == (4, 6)
    assert at(found, "6175550143") == (1, 10)


def test_a_filler_between_digits_belongs_to_the_number() -> None:
    found = to_written("it is five five uh five thanks".split())
    assert at(found, "555") == (2, 6)


def test_words_that_are_not_written_belong_to_the_date() -> None:
    found = to_written("on may the third nineteen eighty one".split())
    assert at(found, "May 3rd 1981") == (1, 7)
    assert at(found, "3rd") == (2, 4)


def test_a_span_inside_a_piece_gives_all_of_its_words() -> None:
    found = to_written("three hundred and five".split())
    assert found.tokens(1, 2) == (0, 4)


def test_a_span_of_a_space_gives_no_words() -> None:
    found = to_written("hello there".split())
    assert found.tokens(5, 6) == (1, 1)
    assert found.tokens(3, 3) == (0, 0)
    assert found.tokens(11, 11) == (2, 2)


def test_a_break_is_a_newline() -> None:
    tokens = "what was taken twelve tablets two hours ago".split()
    assert to_written(tokens, {3}).content == "what was taken\n12 tablets 2 hours ago"


def test_a_break_between_ages_parts_them() -> None:
    assert to_written("I am sixty two three of them".split(), {4}).content == ("I am 62\n3 of them")


def test_a_pause_within_a_telephone_number_is_a_space() -> None:
    tokens = "six one seven five five five oh one four three".split()
    assert to_written(tokens, {3, 6}).content == "617 555 0143"


def test_tokens_without_characters_belong_to_a_neighbour() -> None:
    found = to_written(["", "five", " ", "five", "five", ""])
    assert found.content == "555"
    assert found.tokens(0, 3) == (0, 6)
    assert to_written(["", " "]).pieces == ()
