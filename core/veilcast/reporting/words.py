"""Strings as a report shows them."""

from __future__ import annotations

import unicodedata

from veilcast.timing import US

LONGEST = 300
"""Characters of a sentence that somebody else's plugin wrote."""


def plain(text: str, longest: int = LONGEST) -> str:
    """One line of visible text: no controls, no marks that turn the direction of what follows.

    Plugins write some of what a report shows. Such characters (Unicode general categories Cc, Cf,
    Cs, Co, Cn) could make a line read otherwise than it is.
    """
    shown = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text)
    line = " ".join(shown.split())
    return (
        line if len(line) <= longest else f"{line[: longest - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
    )


def clock(time_us: int) -> str:
    """A time for people: ``0:01.20``, ``1:02:03.40``; hundredths of a second, rounded down."""
    sign, hundredths = ("-" if time_us < 0 else ""), abs(time_us) * 100 // US
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 100:02d}.{rest % 100:02d}"
    return f"{sign}{hours}:{minutes:02d}:{seconds}" if hours else f"{sign}{minutes}:{seconds}"


def span(from_us: int, to_us: int) -> str:
    """A half-open span for people."""
    return f"{clock(from_us)}\N{EN DASH}{clock(to_us)}"


def lasting(time_us: int) -> str:
    """How long something takes."""
    seconds = time_us / US
    return f"{seconds:.1f} s" if seconds < 60 else clock(time_us)


def size(count: int) -> str:
    """Bytes for people, in decimal units."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} bytes"


def several(count: int, one: str, many: str = "") -> str:
    """``1 face``, ``1,200 faces``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
