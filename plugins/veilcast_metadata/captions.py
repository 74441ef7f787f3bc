"""Subtitles that are kept: who is named in them, and what is left in the delivered ones."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from veilcast.media.captions import kind_of, read_captions, streams_of, written
from veilcast.media.info import anchored
from veilcast.plugin import Problem
from veilcast.text.policies import CLASSES
from veilcast_metadata.caption_covering import label_of, redacted
from veilcast_metadata.caption_lines import lines_of
from veilcast_metadata.caption_reading import Piece, found_in, says_more, spanned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.media.captions import WrittenCaptions
    from veilcast.media.info import StreamInfo
    from veilcast.plugin import (
        Caption,
        CheckContext,
        LocateContext,
        MediaInfo,
        Reader,
        RedactContext,
    )

__all__ = ["located", "redacted", "residual", "to_write", "warnings"]

_CODES = {
    "ar": "ara", "bg": "bul", "ca": "cat", "cs": "cze ces", "da": "dan", "de": "ger deu",
    "el": "gre ell", "en": "eng", "es": "spa", "et": "est", "fa": "per fas", "fi": "fin",
    "fr": "fre fra", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "id": "ind", "it": "ita",
    "ja": "jpn", "ko": "kor", "lt": "lit", "lv": "lav", "nl": "dut nld", "no": "nor nob nno",
    "pl": "pol", "pt": "por", "ro": "rum ron", "ru": "rus", "sk": "slo slk", "sl": "slv",
    "sr": "srp", "sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "chi zho",
}  # fmt: skip
"""ISO 639-1 to ISO 639-2, of both kinds."""
_LABELS = re.compile("|".join(re.escape(label_of(name)) for name in (*CLASSES, "")))


def located(context: LocateContext, reader: Reader) -> tuple[Caption, ...]:
    """Every event of the source's text subtitles, with what identifies in it.

    Args:
        context: of the stage.
        reader: the recognisers, in the language of the texts.

    Raises:
        UnsupportedError: subtitles are there that can't be read as text.
        TruncatedError: the file is damaged.
    """
    captions = read_captions(context.source, context.media, progress=context.progress)
    found: list[Caption] = []
    for _, events in groupby(captions, key=lambda caption: caption.stream):
        context.progress("reading subtitles", len(found), len(captions))
        found += spanned(list(events), reader)
    return tuple(found)


def warnings(media: MediaInfo, reader: Reader, language: str) -> tuple[str, ...]:
    """What a person should know of subtitles that are kept: what is not, and what may be missed.

    Args:
        media: what the source holds.
        reader: the recognisers.
        language: of the texts, ISO 639-1.
    """
    return tuple(_warnings(media, reader, language))


def _warnings(media: MediaInfo, reader: Reader, language: str) -> Iterator[str]:
    if pictures := streams_of(media, "picture"):
        yield (f"Subtitles that are pictures can't be read and are dropped ({_numbers(pictures)}).")
    if others := streams_of(media, "other"):
        yield f"Subtitles of a form that is not read here are dropped ({_numbers(others)})."
    texts = streams_of(media)
    if texts and reader.foreign:
        yield (
            "These recognisers do not know the language of the subtitles, so identifiers of "
            f"theirs were not looked for: {', '.join(reader.foreign)}."
        )
    codes = _CODES.get(language, language).split()
    if foreign := [s for s in texts if s.language and s.language not in codes]:
        yield (
            f"Subtitles in another language than {language} were read as if they were in it, so "
            f"names in them may be missed ({_numbers(foreign)})."
        )


def to_write(context: RedactContext) -> tuple[WrittenCaptions, ...]:
    """The redacted subtitles, for `remux`: with the delivered file's times."""
    captions = redacted(context.findings.captions, context.sounds, context.cuts_us)
    origin = anchored(context.media, context.source_media).origin
    keep = bool(context.settings.keep_languages)
    return written(captions, context.source_media, origin, languages=keep)


def residual(context: CheckContext, reader: Reader) -> list[Problem]:
    """What identifies in the subtitles of the delivered file, read afresh; pictures of subtitles.

    Args:
        context: of the check.
        reader: the recognisers, in the language of the texts.

    Raises:
        UnsupportedError: subtitles are there that can't be read as text.
    """
    media = context.delivered_media
    problems = [
        Problem(
            sentence=f"The delivered file holds subtitles that can't be read (stream {s.index})."
        )
        for s in media.side
        if s.type == "subtitle" and kind_of(s) != "text"
    ]
    captions = read_captions(context.delivered, media, progress=context.progress)
    told: set[tuple[int, str]] = set()
    for _, group in groupby(captions, key=lambda caption: caption.stream):
        events = list(group)
        lines = lines_of(events)
        covers = [
            [Piece(m.start(), m.end(), m.start(), m.end()) for m in _LABELS.finditer(line.text)]
            for line in lines
        ]
        for number, start, end, found in found_in(reader, lines, [line.text for line in lines]):
            line = lines[number]
            if not says_more(line.text, start, end, covers[number]):
                continue
            first = next((place for place, length in line.places if start < length), None)
            if first is None or (first.event, found.found.identifier) in told:
                continue
            told.add((first.event, found.found.identifier))
            problems.append(
                Problem(
                    sentence="A subtitle still holds something that identifies.",
                    kind="residual",
                    identifier=found.found.identifier,
                    from_us=events[first.event].start_us,
                    to_us=events[first.event].end_us,
                    score=round(found.found.score, 4),
                )
            )
    return problems


def _numbers(streams: Sequence[StreamInfo]) -> str:
    indexes = ", ".join(str(stream.index) for stream in streams)
    return f"stream{'s' if len(streams) > 1 else ''} {indexes}"
