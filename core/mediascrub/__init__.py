"""What is in a media file, to the last byte, and how it is cleaned.

`walk` says of every byte of a file what it belongs to. `PacketCleaner` takes out of a stream's
packets what is written beside picture and sound; decoded, they stay the same to the bit.
`scrub_still` writes a still with nothing in it but the picture, and `still_residues` says what else
one holds. This package knows files and codecs, and nothing of the program that uses it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediascrub.errors import (
        DamagedError,
        LibraryMissingError,
        MediaScrubError,
        StructureError,
        UnreadableError,
        UnsupportedError,
    )
    from mediascrub.packets import PacketCleaner
    from mediascrub.parts import Part
    from mediascrub.stills import scrub_still, still_residues
    from mediascrub.walking import FORMATS, walk

__all__ = [
    "FORMATS",
    "DamagedError",
    "LibraryMissingError",
    "MediaScrubError",
    "PacketCleaner",
    "Part",
    "StructureError",
    "UnreadableError",
    "UnsupportedError",
    "scrub_still",
    "still_residues",
    "walk",
]

_WHERE = {
    "DamagedError": "errors",
    "FORMATS": "walking",
    "LibraryMissingError": "errors",
    "MediaScrubError": "errors",
    "PacketCleaner": "packets",
    "Part": "parts",
    "StructureError": "errors",
    "UnreadableError": "errors",
    "UnsupportedError": "errors",
    "scrub_still": "stills",
    "still_residues": "stills",
    "walk": "walking",
}


def __getattr__(name: str) -> Any:
    """Load a module when one of its names is first asked for: nobody needs all of them at once."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
