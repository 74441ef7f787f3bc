"""How much is tried: a part that takes minutes or, with ``VEILCAST_LONG=1``, everything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

LONG = bool(os.environ.get("VEILCAST_LONG"))


def some(cases: Iterable[T], every: int = 2) -> list[T]:
    """Every so manieth case, the first among them; all of them in a long run.

    In the lists that this is for, neighbours are alike: no kind is left out as a whole.
    """
    return list(cases)[:: 1 if LONG else every]
