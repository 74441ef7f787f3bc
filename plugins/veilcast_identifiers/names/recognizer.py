"""The recogniser of names: cues, the word list and a trained pipeline, together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from veilcast.plugin import Recognized, Recognizer
from veilcast_identifiers.names.general import FOLDERS, General
from veilcast_identifiers.names.general import REASON as GENERAL
from veilcast_identifiers.names.general import SCORE as GENERAL_SCORE
from veilcast_identifiers.names.lexicon import load_lexicon
from veilcast_identifiers.names.places import MEDICAL, Place, places
from veilcast_identifiers.names.rules import (
    NAME_LIST,
    Person,
    is_eponym,
    is_ordinary_use,
    named_again,
    persons,
)
from veilcast_identifiers.names.screens import SCREEN, screen_names
from veilcast_identifiers.names.tagger import LABELS, load_tagger
from veilcast_identifiers.names.tokens import tokenize
from veilcast_identifiers.names.words import word_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.plugin import Passage, RecognizerContext
    from veilcast_identifiers.names.lexicon import Lexicon
    from veilcast_identifiers.names.tagger import Tagger
    from veilcast_identifiers.names.tokens import Token


LIKELY = 0.35
"""From here on the pipeline alone makes a person: chosen on consultations that it had not seen."""
LIKELY_ORDINARY = 0.75
"""The same for words that are mostly no names."""
LIKELY_UNKNOWN = 0.6
"""The same for words that no list has."""
LIKELY_MEDICAL = 0.9
"""The same for words that end like drugs and diseases."""
LIKELY_PLACE = 0.5
DOUBTED = 0.05
"""Below this the word list alone makes none."""
BY_CONTEXT = "words around it"
_NEVER = word_set("never")
_PERSON = LABELS.index("P")


class NameRecognizer:
    """Finds people, facilities, organisations and towns in English text.

    Capitals and punctuation help where they are there, and nothing depends on them.
    """

    def __init__(self, lexicon: Lexicon, tagger: Tagger, general: General | None = None) -> None:
        self._lexicon = lexicon
        self._tagger = tagger
        self._general = general

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        """People and places in a passage, in order; no two overlap."""
        tokens = tokenize(passage.content, self._lexicon)
        likelihoods = self._tagger.likelihoods(tokens)
        people = weigh(tokens, persons(tokens), likelihoods)
        people += [
            Person(first, last, score, BY_CONTEXT)
            for first, last, score in likely_runs(tokens, likelihoods, "P")
        ]
        general = _told(self._general, passage.content, tokens)
        people += weigh(
            tokens,
            (one for one in general if isinstance(one, Person) and _could_be(tokens, one)),
            likelihoods,
        )
        people += named_again(tokens, people)
        if passage.modality == SCREEN:
            people += screen_names(tokens)
        where = places(tokens, self._lexicon)
        for label, identifier in (("F", "facility"), ("C", "city")):
            where += [
                Place(first, last, identifier, score, BY_CONTEXT)
                for first, last, score in likely_runs(tokens, likelihoods, label)
            ]
        return combine(tokens, people, where)

    def close(self) -> None:
        """Nothing is held."""


class GeneralRecognizer:
    """Finds people and places in other languages than English, by a general pipeline alone."""

    def __init__(self, general: General | None) -> None:
        self._general = general

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        """People and places in a passage, in order."""
        tokens = tokenize(passage.content, load_lexicon())
        found = _told(self._general, passage.content, tokens)
        people = [one for one in found if isinstance(one, Person)]
        if passage.modality == SCREEN:
            people += screen_names(tokens)
        return combine(tokens, people, [one for one in found if isinstance(one, Place)])

    def close(self) -> None:
        """Nothing is held."""


def load(context: RecognizerContext) -> NameRecognizer | GeneralRecognizer:
    """A recogniser that is ready."""
    folder = FOLDERS.get(context.language)
    here = context.models.get(folder.name) if folder else None
    general = General(here) if here else None
    if context.language != "en":
        return GeneralRecognizer(general)
    return NameRecognizer(load_lexicon(), load_tagger(), general)


def _could_be(tokens: Sequence[Token], person: Person) -> bool:
    """Whether a general pipeline may be right: it takes drugs, diseases and bowls for people."""
    words = [at for at in range(person.first, person.last + 1) if tokens[at].is_word]
    return (
        bool(words)
        and not is_eponym(tokens, words[-1])
        and any(
            tokens[at].is_capital
            and not tokens[at].is_ordinary
            and (tokens[at].is_listed or not MEDICAL.fullmatch(tokens[at].lower))
            for at in words
        )
    )


def _told(general: General | None, content: str, tokens: Sequence[Token]) -> list[Person | Place]:
    """What the general pipeline says, if there is one."""
    if general is None:
        return []
    return [
        Person(one.first, one.last, GENERAL_SCORE, GENERAL)
        if one.identifier == "person"
        else Place(one.first, one.last, one.identifier, GENERAL_SCORE, GENERAL)
        for one in general.entities(content, tokens)
    ]


def describe() -> Recognizer:
    """What the plugin declares of it."""
    return Recognizer(
        name="names",
        identifiers={"person": "A", "organization": "A", "facility": "R", "city": "B"},
        summary="people, organisations, facilities and towns, by what is said around them",
        load=load,
        languages=("en",),
        by_language={language: folder.name for language, folder in FOLDERS.items()},
        forms=("spoken",),
    )


def weigh(
    tokens: Sequence[Token], people: Iterable[Person], likelihoods: NDArray[np.float32]
) -> list[Person]:
    """What the word list alone calls a person counts where the words around it allow for that.

    So does what the general pipeline says of words without capitals, which it was not made for.
    """
    found: list[Person] = []
    for person in people:
        run = tokens[person.first : person.last + 1]
        written = person.reason == GENERAL and all(token.is_capital for token in run)
        alone = person.reason in {NAME_LIST, GENERAL} and not written
        likely = float(likelihoods[person.first : person.last + 1, _PERSON].max())
        found.append(replace(person, score=0.3) if alone and likely < DOUBTED else person)
    return found


def likely_runs(
    tokens: Sequence[Token], likelihoods: NDArray[np.float32], label: str
) -> Iterator[tuple[int, int, float]]:
    """Runs of words that the pipeline takes for one class: first, last, and the score."""
    column = likelihoods[:, LABELS.index(label)]
    at = 0
    while at < len(tokens):
        last = at
        while (
            last < len(tokens)
            and tokens[last].is_word
            and column[last] >= _least(tokens[last], label)
        ):
            last += 1
        ordinary = last == at + 1 and is_ordinary_use(tokens, at)
        if last > at and not ordinary and not is_eponym(tokens, last - 1):
            likely = float(column[at:last].max())
            yield at, last - 1, 0.5 + 0.45 * (likely - LIKELY) / (1 - LIKELY)
        at = max(last, at + 1)


def _least(token: Token, label: str) -> float:
    """How likely a word must be to count: an ordinary word has to prove more."""
    inside = label == "F" and token.is_ordinary
    if not inside and (token.lower in _NEVER or token.is_hum):
        return 2.0
    if label != "P":
        return LIKELY_PLACE
    if not token.is_listed and MEDICAL.fullmatch(token.lower):
        return LIKELY_MEDICAL
    if not token.code:
        return LIKELY_UNKNOWN
    ordinary = token.is_ordinary or "c" in token.code or "g" in token.code
    return LIKELY_ORDINARY if ordinary else LIKELY


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
    for place in sorted(where, key=_precedence):
        for at in range(place.first, place.last + 1):
            if place.identifier != "city":
                claims[at] = None
            held = claims[at]
            if held is None or not held[2].startswith("cue"):
                _claim(claims, at, (place.identifier, place.score, place.reason))
    for at in range(len(claims) - 2, -1, -1):
        before, behind = claims[at], claims[at + 1]
        if before and behind and before[0] == "city" and behind[0] == "facility":
            claims[at] = behind
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


def _precedence(place: Place) -> tuple[bool, bool]:
    """What is announced goes before what is likely, and a facility before the town in its name."""
    return place.identifier != "city", place.reason.startswith("cue")


def _claim(
    claims: list[tuple[str, float, str] | None], at: int, claim: tuple[str, float, str]
) -> None:
    held = claims[at]
    if held is None or claim[1] > held[1]:
        claims[at] = claim
