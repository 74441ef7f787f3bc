"""Lists of phrases that always or never count."""

from __future__ import annotations

import pytest

from veilcast.text.phrases import Phrases, plain


@pytest.mark.parametrize(
    ("word", "bare"),
    [
        ("Smith", "smith"),
        ("SMITH'S", "smith"),
        ("smith\u2019s", "smith"),
        ("Müller,", "muller"),
        ("O'Brien", "obrien"),
        ("42.", "42"),
        ("?", "?"),
    ],
)
def test_words_are_compared_without_case_accents_and_punctuation(word: str, bare: str) -> None:
    assert plain(word) == bare


def test_a_phrase_is_found_wherever_it_stands() -> None:
    words = "well Park Royal, is where park royal's clinic is in royal park".split()
    assert list(Phrases(["park royal", "  "]).find(words)) == [(1, 3), (5, 7)]


def test_what_an_allowed_phrase_covers() -> None:
    allowed = Phrases(["bell's palsy", "palsy clinic"])
    words = "it is bells bell's palsy clinic today".split()
    assert allowed.cover(words, 3, 5)
    assert allowed.cover(words, 3, 6)  # two that overlap
    assert not allowed.cover(words, 2, 5)
    assert not allowed.cover(words, 5, 7)
    assert not Phrases([]).cover(words, 0, 1)
