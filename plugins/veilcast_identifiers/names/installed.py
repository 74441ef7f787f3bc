"""A general spaCy pipeline that the user has installed: used besides the embedded one.

Such pipelines know far more names of places and people than the embedded one, where text has
capitals. They were not made for talk: without capitals they miss most names, so they only add.
"""

from __future__ import annotations

import json
import os
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veilcast_identifiers.names.rules import Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast_identifiers.names.tokens import Token

FOLDERS_VARIABLE = "VEILCAST_MODELS"
_BEST_FIRST = ("trf", "lg", "md", "sm")
_PERSONS = {"PERSON", "PER"}
SCORE = 0.6
"""Its pipelines give no scores."""
REASON = "installed pipeline"


class Installed:
    """A loaded pipeline with a component that finds entities."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def persons(self, content: str, tokens: Sequence[Token]) -> Iterator[Person]:
        """Persons in a text, as runs of its tokens."""
        entities = self._pipeline(content).ents
        at = 0
        for entity in entities:
            if entity.label_ not in _PERSONS:
                continue
            while at < len(tokens) and tokens[at].end <= entity.start_char:
                at += 1
            last = at
            while last < len(tokens) and tokens[last].start < entity.end_char:
                last += 1
            if last > at:
                yield Person(at, last - 1, SCORE, REASON)


def languages() -> tuple[str, ...]:
    """The languages that pipelines are installed for, ISO 639-1."""
    return tuple(sorted({language for language, _ in _installed()}))


@cache
def load_installed(language: str) -> Installed | None:
    """The best pipeline for a language, if there is one."""
    fitting = [where for known, where in _installed() if known == language]
    if not fitting:
        return None
    import spacy

    best = min(fitting, key=lambda where: (_rank(str(where)), str(where)))
    return Installed(spacy.load(best, exclude=["lemmatizer", "attribute_ruler", "parser"]))


def _rank(name: str) -> int:
    sizes = Path(name).name.split("_")
    return next((i for i, size in enumerate(_BEST_FIRST) if size in sizes), len(_BEST_FIRST))


@cache
def _installed() -> tuple[tuple[str, str | Path], ...]:
    """The language of each pipeline, with its package or folder."""
    found: list[tuple[str, str | Path]] = [
        (entry.name[:2], entry.name) for entry in entry_points(group="spacy_models")
    ]
    for folder in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep):
        if not folder:
            continue
        for depth in ("", "*/", "*/*/"):
            for meta in sorted(Path(folder).glob(f"{depth}meta.json")):
                if (meta.parent / "ner").is_dir():
                    found.append((json.loads(meta.read_text("utf-8"))["lang"], meta.parent))
    return tuple(found)
