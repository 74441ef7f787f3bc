"""Looking at a delivered file for what should not be in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import IdentifierSettings, Problem, Reader
from veilcast_metadata.settings import MetadataSettings

if TYPE_CHECKING:
    from veilcast.plugin import CheckContext

UNLISTED = frozenset({"aac", "nut", "w64"})
"""Container families that ExifTool does not know. ffprobe does, and they hold few tags."""
_MOST = 50
"""So many are told one by one."""


def tags(context: CheckContext) -> list[Problem]:
    """Side streams, chapters, and every tag of ExifTool's full listing that is not on the list."""
    from mediascrub import still_residues
    from veilcast.media import exif
    from veilcast.media.guard import media_errors
    from veilcast_metadata import allow

    context.progress("examining tags", 0, None)
    media = context.delivered_media
    kept = "subtitle" if _keeps_subtitles(context) else ""
    problems = [
        f"Stream {stream.index} is neither picture nor sound, and is left in the delivered file."
        for stream in media.side
        if stream.type != kept
    ]
    if media.chapters:
        problems.append("Chapters are left in the delivered file.")
    listing = exif.list_values(context.delivered)
    if media.container in UNLISTED:
        if media.tags:
            problems.append("Tags are left in the delivered file.")
        return _residual(problems)
    for tag, values in listing:
        if (tag.group0, tag.name) in allow.PADDING:
            room = exif.payload(context.delivered, tag.group0, tag.name)
            if not allow.is_padding(room, tag.count):
                problems.append(f"{allow.public_name(tag)} holds more than padding.")
        elif kept and (tag.group0, tag.name) == allow.CAPTION:
            continue  # another check reads them
        elif tag.group0 == "ExifTool":
            problems.append("ExifTool found the delivered file's structure doubtful.")
        elif not allow.is_allowed(tag, values):
            problems.append(f"A tag is left in the delivered file: {allow.public_name(tag)}.")
    if media.kind == "still":
        with media_errors():
            residues = still_residues(context.delivered.read_bytes())
        problems += [f"The delivered picture holds {residue}." for residue in residues]
    return _residual(problems)


def structure(context: CheckContext) -> list[Problem]:
    """Every part of the file that is neither needed to play it nor empty."""
    from mediascrub import walk
    from veilcast.errors import StructureError
    from veilcast.media.guard import media_errors

    context.progress("examining structure", 0, None)
    sentences = []
    try:
        with media_errors():
            for part in walk(context.delivered, context.delivered_media.container):
                if part.role == "unexpected":
                    sentences.append(f"The delivered file holds {part.kind} ({part.place}).")
    except StructureError as exc:
        return [*_residual(sentences), Problem(sentence=str(exc))]
    return _residual(sentences)


def streams(context: CheckContext) -> list[Problem]:
    """What is left inside coded pictures and sound."""
    from veilcast.media.survey import survey

    if context.delivered_media.kind == "still":
        return []
    left = survey(context.delivered, context.delivered_media, context.progress)
    return _residual([f"Stream {index} holds {kind}." for index, kind in sorted(left)])


def subtitles(context: CheckContext) -> list[Problem]:
    """Identifiers in the subtitles that were kept."""
    from veilcast_metadata.captions import residual

    if not any(stream.type == "subtitle" for stream in context.delivered_media.side):
        return []
    settings = _settings(context)
    models = context.reading_models(settings.language)
    with Reader(settings, context.recognizers, models, settings.language, "subtitle") as reader:
        return residual(context, reader)


def _keeps_subtitles(context: CheckContext) -> bool:
    return _settings(context).subtitles == "redact"


def _settings(context: CheckContext) -> MetadataSettings:
    """The stage's settings; without the stage, what any other that reads text looks for."""
    for treated in context.treated:
        if isinstance(treated.settings, MetadataSettings):
            return treated.settings
    for treated in context.treated:
        if isinstance(treated.settings, IdentifierSettings):
            names = IdentifierSettings.model_fields
            return MetadataSettings.model_construct(
                **{name: getattr(treated.settings, name) for name in names}
            )
    return MetadataSettings()


def _residual(sentences: list[str]) -> list[Problem]:
    different = sorted(set(sentences))
    told = [Problem(sentence=sentence, kind="residual") for sentence in different[:_MOST]]
    if len(different) > _MOST:
        more = len(different) - _MOST
        told.append(Problem(sentence=f"{more} more such things are left.", kind="residual"))
    return told
