"""Disclosure check: whether a label or message says what the user listed.

Text is read twice: as words between spaces, and parted as names of files are (where separators
are, where small letters turn into capitals, and where letters meet figures).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast.text.ordinary import ORDINARY
from veilcast.text.phrases import Phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from veilcast.settings import IdentifierSettings
    from veilcast.text.known import Known

_BETWEEN = re.compile(r"[\W_]+|(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
SHORTEST = 3
"""Letters of a word that tells something by itself, at least."""
FIGURES = 4
"""Figures of a number that tells something by itself, at least: fewer count things."""
EXACT = 0.95
"""Score of what is there as it was listed; below it only sounds like it, or a digit is wrong."""


def parted(text: str) -> list[str]:
    """The words of a text, without what stands between them."""
    return [part for part in _BETWEEN.split(text) if part]


def is_telling(word: str) -> bool:
    """Whether a word may say by itself whose recording it is: it is no ordinary or small one."""
    if word.isdecimal():
        return len(word) >= FIGURES
    return len(word) >= SHORTEST and word.casefold() not in ORDINARY


class Listed:
    """What the user listed of the people: known identifiers, and phrases that always count."""

    def __init__(self, settings: Iterable[IdentifierSettings]) -> None:
        """Read the lists.

        Args:
            settings: of every stage that reads text.

        Raises:
            SettingError: a file of known identifiers can't be read or is malformed.
        """
        from veilcast.text.known import load_known

        reading = list(settings)
        files = {one.known.path: None for one in reading if one.known is not None}
        self._known: list[Known] = [load_known(path) for path in files]
        self._denied = Phrases([phrase for one in reading for phrase in one.deny])
        self._any = bool(files) or any(one.deny for one in reading)

    def said_in(self, text: str) -> bool:
        """Whether a label says something of it, or only sounds like it."""
        return self._any and any(True for words in readings(text) for _ in self._found(words, 0.0))

    def repeated_in(self, text: str) -> bool:
        """Whether a sentence says something of it as it is listed, not only an ordinary word."""
        return self._any and any(
            last - first > 1 or any(map(is_telling, parted(words[first])))
            for words in readings(text)
            for first, last in self._found(words, EXACT)
        )

    def _found(self, words: list[str], least: float) -> Iterator[tuple[int, int]]:
        from veilcast.text.spoken import to_written

        yield from self._denied.find(words)
        written = to_written(words)
        for known in self._known:
            for span in known.find(words, written):
                if span.score >= least:
                    yield span.first, span.last


def readings(text: str) -> Iterator[list[str]]:
    """A text's words, read in both ways."""
    whole = text.split()
    yield whole
    if (other := parted(text)) != whole:
        yield other
