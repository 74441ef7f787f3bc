"""Redacted subtitles: what was found in them, what was covered in the sound, what was cut out."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from veilcast.recognition import SMALL
from veilcast.text.ordinary import ORDINARY
from veilcast.text.phrases import plain
from veilcast.text.policies import CLASSES
from veilcast_metadata.caption_lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from veilcast.plugin import Caption, CaptionSpan, Sound

TOLERANCE_US = 500_000
"""How much sooner or later than a word its subtitle may be shown."""
NOT_A_WORD = "unintelligible"
"""The class of sound that nobody understood: it says nothing of what a subtitle holds."""
REDACTED = "redacted"
"""Stands for what was marked by hand, whatever its label says."""

_WORD = re.compile(r"\S+")


def redacted(
    captions: Sequence[Caption],
    sounds: Iterable[Sound],
    cuts_us: Sequence[tuple[int, int]] = (),
) -> tuple[Caption, ...]:
    """The subtitles as they are written.

    Spans are replaced by ``[PERSON]`` and the like. What was covered anywhere is covered wherever
    the same words stand. Where a sound was covered, an identifier of its class must be covered in
    what is shown at that time, too, a different one for each sound; where there is none, nobody
    can say which words it was, so all the lines that are shown then are replaced.

    Args:
        captions: with their spans, in any order.
        sounds: the covered spans of sound, by the source's time.
        cuts_us: spans that were cut out, by the source's time, in order. What follows moves up.

    Returns:
        Events that are left, without spans, by stream and time; no text is empty.
    """
    heard = _merged(sound for sound in sounds if sound.identifier != NOT_A_WORD)
    phrases = _Phrases(captions)
    result: list[Caption] = []
    ordered = sorted(captions, key=lambda one: (one.stream, one.start_us, one.end_us))
    for _, group in groupby(ordered, key=lambda one: one.stream):
        events = [replace(one, spans=(*one.spans, *phrases.find(one.text))) for one in group]
        for event, whole in zip(events, _inherited(events, heard), strict=True):
            text = _covered(event, whole)
            start_us, end_us = (_moved(at, cuts_us) for at in (event.start_us, event.end_us))
            if start_us < end_us:
                result.append(replace(event, text=text, spans=(), start_us=start_us, end_us=end_us))
    return tuple(result)


def label_of(identifier: str) -> str:
    """``[PERSON]`` for a person; what is no class of identifiers may itself name somebody."""
    return f"[{(identifier if identifier in CLASSES else REDACTED).upper()}]"


Heard = tuple[int, int, str]
"""From, to (microseconds) and the class of covered sound."""


def _merged(sounds: Iterable[Sound]) -> list[Heard]:
    """What overlaps, in whichever stream or channel, was said once."""
    found: list[Heard] = []
    last: dict[str, int] = {}
    spans = sorted((sound.start_us, sound.end_us, sound.identifier) for sound in sounds)
    for start, end, name in spans:
        at = last.get(name)
        if at is not None and start < found[at][1]:
            found[at] = (found[at][0], max(end, found[at][1]), name)
        else:
            last[name] = len(found)
            found.append((start, end, name))
    return found


def _inherited(events: Sequence[Caption], heard: Iterable[Heard]) -> list[dict[int, set[str]]]:
    """For each event of a stream the lines (by their first character) that go as a whole."""
    lines = lines_of(events)
    shown: list[dict[int, int]] = [{} for _ in events]
    for number, line in enumerate(lines):
        for place, _ in line.places:
            # Where it may be the beginning of a longer one, that comes first.
            shown[place.event].setdefault(place.start, number)
    starts = [event.start_us for event in events]
    reach = list(accumulate((event.end_us for event in events), max))
    whole: dict[int, set[str]] = {}
    used: set[tuple[int, int, str]] = set()
    for start, end, name in heard:
        near = [
            number
            for number in range(
                bisect_right(reach, start - TOLERANCE_US),
                bisect_left(starts, end + TOLERANCE_US),
            )
            if events[number].end_us > start - TOLERANCE_US
        ]
        own = next((key for key in _keys(events, shown, near, name) if key not in used), None)
        if own is not None:
            used.add(own)
            continue
        for number in near:
            for said in shown[number].values():
                whole.setdefault(said, set()).add(name)
    # A line is covered wherever it is shown, also where it rolls on into other events.
    result: list[dict[int, set[str]]] = [{} for _ in events]
    for number, names in whole.items():
        for place, _ in lines[number].places:
            result[place.event].setdefault(place.start, set()).update(names)
    return result


def _keys(
    events: Sequence[Caption],
    shown: Sequence[Mapping[int, int]],
    near: Iterable[int],
    name: str,
) -> Iterator[tuple[int, int, str]]:
    """The identifiers of a class in these events: line, place in it, class."""
    for number in near:
        end = 0
        for span in sorted(events[number].spans, key=lambda span: (span.start, span.end)):
            if span.identifier == name and span.start >= end:
                end = span.end
                start = max((at for at in shown[number] if at <= span.start), default=0)
                yield shown[number].get(start, -1), span.start - start, name


def _covered(event: Caption, whole: Mapping[int, set[str]]) -> str:
    parts: list[str] = []
    start = 0
    for line in event.text.split("\n"):
        end = start + len(line)
        if start in whole:
            text = " ".join(sorted({label_of(name) for name in whole[start]}))
            if not parts or parts[-1] != text:
                parts.append(text)
        else:
            parts.append(_line(line, start, event.spans))
        start = end + 1
    return "\n".join(parts)


def _line(text: str, offset: int, spans: Iterable[CaptionSpan]) -> str:
    own = [
        (max(0, span.start - offset), min(len(text), span.end - offset), span)
        for span in spans
        if span.start < offset + len(text) and span.end > offset
    ]
    parts: list[str] = []
    done = 0
    for start, end, span in sorted(own, key=lambda one: (one[0], -(one[2].score or 0), -one[1])):
        if start >= done:
            parts += [text[done:start], label_of(span.identifier)]
        done = max(done, end)
    return "".join([*parts, text[done:]])


def _moved(time_us: int, cuts_us: Sequence[tuple[int, int]]) -> int:
    return time_us - sum(min(end, time_us) - start for start, end in cuts_us if start < time_us)


class _Phrases:
    """What was covered somewhere, to be found wherever else it stands."""

    def __init__(self, captions: Iterable[Caption]) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], CaptionSpan]] = {}
        self._as_written: dict[str, set[str]] = {}
        for caption in captions:
            for span in caption.spans:
                self._add(caption.text[span.start : span.end], span)

    def _add(self, text: str, span: CaptionSpan) -> None:
        words = tuple(_folded(word) for word in text.split())
        if not words or all(word in SMALL for word in words):
            return
        if len(words) == 1 and words[0] in ORDINARY:
            # May the month is covered, and what may be is not.
            self._as_written.setdefault(words[0], set()).add(_bare(text.strip()))
        self._by_first.setdefault(words[0], {}).setdefault(words, span)

    def find(self, text: str) -> Iterator[CaptionSpan]:
        """The spans of a text that say such a thing."""
        matches = list(_WORD.finditer(text))
        words = [_folded(match.group()) for match in matches]
        for at, word in enumerate(words):
            for phrase, span in self._by_first.get(word, {}).items():
                last = at + len(phrase) - 1
                if tuple(words[at : last + 1]) != phrase:
                    continue
                forms = self._as_written.get(word) if len(phrase) == 1 else None
                if forms is not None and _bare(matches[at].group()) not in forms:
                    continue
                start, end = matches[at].start(), matches[last].end()
                start, end = _inner(text, start, end)
                if start < end:
                    yield replace(span, start=start, end=end)


def _inner(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the punctuation around it."""
    while start < end and not (text[start].isalnum() or text[start] in "_+@#"):
        start += 1
    while start < end and not (text[end - 1].isalnum() or text[end - 1] == "_"):
        end -= 1
    return start, end


def _bare(word: str) -> str:
    start, end = _inner(word, 0, len(word))
    return word[start:end] or word


def _folded(word: str) -> str:
    return plain(_bare(word))
