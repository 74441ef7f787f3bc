"""Which words can be heard, how they are pronounced, and which of them are names.

Names are kept as classes: to the language model all first names are one word, with as many
pronunciations as there are names. So a name is expected wherever one is said, and one that no list
knows is heard as the name that sounds most like it, which is still a name.
"""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from veilcast_speech.training.spoken import FIRST, LAST, LETTER, NATO, TOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_ALPHABET = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey yankee zulu"
).split()
_ZED = "Z EH D"
_LOCALES = "en_US en_GB en_IE en_IN en_NZ en de_DE fr_FR es_ES it_IT pl_PL nl_NL".split()
_FIRST_NAMES, _LAST_NAMES = 1500, 16_000  # so many of the census, the most frequent ones
_SHORTEST = 3  # phones: shorter names are heard everywhere
_ORDINARY = 6000  # so many frequent words keep their sound to themselves


class Vocabulary:
    """Words, sounds, names.

    Attributes:
        members: the words of each class.
        surely: names that are hardly ever an ordinary word, with their class.
    """

    def __init__(
        self, dictionary: Path, extra: Path, names: Path, codes: Mapping[str, str]
    ) -> None:
        """Reads the lists.

        Args:
            dictionary: pronunciations as CMUdict writes them.
            extra: more of them.
            names: the folder of the census lists (the distribution `names`, public domain).
            codes: what is known of words: ``f`` first name, ``l`` surname, ``t`` and ``u`` town,
                ``a`` hardly ever an ordinary word, ``1`` a frequent ordinary word.
        """
        self._sounds: dict[str, list[str]] = defaultdict(list)
        for line in (*_lines(dictionary), *_lines(extra)):
            word, sounds = line.split(maxsplit=1)
            self._sounds[re.sub(r"\(\d+\)$", "", word)].append(sounds)
        first = [
            *_census(names / "dist.female.first", _FIRST_NAMES),
            *_census(names / "dist.male.first", _FIRST_NAMES),
            *_faker("first_names", "first_names_male", "first_names_female"),
        ]
        last = [*_census(names / "dist.all.last", _LAST_NAMES), *_faker("last_names")]
        towns = [
            word
            for word, code in sorted(codes.items())
            if set(code) & set("tu") and "1" not in code
        ]
        self.members: dict[str, list[str]] = {
            FIRST: self._said(first),
            LAST: self._said(last),
            TOWN: self._said(towns),
            LETTER: list("abcdefghijklmnopqrstuvwxyz"),
            NATO: _ALPHABET,
        }
        self.surely = {
            word: name
            for name in (TOWN, LAST, FIRST)
            for word in self.members[name]
            if "a" in codes.get(word, "")
        }

    def _said(self, words: Iterable[str]) -> list[str]:
        return [word for word in dict.fromkeys(words) if word in self._sounds]

    def says(self, word: str) -> bool:
        """Whether the word's pronunciation is known."""
        return word in self.members or word in self._sounds

    def entries(self, words: Iterable[str], frequent: Iterable[str]) -> list[tuple[str, str, str]]:
        """The dictionary: word as the language model has it, word as it is written, sounds.

        Args:
            words: of the language model.
            frequent: the ordinary words, most frequent first; what sounds like one of the first
                few thousand is no name.
        """
        taken: dict[str, str] = {}
        for word in list(frequent)[:_ORDINARY]:
            if word not in self.surely:
                for sounds in self._sounds[word]:
                    taken.setdefault(sounds, word)
        out: list[tuple[str, str, str]] = []
        for word in words:
            for text in self.members.get(word, (word,)):
                for sounds in dict.fromkeys(
                    self._letter(text) if word == LETTER else self._sounds[text]
                ):
                    name = word in (FIRST, LAST, TOWN)
                    if name and (
                        len(sounds.split()) < _SHORTEST or taken.get(sounds, text) != text
                    ):
                        continue
                    out.append((word, text, sounds))
        return out

    def _letter(self, letter: str) -> list[str]:
        if letter == "a":
            return ["EY"]
        return [self._sounds[letter][-1], _ZED] if letter == "z" else self._sounds[letter][-1:]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _census(path: Path, count: int) -> list[str]:
    return [line.split()[0].lower() for line in _lines(path)[:count]]


def _faker(*attributes: str) -> list[str]:
    names: list[str] = []
    for locale in _LOCALES:
        provider: Any = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in attributes:
            found = getattr(provider, attribute, ())
            names.extend(() if isinstance(found, property) else (name.lower() for name in found))
    return names
