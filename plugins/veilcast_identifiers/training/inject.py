"""Puts names into real dialogues, at the places where people use them."""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files
from typing import TYPE_CHECKING

from veilcast_identifiers.names.words import word_set
from veilcast_identifiers.training.dialogues import OTHER, PERSON, PLACE, TOWN, Word

if TYPE_CHECKING:
    from random import Random

    from veilcast_identifiers.training.dialogues import Dialogue, Turn
    from veilcast_identifiers.training.sampling import Names

_FIELD = re.compile(r"\{(\w+)\}|\|")
_PIECE = re.compile(r"[^\W\d_]+(?=n't)|n't|'\w+|[^\W\d_]+|\d+|[^\w\s]")


class Injector:
    """Changes dialogues in place."""

    def __init__(self, names: Names, random: Random) -> None:
        self._names = names
        self._random = random
        self._templates = sections("templates.txt")
        self._fields = {
            name: [word for line in lines for word in line.split("|") if word]
            for name, lines in sections("fields.txt").items()
        }
        self._written = {
            word
            for name in ("month", "day", "country", "nationality")
            for word in self._fields[name]
            if word not in {"may", "march"}
        }
        self._eponyms = sorted(word_set("eponyms"))

    def inject(self, dialogue: Dialogue) -> None:
        """Put names, places and what looks like names into a dialogue."""
        rate = self._random.choice((0.0, 0.03, 0.06, 0.12))
        regulars = [self._names.first() for _ in range(2)]
        for turn in dialogue:
            if self._random.random() < rate * 2:
                self._vocative(turn, regulars)
            if self._random.random() < 0.25:
                self._relatives(turn)
            if self._random.random() < 0.1:
                self._replace(turn)
            if self._random.random() < 0.3:
                self._hesitate(turn)
        if self._random.random() < 0.7:
            dialogue[:0] = self._said("asked" if self._random.random() < 0.5 else "introductions")
        for _ in range(1 + int(len(dialogue) * (0.02 + rate))):
            place = self._random.randrange(len(dialogue) + 1)
            dialogue[place:place] = self._said(
                self._random.choice(
                    (
                        "asked",
                        "introductions",
                        "vocatives",
                        "vocatives",
                        "others",
                        "others",
                        "others",
                        "places",
                        "none",
                        "none",
                        "none",
                    )
                )
            )

    def _name(self, text: str, tag: str = PERSON) -> Turn:
        if self._random.random() < 0.9:
            text = without_accents(text)
        words = [
            Word(piece, tag, bool(start == 0 or text[start - 1] == " "))
            for piece, start in _pieces(text.title())
        ]
        if words:
            words[0].spaced = True
        return words

    def _vocative(self, turn: Turn, regulars: list[str]) -> None:
        name = self._name(
            self._random.choice(regulars) if self._random.random() < 0.5 else self._names.first()
        )
        if self._random.random() < 0.12:
            title = self._random.choice(("Mister", "Missus", "Miss", "Doctor", "Mr", "Mrs", "Dr"))
            name = [Word(title, OTHER, True), *self._name(self._names.last())]
        marks = [i for i, word in enumerate(turn) if word.text in {",", "?", ".", "!"}]
        draw = self._random.random()
        if draw < 0.35:
            opener: Turn = []
            if self._random.random() < 0.7:
                opener = _plain(self._random.choice(self._fields["openers"]))
                opener[0].text = opener[0].text.capitalize()
            if turn and turn[0].tag == OTHER and turn[0].text != "I":
                turn[0].text = turn[0].text[0].lower() + turn[0].text[1:]
            turn[:0] = [*opener, *name, Word(",", OTHER, False)]
        elif draw < 0.7 and marks:
            place = self._random.choice(marks)
            turn[place:place] = [Word(",", OTHER, False), *name]
        elif draw < 0.85 and len(turn) > 3:
            fillers = [
                i
                for i, word in enumerate(turn)
                if word.text.lower() in {"um", "uh", "so", "ok", "okay"}
            ]
            place = (
                self._random.choice(fillers) if fillers else self._random.randrange(len(turn))
            ) + 1
            turn[place:place] = name
        else:
            last = turn.pop() if turn and turn[-1].text in {".", "?", "!"} else None
            turn.extend([Word(",", OTHER, False), *name])
            if last:
                turn.append(last)

    def _relatives(self, turn: Turn) -> None:
        relatives = word_set("relatives")
        for place in range(len(turn) - 1, -1, -1):
            before = turn[place - 1].text.lower() if place else ""
            behind = turn[place + 1].text if place + 1 < len(turn) else ""
            possessive = before in {"my", "his", "her", "your", "our", "their"}
            if turn[place].text.lower() in relatives and possessive and behind != "'s":
                turn[place + 1 : place + 1] = self._name(self._names.any())
                return

    def _replace(self, turn: Turn) -> None:
        places = [
            i
            for i, word in enumerate(turn)
            if word.text.lower() in {"she", "he", "him"} or (word.text.lower() == "doctor" and i)
        ]
        if not places:
            return
        place = self._random.choice(places)
        if turn[place].text.lower() == "doctor":
            turn[place + 1 : place + 1] = self._name(self._names.last())
            if turn[place - 1].text.lower() in {"the", "my", "a", "your"}:
                del turn[place - 1]
            return
        name = self._name(self._names.any())
        name[0].spaced = turn[place].spaced
        turn[place : place + 1] = name

    def _hesitate(self, turn: Turn) -> None:
        """Fillers and repeated words, as in talk that nobody has tidied up."""
        for _ in range(self._random.choice((1, 1, 2, 3))):
            place = self._random.randrange(len(turn) + 1)
            if place < len(turn) and turn[place].text.startswith(("'", "n't")):
                continue
            if (
                self._random.random() < 0.3
                and 0 < place <= len(turn)
                and turn[place - 1].tag == OTHER
                and turn[place - 1].text.isalpha()
            ):
                turn.insert(place, Word(turn[place - 1].text.lower(), OTHER, True))
            else:
                turn[place:place] = _plain(self._random.choice(self._fields["fillers"]))

    def _said(self, kind: str) -> list[Turn]:
        """A template with its fields filled."""
        template = self._random.choice(self._templates[kind])
        turns: list[Turn] = [[]]
        at = 0
        for match in _FIELD.finditer(template):
            turns[-1].extend(_plain(template[at : match.start()]))
            at = match.end()
            if match.group() == "|":
                turns.append([])
            else:
                turns[-1].extend(self._field(match.group(1)))
        turns[-1].extend(_plain(template[at:]))
        for turn in turns:
            self._spell(turn)
            if self._random.random() < 0.2:
                self._hesitate(turn)
        return turns

    def _spell(self, turn: Turn) -> None:
        """Capitals and marks of the written form."""
        for word in turn:
            if word.text == "i":
                word.text = "I"
            if word.tag == OTHER and word.text in self._written:
                word.text = word.text.capitalize()
        if turn and turn[0].text:
            turn[0].text = turn[0].text[0].upper() + turn[0].text[1:]
            turn[0].spaced = False
        turn.append(Word(self._random.choice("..?"), OTHER, False))

    def _field(self, field: str) -> Turn:
        names = self._names
        if field in {"first", "last", "full", "any", "odd"}:
            odd = field == "odd" or self._random.random() < 0.03
            return self._name(names.misheard() if odd else getattr(names, field)())
        if field in {"town", "facility"}:
            town = field == "town"
            return self._name(names.town() if town else self._facility(), TOWN if town else PLACE)
        if field in self._fields:
            return _plain(self._random.choice(self._fields[field]))
        words = _plain(getattr(self, f"_{field}")())
        if field == "eponym" or (field == "drug" and self._random.random() < 0.5):
            words[0].text = words[0].text.title()
        return words

    def _eponym(self) -> str:
        return self._random.choice(self._eponyms)

    def _age(self) -> str:
        units = self._fields["number"][:9]
        return f"{self._random.choice(self._fields['tens'])} {self._random.choice(units)}"

    def _date(self) -> str:
        month, ten = (self._random.choice(self._fields[name]) for name in ("month", "tens"))
        return (
            f"{self._random.choice(('third', 'ninth', 'first', 'tenth'))} of {month} nineteen {ten}"
        )

    def _drug(self) -> str:
        """A drug, half of them with a name that no list has."""
        if self._random.random() < 0.5:
            return self._random.choice(self._fields["drugs"])
        syllables = [
            self._random.choice(self._fields["syllables"])
            for _ in range(self._random.choice((1, 2, 2)))
        ]
        return "".join(syllables) + self._random.choice(self._fields["ends of drugs"])

    def _word(self) -> str:
        return self._names.ordinary()

    def _common(self) -> str:
        return self._names.ambiguous()

    def _street(self) -> str:
        name = (
            self._names.last()
            if self._random.random() < 0.4
            else self._random.choice(self._fields["first halves"])
        )
        return f"{name} {self._random.choice(self._fields['streets'])}"

    def _email(self) -> str:
        first, last = self._names.first(), self._names.last()
        sign = self._random.choice(("dot", "underscore", "dash", ""))
        host = self._random.choice(("gmail", "outlook", "hotmail", "yahoo", self._names.ordinary()))
        end = self._random.choice(("com", "org", "net", "co dot uk"))
        return f"{first} {sign} {last} at {host} dot {end}"

    def _facility(self) -> str:
        draw = self._random.random()
        if draw < 0.35:
            name = self._random.choice(self._fields["first halves"]) + self._random.choice(
                self._fields["second halves"]
            )
        elif draw < 0.6:
            name = self._names.town()
        elif draw < 0.85:
            name = self._names.last()
        else:
            name = f"saint {self._names.first()}'s"
        return f"{name} {self._random.choice(self._fields['kinds of place'])}"


def without_accents(text: str) -> str:
    """As speech recognisers write names."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(character for character in parts if not unicodedata.combining(character))


def _plain(text: str) -> Turn:
    return [Word(piece, OTHER, not piece.startswith(("'", "n't"))) for piece, _ in _pieces(text)]


def _pieces(text: str) -> list[tuple[str, int]]:
    return [(match.group(), match.start()) for match in _PIECE.finditer(text)]


def sections(name: str) -> dict[str, list[str]]:
    """The lines of a text file of this package by the heading that they stand under."""
    text = files("veilcast_identifiers.training").joinpath(name).read_text("utf-8")
    found: dict[str, list[str]] = {}
    here: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            here = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            here.append(line)
    return found
