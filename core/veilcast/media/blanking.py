"""What FFmpeg's muxers write and no switch of theirs leaves out, made empty where it stands.

A protection system's data and a camera's colour profile come along with a stream's parameters.
Made into free space of the same size, they move nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.containers.mp4.box_reader import BoxReader
from veilcast.media.guard import media_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.containers.mp4.box_reader import Box

_PICTURE_ENTRY_BYTES = 86
_PIECE = 1 << 20
"""A visual sample entry before its boxes (ISO/IEC 14496-12, 12.1.3)."""
_NUMBERS = (b"nclx", b"nclc")
_FREE = b"free"
_XING = (b"Xing", b"Info")
_XING_REACH = 64
_XING_BYTES, _LAME_BYTES = 120, 36
"""Of Xing's table with all its fields, and of LAME's extension behind it."""


def blank_boxes(path: Path) -> None:
    """Make free space of what a delivered MP4 has no use for.

    These are `pssh` (ISO/IEC 23001-7, 8.1), since nothing delivered is encrypted, and `colr` with
    a profile of free content (ISO/IEC 14496-12, 12.1.5). Free space is 8.1.2 there.

    Args:
        path: a file that was written and closed.

    Raises:
        UnreadableError, UnwritableError, DiskFullError: as their names say.
    """
    with media_errors(), BoxReader.open(path) as reader:
        found = list(_unwanted(reader))
    if not found:
        return
    with media_errors(writing=True), path.open("r+b") as file:
        for box in found:
            file.seek(box.start + 4)
            file.write(_FREE)
            file.seek(box.body)
            for at in range(box.body, box.end, _PIECE):
                file.write(bytes(min(_PIECE, box.end - at)))


def blank_delay(path: Path) -> None:
    """Make zeros of what an MP3's first frame says of the encoder and its delay.

    FFmpeg writes it into the Xing header also where the source had none, and players then leave
    out samples that they played before.

    Args:
        path: a file that was written and closed.

    Raises:
        UnreadableError, UnwritableError, DiskFullError: as their names say.
    """
    with media_errors(), BoxReader.open(path) as reader:
        head = reader.read(0, _XING_REACH)
    at = max(head.find(name) for name in _XING)
    if at < 0:
        return
    with media_errors(writing=True), path.open("r+b") as file:
        file.seek(at + _XING_BYTES)
        file.write(bytes(_LAME_BYTES))


def _unwanted(reader: BoxReader) -> Iterator[Box]:
    for top in reader.boxes(0, reader.size):
        if top.code not in ("moov", "moof"):
            continue
        for box in reader.boxes(top.body, top.end):
            if box.code == "pssh":
                yield box
            elif box.code == "trak":
                yield from _profiles(reader, box)


def _profiles(reader: BoxReader, track: Box) -> Iterator[Box]:
    handler = reader.descend(track.body, track.end, "mdia", "hdlr")
    table = reader.descend(track.body, track.end, "mdia", "minf", "stbl", "stsd")
    if handler is None or table is None or reader.read(handler.body + 8, 4) != b"vide":
        return
    for entry in reader.boxes(table.body + 8, table.end):
        for box in reader.boxes(entry.start + _PICTURE_ENTRY_BYTES, entry.end):
            if box.code == "colr" and reader.read(box.body, 4) not in _NUMBERS:
                yield box
