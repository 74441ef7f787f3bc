"""Data as it reads from each bit of a byte on.

Coded sound and pictures are bits, not bytes: what is written into them begins anywhere. So what is
known is also looked for in the data moved by one to seven bits, which hold every text at a byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIFTS = range(1, 8)


def shifted(data: bytes) -> Iterator[bytes]:
    """The data from its second bit on, from its third, and so on: each a byte shorter, in turn."""
    import numpy as np

    octets = np.frombuffer(data, np.uint8)
    for shift in SHIFTS:
        moved = octets[:-1] << np.uint8(shift)
        moved |= octets[1:] >> np.uint8(8 - shift)
        yield moved.tobytes()
