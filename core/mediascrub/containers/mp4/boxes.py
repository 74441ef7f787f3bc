"""Walking ISO base media: MP4, QuickTime, M4A, 3GP, HEIC (ISO/IEC 14496-12, -14, -15).

The tree of boxes is followed as far as boxes are needed for playing. Each of those is read field
by field; all others are unexpected as a whole. Media data is not read but compared with the sample
tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.containers.fields import MOST_BYTES, Fields, merged
from mediascrub.containers.mp4.box_names import unexpected
from mediascrub.containers.mp4.box_reader import BoxReader
from mediascrub.containers.mp4.fragments import chunks_of
from mediascrub.containers.mp4.media_data import Accounts
from mediascrub.containers.mp4.movie_headers import LEAVES
from mediascrub.containers.mp4.sample_entries import MEDIA, stsd
from mediascrub.containers.mp4.sample_groups import GROUPS
from mediascrub.containers.mp4.still_boxes import heif, item_chunks
from mediascrub.containers.mp4.tracks import tracks_of
from mediascrub.errors import StructureError
from mediascrub.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.containers.mp4.box_reader import Box
    from mediascrub.containers.mp4.tracks import Track

_ROOM = ("free", "skip", "wide")
_LARGE = ("mdat", "moov", "moof")
_MOST_FRAGMENTS = 1 << 17
_TREE = {
    "moov": ("mvhd", "trak"),
    "trak": ("tkhd", "edts", "mdia"),
    "edts": ("elst",),
    "mdia": ("mdhd", "hdlr", "minf"),
    "minf": ("vmhd", "smhd", "nmhd", "gmhd", "hdlr", "dinf", "stbl"),
    "dinf": ("dref",),
    "stbl": (
        *("stsd", "stts", "ctts", "stss", "stps", "stsc", "stsz", "stz2", "stco", "co64", "sdtp"),
        *GROUPS,
    ),
}
"""What is needed for playing, by the box that it is in."""
_SEVERAL = ("trak", "sgpd", "sbgp")
_TABLES = ("stts", "ctts", "stss", "stps", "stsc", "stsz", "stz2", "stco", "co64", "sdtp")
_NO_TAGS = (
    b"\0\0\0\x3dudta\0\0\0\x35meta\0\0\0\0\0\0\0\x21hdlr\0\0\0\0\0\0\0\0mdirappl"
    + bytes(9)
    + b"\0\0\0\x08ilst"
)
"""libavformat's list of no tags."""


def walk(path: Path, family: str) -> Iterator[Part]:
    """The parts of a file, as `mediascrub.walk` says.

    Raises:
        StructureError: there is no movie in it, or it ends before its boxes do.
        UnreadableError: it can't be read.
    """
    with BoxReader.open(path) as reader:
        yield from merged(_File(reader).parts())


