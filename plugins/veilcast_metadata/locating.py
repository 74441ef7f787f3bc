"""What a file holds besides picture and sound: by place and kind, and who is named in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from veilcast.errors import PluginLoadError, StructureError, TruncatedError, UnsupportedError
from veilcast.plugin import Findings, Item, Reader
from veilcast_metadata import inventory
from veilcast_metadata.captions import located
from veilcast_metadata.captions import warnings as caption_warnings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Caption, LocateContext
    from veilcast_metadata.inventory import Listing
    from veilcast_metadata.settings import MetadataSettings

STAGE = "metadata"
NOT_READ = "Tags are removed as always, but which of them named somebody was not looked for."
REFERENCE = "a reference to another file"
"""What walkers call it when a file takes its picture or sound from elsewhere."""


def locate(context: LocateContext) -> Findings:
    """Everything that the stage removes.

    Raises:
        UnsupportedError: picture or sound are in another file.
        VeilcastError: tags or texts can't be read.
    """
    from veilcast.media import exif

    context.progress("reading tags", 0, None)
    listing = exif.list_values(context.source)
    values = inventory.values(listing, context.source, context.media)
    warnings: tuple[str, ...] = ()
    captions: tuple[Caption, ...] = ()
    held: dict[tuple[str, str], tuple[str, ...]] = {}
    if values:  # loading recognisers takes longer than all the rest
        try:
            with _reader(context, "tag") as reader:
                held = {where: inventory.named(reader, texts) for where, texts in values.items()}
        except PluginLoadError as lacking:
            # Every value is removed, whatever it says; only the record says less.
            warnings += (f"{NOT_READ} {lacking}",)
    if context.settings.subtitles == "redact":
        with _reader(context, "subtitle") as reader:
            captions = located(context, reader)
            warnings += caption_warnings(context.media, reader, context.settings.language)
    items = [
        replace(item, held=held.get((item.place, item.kind), ()))
        for item in [*inventory.tags(listing), *inventory.streams(context.media)]
    ]
    if any(item.place == inventory.PROFILE for item in items):
        if context.media.kind == "still" and _shows_the_same(listing):
            items = [item for item in items if item.place != inventory.PROFILE]
        else:
            warnings += (
                "The picture's colour profile could name a device and is removed; "
                "its colours may look slightly different.",
            )
    return Findings(
        stage=STAGE,
        items=(*items, *_parts(context), *_inside_streams(context)),
        captions=captions,
        warnings=warnings,
        examined=len(listing),
    )


def _shows_the_same(listing: Listing) -> bool:
    """Whether the delivered picture has the colours of this profile."""
    return inventory.has_plain_profile(listing) or inventory.has_common_profile(listing)


def _reader(context: LocateContext, modality: str) -> Reader:
    settings: MetadataSettings = context.settings
    return Reader(settings, context.recognizers, context.models, settings.language, modality)


def _parts(context: LocateContext) -> Iterator[Item]:
    """Parts of the container that no player needs, whether or not ExifTool knows them."""
    from mediascrub import FORMATS, walk
    from veilcast.media.guard import media_errors

    if context.media.container not in FORMATS:
        return  # such a file is never written: all of it is left behind
    counts: Counter[tuple[str, str, str]] = Counter()
    context.progress("reading structure", 0, None)
    try:
        with media_errors():
            for part in walk(context.source, context.media.container):
                if part.kind == REFERENCE:
                    raise UnsupportedError(
                        "The input takes picture or sound from another file; "
                        "make one file of them first."
                    )
                if part.role == "unexpected":
                    # Nothing in a manifest may look like a path.
                    counts[part.place.replace("/", " > "), part.kind, part.hipaa] += 1
    except StructureError:
        # Only what can be read is taken over, so nothing of the rest is either.
        counts["container", "structure that breaks the format's rules", ""] += 1
    for (place, kind, letter), count in sorted(counts.items()):
        yield Item(place=place, kind=kind, count=count, hipaa=letter)


def _inside_streams(context: LocateContext) -> Iterator[Item]:
    """What coded pictures and sound carry along."""
    from veilcast.media.survey import survey

    if context.media.kind == "still":
        return
    try:
        found = survey(context.source, context.media, context.progress)
    except TruncatedError:
        # Whether what can't be read may be left out is for others to say; it is not delivered.
        yield Item(place="streams", kind="damaged part that can't be read", count=1)
        return
    for (index, kind), count in sorted(found.items()):
        yield Item(place=f"stream {index}", kind=kind, count=count)
