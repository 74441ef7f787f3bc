"""What holds of every registered recogniser, ours or another's."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veilcast.findings.document import CLASS, TOOL
from veilcast.host import Host
from veilcast.models import find
from veilcast.plugin import HIPAA_LETTERS, Passage, RecognizerContext

if TYPE_CHECKING:
    from veilcast.plugin import LoadedRecognizer

HOST = Host()
NAMES = sorted(HOST.recognizers)
TALK = """who is calling please
my name is marguerite okonkwo and i was born on the third of may nineteen fifty two
and your number
it's six one seven five five five oh one four three or m dot okonkwo at hillside dot org
doctor fairweather at the hillside clinic saw her and her son terrence on ward six
the card is 4111 1111 1111 1111 and she lives at 22 Larch Street, Millbrook SK7 2DX
she is ninety four and takes two tablets twice a day"""
PIECES = [*TALK.split(), "\n", "\N{HORIZONTAL ELLIPSIS}"]
COMMON = frozenset(re.findall(r"[a-z]+", TALK.lower())) - {
    "marguerite",
    "okonkwo",
    "fairweather",
    "hillside",
    "terrence",
    "larch",
    "millbrook",
}


def passage(content: str, form: str = "spoken", **more: object) -> Passage:
    return Passage(content=content, form=form, language="en", modality="text", **more)  # type: ignore[arg-type]


@cache
def loaded(name: str) -> LoadedRecognizer:
    recognizer = HOST.recognizer(name)
    models = {model: find(HOST.model(model)) for model in recognizer.models}
    return recognizer.load(RecognizerContext(language="en", models=models))


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_finds_in_classes_with_letters(name: str) -> None:
    recognizer = HOST.recognizer(name)
    assert TOOL.match(name)
    assert recognizer.summary
    assert recognizer.identifiers
    assert recognizer.forms
    for identifier, letter in recognizer.identifiers.items():
        assert CLASS.match(identifier)
        assert letter == "" or letter in HIPAA_LETTERS


@pytest.mark.parametrize("form", ["spoken", "written"])
@pytest.mark.parametrize("name", NAMES)
def test_what_it_says_is_the_same_each_time_and_holds_nothing_of_the_text(
    name: str, form: str
) -> None:
    recognizer = HOST.recognizer(name)
    whole = passage(TALK, form, unsure=((30, 36),))
    found = loaded(name).recognize(whole)
    assert list(found) == list(loaded(name).recognize(whole))
    for one in found:
        assert 0 <= one.start < one.end <= len(TALK)
        assert 0 <= one.score <= 1
        assert one.identifier in recognizer.identifiers
        words = set(re.findall(r"[a-z]+", one.reason.lower()))
        said = set(re.findall(r"[a-z]+", TALK[one.start : one.end].lower()))
        assert not words & said - COMMON
        assert not re.search(r"\d", one.reason)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.one_of(
        st.text(max_size=120),
        st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
    )
)
def test_any_text_is_answered_with_spans_inside_it(name: str, content: str) -> None:
    for form in HOST.recognizer(name).forms:
        for one in loaded(name).recognize(passage(content, form)):
            assert 0 <= one.start < one.end <= len(content)
            assert content[one.start : one.end].strip()
