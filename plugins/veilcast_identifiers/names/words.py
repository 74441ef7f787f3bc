"""Small sets of words that the rules are made of, from ``data/words.txt``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _sections() -> dict[str, frozenset[str]]:
    text = files("veilcast_identifiers.names").joinpath("data", "words.txt").read_text("utf-8")
    found: dict[str, list[str]] = {}
    here: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            here = found.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            here.extend(line.split())
    return {name: frozenset(words) for name, words in found.items()}


def word_set(name: str) -> frozenset[str]:
    """The words of one section."""
    return _sections()[name]


def alternatives(name: str) -> str:
    """The words of one section as a part of a pattern, in a fixed order."""
    return "|".join(sorted(word_set(name)))
