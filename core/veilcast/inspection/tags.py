"""What a recording holds besides picture and sound: by place and kind, and by value when asked."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from veilcast.inspection.inspection_model import Held, Value
from veilcast.media import exif
from veilcast.media.guard import media_errors, open_input
from veilcast.pipeline.locating import locate_all
from veilcast.profile import PlannedStage
from veilcast.types import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veilcast.host import Host
    from veilcast.media.info import MediaInfo
    from veilcast.pipeline.job import Job, Reporter
    from veilcast.profile import Profile

_USUAL = "metadata"
"""The stage that lists what is there when a profile has none that does."""
_NOT_OF_THE_FILE = frozenset({"Composite", "ExifTool"})
_ANALYSIS = frozenset({"FileType", "FileTypeExtension", "MIMEType", "ExifByteOrder"})
"""What ExifTool says of a file: its groups, and names in the group ``File``."""
_LONGEST = 500


def held(host: Host, profile: Profile, job: Job, reporter: Reporter) -> tuple[Held, ...]:
    """What the container stages of a profile would remove.

    Raises:
        VeilcastError: they can't read it.
    """
    if job.media.converted_from:
        # Stages see what the picture was converted to, in which nothing of this is left.
        return tuple(_left_behind(job.original))
    stages = [p for p in profile.stages if p.stage.phase is Phase.CONTAINER]
    if not stages:
        stage = host.stage(_USUAL)
        stages = [PlannedStage(stage=stage, settings=stage.settings())]
    found = locate_all(host, stages, job, reporter.stage)
    return tuple(
        Held(
            place=item.place,
            kind=item.kind,
            count=item.count,
            hipaa=item.hipaa,
            held=list(item.held),
        )
        for findings in found
        for item in findings.items
    )


def _left_behind(original: Path) -> Iterator[Held]:
    """How many tags there are in each place, whatever they are."""
    counts: Counter[str] = Counter()
    for tag in exif.list_tags(original):
        if _is_held(tag):
            counts[_place(tag)] += tag.count
    for place, count in sorted(counts.items()):
        yield Held(place=place, kind="tags", count=count, hipaa="", held=[])


def values(original: Path, media: MediaInfo) -> Iterator[Value]:
    """Every tag that ExifTool lists, and the titles of chapters, with their values.

    They are of the user's own file, for the user's own eyes: they are shown and never kept.

    Raises:
        VeilcastError: they can't be read.
    """
    for tag, ones in sorted(exif.list_values(original), key=lambda pair: pair[0]):
        if _is_held(tag):
            texts = [text for one in ones for text in _texts(one)]
            yield Value(place=_place(tag), name=tag.name, values=list(dict.fromkeys(texts)))
    if media.chapters and not media.converted_from:
        with media_errors(), open_input(original) as container:
            titles = [
                _shown(text)
                for chapter in container.chapters()
                for text in chapter["metadata"].values()
            ]
        yield Value(place="container", name="chapters", values=titles)


def _is_held(tag: exif.Tag) -> bool:
    return tag.group0 not in _NOT_OF_THE_FILE and tag.name not in _ANALYSIS


def _place(tag: exif.Tag) -> str:
    track = re.fullmatch(r"Track(\d+)", tag.group1)
    return f"track {track[1]}" if track else tag.group0 or "container"


def _texts(value: object) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        yield _shown(one)


def _shown(value: object) -> str:
    """Without what a terminal would obey (control characters of ISO/IEC 6429)."""
    text = "".join(char if char.isprintable() else " " for char in str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
