"""Stage `metadata` and check `tags`: a file with only what a player needs, and the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import (
    Check,
    CheckContext,
    Findings,
    LocateContext,
    Phase,
    RedactContext,
    Stage,
    StageSettings,
    hookimpl,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_UNLISTED = frozenset({"aac", "nut", "w64"})
"""Container families that ExifTool does not know. ffprobe does, and they hold few tags."""


class MetadataSettings(StageSettings):
    """Everything goes, so there is nothing to choose."""


@hookimpl
def veilcast_stages() -> Iterator[Stage]:
    """The stage `metadata`."""
    yield Stage(
        name="metadata",
        phase=Phase.CONTAINER,
        summary="Tags, chapters, attachments, side streams and cover art: all removed",
        settings=MetadataSettings,
        locate=_locate,
        redact=_redact,
    )


@hookimpl
def veilcast_checks() -> Iterator[Check]:
    """The check `tags`."""
    yield Check(
        name="tags",
        summary="Only picture and sound are left, with no tag but those that describe playback",
        run=_check,
    )


def _locate(context: LocateContext) -> Findings:
    from veilcast.media import exif
    from veilcast_metadata import inventory

    context.progress("reading tags", 0, None)
    listing = exif.list_values(context.source)
    items = inventory.tags(listing)
    warnings: tuple[str, ...] = ()
    if any(item.place == inventory.PROFILE for item in items):
        if context.media.kind == "still" and inventory.has_common_profile(listing):
            items = [item for item in items if item.place != inventory.PROFILE]
        else:
            warnings = (
                "The picture's colour profile could name a device and is removed; "
                "its colours may look slightly different.",
            )
    return Findings(
        stage="metadata",
        items=(*items, *inventory.streams(context.media)),
        warnings=warnings,
        examined=len(listing),
    )


def _redact(context: RedactContext) -> Path:
    from veilcast.media import exif
    from veilcast.media.container import remux
    from veilcast_metadata import inventory, stills

    destination = context.scratch / f"metadata{context.file.suffix}"
    video = context.media.video
    if context.media.kind != "still" or video is None:
        remux(context.file, destination, context.media, progress=context.progress)
        return destination
    context.progress("removing tags", 0, None)
    picture = stills.scrubbed(
        context.file.read_bytes(),
        orientation=video.orientation.exif,
        keep_profile=inventory.has_common_profile(exif.list_values(context.file)),
    )
    destination.write_bytes(picture)
    return destination


def _check(context: CheckContext) -> list[str]:
    from veilcast.media import exif
    from veilcast_metadata import allow, stills

    context.progress("examining tags", 0, None)
    media = context.delivered_media
    problems = [
        f"Stream {stream.index} is neither picture nor sound, and is left in the delivered file."
        for stream in media.side
    ]
    if media.chapters:
        problems.append("Chapters are left in the delivered file.")
    listing = exif.list_values(context.delivered)
    if media.container in _UNLISTED:
        if media.tags:
            problems.append("Tags are left in the delivered file.")
        return problems
    for tag, values in listing:
        if (tag.group0, tag.name) in allow.PADDING:
            room = exif.payload(context.delivered, tag.group0, tag.name)
            if not allow.is_padding(room, tag.count):
                problems.append(f"{allow.public_name(tag)} holds more than padding.")
        elif tag.group0 == "ExifTool":
            problems.append("ExifTool found the delivered file's structure doubtful.")
        elif not allow.is_allowed(tag, values):
            problems.append(f"A tag is left in the delivered file: {allow.public_name(tag)}.")
    if media.kind == "still":
        problems += [
            f"The delivered picture holds {part}."
            for part in stills.strange_parts(context.delivered.read_bytes())
        ]
    return sorted(set(problems))
