"""Every registered recogniser keeps the rules that the testing kit has for anybody's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veilcast.host import Host
from veilcast.models import find
from veilcast.testing import RECOGNISER_RULES, RecogniserCase
from veilcast.testing.recognizer_rules import TALK, unsound

if TYPE_CHECKING:
    from veilcast.testing import Rule

HOST = Host()
NAMES = sorted(HOST.recognizers)
PIECES = [*TALK.split(), "\n", "\N{HORIZONTAL ELLIPSIS}"]

FINDS = {
    "addresses": {"she lives at 22 Larch Street, Millbrook": "22 Larch Street"},
    "ages": {"she is 94 years old and well": "94"},
    "all-numbers": {"bed 22 by the window": "22", "it is six one seven": "six one seven"},
    "contacts": {"m dot okonkwo at hillside dot org or so": "m dot okonkwo at hillside dot org"},
    "dates": {"i was born on 3 May 1952 in town": "3 May 1952"},
    "garbled": {"my name is her man seal thank you": "her man seal"},
    "names": {
        "my name is marguerite okonkwo": "marguerite okonkwo",
        "doctor fairweather saw her": "fairweather",
    },
    "numbers": {"the medical record number is 4471920": "4471920"},
    "other-languages": {"je m'appelle okonkwo et merci": "okonkwo"},
    "postcodes": {"22 Larch Street, Millbrook SK7 2DX": "SK7 2DX"},
    "presidio": {"the card is 4111 1111 1111 1111 now": "4111 1111 1111 1111"},
    "rooms": {"she is in room 312 now": "312"},
    "spelled": {"it is spelled o k o n k w o": "o k o n k w o"},
    "transformer": {"My eldest Briannon and her little one came": "Briannon"},
}
"""What each must find, and in what."""
CUES = {"addresses": ("street",), "ages": ("years",)}
"""What is in some of that and identifies nobody."""


SET_UP = ("spacy-en", "rampart")
"""What set-up fetches of the models for one language."""


@cache
def case_of(name: str) -> RecogniserCase:
    recognizer = HOST.recognizer(name)
    names = [*recognizer.models, *recognizer.by_language.values()]
    models = {name: find(HOST.model(name)) for name in names if name in SET_UP}
    language = "en" if "en" in (recognizer.languages or ("en",)) else "fr"
    return RecogniserCase(
        recognizer, FINDS[name], models=models, cues=CUES.get(name, ()), language=language
    )


def test_each_is_tried() -> None:
    assert FINDS.keys() == HOST.recognizers.keys()


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        pytest.param(
            name,
            rule,
            id=f"{name}-{rule}",
            # Many texts, each through the model.
            marks=[pytest.mark.release] if (name, str(rule)) == ("transformer", "any-text") else [],
        )
        for name in NAMES
        for rule in RECOGNISER_RULES
    ],
)
def test_it_keeps_the_rule(name: str, rule: Rule[RecogniserCase]) -> None:
    rule.check(case_of(name))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.one_of(
        st.text(max_size=120),
        st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
    )
)
def test_any_text_is_answered_with_spans_inside_it(name: str, content: str) -> None:
    case = case_of(name)
    for form in case.recognizer.forms:
        assert not unsound(case.recognize(content, form), content, case.recognizer)
