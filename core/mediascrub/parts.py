"""What a walker says of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["structure", "coded", "room", "unexpected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A run of bytes with one meaning.

    Attributes:
        place: where it is, as a path of the format's own names, e.g. ``moov/trak/udta``. Names that
            a file may choose freely (a four-character code nobody registered) are ``unknown``:
            they could be anything, a person's initials too.
        kind: what it is, in words for people, e.g. ``user data``, ``free space``, ``telemetry``.
        start: its first byte.
        end: one after its last.
        role: ``structure``: needed to play the file, and its content is numbers and codes that were
            checked to be of that kind; ``coded``: picture or sound; ``room``: free space of zeros
            only; ``unexpected``: everything else, which a delivered file may not have.
        hipaa: its letter in 45 CFR 164.514(b)(2)(i) where such a part always is that identifier,
            or "".
    """

    place: str
    kind: str
    start: int
    end: int
    role: Role
    hipaa: str = ""
