"""Spelled words, postcodes, number plates and identifiers of letters and digits.

Single letters, letters of the NATO alphabet and "oh" are ordinary words too. They count as
spelled only in company: the rules below say how much of it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from veilcast.text.spoken.form import Atom
from veilcast.text.spoken.letters import units_at
from veilcast.text.spoken.lexemes import core_at
from veilcast.text.spoken.lexicon import AFTER_I, LABELS, MEASURES, WORD_LETTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.text.spoken.letters import Unit
    from veilcast.text.spoken.lexemes import Lexeme

# Postcodes of the United Kingdom and Canada, plates of the United Kingdom: a space before the
# last part. (Royal Mail's format as of PAF; Canada Post's A1A 1A1; DVLA's AB12 CDE.)
_FORMATS = (
    re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][ABD-HJLNP-UW-Z]{2})\Z"),
    re.compile(r"([A-Z][0-9][A-Z])([0-9][A-Z][0-9])\Z"),
    re.compile(r"([A-Z]{2}[0-9]{2})([A-Z]{3})\Z"),
)
_MOST_UNITS = 8
_SPELLERS = frozenset({"letter", "named", "like", "nato", "name"})


def spelled_at(lexemes: Sequence[Lexeme], at: int) -> list[Atom] | None:
    """The spelled word or identifier that begins with lexeme `at`, if it is one."""
    if all(core_at(lexemes, at + n) in WORD_LETTERS for n in range(3)):
        return None  # a stammer
    units = _plausible(units_at(lexemes, at))
    if len(units) < 2 and not (units and units[0].kind == "named"):
        return None
    found = _formatted(lexemes, units)
    if found is not None:
        return found
    kept = _label(units) or _together(lexemes, units)
    return _written(lexemes, kept) if kept else None


def _plausible(units: list[Unit]) -> list[Unit]:
    """The units up to the first that has too little company."""
    nato = [unit for unit in units if unit.kind == "nato"]
    digits = sum(unit.digits for unit in units)
    sure = any(unit.sure for unit in nato)
    letters = sum(unit.kind in {"letter", "named"} for unit in units)
    enough = len(nato) >= 3 or (len(nato) == 2 and (sure or digits >= 2 or letters >= 1))
    enough = enough or (len(nato) == 1 and sure and digits + letters >= 3)
    named = sum(unit.kind in {"named", "like"} for unit in units)
    numeric = any(unit.numeric for unit in units)
    for n, unit in enumerate(units):
        if unit.kind == "pair" and not numeric:
            return units[:n]
        if unit.kind == "nato" and not enough:
            return units[:n]
        if unit.kind == "like" and named < 2:
            return units[:n]
        if unit.kind == "name" and letters < 2:
            return units[:n]
    return units


def _label(units: Sequence[Unit]) -> list[Unit]:
    """The name of an identifier at the front, where numbers follow: "M R N", "I B A N"."""
    letters = list(takewhile(lambda unit: unit.kind in {"letter", "weak"}, units))
    text = _text(letters)
    if len(letters) == len(units) or not units[len(letters)].numeric:
        return []
    lengths = (len(text), *(n for n in (4, 3) if n < len(text)))
    return next((letters[:n] for n in lengths if text[:n] in LABELS), [])


def _formatted(lexemes: Sequence[Lexeme], units: Sequence[Unit]) -> list[Atom] | None:
    """The units at the front that make a postcode or a plate."""
    front = list(takewhile(lambda unit: unit.kind != "mark", units[:_MOST_UNITS]))
    zeros = [replace(u, text="0") if (u.kind, u.text) == ("weak", "O") else u for u in front]
    for read in (front, zeros):
        count, parting = _fitting(read)
        if count and not (units[0].kind == "weak" and count < 4):
            break
    else:
        return None
    atoms = _written(lexemes, read[:count])
    length = 0
    for n, unit in enumerate(read[:count]):
        if n and length == parting:
            atoms[n] = replace(atoms[n], joint=" ")
        length += len(unit.text)
    return atoms


def _fitting(units: Sequence[Unit]) -> tuple[int, int]:
    """How many units at the front fit a format, and where its space is; (0, 0) for none."""
    text = ""
    best = 0, 0
    for n, unit in enumerate(units):
        text += unit.text
        match = next((m for m in (form.match(text) for form in _FORMATS) if m), None)
        ended = n + 1 == len(units) or units[n + 1].kind in {"number", "weak"}
        if match and n and ended and not (best[0] and unit.kind == "weak"):
            best = n + 1, len(match[1])
    return best


def _together(lexemes: Sequence[Lexeme], units: Sequence[Unit]) -> list[Unit]:
    """The units at the front that are one word or identifier; empty for plain numbers."""
    segments = _segments(units)
    kept: list[Unit] = []
    for n, segment in enumerate(segments):
        if n and not _goes_on(segments, n):
            break
        kept.extend(segment)
    if all(unit.numeric or unit.kind == "mark" for unit in kept):
        return []
    kept = _trimmed(lexemes, kept)
    return kept if _evident(kept) else []


def _segments(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units of letters and units of digits, in turns; a mark goes with what is before it."""
    segments: list[list[Unit]] = []
    numeric: bool | None = None
    for unit in units:
        if unit.kind != "mark" and unit.numeric is not numeric:
            segments.append([])
            numeric = unit.numeric
        segments[-1].append(unit)
    return segments


