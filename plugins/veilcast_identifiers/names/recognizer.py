"""The recogniser of names: cues, the word list and a trained pipeline, together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import Recognized, Recognizer
from veilcast_identifiers.names.lexicon import load_lexicon
from veilcast_identifiers.names.places import places
from veilcast_identifiers.names.rules import persons
from veilcast_identifiers.names.tokens import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from veilcast.plugin import Passage, RecognizerContext
    from veilcast_identifiers.names.lexicon import Lexicon
    from veilcast_identifiers.names.places import Place
    from veilcast_identifiers.names.rules import Person
    from veilcast_identifiers.names.tokens import Token


class NameRecognizer:
    """Finds people, facilities, organisations and towns in English text.

    Capitals and punctuation help where they are there, and nothing depends on them.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        """People and places in a passage, in order; no two overlap."""
        tokens = tokenize(passage.content, self._lexicon)
        return combine(tokens, persons(tokens), places(tokens, self._lexicon))

    def close(self) -> None:
        """Nothing is held."""


def load(context: RecognizerContext) -> NameRecognizer:
    """A recogniser that is ready."""
    return NameRecognizer(load_lexicon())


def describe() -> Recognizer:
    """What the plugin declares of it."""
    return Recognizer(
        name="names",
        identifiers={"person": "A", "organization": "A", "facility": "R", "city": "B"},
        summary="people, organisations, facilities and towns, by what is said around them",
        load=load,
        languages=("en",),
    )


def combine(
    tokens: Sequence[Token], people: Iterable[Person], where: Iterable[Place]
) -> list[Recognized]:
    """One class for each token: of those that claim it, the one with the best score.

    A facility is named as a whole, so what lies in it is part of it.
    """
    claims: list[tuple[str, float, str] | None] = [None] * len(tokens)
    for person in people:
        for at in range(person.first, person.last + 1):
            _claim(claims, at, ("person", person.score, person.reason))
    for place in where:
        for at in range(place.first, place.last + 1):
            if place.identifier != "city":
                claims[at] = None
            _claim(claims, at, (place.identifier, place.score, place.reason))
    found: list[Recognized] = []
    at = 0
    while at < len(tokens):
        best = claims[at]
        if best is None:
            at += 1
            continue
        last = at
        while last + 1 < len(tokens) and (after := claims[last + 1]) and after[0] == best[0]:
            best = max(best, after, key=lambda claim: claim[1])
            last += 1
        found.append(
            Recognized(
                start=tokens[at].start,
                end=tokens[last].end,
                identifier=best[0],
                score=round(best[1], 3),
                reason=best[2],
            )
        )
        at = last + 1
    return found


def _claim(
    claims: list[tuple[str, float, str] | None], at: int, claim: tuple[str, float, str]
) -> None:
    held = claims[at]
    if held is None or claim[1] > held[1]:
        claims[at] = claim
