"""Street addresses: "63 Larchmont Drive, apartment 9", "5 um Kings Place", "PO box 12".

A number, up to four words that could be a name, and a word for a street. Words that also mean other
things ("place", "way") count where an address was asked for or announced, or the name has capitals.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_identifiers.lexicon import FILLERS, GAP, UNITS
from veilcast_identifiers.reading import english, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognized, Recognizer

_SURE = """
    alley ave avenue blvd boulevard broadway causeway crescent driveway esplanade expressway
    freeway highway hwy lane mews parkway rd road street terrace turnpike
    """.split()
_UNSURE = """
    approach bank bend bluff brook building bypass camp canyon cape chase cir circle close
    common copse cottage course court cove creek croft crossing ct curve cutting dale dr drift
    drive embankment end estate extension fairway fall farm field ford forge fork gap garden
    gate gateway glen green grove gully harbor harbour haven heights hill hollow house inlet
    island junction knoll lake landing leys link lock lodge loop mall manor mansions meadow mill
    mountain neck orchard oval parade park pass path pike pine pl place plain plaza point port
    prairie promenade quay range rapid reach retreat ride ridge rise river row run shore slope
    spinney spring spur sq square st station steps strand stream summit thoroughfare tower track
    trail underpass union vale valley viaduct view villa village vista walk way well wharf wynd
    yard
    """.split()
_SUFFIX = re.compile(rf"(?:(?P<sure>{'|'.join(_SURE)})|(?:{'|'.join(_UNSURE)})s?)$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_NUMBER = re.compile(
    r"(?<![\d.,:/$£€-])\b\d{1,5}(?:\s?[a-d]|-\d{1,4}|/\d{1,3})?\b(?![.:]\d|\s*[%:/$])", re.I
)
_UNIT = (
    r"(?:apartment|apt|flat|unit|suite|studio|ste|floor|building|block|level|lot|trailer|room|number|no|#)\.?"
    rf"{GAP}?(?:number{GAP})?#?(?:\d{{1,5}}(?!\d)(?:\s?[a-hj-z]\b)?|[a-hj-z]\d{{0,4}}\b)"
)
_AFTER = re.compile(
    rf"(?:{GAP}(?:in{GAP})?(?:{_UNIT}|(?:north|south|east|west|ne|nw|se|sw)\b|extension\b))+",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?:{_UNIT}){GAP}$", re.IGNORECASE)
_UNIT_ALONE = re.compile(
    rf"\b(?:apartment|apt|flat|suite|po\s+box|p\.?\s?o\.?\s+box|box\s+number){GAP}(?:number{GAP})?#?"
    r"(?:\d{1,5}(?!\d)(?:\s?[b-hj-z])?|[b-hj-z]\d{0,4})\b(?!\s*%)",
    re.IGNORECASE,
)
_STREET_AND_UNIT = re.compile(
    rf"\b(?:[^\W_]+(?:['’-][^\W_]+)*\s+){{1,4}}(?:{'|'.join(_SURE)}|close|court|drive|place|square|way)"
    rf"{GAP}{_UNIT}",
    re.IGNORECASE,
)
"""A street and its unit: where the house number was misheard, the words before may be it."""
_CUE = re.compile(
    r"\b(?:address(?:es)?|live|lives|lived|living|reside|resides|residing|residence|located|moved|house|home|"
    r"mail|mailed|ship|shipped|deliver|delivered|deliveries|staying|street|where\s+are\s+you|postcode|zip|flat|"
    r"apartment|first\s+line|situated|office|clinic|restaurant|theat(?:er|re)|salon|hotel|bank|shop|store)\b",
    re.IGNORECASE,
)
_GROUP_BEFORE = re.compile(r"(?<![\d.,:/$-])\b\d{1,3}\s$")
_AT = re.compile(r"\b(?:at|on)\s+(?:um\s+|uh\s+)?$", re.IGNORECASE)
_ADDRESS_IS = re.compile(
    r"\b(?:address(?:\s+(?:of|for)\s+[^\n]{1,30}?)?(?:\s+is|:|'s)?"
    r"|(?:live|lives|living|staying|reside|resides)\s+(?:at|on)|(?:moved|move|moving)\s+to"
    r"|(?:deliver|delivered|send|mail|ship|post|sent)\s+(?:(?:it|them|that|everything)\s+)?to"
    r"|(?:place|home|house)\s+is|located\s+at|where\s+do\s+you\s+live[?\s]+)"
    r"(?:[\s,]+(?:at|um|uh|it's|it\s+is|is|now))*[\s,]+"
    r"(?P<number>(?:\d{1,3}\s)?\d{1,5}[a-d]?)\b(?![.:/]\d|\s*%)",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(
    r"\b(?:(?:address\s+is|live|lives|lived|living|reside|resides|residing|house|home|flat|stay|staying|moved|"
    r"located|based)\s+(?:(?:just|right|over|up|down)\s+)?(?:(?:on|at|in|to|is|near|off)\s+)?(?:the\s+)?)",
    re.IGNORECASE,
)
_STATES = "|".join(
    """
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii
    idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan
    minnesota mississippi missouri montana nebraska nevada new\\s+hampshire new\\s+jersey
    new\\s+mexico new\\s+york north\\s+carolina south\\s+carolina north\\s+dakota
    south\\s+dakota ohio oklahoma oregon pennsylvania rhode\\s+island tennessee texas utah vermont
    virginia washington west\\s+virginia wisconsin wyoming d\\.?c\\.?
    """.split()
)
_LAST_NUMBER = re.compile(
    r"\s*(?:#\s*|\s)(?:(?:[a-hj-z]\s?)?\d{1,4}[a-z]?|[b-hj-z]|one|two|three|four|five|six|seven|eight"
    r"|nine)\b(?!\s*[%:/]|\.\d|')",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"\s*([^\W\d_]+)")
_TOWN_AND_ZIP = re.compile(
    rf"(?:{GAP}(?:in{GAP})?(?:[^\W\d_]+['’.]?[\s,]+){{0,3}}?(?:{_STATES}|(?-i:[A-Z]{{2}}\b))(?:{GAP}(?:zip(?:\s+code)?{GAP})?"
    r"\d{5}(?:-\d{4})?\b)?|[\s,]+\d{5}(?:-\d{4})?\b(?!\s*(?:mg|dollars)))",
    re.IGNORECASE,
)
_STOP = UNITS | frozenset(
    """
    a about after again all also always am an and any are as at back be because been before
    being both but by can could did do does doing done down each either every few first for from
    get getting go goes going gone had half has have having he her here hers him his how i if in
    into is it it's its i'm just know last left less let like long many maybe me mean might mine
    more most much my near need never new next no not now number of off on once one only or
    other our out over own per please quite rather really right same say she should since so
    some something sometimes soon still such take taking than that that's the their them then
    there these they they're thing think this those though through to together too took try turn
    twice two under until up us used using usually very want was way we well went were what when
    where which while who why will with within without would you your yours going's bath baths
    bathroom bathrooms bed beds bedroom bedrooms star old ago later apart away another percent
    female male man woman
    """.split()
)


_LIVED_AT = re.compile(
    r"\b(?:(?i:live[sd]?|living|still|staying|resid(?:es?|ing)|home(?: is)?|address(?: is|:)?)"
    r"(?i: still)?(?: at)?,?) (?P<place>\d{1,5}[a-z]? (?P<name>[A-Z][a-z]+)(?: [A-Z][a-z]+){0,2})\b"
)


def read_addresses(content: str) -> Iterator[Recognized]:
    """Street addresses in written text."""
    done = 0
    for number in _NUMBER.finditer(content):
        if number.start() < done:
            continue
        street = _street(content, number.end(), direct=True)
        if street is None:
            continue
        end, sure, capitals = street
        announced = _announced(content, number.start())
        sure = sure or _AFTER.match(content, end) is not None
        if not (sure or capitals or announced):
            continue
        end = _extended(content, end)
        if announced and (match := _LAST_NUMBER.match(content, end)):
            unit = _NEXT_WORD.match(content, match.end())
            if unit is None or unit[1].lower() not in UNITS:
                end = match.end()
        before = _BEFORE.search(content, max(0, number.start() - 40), number.start())
        start = before.start() if before else _first_group(content, number.start())
        done = end
        score = 0.9 if announced else 0.75 if sure else 0.65
        yield found((start, end), "address", score, "house number and street")
    yield from _announced_places(content)
    yield from _without_number(content)
    yield from _lived_at(content)
    for match in _STREET_AND_UNIT.finditer(content):
        yield found(match.span(), "address", 0.65, "street and unit")
    for match in _UNIT_ALONE.finditer(content):
        yield found(match.span(), "address", 0.7, "flat or box")


def _announced_places(content: str) -> Iterator[Recognized]:
    """What follows "address is" and a number, whatever the street is called."""
    for cue in _ADDRESS_IS.finditer(content):
        end = cue.end("number")
        for word in _WORD.finditer(content, end, end + 60):
            text = word.group()
            if "\n" in content[end : word.start()] or text.lower() in _STOP or text[0].isdecimal():
                break
            end = word.end()
            if _SUFFIX.match(text):
                break
        if end > cue.end("number"):
            yield found(
                (cue.start("number"), _extended(content, end)), "address", 0.8, "cue: address is"
            )


def _first_group(content: str, start: int) -> int:
    """Where a house number begins that was said in two groups: "47 57"."""
    match = _GROUP_BEFORE.search(content, max(0, start - 6), start)
    return start if match is None else match.start()


def _announced(content: str, start: int) -> bool:
    before = content[max(0, start - 90) : start]
    return bool(_CUE.search(before) or _AT.search(before))


def _street(content: str, at: int, *, direct: bool) -> tuple[int, bool, bool] | None:
    """Where a street's name ends that begins at `at`; whether it is sure, and capitalised.

    `direct`: the street's word may follow at once ("50 Avenue").
    """
    words = 0
    capitals = False
    best: tuple[int, bool, bool] | None = None
    for match in _WORD.finditer(content, at, at + 80):
        word = match.group().rstrip(".")
        gap = content[at : match.start()]
        lower = word.lower()
        if gap.count("\n") > 1 or any(mark in gap for mark in "?!:;%$£€/()"):
            break
        suffix = _SUFFIX.match(word)
        if suffix is not None and (words or (direct and not lower.endswith("s"))):
            best = (match.end(), bool(suffix["sure"]), capitals and word[0].isupper())
            words += 1
            if words > 4:
                break
        elif lower in FILLERS:
            pass
        elif best is not None or words >= 4 or lower in _STOP or lower.isdecimal():
            break
        else:
            words += 1
            capitals = capitals or word[0].isupper()
        at = match.end()
    return best


def _extended(content: str, end: int) -> int:
    """With the flat, the town and the ZIP code that follow."""
    for pattern in (_AFTER, _TOWN_AND_ZIP, _AFTER):
        match = pattern.match(content, end)
        if match is not None:
            end = match.end()
    return end


def _without_number(content: str) -> Iterator[Recognized]:
    for cue in _NO_NUMBER.finditer(content):
        if _NUMBER.match(content, cue.end()):
            continue
        street = _street(content, cue.end(), direct=False)
        if street is not None and (street[1] or street[2]):
            end = _extended(content, street[0])
            yield found((cue.end(), end), "address", 0.7, "cue: lives at")


def _lived_at(content: str) -> Iterator[Recognized]:
    """A number and a name where somebody lives, whatever kind of street was understood."""
    for cue in _LIVED_AT.finditer(content):
        if cue["name"].lower() in UNITS:
            continue
        yield found(cue.span("place"), "address", 0.6, "cue: lives at")


def describe() -> Recognizer:
    """The recogniser `addresses`."""
    return english("addresses", {"address": "B"}, "Streets, flats and boxes", read_addresses)
