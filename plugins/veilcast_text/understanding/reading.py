"""What one line says by itself: recognisers on each form of it, labels, titles and name tags."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING

from veilcast.plugin import CLASSES, Phrases, Reader, counts
from veilcast_text.understanding.forms import forms
from veilcast_text.understanding.ordinary import is_ordinary_there
from veilcast_text.understanding.shapes import own_spans, whole_name, with_time
from veilcast_text.understanding.spans import Span
from veilcast_text.understanding.vocabulary import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from veilcast.plugin import IdentifierSettings, Recognizer, TextSpan
    from veilcast_text.understanding.forms import Form

SCREEN = "screen"
LISTED = frozenset({"known", "denied"})
"""What the user listed is never let go."""
_KEPT = 8192
"""So many texts are remembered."""
_WORDS = re.compile(r"\S+")
_EDGE = re.compile(r"^[^\w+@#]+|[^\w]+$")


class LineReader:
    """Reads single lines, each text once."""

    def __init__(
        self,
        settings: IdentifierSettings,
        recognizers: Mapping[str, Recognizer],
        models: Mapping[str, Path],
        language: str,
    ) -> None:
        self._settings = settings
        self._reader = Reader(settings, recognizers, models, language, SCREEN)
        # For lines of ordinary words: what the user listed is looked for in them all the same.
        listed = settings.model_copy(update={"recognizers": ()})
        self._lister = Reader(listed, {}, {}, language, SCREEN)
        self._allowed = Phrases(settings.allow)
        self._read: OrderedDict[str, tuple[Span, ...]] = OrderedDict()
        self.foreign = self._reader.foreign
        self.letters = dict(CLASSES)
        for recognizer in recognizers.values():
            self.letters.update(recognizer.identifiers)

    def close(self) -> None:
        """Let go of the recognisers."""
        self._reader.close()
        self._lister.close()
        self._read.clear()

    def read(self, text: str) -> tuple[Span, ...]:
        """What identifies in a text, in order; spans may overlap."""
        kept = self._read.get(text)
        if kept is None:
            kept = self._read[text] = tuple(_merged(self._spans(text)))
            if len(self._read) > _KEPT:
                self._read.popitem(last=False)
        else:
            self._read.move_to_end(text)
        return kept

    def _spans(self, text: str) -> Iterator[Span]:
        plain = is_plain(text)
        for number, form in enumerate(forms(text)):
            for span in self._found(form, plain=plain):
                start, end = form.back(*whole_name(form.text, span))
                yield Span(start, end, span.identifier, span.score, span.reason, span.recognizer)
            if plain and number == 0:
                return

    def _found(self, form: Form, *, plain: bool) -> Iterator[Span]:
        text = form.text
        for span in in_words(self._lister if plain else self._reader, text):
            if span.recognizer in LISTED or not is_ordinary_there(text, span):
                yield with_time(text, span)
        for own in own_spans(text):
            if self.counts(text, own):
                yield own

    def counts(self, text: str, span: Span) -> bool:
        """Whether the policy covers what was found here, and the user does not allow it."""
        words = text[span.start : span.end].split()
        allowed = words and self._allowed.cover(words, 0, len(words))
        return counts(self._settings, span.identifier, span.score) and not allowed


def in_words(reader: Reader, text: str) -> Iterator[Span]:
    """What a reader finds in a text, by character, without the marks around it."""
    matches = list(_WORDS.finditer(text))
    for span in reader.find([match.group() for match in matches]):
        start, end = _trimmed(text, matches, span)
        yield Span(start, end, span.identifier, span.score, span.reason, span.recognizer)


def _trimmed(text: str, words: list[re.Match[str]], span: TextSpan) -> tuple[int, int]:
    start, end = words[span.first].start(), words[span.last - 1].end()
    for edge in _EDGE.finditer(text[start:end]):
        if edge.start() == 0 and edge.end() < end - start:
            start += edge.end()
        elif edge.start() > 0:
            end -= edge.end() - edge.start()
    return start, end


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Overlapping spans of one class as one, with the surest one's score and reason."""
    held: dict[str, Span] = {}
    done: list[Span] = []
    for span in sorted(set(spans), key=lambda s: (s.start, s.end, s.recognizer, s.reason, s.score)):
        before = held.get(span.identifier)
        if before is None or span.start >= before.end:
            if before is not None:
                done.append(before)
            held[span.identifier] = span
            continue
        surer = max(before, span, key=lambda s: s.score)
        held[span.identifier] = Span(
            before.start, max(before.end, span.end), span.identifier, surer.score, surer.reason,
            surer.recognizer,
        )  # fmt: skip
    done += held.values()
    yield from sorted(done, key=lambda s: (s.start, s.end, s.identifier))
