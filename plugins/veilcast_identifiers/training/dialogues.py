"""Real dialogues as the background that names are put into.

MTS-Dialog (CC BY 4.0) has no labels: what its spelling shows to be a name is marked, and where
that is not sure, training does not look. The PriMock57 consultations (CC BY 4.0) are labelled by
hand.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast_identifiers.names.places import places
from veilcast_identifiers.names.rules import persons
from veilcast_identifiers.names.tokens import tokenize
from veilcast_identifiers.names.words import word_set

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from veilcast_identifiers.names.lexicon import Lexicon

PERSON, PLACE, TOWN, OTHER, UNSURE = "P", "F", "C", "O", ""
_TAGS = {"PERSON": PERSON, "ORG_CARE": PLACE, "CITY_OR_AREA": TOWN}
_SPEAKER = re.compile(r"^\s*[A-Z][\w ]{2,20}:\s*")
_MONTHS = word_set("months")
_DRUGS = frozenset({"allegra", "alesse", "viagra", "xanax", "mavik", "tarka", "tia", "apgars"})


@dataclass(slots=True)
class Word:
    """A token of a turn: as it is written, its tag, and whether a space stands before it."""

    text: str
    tag: str
    spaced: bool


Turn = list[Word]
Dialogue = list[Turn]


def mts_dialogues(path: Path, lexicon: Lexicon) -> Iterator[Dialogue]:
    """The dialogues of MTS-Dialog, tagged by their capitals."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            turns = [_SPEAKER.sub("", line).strip() for line in row["dialogue"].splitlines()]
            yield _tagged("\n".join(turn for turn in turns if turn), lexicon)


def _tagged(content: str, lexicon: Lexicon) -> Dialogue:
    tokens = tokenize(content, lexicon)
    tags = [OTHER] * len(tokens)
    for at, token in enumerate(tokens):
        inside = at > 0 and tokens[at - 1].lower not in {"\n", ".", "?", "!"}
        inside = inside and token.lower not in _MONTHS
        if inside and token.is_capital and token.is_listed and token.lower not in _DRUGS:
            tags[at] = OTHER if token.is_frequent else UNSURE
    for person in persons(tokens):
        if all(tokens[i].is_capital for i in range(person.first, person.last + 1)):
            sure = person.score >= 0.7 and person.reason != "name list"
            tags[person.first : person.last + 1] = [PERSON if sure else UNSURE] * (
                person.last + 1 - person.first
            )
    for place in places(tokens, lexicon):
        tag = TOWN if place.identifier == "city" else PLACE
        if tokens[place.last].is_capital:
            tags[place.first : place.last + 1] = [tag] * (place.last + 1 - place.first)
    for at, token in enumerate(tokens):
        if token.lower in _DRUGS:
            tags[at] = OTHER
    dialogue: Dialogue = [[]]
    end = 0
    for token, tag in zip(tokens, tags, strict=True):
        if token.is_turn:
            dialogue.append([])
        else:
            dialogue[-1].append(Word(token.text, tag, token.start > end))
        end = token.end
    return [turn for turn in dialogue if turn]


def primock_dialogues(
    path: Path, lexicon: Lexicon, leave_out: Collection[str] = ()
) -> Iterator[Dialogue]:
    """The labelled consultations but for those that are to be left out."""
    consultations: dict[str, Dialogue] = {}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["doc"] in leave_out:
            continue
        turn: Turn = []
        end = 0
        for token in tokenize(row["text"].replace("\n", " "), lexicon):
            tag = OTHER
            for entity in row["entities"]:
                if entity["start"] < token.end and token.start < entity["end"]:
                    tag = _TAGS.get(entity["type"], OTHER)
            turn.append(Word(token.text, tag, token.start > end))
            end = token.end
        if turn:
            consultations.setdefault(row["doc"], []).append(turn)
    yield from consultations.values()


def copy(dialogue: Dialogue) -> Dialogue:
    """The same, to be changed."""
    return [[Word(word.text, word.tag, word.spaced) for word in turn] for turn in dialogue]


def write(
    dialogue: Dialogue, *, plain: bool, turns: bool
) -> tuple[str, list[tuple[int, int, str]]]:
    """A dialogue as one text, and the tags as character spans.

    Args:
        dialogue: what is said.
        plain: lower-cased and without marks, as speech recognisers write.
        turns: whether a new line divides the turns.
    """
    content = ""
    spans: list[tuple[int, int, str]] = []
    for turn in dialogue:
        fresh = True
        for word in turn:
            text = word.text
            if plain:
                text = text.lower()
                if not any(character.isalnum() for character in text):
                    continue
            spaced = word.spaced or (plain and bool(content) and text[0] not in "'’")
            if spaced and not fresh and content:
                content += " "
            if text in {"n't"} and content.endswith(" "):
                content = content[:-1]
            spans.append((len(content), len(content) + len(text), word.tag))
            content += text
            fresh = False
        if not fresh:
            content += "\n" if turns else " "
    return content, spans
