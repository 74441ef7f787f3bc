"""Stage `metadata`, and the checks that nothing is left but picture and sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import HIPAA_LETTERS, Check, LookedFor, Phase, Stage, hookimpl
from veilcast_metadata.settings import MetadataSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from veilcast.plugin import (
        CheckContext,
        Findings,
        LocateContext,
        MediaInfo,
        Problem,
        RedactContext,
    )


@hookimpl
def veilcast_stages() -> Iterator[Stage]:
    """The stage `metadata`."""
    yield Stage(
        name="metadata",
        phase=Phase.CONTAINER,
        summary="Tags, chapters, attachments, side streams, data in coded streams: all removed",
        settings=MetadataSettings,
        locate=_locate,
        redact=_redact,
        refuse=_refuse,
        looks_for=_looks_for,
    )


@hookimpl
def veilcast_checks() -> Iterator[Check]:
    """The checks `tags`, `structure`, `streams`, `strings` and `subtitles`."""
    yield Check(
        name="tags",
        summary="Only picture and sound are left, with no tag but those that describe playback",
        run=_tags,
    )
    yield Check(
        name="structure",
        summary="Every byte of the file belongs to something that playing needs",
        run=_structure,
    )
    yield Check(
        name="streams",
        summary="No captions, settings, names or times are left inside coded streams",
        run=_streams,
    )
    yield Check(
        name="strings",
        summary="No known identifier, covered word or removed value is found byte by byte",
        run=_strings,
    )
    yield Check(
        name="subtitles",
        summary="Subtitles are read again and name nobody",
        run=_subtitles,
    )


def _looks_for(settings: MetadataSettings, counted: Mapping[str, str]) -> list[LookedFor]:
    """Tags go whole, and so do subtitles unless they are asked for: then they are read."""
    looked = [
        LookedFor(identifier="any tag", hipaa=letter, where="metadata", how="whole")
        for letter in HIPAA_LETTERS
    ]
    if settings.subtitles == "redact":
        return looked + [
            LookedFor(identifier=identifier, hipaa=letter, where="text")
            for identifier, letter in counted.items()
        ]
    return looked + [
        LookedFor(identifier="any subtitle", hipaa=letter, where="text", how="whole")
        for letter in HIPAA_LETTERS
    ]


def _refuse(settings: MetadataSettings, media: MediaInfo, family: str) -> None:
    from veilcast.media.captions import check_holds

    if settings.subtitles == "redact":
        check_holds(media, family)


def _locate(context: LocateContext) -> Findings:
    from veilcast_metadata.locating import locate

    return locate(context)


def _redact(context: RedactContext) -> Path:
    from veilcast_metadata.scrubbing import scrub

    return scrub(context)


def _tags(context: CheckContext) -> Sequence[Problem]:
    from veilcast_metadata.checking import tags

    return tags(context)


def _structure(context: CheckContext) -> Sequence[Problem]:
    from veilcast_metadata.checking import structure

    return structure(context)


def _streams(context: CheckContext) -> Sequence[Problem]:
    from veilcast_metadata.checking import streams

    return streams(context)


def _strings(context: CheckContext) -> Sequence[Problem]:
    from veilcast_metadata.strings import examine

    return examine(context)


def _subtitles(context: CheckContext) -> Sequence[Problem]:
    from veilcast_metadata.checking import subtitles

    return subtitles(context)