def _goes_on(segments: Sequence[Sequence[Unit]], n: int) -> bool:
    """Whether segment `n` belongs to the identifier that the segments before it make."""
    before, segment = segments[n - 1], segments[n]
    colons = sum(unit.text == ":" for part in segments for unit in part)
    if before[-1].kind == "mark" or colons >= 2:
        return True  # a hardware address has colons
    if any(unit.kind in {"nato", "named"} for part in segments[:n] for unit in part):
        return segment[0].numeric or any(u.kind in {"nato", "named", "letter"} for u in segment)
    following = segments[n + 1] if n + 1 < len(segments) else []
    if segment[0].numeric:
        return _digits_go_on(before, segment, following)
    said = sum(unit.digits for unit in before)
    if _text(segment) in MEASURES or all(unit.kind in {"weak", "pair"} for unit in segment):
        return False
    # "one two three A B", "seven A B C one two three"
    more = sum(unit.digits for unit in following) if _sure(segment) >= 2 else 0
    return said + more >= 3


def _digits_go_on(
    letters: Sequence[Unit], numbers: Sequence[Unit], following: Sequence[Unit]
) -> bool:
    """Whether numbers belong to the letters before them: "A B one two three", "K V six W X P"."""
    said = sum(unit.digits for unit in numbers)
    if said >= 3:
        return len(letters) > 1 or letters[0].kind not in {"weak", "pair"}
    if all(unit.kind in {"weak", "pair"} for unit in letters):
        return False
    text = _text(following)
    return said >= 1 and len(text) > 1 and text not in MEASURES


def _trimmed(lexemes: Sequence[Lexeme], units: list[Unit]) -> list[Unit]:
    """Without the words "a" and "I" at the ends, where they are more likely words."""
    while units and _ends_before(lexemes, units):
        units = units[:-1]
    if units and units[0].kind == "weak":
        lexeme = lexemes[units[0].start]
        article = lexeme.core == "a" and (
            len(units) < 4 or _lower_among_capitals(lexemes, units, 0)
        )
        if (article and not lexemes[units[0].end].inner) or len(units) < 3:
            return []
    return units


def _ends_before(lexemes: Sequence[Lexeme], units: Sequence[Unit]) -> bool:
    """Whether the last unit is no part of what is spelled."""
    last = units[-1]
    if last.kind in {"mark", "pair"}:
        return last.kind == "mark" or not any(unit.numeric for unit in units)
    if last.kind != "weak":
        return False
    letter = lexemes[last.end - 1].core
    if letter == "i":
        repeated = len(units) > 1 and units[-2].text == "I"
        return repeated or len(units) < 3 or core_at(lexemes, last.end) in AFTER_I
    return letter == "a" and (len(units) < 3 or _lower_among_capitals(lexemes, units, -1))


def _lower_among_capitals(lexemes: Sequence[Lexeme], units: Sequence[Unit], at: int) -> bool:
    """Whether a unit is written "a" among capitals."""
    rest = [unit for unit in units if not unit.numeric and unit is not units[at]]
    capitals = sum(lexemes[unit.end - 1].raw[:1].isupper() for unit in rest)
    return lexemes[units[at].start].raw[:1].islower() and 2 * capitals > len(rest)


def _evident(units: Sequence[Unit]) -> bool:
    """Whether there is enough to call the units spelled."""
    if any(unit.kind == "named" for unit in units):
        return True
    sure = _sure(units)
    letters = [unit for unit in units if not unit.numeric and unit.kind != "mark"]
    if any(unit.numeric for unit in units):
        return sure >= 1 and len(units) >= 3
    return sure >= 2 or (sure >= 1 and len(letters) >= 3)


def _sure(units: Sequence[Unit]) -> int:
    return sum(unit.kind in _SPELLERS for unit in units)


def _text(units: Sequence[Unit]) -> str:
    return "".join(unit.text for unit in units if unit.kind != "mark")


def _written(lexemes: Sequence[Lexeme], units: Sequence[Unit]) -> list[Atom]:
    atoms = []
    for n, unit in enumerate(units):
        lead = "" if n else lexemes[unit.start].lead
        trail = lexemes[unit.end - 1].trail if n + 1 == len(units) else ""
        joint = "" if n else None
        text = lead + unit.text + trail
        atoms.append(Atom(text=text, first=unit.start, last=unit.end, joint=joint))
    return atoms
