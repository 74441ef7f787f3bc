"""Every byte of a file accounted for: which box, element, chunk or packet it belongs to.

Libraries and ExifTool say what they understand of a file; what they skip they do not mention. A
walker reads the container's own structure from the first byte to the last, so that a private box,
room that was left free, or bytes behind the end can't hide anything.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part

FORMATS = {
    "mp4": "containers.mp4.boxes",
    "mov": "containers.mp4.boxes",
    "m4a": "containers.mp4.boxes",
    "3gp": "containers.mp4.boxes",
    "heic": "containers.mp4.boxes",
    "mkv": "containers.matroska.elements",
    "webm": "containers.matroska.elements",
    "avi": "containers.avi",
    "wav": "containers.wave",
    "w64": "containers.wave64",
    "aiff": "containers.aiff",
    "wmv": "containers.asf",
    "ts": "containers.mpeg_ts.transport",
    "mpg": "containers.mpeg_ps",
    "flv": "containers.flv",
    "flac": "containers.flac_file",
    "mp3": "containers.mpeg_audio",
    "aac": "containers.adts",
    "ogg": "containers.ogg",
    "nut": "containers.nut",
    "tiff": "stills.tiff_file",
    "jpeg": "stills.jpeg_file",
    "png": "stills.png_file",
    "webp": "stills.webp_file",
}
"""Which module walks which format."""


def walk(path: Path, file_format: str) -> Iterator[Part]:
    """The parts of a file, in order and without a gap: together they are all of its bytes.

    Args:
        path: the file.
        file_format: a key of `FORMATS`.

    Raises:
        StructureError: it breaks its own format's rules, so nobody can say what is in it.
        UnreadableError: it can't be read.
    """
    walker: Iterator[Part] = import_module(f"mediascrub.{FORMATS[file_format]}").walk(
        path, file_format
    )
    return walker
