"""The written form covers every word, and what is said comes back and maps to its words.

The speller here knows nothing of the reader that it tests.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veilcast.text.spoken import Written, to_written

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

UNITS = "zero one two three four five six seven eight nine".split()
TEENS = ("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
MONTHS = (
    "january february march april may june july august september october november december"
).split()
ALPHABET = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november "
    "oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
).split()
SUFFIXES = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}

WORDS = st.sampled_from(
    [
        *UNITS, *TEENS, *TENS, *ORDINALS, *MONTHS, *ALPHABET, *"abcdeiotmguxw", "oh", "hundred",
        "thousand", "and", "double", "triple", "dot", "at", "dash", "slash", "point", "colon",
        "underscore", "uh", "um", "sorry", "i", "mean", "to", "for", "as", "in", "the", "of",
        "com", "net", "john", "born", "plus", "", " ", "...", "7", "617", "T-A-I-T", "sixty-five",
        "(five", "$3", "12%", "@", "S.", "é", "x-ray", "twenty-first", "year-old", "two-year-old",
        "a\tb", "\N{NO-BREAK SPACE}",
    ]
)  # fmt: skip
TOKENS = st.lists(
    st.one_of(
        st.builds(str.__add__, WORDS, st.sampled_from(["", "", "", ",", ".", "?", "-"])),
        st.text(max_size=6),
    ),
    max_size=24,
)


def two_digits(value: int) -> list[str]:
    if value < 10:
        return [UNITS[value]]
    if value < 20:
        return [TEENS[value - 10]]
    return [TENS[value // 10 - 2], *([UNITS[value % 10]] if value % 10 else [])]


def cardinal(value: int) -> list[str]:
    if value < 100:
        return two_digits(value)
    rest = ["and", *two_digits(value % 100)] if value % 100 else []
    return [UNITS[value // 100], "hundred", *rest]


def ordinal(value: int) -> list[str]:
    if value <= 20:
        return [ORDINALS[value - 1]]
    if value == 30:
        return ["thirtieth"]
    return [TENS[value // 10 - 2], ORDINALS[value % 10 - 1]]


def year(value: int) -> list[str]:
    if 2000 <= value <= 2009:
        return ["two", "thousand", *(["and", UNITS[value % 10]] if value % 10 else [])]
    rest = value % 100
    tail = ["oh", UNITS[rest]] if 0 < rest < 10 else ["hundred"] if rest == 0 else two_digits(rest)
    return [*two_digits(value // 100), *tail]


@st.composite
def digits_said(draw: st.DrawFn, text: str) -> list[str]:
    words: list[str] = []
    at = 0
    while at < len(text):
        run = 1
        while run < 3 and text[at : at + run + 1] == text[at] * (run + 1):
            run += 1
        digit = draw(st.sampled_from(["oh", "zero"])) if text[at] == "0" else UNITS[int(text[at])]
        if run > 1 and draw(st.booleans()):
            words += [{2: "double", 3: "triple"}[run], digit]
            at += run
        else:
            words.append(digit)
            at += 1
    return words


def checked(tokens: Sequence[str], breaks: Collection[int] = ()) -> Written:
    """The written form, after its pieces are found to cover every character and every token."""
    found = to_written(tokens, breaks)
    at = token = 0
    for piece in found.pieces:
        assert piece.start < piece.end
        assert not found.content[at : piece.start].strip()
        assert piece.first == token < piece.last
        at, token = piece.end, piece.last
    assert not found.content[at:].strip()
    assert token == len(tokens) or not any(word.strip() for word in tokens)
    return found


def comes_back(said: Sequence[str], written: str) -> None:
    """Said among other words, it is written so, and maps to exactly the words that made it."""
    before, after = ["well", "yes", "it's"], ["thank", "you", "doctor"]
    for words in ([*said], [word.capitalize() for word in said]):
        found = checked([*before, *words, *after])
        assert written.lower() in found.content.lower(), found.content
        start = found.content.lower().index(written.lower())
        span = found.tokens(start, start + len(written))
        assert span == (len(before), len(before) + len(said))


@given(TOKENS, st.sets(st.integers(0, 24), max_size=4))
@settings(max_examples=600, deadline=None)
def test_every_character_and_every_token_is_in_one_piece(
    tokens: list[str], breaks: set[int]
) -> None:
    checked(tokens, breaks)


@given(TOKENS, st.integers(0, 80), st.integers(0, 80))
@settings(deadline=None)
def test_any_span_gives_tokens(tokens: list[str], one: int, other: int) -> None:
    first, last = to_written(tokens).tokens(min(one, other), max(one, other))
    assert 0 <= first <= last <= len(tokens)


@given(st.data(), st.text("0123456789", min_size=4, max_size=16))
@settings(deadline=None)
def test_digit_strings_come_back(data: st.DataObject, text: str) -> None:
    comes_back(data.draw(digits_said(text)), text)


@given(
    st.data(),
    st.sampled_from([(3, 3, 4), (3, 2, 4), (4, 4, 4, 4), (4, 3, 4)]),
    st.text("0123456789", min_size=16, max_size=16),
)
@settings(deadline=None)
def test_groups_come_back(data: st.DataObject, sizes: tuple[int, ...], text: str) -> None:
    groups: list[str] = []
    for size in sizes:
        groups.append(text[:size])
        text = text[size:]
    words: list[str] = []
    for group in groups:
        words += data.draw(digits_said(group))
        words[-1] += ","
    words[-1] = words[-1][:-1]
    comes_back(words, " ".join(groups))


@given(st.integers(1, 12), st.integers(1, 31), st.integers(1900, 2029), st.booleans())
@settings(deadline=None)
def test_dates_come_back(month: int, day: int, when: int, british: bool) -> None:
    written = f"{day}{SUFFIXES.get(day, 'th')}"
    name = MONTHS[month - 1]
    if british:
        comes_back([*ordinal(day), "of", name, *year(when)], f"{written} of {name} {when}")
    else:
        comes_back([name, "the", *ordinal(day), *year(when)], f"{name} {written} {when}")


@given(st.lists(st.integers(0, 255), min_size=4, max_size=4))
@settings(deadline=None)
def test_ip_addresses_come_back(parts: list[int]) -> None:
    said = cardinal(parts[0])
    for part in parts[1:]:
        said += ["dot", *cardinal(part)]
    comes_back(said, ".".join(map(str, parts)))


@given(
    st.lists(st.sampled_from(["fiona", "tait", "lowe", "k", "marisol"]), min_size=2, max_size=3),
    st.sampled_from(["dot", "underscore", "dash"]),
    st.sampled_from(["outlook dot com", "n h s dot net", "redcliffe dot ac dot uk"]),
)
@settings(deadline=None)
def test_mail_addresses_come_back(parts: list[str], mark: str, domain: str) -> None:
    sign = {"dot": ".", "underscore": "_", "dash": "-"}[mark]
    said = f" {mark} ".join(parts) + f" at {domain}"
    host = domain.replace(" dot ", ".").replace(" ", "")
    comes_back(said.split(), f"{sign.join(parts)}@{host}")


@given(st.text("bcdfghjklmnpqrstvwyz", min_size=2, max_size=12))
@settings(deadline=None)
def test_spelled_names_come_back(name: str) -> None:
    comes_back([*name], name)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=8), st.booleans())
@settings(deadline=None)
def test_names_in_the_radio_alphabet_come_back(name: str, explained: bool) -> None:
    words = {word[0]: word for word in ALPHABET}
    said = [words[letter] for letter in name]
    if explained:
        said = [part for letter in name for part in (letter, "as", "in", words[letter])]
    comes_back(said, name)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    "pattern",
    "five|five,|a|b|oh|dot x|w dot|may nineteen|five uh|b for|two hundred and|mike|five for|"
    "word|b five".split("|"),
)
def test_time_grows_with_the_words(pattern: str) -> None:
    few, many = (_calls((pattern.split() * count)[:count]) for count in (400, 2_000))
    assert many < 6 * few


def _calls(tokens: list[str]) -> int:
    """How many functions are called: unlike seconds, they do not depend on the machine."""
    count = 0

    def tick(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        checked(tokens)
    finally:
        sys.setprofile(before)
    return count
