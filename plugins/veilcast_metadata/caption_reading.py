"""The recognisers over subtitle lines, until what is left holds nothing more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from veilcast.plugin import CaptionSpan
from veilcast.text.plain import find_in_text
from veilcast_metadata.caption_covering import label_of
from veilcast_metadata.caption_lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.plugin import Caption, Reader
    from veilcast.text.plain import CharacterSpan
    from veilcast_metadata.caption_lines import Line

_ROUNDS = 4
"""So often what is left is read again: covering one word can show what the next one is."""


def spanned(events: Sequence[Caption], reader: Reader) -> Iterator[Caption]:
    """The events of one stream, with their spans.

    What is left is read again until nothing more is found, so that who looks at the result finds
    nothing that was not found here.
    """
    lines = lines_of(events)
    spans: list[list[CaptionSpan]] = [[] for _ in lines]
    for _ in range(_ROUNDS):
        views = [_view(line.text, own) for line, own in zip(lines, spans, strict=True)]
        new = 0
        for number, start, end, found in found_in(reader, lines, [view[0] for view in views]):
            text, pieces = views[number]
            if not says_more(text, start, end, pieces):
                continue
            first, last = _back(start, end, pieces)
            spans[number].append(_span(found, first, last))
            new += 1
        if not new:
            break
    by_event: list[set[CaptionSpan]] = [set() for _ in events]
    for line, own in zip(lines, spans, strict=True):
        for place, length in line.places:
            by_event[place.event] |= {
                replace(one, start=one.start + place.start, end=min(one.end, length) + place.start)
                for one in own
                if one.start < length
            }
    for event, held in zip(events, by_event, strict=True):
        order = sorted(held, key=lambda one: (one.start, one.end, one.identifier, one.detector))
        yield replace(event, spans=tuple(order))


def _span(found: CharacterSpan, start: int, end: int) -> CaptionSpan:
    one = found.found
    return CaptionSpan(
        start=start,
        end=end,
        identifier=one.identifier,
        hipaa=one.hipaa,
        detector=one.recognizer,
        score=round(one.score, 4),
    )


def found_in(
    reader: Reader, lines: Sequence[Line], texts: Sequence[str]
) -> Iterator[tuple[int, int, int, CharacterSpan]]:
    """The identifiers of one stream: number of the line, from, to, and what it is.

    One that runs over several lines is there once for each.
    """
    parts: list[str] = []
    starts: list[int] = []
    at = 0
    for line, text in zip(lines, texts, strict=True):
        if parts:
            parts.append("\n" if line.turn else " ")
            at += 1
        starts.append(at)
        parts.append(text)
        at += len(text)
    number = 0
    for span in sorted(find_in_text(reader, "".join(parts)), key=lambda span: span.start):
        while number + 1 < len(starts) and starts[number + 1] <= span.start:
            number += 1
        for each in range(number, len(starts)):
            if starts[each] >= span.end:
                break
            start = max(0, span.start - starts[each])
            end = min(len(texts[each]), span.end - starts[each])
            if start < end:
                yield each, start, end, span


class Piece(NamedTuple):
    """Characters `start` to `end` of what is read stand for `first` to `last` of the line."""

    start: int
    end: int
    first: int
    last: int


def _view(text: str, spans: Sequence[CaptionSpan]) -> tuple[str, list[Piece]]:
    """The line as it will be when these are covered, and where the covers are."""
    parts: list[str] = []
    pieces: list[Piece] = []
    at = done = 0
    for span in sorted(spans, key=lambda span: (span.start, -(span.score or 0))):
        if span.start >= done:
            kept, label = text[done : span.start], label_of(span.identifier)
            parts += [kept, label]
            at += len(kept)
            pieces.append(Piece(at, at + len(label), span.start, span.end))
            at += len(label)
        elif span.end > done:
            pieces[-1] = pieces[-1]._replace(last=span.end)
        done = max(done, span.end)
    return "".join([*parts, text[done:]]), pieces


def says_more(text: str, start: int, end: int, covers: Sequence[Piece]) -> bool:
    """Whether something other than covers is in these characters."""
    at = start
    rest: list[str] = []
    for cover in covers:
        if cover.end > start and cover.start < end:
            rest.append(text[at : max(at, cover.start)])
            at = cover.end
    rest.append(text[at : max(at, end)])
    return any(c.isalnum() for c in "".join(rest))


def _back(start: int, end: int, covers: Sequence[Piece]) -> tuple[int, int]:
    """The line's own characters that these stand for; a cover counts as a whole."""
    first, last = start, end
    for cover in covers:
        shift = cover.last - cover.end
        if cover.end <= start:
            first = start + shift
        elif cover.start <= start:
            first = cover.first
        if cover.end <= end:
            last = end + shift
        elif cover.start < end:
            last = cover.last
    return first, last
