"""What the formats of stills share: parts, colour profiles, and names of what is strange."""

from __future__ import annotations

from typing import NamedTuple

from mediascrub.stills.icc_profile import rebuilt

AFTER_END = "data after the end of the picture"
HIDDEN = "colours under what is wholly transparent"
FOREIGN_EXIF = "EXIF data besides the orientation"
_ICC_HEADER = 128


class Part(NamedTuple):
    """A segment or chunk: its name, and all its bytes but for length, marker and checksum."""

    name: str
    data: bytes
    tail: bytes = b""
    """The entropy-coded data that follows a JPEG scan's header."""


def clean_profile(profile: bytes, *, common: bool) -> bytes:
    """An ICC profile that shows the same colours and names nobody, or nothing.

    Args:
        profile: as it is in the picture.
        common: it is one that many have, so that it may stay where it can't be written anew: but
            for its creation date and its identity (ICC.1:2022, 7.2).
    """
    anew = rebuilt(profile)
    if anew is not None:
        return anew
    if not common or len(profile) < _ICC_HEADER:
        return b""
    return profile[:24] + bytes(12) + profile[36:84] + bytes(16) + profile[100:]
