"""Training text: what is said in consultations, with names as classes, and made-up turns."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

from veilcast_speech.training.spoken import FIRST, LAST, LETTER, Speaker, cardinal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

    from veilcast_speech.training.vocabulary import Vocabulary

_TOKEN = re.compile(r"[A-Za-z][A-Za-z'-]*|[.?!]|\d+")
_SLOT = re.compile(r"\{(\w+)\}")
_TITLES = frozenset(("doctor", "dr", "mister", "miss", "missus", "nurse", FIRST))
_WHOLE_TURN = 0.4
"""How often a sentence goes on into the next one: pauses, not full stops, divide what is heard."""


def sentences(
    mts_dialog: Path, primock: Path, vocabulary: Vocabulary, random: Random
) -> Iterator[list[str]]:
    """What was said in the two collections.

    Args:
        mts_dialog: the training file of MTS-Dialog (CC BY 4.0), a CSV with a column `dialogue`.
        primock: consultations of PriMock57 (CC BY 4.0), a JSON object with `text` on each line.
        vocabulary: what is known of names.
        random: where turns are divided.
    """
    with mts_dialog.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for line in row["dialogue"].splitlines():
                turn = re.sub(r"^\s*\w+( \w+)?:", "", line)
                yield from _divided(_tokens(turn, vocabulary), random)
    for line in primock.read_text(encoding="utf-8").splitlines():
        yield from _divided(_tokens(json.loads(line)["text"], vocabulary), random)


def _divided(tokens: list[str], random: Random) -> Iterator[list[str]]:
    sentence: list[str] = []
    for number, word in enumerate(tokens):
        if word != ".":
            sentence.append(word)
        elif sentence and (number == len(tokens) - 1 or random.random() >= _WHOLE_TURN):
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _tokens(text: str, vocabulary: Vocabulary) -> list[str]:
    tokens: list[str] = []
    for found in _TOKEN.findall(text.replace("’", "'")):
        word = found.lower().strip("'-")
        if found in ".?!":
            tokens.append(".")
        elif found.isdigit():
            tokens.extend(cardinal(int(found)).split() if len(found) < 5 else ())
        elif len(word) == 1 and found.isupper() and word not in "ai":
            tokens.append(LETTER)
        elif found[0].isupper() and tokens and tokens[-1] != "." and word in vocabulary.surely:
            tokens.append(LAST if tokens[-1] in _TITLES else vocabulary.surely[word])
        elif vocabulary.says(word):
            tokens.append(word)
        else:
            tokens.extend(part for part in word.split("-") if part)
    return tokens


def made_up(
    templates: Path, names: Path, speaker: Speaker, random: Random, count: int
) -> Iterator[list[str]]:
    """Turns with slots filled in.

    Args:
        templates: turns around identifiers, one on each line.
        names: turns around names, several on each line, divided by a bar.
        speaker: fills slots in.
        random: which turn is next.
        count: how many turns around identifiers.
    """
    lines = [line for line in templates.read_text(encoding="utf-8").splitlines() if line]
    lines = [line for line in lines if line[0] != "#"]
    for _ in range(count):
        yield _filled(random.choice(lines), speaker)
    for line in names.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            for _ in range(3):
                yield from (
                    _filled(turn, speaker)
                    for turn in line.split("|")
                    if speaker.slots.keys() >= set(_SLOT.findall(turn))
                )


def _filled(turn: str, speaker: Speaker) -> list[str]:
    return _SLOT.sub(lambda slot: speaker.slots[slot[1]](), turn).split()
