"""Speech that was not understood is covered where somebody was announced, and elsewhere left."""

from __future__ import annotations

import pytest

from veilcast.plugin import Passage, RecognizerContext
from veilcast_identifiers.garbled import describe


def covered(text: str) -> list[str]:
    """What is covered; words in capitals are those that were perhaps misheard."""
    unsure = []
    at = 0
    for word in text.split(" "):
        end = at + len(word)
        if word.strip("\n").isupper():
            unsure.append((at + len(word) - len(word.lstrip("\n")), end))
        at = end + 1
    passage = Passage(
        content=text, form="spoken", language="en", modality="speech", unsure=tuple(unsure)
    )
    recognizer = describe().load(RecognizerContext(language="en", models={}))
    return sorted({text[one.start : one.end] for one in recognizer.recognize(passage)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my name is HER MAN SEAL thank you", ["HER MAN SEAL"]),
        ("this is doctor WAY LIN speaking", ["WAY LIN"]),
        ("my record number is FOR tea SIX ACHE and", ["FOR tea SIX ACHE"]),
        ("could i take your phone number \nit's FIE FIVE SICKS", ["FIE FIVE SICKS"]),
        ("my wife LACK SHE drove me", ["LACK SHE"]),
        ("she is called SIR SHAH you know", ["SIR SHAH"]),
        ("Can you spell the last name? I'M all OUT of the line.", ["I'M all OUT"]),
        ("And who am I speaking with? LAURA can MAKE the other", ["LAURA can MAKE"]),
        ("What's your name, love? MY HIM the granddaughter", ["MY HIM"]),
        ("Hi, yeah, it's TOMATO PADWOOSE, calling about", ["TOMATO PADWOOSE,"]),
        ("you still at COBBLERS LAW then", ["COBBLERS LAW"]),
        ("my email is GAY DOTS at", ["GAY DOTS"]),
    ],
)
def test_where_something_was_announced(text: str, expected: list[str]) -> None:
    assert covered(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "my name is anna and it HURTS",
        "the pain is WURST in the morning",
        "take TOO tablets TWICE daily",
        "who would like some? MY knee is SORE",
        "my record number is four four seven one nine and that is the pain it is WURST",
        "my wife drove me here and then WE wait",
        "",
    ],
)
def test_elsewhere_it_stays(text: str) -> None:
    assert covered(text) == []
