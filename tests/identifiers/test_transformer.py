"""The transformer finds what no list has, and leaves drugs, diseases and ordinary words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from veilcast.extensions.recognizers import Passage, RecognizerContext
from veilcast.models import find
from veilcast_identifiers.transformer import FOLDER, WINDOW, describe

if TYPE_CHECKING:
    from veilcast.extensions import LoadedRecognizer


@pytest.fixture(scope="module")
def transformer() -> LoadedRecognizer:
    return describe().load(RecognizerContext(language="en", models={FOLDER.name: find(FOLDER)}))


def found(transformer: LoadedRecognizer, content: str) -> list[tuple[str, str]]:
    passage = Passage(content=content, form="spoken", language="en", modality="speech")
    return [(s.identifier, content[s.start : s.end]) for s in transformer.recognize(passage)]


@pytest.mark.parametrize(
    ("content", "identifier", "expected"),
    [
        ("I'm Kwabina, the husband.", "person", "Kwabina"),
        ("We asked for Oyunchimeg Batbayar again.", "person", "Oyunchimeg Batbayar"),
        ("She moved to Llandrindod last year.", "city", "Llandrindod"),
        ("It went to 14 Pemberton Crescent then.", "address", "14 Pemberton Crescent"),
    ],
)
def test_it_finds(
    transformer: LoadedRecognizer, content: str, identifier: str, expected: str
) -> None:
    assert (identifier, expected) in found(transformer, content)


@pytest.mark.parametrize(
    "content",
    [
        "Take two tablets of ibuprofen 400 mg twice a day.",
        "The Hashimoto's is stable on levothyroxine, the Parkinson's is not.",
        "Blood pressure 135 over 90, pulse 72.",
        "The ambulance is on its way. My secretary is on extension 417.",
    ],
)
def test_it_leaves(transformer: LoadedRecognizer, content: str) -> None:
    assert found(transformer, content) == []


def test_a_long_text_is_read_to_its_end(transformer: LoadedRecognizer) -> None:
    """In windows, each with some of what was before."""
    filler = "the weather was fine and we walked for an hour " * (WINDOW // 5)
    content = f"I'm Kwabina, the husband. {filler}I'm Lakshmi, the wife. {filler}"
    people = [text for identifier, text in found(transformer, content) if identifier == "person"]
    assert people == ["Kwabina", "Lakshmi"]


def test_without_its_model_it_finds_nothing() -> None:
    nothing = describe().load(RecognizerContext(language="en", models={}))
    assert found(nothing, "I'm Kwabina, the husband.") == []
