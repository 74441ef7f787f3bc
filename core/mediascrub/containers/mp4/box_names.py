"""Names for people of boxes that a delivered file may not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mediascrub.containers.mp4.box_reader import Box, BoxReader

_UUIDS = {
    "be7acfcb97a942e89c71999491e3afac": "XMP",
    "50524f4621d24fcebb88695cfac9c740": "camera's profile",
    "5553 4d5421d24fcebb88695cfac9c740".replace(" ", ""): "camera's user data",
    "ffcc8263f8554a938814587a02521fdd": "spherical video description",
    "0537cdab9d0c4431a72afa561f2a113e": "EXIF",
    "33c7a4d2b81d4723a0baf1a3e097ad38": "IPTC",
    "85c0b687820f11e08111f4ce462b6a48": "camera's user data",
}
_KINDS = {
    "udta": ("user data", ""),
    "meta": ("metadata", ""),
    "ilst": ("tags", ""),
    "keys": ("names of tags", ""),
    "----": ("tag of a program", ""),
    "uuid": ("private box", ""),
    "XMP_": ("XMP", ""),
    "Exif": ("EXIF", ""),
    "\xa9xyz": ("location", "B"),
    "loci": ("location", "B"),
    "gps ": ("location", "B"),
    "\xa9day": ("date", "C"),
    "\xa9ope": ("original performer", ""),
    "date": ("date", "C"),
    "yrrc": ("year", "C"),
    "purd": ("date of purchase", "C"),
    "\xa9nam": ("title", ""),
    "titl": ("title", ""),
    "name": ("track's name", ""),
    "tnam": ("track's name", ""),
    "\xa9ART": ("artist", ""),
    "aART": ("artist", ""),
    "auth": ("author", ""),
    "\xa9aut": ("author", ""),
    "\xa9wrt": ("composer", ""),
    "\xa9dir": ("director", ""),
    "\xa9prd": ("producer", ""),
    "perf": ("performer", ""),
    "\xa9alb": ("album", ""),
    "albm": ("album", ""),
    "\xa9cmt": ("comment", ""),
    "\xa9inf": ("information", ""),
    "\xa9des": ("description", ""),
    "desc": ("description", ""),
    "dscp": ("description", ""),
    "ldes": ("description", ""),
    "\xa9lyr": ("lyrics", ""),
    "\xa9gen": ("genre", ""),
    "gnre": ("genre", ""),
    "cprt": ("copyright notice", ""),
    "\xa9cpy": ("copyright notice", ""),
    "\xa9too": ("encoder", ""),
    "\xa9enc": ("encoder", ""),
    "\xa9swr": ("program", ""),
    "\xa9mak": ("camera's maker", ""),
    "\xa9mod": ("camera's model", ""),
    "manu": ("camera's maker", ""),
    "modl": ("camera's model", ""),
    "SNum": ("serial number", "M"),
    "covr": ("cover picture", ""),
    "thmb": ("thumbnail", ""),
    "thum": ("thumbnail", ""),
    "pnot": ("preview", ""),
    "PICT": ("preview", ""),
    "chpl": ("chapters", ""),
    "kywd": ("keywords", ""),
    "keyw": ("keywords", ""),
    "tref": ("references between tracks", ""),
    "FIRM": ("camera's firmware", ""),
    "LENS": ("lens's serial number", "M"),
    "CAME": ("camera's serial number", "M"),
    "SETT": ("camera's settings", ""),
    "MUID": ("media identifier", ""),
    "GUMI": ("media identifier", ""),
    "HMMT": ("camera's highlights", ""),
    "BCID": ("broadcast identifier", ""),
    "GPMF": ("camera's settings and serial numbers", ""),
    "iods": ("object descriptor", ""),
    "pssh": ("protection data", ""),
    "sinf": ("protection data", ""),
    "emsg": ("event message", ""),
    "prft": ("producer's time", "C"),
    "moof": ("movie fragment", ""),
    "mvex": ("movie fragments' defaults", ""),
    "mfra": ("index of movie fragments", ""),
    "sidx": ("index of movie fragments", ""),
    "ssix": ("index of movie fragments", ""),
    "styp": ("segment type", ""),
    "moov": ("second movie", ""),
    "trak": ("track", ""),
    "mdat": ("media data", ""),
    "idat": ("item data", ""),
    "tapt": ("aperture", ""),
    "load": ("preloading hints", ""),
    "subs": ("description of parts of samples", ""),
    "saio": ("auxiliary information", ""),
    "saiz": ("auxiliary information", ""),
    "padb": ("padding of samples", ""),
    "stdp": ("degradation priority", ""),
    "cmov": ("compressed movie", ""),
    "rmra": ("reference to another file", ""),
    "data": ("value", ""),
    "mean": ("name of a tag", ""),
    "hdlr": ("handler", ""),
    "iloc": ("places of items", ""),
    "iinf": ("items", ""),
}
_WORDS = (
    ("location", "location", "B"),
    ("creationdate", "date", "C"),
    ("date", "date", "C"),
    ("serial", "serial number", "M"),
    ("make", "camera's maker", ""),
    ("model", "camera's model", ""),
    ("software", "program", ""),
    ("author", "author", ""),
    ("artist", "artist", ""),
    ("title", "title", ""),
    ("comment", "comment", ""),
    ("description", "description", ""),
    ("content.identifier", "media identifier", ""),
)
"""What keys of QuickTime metadata are about, by a word in them."""
_NEEDED = frozenset(
    "ftyp mvhd tkhd edts elst mdia mdhd minf vmhd smhd nmhd gmhd dinf dref stbl stsd stts ctts "
    "stss stps stsc stsz stz2 stco co64 sdtp cslg sgpd sbgp pitm iref iprp free skip wide".split()
)
_INSIDE = ("udta", "meta", "ilst")
_DEEPEST = 6


def kind_of(box: Box, reader: BoxReader) -> tuple[str, str]:
    """What an unexpected box is, and its HIPAA letter."""
    if box.code == "uuid":
        return _UUIDS.get(reader.read(box.body, 16).hex(), "private box"), ""
    return _KINDS.get(box.code, ("unknown box", ""))


def label(code: str) -> str:
    """A code for a place: only one that is registered, since others may be anything."""
    return code.strip() if code in _KINDS or code in _NEEDED else "unknown"


def unexpected(
    reader: BoxReader, box: Box, place: str, kind: str = "", hipaa: str = "", depth: int = 0
) -> Iterator[Part]:
    """The parts of an unexpected box: one, or one for each tag where it holds tags."""
    place = f"{place}/{label(box.code)}".lstrip("/")
    if not kind:
        kind, hipaa = kind_of(box, reader)
    at = box.start
    if box.code in _INSIDE and depth < _DEEPEST:
        keys = _keys(reader, box) if box.code == "meta" else []
        body = box.body
        if box.code == "meta" and reader.read(body, 4) == bytes(4):
            body += 4  # a full box in MP4, a plain one in QuickTime
        at = body
        yield Part(place=place, kind=kind, start=box.start, end=body, role="unexpected")
        for child in reader.boxes(body, box.end):
            if child.code == "ilst" and keys:
                yield from _by_key(reader, child, f"{place}/ilst", keys)
            elif box.code == "ilst":
                found = kind_of(child, reader)
                yield from unexpected(reader, child, place, *found, depth=_DEEPEST)
            else:
                yield from unexpected(reader, child, place, depth=depth + 1)
            at = child.end
    yield Part(place=place, kind=kind, start=at, end=box.end, role="unexpected", hipaa=hipaa)


def _keys(reader: BoxReader, meta: Box) -> list[str]:
    """Keys of QuickTime metadata (QuickTime File Format, Metadata Item Keys Atom)."""
    for body in (meta.body, meta.body + 4):
        keys = reader.descend(body, meta.end, "keys")
        if keys is not None:
            entries = reader.boxes(keys.body + 8, min(keys.end, keys.body + (1 << 16)))
            return [
                reader.read(e.body, min(e.end - e.body, 200)).decode("latin-1") for e in entries
            ]
    return []


def _by_key(reader: BoxReader, ilst: Box, place: str, keys: list[str]) -> Iterator[Part]:
    at = ilst.start
    for item in reader.boxes(ilst.body, ilst.end):
        index = int.from_bytes(item.code.encode("latin-1")) - 1
        key = keys[index].lower() if 0 <= index < len(keys) else ""
        kind, hipaa = next(((k, h) for word, k, h in _WORDS if word in key), ("tag", ""))
        yield Part(place=place, kind=kind, start=at, end=item.end, role="unexpected", hipaa=hipaa)
        at = item.end
    yield Part(place=place, kind="tags", start=at, end=ilst.end, role="unexpected")
