"""What a file holds besides picture and sound: by place and kind, with counts, never by value."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from veilcast.text.plain import find_in_text
from veilcast.types import Item
from veilcast_metadata.allow import is_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from veilcast.media.exif import Tag
    from veilcast.media.info import MediaInfo
    from veilcast.recognition import Reader

    Listing = Sequence[tuple[Tag, tuple[object, ...]]]

PROFILE = "ICC_Profile"
_PRIMARIES = {"RedMatrixColumn", "GreenMatrixColumn", "BlueMatrixColumn", "RedTRC", "BlueTRC"}
"""ExifTool's group for a colour profile."""

# The first pattern that a tag's name matches says its kind. A letter of 45 CFR 164.514(b)(2)(i)
# is given only where such a tag always is that identifier.
_KINDS = (
    ("device identifiers", "M", r"Serial|Unique(Camera)?(ID|Id)|MUID|GUMI|CINF|IMEI"),
    (
        "locations",
        "B",
        r"GPS|Latitude|Longitude|Location|GeoTag|City|Country|Sub-?location|Altitude",
    ),
    ("dates", "C", r"Date|RecordingTime|CreationTime|TimeCreated|^Year$"),
    ("names", "", r"Artist|Author|Creator|Owner|Performer|By-line|Credit|Copyright|Contact|Person"),
    ("embedded pictures", "", r"CoverArt|Picture|Thumbnail|Preview|JpgFromRaw|OtherImage"),
    ("texts", "", r"Title|Comment|Descri|Subject|Keyword|Caption|Lyric|Album|Genre|Text|Note|Name"),
    ("device or software", "", r"Make|Model|Software|Encoder|Firmware|Lens|Vendor|App$|Compressor"),
)


_SAYS_NOTHING = re.compile(
    r"\s*|\(Binary data.*|Lav[fc][\d.]*( [a-z0-9_]+)?|VideoHandler|SoundHandler|[\d\s.,:x/+-]{1,3}"
    r"|[0:\s]+Z?|.{1,2}",
    re.DOTALL,
)
"""No value of these kinds names anybody: it need not be read."""
_LONGEST = 2_000
_MOST = 500
"""Characters of a value and values of a place that are read; the rest repeats or is data."""


def tags(listing: Listing) -> list[Item]:
    """The tags of an ExifTool listing, without those that only say how to play the file."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for tag, _ in _removed(listing):
        counts[_place(tag), *_kind(tag.name)] += tag.count
    return [
        Item(place=place, kind=kind, count=count, hipaa=letter)
        for (place, kind, letter), count in sorted(counts.items())
    ]


def _removed(listing: Listing) -> Iterator[tuple[Tag, tuple[object, ...]]]:
    for tag, values in listing:
        # Composite tags repeat others; what ExifTool says of itself is no part of the file.
        if tag.group0 not in ("Composite", "ExifTool") and not is_allowed(tag, values):
            yield tag, values


def _place(tag: Tag) -> str:
    track = re.fullmatch(r"Track(\d+)", tag.group1)
    return f"track {track[1]}" if track else tag.group0 or "container"


def values(listing: Listing, path: Path, media: MediaInfo) -> dict[tuple[str, str], list[str]]:
    """The texts that are removed, by place and kind: to be judged, never to be told."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for tag, ones in _removed(listing):
        texts = found.setdefault((_place(tag), _kind(tag.name)[0]), {})
        texts.update((text, None) for one in ones for text in _texts(one))
    if media.kind != "still":
        for title in chapter_titles(path):
            found.setdefault(("container", "chapters"), {})[title] = None
    return {where: list(texts)[:_MOST] for where, texts in found.items() if texts}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str) and not _SAYS_NOTHING.fullmatch(value):
        yield value[:_LONGEST]


def chapter_titles(path: Path) -> list[str]:
    """What chapters are called."""
    from veilcast.media.guard import media_errors, open_input

    with media_errors(), open_input(path) as container:
        return [
            str(text) for chapter in container.chapters() for text in chapter["metadata"].values()
        ]


def named(reader: Reader, texts: Sequence[str]) -> tuple[str, ...]:
    """The classes of identifiers in texts, each of which is read by itself."""
    found = find_in_text(reader, "\n".join(texts))
    return tuple(sorted({span.found.identifier for span in found}))


def streams(media: MediaInfo) -> Iterator[Item]:
    """Chapters, and every stream that is neither picture nor sound."""
    if media.chapters:
        yield Item(place="container", kind="chapters", count=media.chapters)
    for stream in media.side:
        kind = "cover art" if stream.cover_art else f"{stream.type} stream"
        yield Item(place=f"stream {stream.index}", kind=kind)


def has_plain_profile(listing: Listing) -> bool:
    """True when the colour profile, if any, is numbers from which it is written anew."""
    names = {tag.name for tag, _ in listing if tag.group0 == PROFILE}
    if not names or any(name.startswith(("AToB", "DToB")) for name in names):
        return not names
    return "MediaWhitePoint" in names and (names >= _PRIMARIES or "GrayTRC" in names)


def has_common_profile(listing: Listing) -> bool:
    """True when the colour profile, if any, is a well-known working space and no one's device."""
    return all(
        is_allowed(tag, values)
        for tag, values in listing
        # Date and identity are not taken over.
        if tag.group0 == PROFILE and tag.name not in ("ProfileDateTime", "ProfileID")
    )


def _kind(name: str) -> tuple[str, str]:
    return next(
        ((kind, letter) for kind, letter, pattern in _KINDS if re.search(pattern, name)),
        ("other tags", ""),
    )
