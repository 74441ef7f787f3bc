"""Names to put into dialogues: of many cultures, ordinary words among them, and misheard ones."""

from __future__ import annotations

from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from veilcast_identifiers.training.lexicon import faker_by_locale

if TYPE_CHECKING:
    from random import Random

    from veilcast_identifiers.names.lexicon import Lexicon

_VOWELS = "aeiou"
_NO_NAMES = frozenset(
    "an in so my me see the you she he no yes of to on do be it a i oh um".split()
)


class Names:
    """Draws names. The same seed gives the same names."""

    def __init__(self, lexicon: Lexicon, random: Random) -> None:
        self._random = random
        first, last = faker_by_locale()
        self._first = [sorted(names) for _, names in sorted(first.items()) if len(names) > 20]
        self._last = [sorted(names) for _, names in sorted(last.items()) if len(names) > 20]
        self._common_first = _census("dist.female.first") + _census("dist.male.first")
        self._common_last = _census("dist.all.last")[:20_000]
        self._first_sums = list(accumulate(weight for _, weight in self._common_first))
        self._last_sums = list(accumulate(weight for _, weight in self._common_last))
        codes = lexicon.codes
        weights = dict(self._common_first)
        self._everyday = [
            word
            for word, code in sorted(codes.items())
            if "f" in code
            and ("b" in code or "c" in code)
            and weights.get(word, 0) >= 0.004
            and word not in _NO_NAMES
        ]
        self._everyday += [
            "april",
            "may",
            "june",
            "august",
            "summer",
            "autumn",
            "april",
            "june",
        ] * 3
        self._ordinary = sorted(word for word, code in codes.items() if code == "2")
        self._ambiguous = sorted(
            word
            for word, code in codes.items()
            if "2" in code and ("c" in code or "b" in code) and len(word) > 2
        )
        self._towns = sorted(word for word, code in codes.items() if "t" in code or "u" in code)
        self._towns = [word for word in self._towns if "1" not in codes[word]]
        self._long_towns = sorted(" ".join(town) for town in lexicon.towns if town[0] != "the")

    def first(self) -> str:
        """A first name."""
        draw = self._random.random()
        if draw < 0.45:
            return self._pick(self._common_first, self._first_sums)
        if draw < 0.80:
            return self._random.choice(self._random.choice(self._first))
        if draw < 0.92:
            return self._random.choice(self._everyday)
        return self._bent(self._random.choice(self._random.choice(self._first)))

    def last(self) -> str:
        """A surname."""
        draw = self._random.random()
        if draw < 0.5:
            return self._pick(self._common_last, self._last_sums)
        if draw < 0.88:
            return self._random.choice(self._random.choice(self._last))
        return self._bent(self._random.choice(self._random.choice(self._last)))

    def full(self) -> str:
        """First name and surname, seldom more than that."""
        draw = self._random.random()
        middle = f" {self.first()}" if draw < 0.08 else f" {self.first()[0]}" if draw < 0.1 else ""
        return f"{self.first()}{middle} {self.last()}"

    def any(self) -> str:
        """As people name each other: mostly by the first name."""
        return self.first() if self._random.random() < 0.65 else self.full()

    def misheard(self) -> str:
        """What a speech recogniser may write for a name that it does not know."""
        return " ".join(
            self._random.choice(self._ordinary) for _ in range(self._random.choice((1, 2, 2, 3)))
        )

    def ordinary(self) -> str:
        """A word that is no name and not among the most frequent."""
        return self._random.choice(self._ordinary)

    def ambiguous(self) -> str:
        """An ordinary word that is also a name."""
        return self._random.choice(self._ambiguous)

    def town(self) -> str:
        """A town."""
        several = self._random.random() < 0.15
        town = self._random.choice(self._long_towns if several else self._towns)
        return town if self._random.random() < 0.93 else self._bent(town)

    def _pick(self, names: list[tuple[str, float]], sums: list[float]) -> str:
        return self._random.choices([name for name, _ in names], cum_weights=sums)[0]

    def _bent(self, name: str) -> str:
        """A name that nobody has listed, much like one that is."""
        letters = list(name)
        at = self._random.randrange(len(letters))
        if letters[at] in _VOWELS:
            letters[at] = self._random.choice(_VOWELS)
        else:
            letters[at] = self._random.choice("bdfgklmnprstvz")
        return "".join(letters)


def _census(name: str) -> list[tuple[str, float]]:
    package = import_module("names")
    lines = Path(str(package.__file__)).with_name(name).read_text().splitlines()
    fields = [line.split() for line in lines if line]
    found = [(field[0].lower(), float(field[1])) for field in fields]
    return [(name, weight) for name, weight in found if name not in _NO_NAMES]
