"""The tracks of a movie: which are played, what the others are, and where their samples lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mediascrub.containers.mp4.sample_entries import MEDIA
from mediascrub.containers.mp4.sample_tables import Tables
from mediascrub.errors import StructureError

if TYPE_CHECKING:
    from mediascrub.containers.mp4.box_reader import Box, BoxReader

MOST_TRACKS = 1000
_FORMATS = {
    "tmcd": ("timecode", ""),
    "gpmd": ("GPS telemetry", "B"),
    "camm": ("camera motion and GPS telemetry", "B"),
    "rtmd": ("camera telemetry", ""),
    "CTMD": ("camera telemetry", ""),
    "fdsc": ("camera's recovery data", ""),
    "mett": ("timed metadata", ""),
    "metx": ("timed metadata", ""),
    "mebx": ("timed metadata", ""),
    "urim": ("timed metadata", ""),
    "text": ("text track", ""),
    "tx3g": ("text track", ""),
    "stpp": ("subtitles", ""),
    "wvtt": ("subtitles", ""),
    "sbtt": ("subtitles", ""),
    "c608": ("closed captions", ""),
    "c708": ("closed captions", ""),
    "mp4s": ("subtitle pictures or systems data", ""),
    "rtp ": ("streaming hints", ""),
}
_HANDLERS = {
    "tmcd": "timecode",
    "meta": "timed metadata",
    "text": "text track",
    "sbtl": "subtitles",
    "subt": "subtitles",
    "subp": "subtitle pictures",
    "clcp": "closed captions",
    "hint": "streaming hints",
    "vide": "picture of an unknown codec",
    "soun": "sound of an unknown codec",
    "sdsm": "systems data",
    "odsm": "systems data",
}


@dataclass
class Track:
    """One track.

    Attributes:
        start: of its box.
        number: its identifier.
        media: handler type.
        kind: what it is, for one that is not played, otherwise "".
        hipaa: as in `Part`.
        tables: its sample tables, or None.
        problem: what is wrong with where its samples lie, or "".
        chapters: track identifiers whose samples name this one's chapters.
    """

    start: int
    number: int
    media: str
    kind: str
    hipaa: str
    tables: Tables | None
    problem: str = ""
    chapters: list[int] = field(default_factory=list)


def tracks_of(reader: BoxReader, moov: Box) -> dict[int, Track]:
    """The movie's tracks by where their boxes start.

    Raises:
        StructureError: there are more than `MOST_TRACKS`.
    """
    found: dict[int, Track] = {}
    for trak in reader.boxes(moov.body, moov.end):
        if trak.code == "trak":
            if len(found) == MOST_TRACKS:
                raise StructureError("The file has more tracks than any recording; it is damaged.")
            found[trak.start] = _track(reader, trak)
    chapters = {number for track in found.values() for number in track.chapters}
    for track in found.values():
        if track.number in chapters:
            track.kind, track.hipaa = "chapters", ""
    return found


def _track(reader: BoxReader, trak: Box) -> Track:
    hdlr = reader.descend(trak.body, trak.end, "mdia", "hdlr")
    media = reader.read(hdlr.body + 8, 4).decode("latin-1") if hdlr else ""
    stbl = reader.descend(trak.body, trak.end, "mdia", "minf", "stbl")
    stsd = reader.descend(stbl.body, stbl.end, "stsd") if stbl else None
    name = reader.read(stsd.body + 12, 4).decode("latin-1") if stsd else ""
    tkhd = reader.descend(trak.body, trak.end, "tkhd")
    number = 0
    if tkhd:
        wide = reader.read(tkhd.body, 1) == b"\1"
        number = int.from_bytes(reader.read(tkhd.body + (20 if wide else 12), 4))
    kind, hipaa = "", ""
    if media not in MEDIA or name.rstrip() not in MEDIA[media][0]:
        kind, hipaa = _FORMATS.get(name, (_HANDLERS.get(media, "unknown track"), ""))
    tables = Tables(reader, stbl) if stbl and _self_contained(reader, trak) else None
    track = Track(trak.start, number, media, kind, hipaa, tables)
    tref = reader.descend(trak.body, trak.end, "tref", "chap")
    if tref:
        ids = reader.read(tref.body, min(tref.end - tref.body, 4096))
        track.chapters = [int.from_bytes(ids[n : n + 4]) for n in range(0, len(ids) - 3, 4)]
    return track


def _self_contained(reader: BoxReader, trak: Box) -> bool:
    """Whether the samples are in this very file (8.7.2)."""
    dref = reader.descend(trak.body, trak.end, "mdia", "minf", "dinf", "dref")
    if dref is None:
        return False
    entries = list(zip(range(256), reader.boxes(dref.body + 8, dref.end), strict=False))
    return all(reader.read(box.body, 4)[3:] == b"\1" for _, box in entries)
