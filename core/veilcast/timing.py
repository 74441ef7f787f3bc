"""Time as integer microseconds.

Frames are addressed by their presentation time stamp (pts), never by index / rate: phone video has
a variable frame rate. Instants are floored to the microsecond; a span's start is floored and its
end is ceiled, so that a span never shrinks by conversion.
"""

from __future__ import annotations

import re
from fractions import Fraction

US = 1_000_000

_CLOCK = re.compile(r"^(?:(\d+):)?([0-5]?\d):([0-5]?\d(?:\.\d{1,9})?)$")
_SECONDS = re.compile(r"^\d+(?:\.\d{1,9})?$")


def us_floor(seconds: Fraction) -> int:
    """Seconds to microseconds, rounded down: for the start of a span."""
    return (seconds.numerator * US) // seconds.denominator


def us_ceil(seconds: Fraction) -> int:
    """Seconds to microseconds, rounded up: for the end of a span."""
    return -((-seconds.numerator * US) // seconds.denominator)


def us_to_sample_floor(time_us: int, rate_hz: int) -> int:
    """The sample that plays at `time_us`: for the start of a span."""
    return (time_us * rate_hz) // US


def us_to_sample_ceil(time_us: int, rate_hz: int) -> int:
    """The first sample wholly after `time_us`: for the end of a span."""
    return -((-time_us * rate_hz) // US)


def parse_time(value: object) -> Fraction:
    """Seconds as written by a person: a number, ``"12.5"``, ``"MM:SS.mmm"`` or ``"HH:MM:SS.mmm"``.

    Raises:
        ValueError: the text is none of these, or is negative.
    """
    if isinstance(value, bool) or value is None:
        raise ValueError("a time is seconds or HH:MM:SS.mmm")
    text = str(value).strip()
    if _SECONDS.match(text):
        return Fraction(text)
    match = _CLOCK.match(text)
    if not match:
        raise ValueError("a time is seconds or HH:MM:SS.mmm")
    hours, minutes, seconds = match.groups()
    return Fraction(int(hours or 0) * 3600 + int(minutes) * 60) + Fraction(seconds)
