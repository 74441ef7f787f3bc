"""Writing the file anew with nothing in it but what playing needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.plugin import MediaInfo, RedactContext


def scrub(context: RedactContext) -> Path:
    """A fresh container of picture and sound; a still from its own parts.

    Raises:
        VeilcastError: the file ends early, or is of a kind that can't be rewritten safely.
    """
    from mediascrub import scrub_still
    from veilcast.media import exif
    from veilcast.media.guard import media_errors
    from veilcast_metadata import inventory

    destination = context.scratch / f"metadata{context.file.suffix}"
    video = context.media.video
    if context.media.kind != "still" or video is None:
        _remux(context, destination)
        return destination
    context.progress("removing tags", 0, None)
    common = inventory.has_common_profile(exif.list_values(context.file))
    with media_errors():
        picture = scrub_still(
            context.file.read_bytes(),
            orientation=video.orientation.exif,
            common_profile=common,
        )
    destination.write_bytes(picture)
    return destination


def _remux(context: RedactContext, destination: Path) -> None:
    from veilcast.media.container import remux
    from veilcast_metadata.captions import to_write

    settings = context.settings
    remux(
        context.file,
        destination,
        context.media,
        progress=context.progress,
        captions=to_write(context) if settings.subtitles == "redact" else (),
        languages=_languages(context.source_media) if settings.keep_languages else (),
    )


def _languages(source: MediaInfo) -> list[str]:
    """Of picture and sound streams: delivery keeps their order."""
    return [stream.language for stream in source.streams if stream.role != "side"]
