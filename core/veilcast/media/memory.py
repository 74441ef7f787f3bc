"""Memory for pictures, which come and go by the thousand."""

from __future__ import annotations

import contextlib
import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's mallopt(3)."""
_KEPT = 64 << 20
_LARGEST = 32 << 20
"""The most that glibc takes."""


def keep_freed_pictures() -> None:
    """Let this process use a freed picture's memory for the next one.

    By itself glibc gives blocks of that size back to the system, and every picture then costs a
    fault for each of its pages: a few per cent of a whole run. Other C libraries lack this switch.
    """
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _KEPT)
