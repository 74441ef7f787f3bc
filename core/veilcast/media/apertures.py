"""Containers that say that a part of the picture is not to be shown.

FFmpeg 5 shows all of it, other players do not, and a copy of the stream holds it: nobody can say
what the person who made the recording saw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.errors import UnsupportedError
from veilcast.media.guard import media_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.containers.matroska.track_entries import Element
    from mediascrub.containers.mp4.box_reader import Box, BoxReader

_BOXES = frozenset(("mp4", "mov", "m4a", "3gp"))
_MATROSKA = frozenset(("mkv", "webm"))
_SEGMENT, _TRACKS, _ENTRY, _VIDEO = 0x18538067, 0x1654AE6B, 0xAE, 0xE0
_LINES, _COLUMNS = (0x54AA, 0x54BB), (0x54CC, 0x54DD)
_VISUAL = 78
"""Bytes of a VisualSampleEntry before its boxes (ISO/IEC 14496-12, 12.1.3)."""
_SIZE = 24
_APERTURE = 16
"""Bytes of a CleanApertureBox that say its width and height (ISO/IEC 14496-12, 12.1.4)."""
_MOST_COLUMNS, _MOST_LINES = 18, 15
"""Columns of 720 that are no picture in ITU-R BT.601, and what blocks of 16 lines explain."""
_CROPPED = (
    "The input's container says that a part of the picture is not to be shown, but the part is "
    "there. Cut it off for good first, e.g. with 'ffmpeg -i IN -vf crop=WIDTH:HEIGHT:X:Y "
    "-c:v libx264 -crf 18 -c:a copy OUT.mp4', or take the note away."
)


def refuse_cropped(path: Path, family: str) -> None:
    """Stop where PixelCrop elements (RFC 9559, 5.1.4.1.28) or a clean aperture hide much.

    Args:
        path: the file.
        family: of its container.

    Raises:
        UnsupportedError: more is hidden than television's margins and codecs' blocks explain.
    """
    if family not in _BOXES and family not in _MATROSKA:
        return
    from mediascrub.containers.mp4.box_reader import BoxReader

    with media_errors(), BoxReader.open(path) as reader:
        hidden = _of_boxes(reader) if family in _BOXES else _of_elements(reader)
        for columns, lines in hidden:
            if columns > _MOST_COLUMNS or lines > _MOST_LINES:
                raise UnsupportedError(_CROPPED)


def _of_elements(reader: BoxReader) -> Iterator[tuple[int, int]]:
    """Columns and lines that each picture track hides."""
    from mediascrub.containers.matroska.track_entries import children

    for segment in children(reader, None, _SEGMENT):
        for tracks in children(reader, segment, _TRACKS):
            for entry in children(reader, tracks, _ENTRY):
                for video in children(reader, entry, _VIDEO):
                    yield (
                        sum(_numbers(reader, video, _COLUMNS)),
                        sum(_numbers(reader, video, _LINES)),
                    )


def _numbers(reader: BoxReader, video: Element, wanted: tuple[int, ...]) -> Iterator[int]:
    from mediascrub.containers.matroska.track_entries import children

    for number in wanted:
        for element in children(reader, video, number):
            yield int.from_bytes(reader.read(element.body, min(8, element.end - element.body)))


def _of_boxes(reader: BoxReader) -> Iterator[tuple[int, int]]:
    """Columns and lines that each description of a picture hides."""
    for entry in _descriptions(reader):
        size = reader.read(entry.body + _SIZE, 4)
        for box in reader.boxes(entry.body + _VISUAL, entry.end):
            if box.code != "clap":
                continue
            said = reader.read(box.body, min(_APERTURE, box.end - box.body))
            if len(said) < _APERTURE:
                raise UnsupportedError(_CROPPED)
            width, of_width, height, of_height = (
                int.from_bytes(said[at : at + 4]) for at in range(0, _APERTURE, 4)
            )
            # A denominator of 0 says nothing that can be relied on: as if all were hidden.
            yield (
                int.from_bytes(size[:2]) - (width // of_width if of_width else 0),
                int.from_bytes(size[2:]) - (height // of_height if of_height else 0),
            )


def _descriptions(reader: BoxReader) -> Iterator[Box]:
    """Every sample entry of a picture track."""
    for movie in reader.boxes(0, reader.size):
        if movie.code != "moov":
            continue
        for track in reader.boxes(movie.body, movie.end):
            if track.code != "trak":
                continue
            handler = reader.descend(track.body, track.end, "mdia", "hdlr")
            table = reader.descend(track.body, track.end, "mdia", "minf", "stbl", "stsd")
            if handler is None or table is None:
                continue
            if reader.read(handler.body + 8, 4) == b"vide":
                yield from reader.boxes(table.body + 8, table.end)