class _File:
    def __init__(self, reader: BoxReader) -> None:
        self.reader = reader
        self.moov: Box | None = None
        self.meta: Box | None = None
        bodies, moofs = [], []
        for box in reader.boxes(0, reader.size):
            if box.code == "moov" and self.moov is None:
                self.moov = box
            elif box.code == "meta" and self.meta is None:
                self.meta = box
            elif box.code == "mdat":
                bodies.append((box.body, box.end))
            elif box.code == "moof":
                moofs.append(box)
        if self.moov is None and self.meta is None:
            raise StructureError("The file has no index of a movie; copy it again from the camera.")
        if len(moofs) > _MOST_FRAGMENTS:
            raise StructureError("The file is in too many fragments; convert it with another tool.")
        self.tracks = tracks_of(reader, self.moov) if self.moov else {}
        chunks = [
            (*track.tables.chunks, track)
            for track in self.tracks.values()
            if track.tables is not None and track.tables.chunks is not None
        ]
        by_number = {track.number: track for track in self.tracks.values()}
        for moof in moofs:
            for number, starts, ends in chunks_of(reader, self.moov, moof):
                if number in by_number:
                    chunks.append((starts, ends, by_number[number]))
        self.items = item_chunks(reader, self.meta) if self.meta else []
        chunks += self.items
        idat = reader.descend(self.meta.body + 4, self.meta.end, "idat") if self.meta else None
        if idat is not None:
            bodies = sorted([*bodies, (idat.body, idat.end)])
        self.accounts = Accounts(chunks, bodies)

    def parts(self) -> Iterator[Part]:
        at = 0
        for box in self.reader.boxes(0, self.reader.size):
            yield from self._top(box)
            at = box.end
        if at < self.reader.size:
            if self.reader.read(at + 4, 4).decode("latin-1") in _LARGE:
                raise StructureError(
                    "The file ends before its contents do; copy it again from where it came."
                )
            end = self.reader.size
            yield Part(place="end", kind="trailing data", start=at, end=end, role="unexpected")

    def _top(self, box: Box) -> Iterator[Part]:
        if box.code == "ftyp" and box.start == 0:
            yield from self._leaf(box, "")
        elif box is self.moov or box == self.moov:
            yield from self._tree(box, "", None)
        elif box.code == "mdat":
            yield _structure(box.start, box.body, "mdat", "media data")
            yield from self.accounts.parts(box.body, box.end)
        elif box.code in _ROOM:
            yield from self._room(box, "")
        elif box == self.meta and self.reader.descend(box.body + 4, box.end, "pitm"):
            problem = next((track.problem for *_, track in self.items if track.problem), "")
            yield from heif(self.reader, box, self.accounts, problem)
        else:
            yield from unexpected(self.reader, box, "")

    def _tree(self, box: Box, place: str, track: Track | None) -> Iterator[Part]:
        """A box of boxes. It can't be deeper than `_TREE` is."""
        place = f"{place}/{box.code}".lstrip("/")
        yield _structure(box.start, box.body, place, "box of boxes")
        at, seen = box.body, set()
        for child in self.reader.boxes(box.body, box.end):
            at = child.end
            if child.code in _ROOM:
                yield from self._room(child, place)
            elif child.code in seen and child.code not in _SEVERAL:
                yield from unexpected(self.reader, child, place, "second box of its kind")
            elif child.code in _TREE[box.code]:
                seen.add(child.code)
                yield from self._needed(child, place, track)
            elif child.code == "udta" and self._holds_no_tags(child):
                yield _structure(child.start, child.end, f"{place}/udta", "no tags")
            else:
                yield from unexpected(self.reader, child, place)
        if at < box.end:
            kind = "bytes that are no box"
            yield Part(place=place, kind=kind, start=at, end=box.end, role="unexpected")

    def _needed(self, box: Box, place: str, track: Track | None) -> Iterator[Part]:
        if box.code == "trak":
            track = self.tracks[box.start]
            if track.kind:
                yield from unexpected(self.reader, box, place, track.kind, track.hipaa)
                return
        if box.code in _TREE:
            yield from self._tree(box, place, track)
        elif box.code in _TABLES:
            yield from self._table(box, place, track)
        else:
            yield from self._leaf(box, place, track)

    def _table(self, box: Box, place: str, track: Track | None) -> Iterator[Part]:
        tables = track.tables if track else None
        problem = tables.problems.get(box.code, "") if tables else ""
        if track and box.code in ("stco", "co64"):
            problem = problem or track.problem
        head = self.reader.read(box.body, 4)
        if not problem and head not in (bytes(4), b"\1\0\0\0" if box.code == "ctts" else bytes(4)):
            problem = "flags in use"
        if problem:
            yield from unexpected(self.reader, box, place, problem)
        else:
            yield _structure(box.start, box.end, f"{place}/{box.code}", "sample table")

    def _leaf(self, box: Box, place: str, track: Track | None = None) -> Iterator[Part]:
        size = box.end - box.start
        if size > MOST_BYTES:
            yield from unexpected(self.reader, box, place, "box that is too long")
            return
        kind, read = LEAVES.get(box.code) or GROUPS.get(box.code) or ("sample description", None)
        data = self.reader.read(box.start, size)
        fields = Fields(data, box.start, f"{place}/{box.code}".lstrip("/"), kind)
        fields.numbers(box.body - box.start)
        if read is not None:
            read(fields)
        elif track is not None and track.media in MEDIA:
            stsd(fields, track.media)
        yield from fields.finished()

    def _room(self, box: Box, place: str) -> Iterator[Part]:
        place = f"{place}/{box.code}".lstrip("/")
        yield Part(place=place, kind="free space", start=box.start, end=box.body, role="room")
        empty = self.reader.only(box.body, box.end)
        yield Part(
            place=place,
            kind="free space" if empty else "data in free space",
            start=box.body,
            end=box.end,
            role="room" if empty else "unexpected",
        )

    def _holds_no_tags(self, box: Box) -> bool:
        size = box.end - box.start
        return size == len(_NO_TAGS) and self.reader.read(box.start, size) == _NO_TAGS


def _structure(start: int, end: int, place: str, kind: str) -> Part:
    return Part(place=place, kind=kind, start=start, end=end, role="structure")
