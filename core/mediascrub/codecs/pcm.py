"""Plain samples: there is nothing beside them but what containers put behind their description."""

from __future__ import annotations

from collections import Counter

from mediascrub.codecs import kinds


def scrubber(extradata: bytes) -> PcmScrubber:
    """For one stream."""
    return PcmScrubber(extradata)


class PcmScrubber:
    """Drops the codec configuration: samples need none."""

    def __init__(self, extradata: bytes) -> None:
        """Count what there was."""
        self.extradata = b""
        self.removed: Counter[str] = Counter({kinds.USER_DATA: 1} if extradata else {})

    def packet(self, data: bytes) -> bytes:
        """The packet as it is."""
        return data
