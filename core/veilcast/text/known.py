"""What is known of the people in a recording: found in any form, whatever a policy says.

A YAML file (or JSON, which is YAML) with any of these keys; each has one value or a list:

    names: [Beatrice Holloway, Ravi Holloway]
    nicknames: Bea
    birth_dates: 1981-05-03
    dates: [2023-02-07]
    phones: [617 555 0143, +44 161 496 0722]
    faxes: []
    emails: beatrice_h@example.org
    urls: []
    addresses: 63 Larchmont Drive, Apartment 9, Bramhall, SK7 2DX
    ssn: 987-65-4321
    mrn: "0615839"
    health_plan: []
    accounts: []
    cards: []
    licences: []
    passports: []
    plates: GH24 MPS
    devices: []
    usernames: []
    facilities: Oakfield Skin Clinic
    employers: []
    cities: []
    numbers: []
    other: [the lighthouse keeper]

Or, for several people, ``people:`` with a list of such mappings. Values are read as text, so a
number keeps its zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from veilcast.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from nicknames import NickNamer

    from veilcast.text.lookalike import LookAlike
    from veilcast.text.soundalike import Kind, Name
    from veilcast.text.spoken import Written

_NAME, _NICK, _DATE, _NUMBER, _TEXT, _ADDRESS, _PHRASE = range(7)

KEYS = {
    "names": (_NAME, "person"),
    "nicknames": (_NICK, "person"),
    "birth_dates": (_DATE, "date"),
    "dates": (_DATE, "date"),
    "phones": (_NUMBER, "phone"),
    "faxes": (_NUMBER, "fax"),
    "emails": (_TEXT, "email"),
    "urls": (_TEXT, "url"),
    "addresses": (_ADDRESS, "address"),
    "ssn": (_NUMBER, "ssn"),
    "mrn": (_NUMBER, "mrn"),
    "health_plan": (_NUMBER, "health plan"),
    "accounts": (_NUMBER, "account"),
    "cards": (_NUMBER, "credit card"),
    "licences": (_NUMBER, "licence"),
    "passports": (_NUMBER, "passport"),
    "plates": (_NUMBER, "plate"),
    "devices": (_NUMBER, "device"),
    "usernames": (_TEXT, "username"),
    "facilities": (_PHRASE, "facility"),
    "employers": (_PHRASE, "organization"),
    "cities": (_PHRASE, "city"),
    "numbers": (_NUMBER, "id number"),
    "other": (_PHRASE, "other"),
}
"""Every key, how its values are found, and their class."""
SHORTEST = 3
"""Letters and digits of a known number, at least."""

_DATE_FORMS = ("%Y-%m-%d", "%d %B %Y", "%B %d %Y", "%d %b %Y", "%b %d %Y")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpan:
    """Words `first` up to `last` (excluded) that say something known."""

    first: int
    last: int
    identifier: str
    score: float
    reason: str


class _Pattern(Protocol):
    def find(self, content: str) -> Iterator[tuple[int, int, float, str]]: ...


class Known:
    """What is known, ready to be found."""

    def __init__(self, values: Sequence[tuple[str, str]]) -> None:
        """Prepare what is to be found.

        Args:
            values: keys of `KEYS`, each with a value.

        Raises:
            SettingError: a date that can't be read, or a value without letters and figures.
        """
        self._values = tuple(values)
        self._names: list[tuple[Name, str]] = []
        self._patterns: list[tuple[_Pattern, str]] = []
        self._alikes: list[tuple[LookAlike, str]] | None = None
        for key, value in self._values:
            self._add(key, value)

    def __repr__(self) -> str:
        return f"<{len(self._values)} known identifiers>"

    def _add(self, key: str, value: str) -> None:
        from veilcast.text.matching import KnownAddress, KnownDate, KnownNumber, KnownWord
        from veilcast.text.soundalike import Name

        kind, identifier = KEYS[key]
        if not any(char.isalnum() for char in value):
            raise SettingError(f"a value of `{key}` in the list of known identifiers is empty")
        if kind == _NUMBER and sum(char.isalnum() for char in value) < SHORTEST:
            raise SettingError(
                f"a value of `{key}` in the list of known identifiers is too short to be told from "
                f"any other number; it needs {SHORTEST} letters or digits"
            )
        if kind in {_NAME, _NICK}:
            self._names.append((Name(value, _short_forms(value)), identifier))
        elif kind == _PHRASE and len(value.split()) > 1 and value.replace(" ", "").isalpha():
            words: Kind = "phrase" if identifier == "other" else "place"
            self._names.append((Name(value, kind=words), identifier))
            self._patterns.append((KnownWord(value), identifier))
        elif kind == _DATE:
            self._patterns.append((KnownDate(_date(key, value)), identifier))
        elif kind == _NUMBER:
            self._patterns.append((KnownNumber(value), identifier))
        elif kind == _ADDRESS:
            address = KnownAddress(value)
            self._patterns.append((address, identifier))
            self._names += [(Name(street, kind="place"), identifier) for street in address.streets]
        else:
            self._patterns.append((KnownWord(value), identifier))

    @property
    def hot_words(self) -> tuple[str, ...]:
        """What a transcriber should listen for: names of people, places and streets."""
        words: dict[str, None] = {}
        for key, value in self._values:
            if KEYS[key][0] in {_NAME, _NICK, _PHRASE}:
                words[value] = None
            elif KEYS[key][0] == _ADDRESS:
                for line in value.replace(";", ",").split(","):
                    named = [word for word in line.split() if word.isalpha()]
                    words[" ".join(named)] = None
        return tuple(word for word in words if len(word) > 2)

    def raw_values(self) -> tuple[str, ...]:
        """The values as given, and numbers without what parts them, to look for in a file."""
        values: dict[str, None] = {}
        for key, value in self._values:
            values[value] = None
            if KEYS[key][0] in {_NUMBER, _DATE}:
                values["".join(char for char in value if char.isalnum())] = None
        return tuple(value for value in values if len(value) >= 4)

    def find(self, words: Sequence[str], written: Written) -> list[KnownSpan]:
        """Everything known that is said.

        Args:
            words: as they were said.
            written: the same words in written form.

        Returns:
            Spans of words, in order; they may overlap.
        """
        found = set(self._find(words, written))
        return sorted(found, key=lambda s: (s.first, s.last, s.identifier, s.reason))

    def find_alike(self, words: Sequence[str]) -> list[KnownSpan]:
        """Everything known that looks like what was read in a picture.

        Args:
            words: as they were read.
        """
        from veilcast.text.lookalike import LookAlike, Seen

        if self._alikes is None:
            self._alikes = [
                (LookAlike(value, is_number=KEYS[key][0] == _NUMBER), KEYS[key][1])
                for key, value in self._values
                if KEYS[key][0] not in {_DATE, _ADDRESS}
            ]
        seen = Seen(words)
        found = {
            _span(*hit[:2], identifier, *hit[2:])
            for alike, identifier in self._alikes
            for hit in alike.find(seen)
        }
        return sorted(found, key=lambda s: (s.first, s.last, s.identifier, s.reason))

    def _find(self, words: Sequence[str], written: Written) -> Iterator[KnownSpan]:
        from veilcast.text.soundalike import fold

        said = " ".join(words)
        for pattern, identifier in self._patterns:
            for start, end, score, reason in pattern.find(written.content):
                first, last = written.tokens(start, end)
                yield _span(first, last, identifier, score, reason)
            for start, end, score, reason in pattern.find(said):
                first = said.count(" ", 0, start)
                last = said.count(" ", 0, end) + 1
                yield _span(first, last, identifier, score, reason)
        folded = [fold(word) for word in words]
        pieces = [fold(written.content[p.start : p.end]) for p in written.pieces]
        for name, identifier in self._names:
            for hit in name.find(folded):
                yield _span(hit.first, hit.last, identifier, hit.score, hit.reason)
            for hit in name.find(pieces):
                first, last = written.pieces[hit.first].first, written.pieces[hit.last - 1].last
                yield _span(first, last, identifier, hit.score, hit.reason)


def _span(first: int, last: int, identifier: str, score: float, reason: str) -> KnownSpan:
    return KnownSpan(first=first, last=last, identifier=identifier, score=score, reason=reason)


@lru_cache(maxsize=1)
def _nicknames() -> NickNamer:
    from nicknames import NickNamer

    return NickNamer()


def _short_forms(name: str) -> frozenset[str]:
    """Common English short forms of a given name, and what it is the short form of."""
    given = name.split(maxsplit=1)[0].casefold()
    table = _nicknames()
    return frozenset(table.nicknames_of(given) | table.canonicals_of(given))


def _date(key: str, value: str) -> date:
    text = " ".join(value.replace(",", " ").split())
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise SettingError(
        f"a value of `{key}` in the list of known identifiers is no date; "
        "write it as year-month-day"
    )


def load_known(path: Path) -> Known:
    """Read a file of known identifiers.

    Raises:
        SettingError: it can't be read, is no such mapping, or has a key that is not in `KEYS`.
            The message names lines, never a value or a key that is none.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        # The nodes, not the values: text stays as it is written, so that 007 is not 7.
        node = YAML(pure=True).compose(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingError("the file of known identifiers can't be read as text") from exc
    except YAMLError as exc:
        raise SettingError("the file of known identifiers is not valid YAML") from exc
    entries = list(_entries(node))
    if not entries:
        raise SettingError("the file of known identifiers has no value; write for example `names:`")
    return Known(entries)


def _entries(node: object, *, people: bool = True) -> Iterator[tuple[str, str]]:
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    if not isinstance(node, MappingNode):
        raise SettingError("the file of known identifiers must hold keys such as `names:`")
    seen = set()
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in seen:
            raise SettingError(f"line {line} of the known identifiers gives a key a second time")
        seen.add(key)
        items = value_node.value if isinstance(value_node, SequenceNode) else [value_node]
        if key == "people" and people:
            for person in items:
                yield from _entries(person, people=False)
            continue
        if key not in KEYS:
            # Not named: it may be a value in the wrong place.
            raise SettingError(
                f"line {line} of the known identifiers has a key that does not exist; "
                f"there are {', '.join(KEYS)} and people"
            )
        for item in items:
            if not isinstance(item, ScalarNode):
                raise SettingError(f"`{key}` in the known identifiers must be text or a list of it")
            if item.value.strip():
                yield key, str(item.value)
