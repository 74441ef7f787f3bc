"""Sample groups and composition shifts (ISO/IEC 14496-12, 8.6 and 8.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.containers.fields import full_box

if TYPE_CHECKING:
    from mediascrub.containers.fields import Fields, Handler

_SIZES = {b"roll": 2, b"prol": 2, b"rap ": 1, b"sync": 1, b"tele": 1}
"""Groups that decoders use, with the size of their entries (10.1, 10.4)."""


def cslg(f: Fields) -> None:
    """8.6.1.4."""
    f.opaque(5 * (8 if full_box(f, (0, 1)) else 4))


def sgpd(f: Fields) -> None:
    """8.9.3: entries of one known size."""
    version = full_box(f, (1, 2))
    name = f.one_of(4, _SIZES.keys(), "unknown sample group")
    size = _SIZES.get(name, 0)
    f.one_of(4, {size.to_bytes(4)}, "size of a sample group's entries")
    if version == 2:
        f.uint(4, 255)
    count = f.uint(4, 255)
    f.numbers(min(count * size, f.left))


def sbgp(f: Fields) -> None:
    """8.9.2: runs of samples and the group they are in."""
    full_box(f)
    f.one_of(4, _SIZES.keys(), "unknown sample group")
    count = int.from_bytes(f.numbers(4))
    while count and f.left:
        count -= 1
        f.uint(4, 1 << 31, 1)
        f.uint(4, 255)


GROUPS: dict[str, tuple[str, Handler]] = {
    "cslg": ("composition shift", cslg),
    "sgpd": ("sample groups", sgpd),
    "sbgp": ("sample groups", sbgp),
}
"""By four-character code: what it is, and what reads its body."""
