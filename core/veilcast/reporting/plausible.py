"""Whether the numbers of a manifest can be those of a recording."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GREATEST = 10 * 366 * 86_400 * 1_000_000
"""Ten years in microseconds. In ticks of the finest time base of ISO/IEC 14496-12 (8.4.2: 32 bits
of ticks a second) it is still a number of 64 bits, with which files are sought in."""
_DIGITS = re.compile(r"-?\d+")
_LENGTHS = ("path", "cuts", "inferred")
"""Lists of numbers that are written as words."""
_ONLY_SHOWN = ("how", "track")
"""What stages may number as they like: nothing is computed with it."""


def check_numbers(manifest: Mapping[str, Any]) -> None:
    """Refuse times, boxes and counts that no recording has: sums over them may not overflow.

    Raises:
        ValueError: there is one.
    """
    for part in _parts(manifest):
        if any(abs(number) > GREATEST for number in _numbers(part)):
            raise ValueError("a number that no recording has")


def _parts(manifest: Mapping[str, Any]) -> Iterator[Any]:
    yield manifest["input"]
    yield manifest["volatile"]["seconds"]
    for entry in manifest["entries"]:
        yield {"cuts": entry.get("cuts", ())}
        yield entry["changes"]
        yield entry["uncovered"]
        if entry["phase"] == "verify":
            yield entry["settings"].get("findings", ())


def _numbers(part: Any) -> Iterator[float]:
    if isinstance(part, (int, float)):
        yield part
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in _LENGTHS:
                yield from (int(one) for text in value for one in _DIGITS.findall(text))
            elif name not in _ONLY_SHOWN:
                yield from _numbers(value)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _numbers(value)
