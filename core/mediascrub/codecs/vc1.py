"""VC-1, advanced profile (SMPTE ST 421, annex E) without user data.

Frames in ASF may come without start code. Simple and main profile have no room for user data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.codecs import kinds
from mediascrub.codecs.start_codes import StartCodeScrubber

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

_USER_DATA = range(0x1B, 0x20)


def scrubber(extradata: bytes) -> Scrubber:
    """For one stream; see `mediascrub.codecs.scrubber`."""
    return Vc1(extradata)


class Vc1(StartCodeScrubber):
    """Cleans one stream."""

    # Everything but slices, fields, frames, entry points, sequence headers and ends (table E.1).
    suspicious = re.compile(b"\x00\x00\x01[^\x0a-\x0f]", re.DOTALL)
    begins_bare = True

    def unit(self, code: int, unit: bytes) -> bytes | None:
        self.removed[kinds.USER_DATA if code in _USER_DATA else kinds.FOREIGN] += 1
        return None

    def without_start_code(self, data: bytes) -> None:
        """A frame as ASF stores it."""
