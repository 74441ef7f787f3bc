"""The word list: which words are names, towns or ordinary words."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of words, lower-cased.

    Attributes:
        codes: for each word the letters that hold: ``f`` a first name, ``l`` a surname, and then
            ``a`` hardly ever an ordinary word, ``b`` both, ``c`` mostly an ordinary word; ``1`` one
            of the most frequent ordinary words, ``2`` another ordinary word; ``t`` a large town,
            ``u`` a small one, ``g`` a country or a state, ``n`` nothing of these, but written like
            a name.
        towns: town names of several words, as tuples.
        longest_town: of how many words the longest of them is.
    """

    codes: dict[str, str]
    towns: frozenset[tuple[str, ...]]
    longest_town: int


@cache
def load_lexicon() -> Lexicon:
    """Read the word list that comes with the package."""
    packed = files(__package__).joinpath("data", "lexicon.txt.gz").read_bytes()
    codes: dict[str, str] = {}
    for line in gzip.decompress(packed).decode().splitlines():
        code, _, words = line.partition("\t")
        codes.update(dict.fromkeys(words.split("|"), code))
    several = [word for word in codes if " " in word or "-" in word]
    towns = frozenset(tuple(word.replace("-", " ").replace(".", "").split()) for word in several)
    for word in several:
        del codes[word]
    return Lexicon(codes=codes, towns=towns, longest_town=max(map(len, towns)))
