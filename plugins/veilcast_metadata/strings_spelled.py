"""Every way in which a text may be written into a file, and how likely it stands there by chance.

Texts are compared in lower case: what is looked for, and what it is looked for in, go through
`bytes.lower`. That folds the 26 letters of ASCII in every encoding; others are spelled in both
cases.
"""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 8
"""Characters from which a text is also looked for in the disguise that forms of the web give it."""
_JOINERS = (" ", "", "-", "_", ".", "/", ":", "+")
_MOST_PARTS = 6
"""A phrase of more words is looked for as it is, and with single spaces."""
_LATIN = ("cp1252", "latin-1", "mac_roman")
_OTHERS = ("cp1250", "cp1251", "koi8-r", "shift_jis", "gb18030", "big5", "euc_kr")
_PHONE = {9: (3, 2, 4), 10: (3, 3, 4), 11: (1, 3, 3, 4), 16: (4, 4, 4, 4)}
"""By number of digits, how numbers of people and cards are commonly grouped."""
_DATE = re.compile(r"(\d{4})[-:/.](\d\d)[-:/.](\d\d)")
_DATE_FORMS = ("%Y:%m:%d", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")


def spellings(text: str) -> frozenset[bytes]:
    """The bytes of a text in every common encoding and form, in lower case."""
    found: set[bytes] = set()
    for form in _forms(text):
        for cased in {form, form.lower(), form.upper(), form.title()}:
            for shape in ("NFC", "NFD"):
                found.update(_encoded(unicodedata.normalize(shape, cased)))
    if len(text) >= LONG:
        found.update(_disguised(text))
    return frozenset(each.lower() for each in found)


def _forms(text: str) -> Iterator[str]:
    """As it is, without accents, and with its parts joined in the ways that are usual."""
    yield text
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    yield bare
    for one in {text, bare}:
        parts = [part for part in re.split(r"[\W_]+", one) if part]
        joiners = _JOINERS if len(parts) <= _MOST_PARTS else (" ",)
        yield from (joiner.join(parts) for joiner in joiners if len(parts) > 1)
    digits = re.sub(r"[\W_]+", "", text)
    if digits.isdecimal() and len(digits) in _PHONE:
        ends = np.cumsum(_PHONE[len(digits)]).tolist()
        groups = [digits[a:b] for a, b in zip([0, *ends], ends, strict=False)]
        yield from (joiner.join(groups) for joiner in ("", " ", "-", "."))
        yield f"({groups[0]}) {'-'.join(groups[1:])}"
    if (written := _DATE.match(text)) is not None:
        try:
            day = date(*map(int, written.groups()))
        except ValueError:
            return  # figures that are no date
        yield from (day.strftime(form) for form in _DATE_FORMS)


def _encoded(text: str) -> Iterator[bytes]:
    yield text.encode("utf-8", "surrogatepass")
    little, big = (text.encode(f"utf-16-{end}", "surrogatepass") for end in ("le", "be"))
    if text.isascii():
        yield little[:-1]  # the same bytes are within both
        return
    yield from (little, big)
    latin = False
    for encoding in (*_LATIN, *_OTHERS):
        if encoding in _OTHERS and latin:
            break
        try:
            yield text.encode(encoding)
        except UnicodeEncodeError:
            continue
        latin = True if encoding in _LATIN else latin


def _disguised(text: str) -> Iterator[bytes]:
    """Escaped as in web addresses, XML and JSON, and in base64 at each of its three offsets."""
    for escaped in (quote(text), html.escape(text), json.dumps(text)[1:-1]):
        if escaped != text:
            yield escaped.encode("utf-8", "surrogatepass")
    raw = text.encode("utf-8", "surrogatepass")
    for offset in range(3):
        # The first and last characters also hold bits of what stands before and behind.
        coded = base64.b64encode(bytes(offset) + raw).rstrip(b"=")
        first = (0, 2, 3)[offset]
        last = len(coded) if (offset + len(raw)) % 3 == 0 else len(coded) - 1
        yield coded[first:last]


class Chance:
    """How likely some bytes stand in data by chance, learned from samples of that data.

    A Markov chain of the first order (Shannon, 1948), for each of several distances: neighbours in
    plain samples are alike, be they one, two or four bytes apart. Of what the distances say, the
    likeliest counts.
    """

    _LAGS = (1, 2, 4)
    _PRIOR = 2.0
    """Sightings of everything before anything was seen: twice as even data, for the two cases."""

    def __init__(self) -> None:
        self._single = np.zeros(256)
        self._pairs = np.zeros((len(self._LAGS), 256, 256))

    def learn(self, sample: bytes) -> None:
        """Take note of a sample, in lower case."""
        values = np.frombuffer(sample, np.uint8).astype(np.int64)
        self._single += np.bincount(values, minlength=256)
        for number, lag in enumerate(self._LAGS):
            pairs = np.bincount(values[:-lag] * 256 + values[lag:], minlength=65536)
            self._pairs[number] += pairs.reshape(256, 256)

    def expected(self, pattern: bytes, size: int) -> float:
        """How often a pattern is to be expected in so many bytes."""
        values = list(pattern)
        seen = self._single.sum()
        likely = (self._single[values[0]] + self._PRIOR) / (seen + 256)
        for at in range(1, len(values)):
            likely *= min(
                1.0,
                max(
                    (self._pairs[number, values[at - lag], values[at]] + self._PRIOR)
                    / (self._single[values[at - lag]] + 256)
                    for number, lag in enumerate(self._LAGS)
                    if at >= lag
                ),
            )
        return float(likely * size)
