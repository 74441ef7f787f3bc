"""Every byte of a file accounted for: which box, element, chunk or packet it belongs to.

Libraries and ExifTool say what they understand of a file; what they skip they do not mention. A
walker reads the container's own structure from the first byte to the last, so that a private box,
room that was left free, or bytes behind the end can't hide anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.errors import StructureError
from veilcast.structure.pieces import Part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Part", "StructureError", "walk"]


def walk(path: Path, family: str) -> Iterator[Part]:
    """The parts of a file, in order and without a gap: together they are all of its bytes.

    Args:
        path: the file.
        family: a key of `veilcast.media.info.CONTAINERS`.

    Raises:
        StructureError: it breaks its own format's rules, so nobody can say what is in it.
        UnreadableError: it can't be read.
    """
    from importlib import import_module

    from veilcast.structure.families import WALKERS

    module = import_module(f"veilcast.structure.{WALKERS[family]}")
    walker: Iterator[Part] = module.walk(path, family)
    return walker
