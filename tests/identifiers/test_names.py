"""Names as people say them, without capitals and commas, and as they are written."""

from __future__ import annotations

import pytest

from veilcast.extensions.recognizers import LoadedRecognizer, Passage, RecognizerContext
from veilcast_identifiers.names import describe, identity_cues


@pytest.fixture(scope="module")
def names() -> LoadedRecognizer:
    return describe().load(RecognizerContext(language="en", models={}))


def found(names: LoadedRecognizer, content: str, identifier: str = "person") -> list[str]:
    passage = Passage(content=content, form="spoken", language="en", modality="speech")
    return [
        content[span.start : span.end]
        for span in names.recognize(passage)
        if span.identifier == identifier and span.score >= 0.5
    ]


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("hello my name is siobhan carmody and i was born in may", ["siobhan carmody"]),
        ("my name's um gareth and i have a cough", ["gareth"]),
        ("i'm doctor okonkwo one of the gps here", ["okonkwo"]),
        ("can i take your full name please\nyeah it's rose hill", ["rose hill"]),
        ("am i speaking with priyanka\nyes you are", ["priyanka"]),
        ("thanks leonard that is all i need", ["leonard"]),
        ("his son clifford will collect him", ["clifford"]),
        ("next is bed four winifred ashdown who may go home", ["winifred ashdown"]),
        ("mister vandermeer fixed it", ["vandermeer"]),
        ("My name is Will Young. I will call you.", ["Will Young"]),
        ("Thank you, Mary-Jane O'Brien, that is fine.", ["Mary-Jane O'Brien"]),
    ],
)
def test_people_are_found_as_they_are_named(
    names: LoadedRecognizer, said: str, people: list[str]
) -> None:
    assert found(names, said) == people


@pytest.mark.parametrize(
    "said",
    [
        "she may rest and i hope she will get better in april or march",
        "he has parkinson's and alzheimer's disease and dupuytren's contracture",
        "is it cushing's syndrome or hashimoto's thyroiditis or bell's palsy",
        "um yeah okay uh bless you so the pain rose again on sunday",
        "take paracetamol and amoxicillin with metformin twice a day",
        "the doctor said i should see a nurse at the clinic",
    ],
)
def test_ordinary_words_and_diseases_are_left_alone(names: LoadedRecognizer, said: str) -> None:
    assert found(names, said) == []


def test_a_name_that_was_announced_is_found_again(names: LoadedRecognizer) -> None:
    said = "my name is april\nso um april how are you\nnot well since april the second"
    assert found(names, said) == ["april", "april"]


def test_a_people_is_no_person(names: LoadedRecognizer) -> None:
    assert found(names, "And so my fellow Americans, ask what you can do") == []


def test_what_stands_where_a_name_was_announced_is_covered_though_it_is_none(
    names: LoadedRecognizer,
) -> None:
    said = "my name is be a tricep hall away and my birthday is tomorrow"
    assert found(names, said) == ["be a tricep hall away"]


@pytest.mark.parametrize(
    ("said", "identifier", "expected"),
    [
        ("you are at the oakfield skin clinic now", "facility", ["oakfield skin clinic"]),
        ("She is seen at Red Lift Teaching Hospital", "facility", ["Red Lift Teaching Hospital"]),
        ("that's at queensbury maternity unit", "facility", ["queensbury maternity unit"]),
        ("she was in the stroke unit for a week", "facility", []),
        ("i went to the hospital and to the clinic", "facility", []),
        ("i'm doctor jacob and welcome to babylon", "organization", ["babylon"]),
        ("i live in bramhall near stockport", "city", ["bramhall", "stockport"]),
        ("he was reading in the bath", "city", []),
    ],
)
def test_places(names: LoadedRecognizer, said: str, identifier: str, expected: list[str]) -> None:
    assert found(names, said, identifier) == expected


@pytest.mark.parametrize(
    "said",
    [
        "so robert how have you been since then",
        "okay and um priyanka do you smoke at all",
        "and are you working at the moment mireille",
        "no that's fine um take care grace",
        "i was talking to my colleague doctor adeyemi about it",
        "my neighbour florence found him and his brother tomasz called us",
    ],
)
def test_people_are_found_by_the_words_around_them(names: LoadedRecognizer, said: str) -> None:
    known = {"robert", "priyanka", "mireille", "grace", "adeyemi", "florence", "tomasz"}
    expected = [word for word in said.split() if word in known]
    assert found(names, said) == expected


def test_capitals_and_marks_make_no_difference_where_they_are_missing(
    names: LoadedRecognizer,
) -> None:
    written = "Hello, my name is Ingrid Solberg. Thanks, Ingrid! Any pain in your chest?"
    plain = "hello my name is ingrid solberg thanks ingrid any pain in your chest"
    assert found(names, written) == ["Ingrid Solberg", "Ingrid"]
    assert found(names, plain) == ["ingrid solberg", "ingrid"]


def test_reasons_say_nothing_of_the_text(names: LoadedRecognizer) -> None:
    content = "my name is quentin lindqvist and doctor ferreira lives in bramhall"
    passage = Passage(content=content, form="spoken", language="en", modality="speech")
    spans = names.recognize(passage)
    assert len(spans) >= 3
    for span in spans:
        assert not any(word in span.reason for word in ("quentin", "lindqvist", "bramhall"))
        assert 0 < span.score <= 1


def test_spans_keep_to_the_text(names: LoadedRecognizer) -> None:
    for content in ("", "\n", " ", "…", "'", "doctor", "my name is", "😀 dr. \n\n o'", "İ ı ß ﬁ"):
        passage = Passage(content=content, form="spoken", language="en", modality="speech")
        for span in names.recognize(passage):
            assert 0 <= span.start < span.end <= len(content)


def test_cues_say_how_many_words_may_name_somebody() -> None:
    words = "my name's be a tricep and doctor hall".split()
    assert identity_cues(words) == [(0, 1, 5), (6, 6, 3)]
