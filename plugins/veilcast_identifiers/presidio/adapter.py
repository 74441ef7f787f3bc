"""Any recogniser of Presidio as a recogniser of Veilcast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import Recognized, Recognizer
from veilcast_identifiers.presidio.classes import LETTERS, class_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from presidio_analyzer import EntityRecognizer, RecognizerResult

    from veilcast.plugin import Passage, RecognizerContext

_LEAST = 0.3
"""What Presidio itself hardly believes is not handed on."""


class Loaded:
    """Recognisers of Presidio that are ready, and its way to raise scores by context words."""

    def __init__(
        self, recognizers: Iterable[EntityRecognizer], language: str, classes: Mapping[str, str]
    ) -> None:
        from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

        from veilcast_identifiers.presidio.engine import Words, keep_quiet_and_offline

        keep_quiet_and_offline()
        self._recognizers = list(recognizers)
        self._classes = dict(classes)
        self._words = Words(language)
        # What announces a number in speech is often a turn before it.
        self._enhancer = LemmaContextAwareEnhancer(
            context_prefix_count=10, context_suffix_count=3, context_matching_mode="whole_word"
        )

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        """What Presidio finds, raised by context words.

        Raises:
            VeilcastError: Presidio gave up on a pattern.
        """
        from veilcast_identifiers.presidio.engine import nothing_skipped

        text, words = passage.content, self._words.of(passage.content)
        if not words.tokens:
            return []
        results: list[RecognizerResult] = []
        with nothing_skipped():
            for recognizer in self._recognizers:
                results += recognizer.analyze(text, recognizer.supported_entities, words)
            results = self._enhancer.enhance_using_context(text, results, words, self._recognizers)
        return [self._one(result) for result in results if result.score >= _LEAST]

    def _one(self, result: RecognizerResult) -> Recognized:
        entity = result.entity_type
        sure = result.score >= 1.0
        return Recognized(
            start=result.start,
            end=result.end,
            identifier=self._classes.get(entity) or class_of(entity),
            score=min(1.0, float(result.score)),
            reason=f"{'validated' if sure else 'pattern'}: {entity.lower().replace('_', ' ')}",
        )

    def close(self) -> None:
        """Nothing is held."""


def from_presidio(
    build: Callable[[str], Iterable[EntityRecognizer]],
    *,
    name: str,
    summary: str,
    classes: Mapping[str, str] | None = None,
    letters: Mapping[str, str] | None = None,
    languages: tuple[str, ...] = (),
) -> Recognizer:
    """A Veilcast recogniser from recognisers of Presidio.

    A plugin that has a Presidio recogniser needs no more than this:

        from veilcast.plugin import hookimpl
        from veilcast_identifiers.presidio import from_presidio

        def ward_codes(language):
            from presidio_analyzer import Pattern, PatternRecognizer

            ward = Pattern("ward", r"W-[0-9]{4}", 0.6)
            return [PatternRecognizer("WARD_CODE", patterns=[ward], context=["ward"])]

        @hookimpl
        def veilcast_recognizers():
            yield from_presidio(
                ward_codes, name="ward-codes", summary="Codes of wards",
                classes={"WARD_CODE": "room"}, letters={"room": "R"},
            )

    They are run on written text. Presidio's context words raise a score as in Presidio; its
    `AnalyzerEngine`, which wants a language model, takes no part.

    Args:
        build: from the language (ISO 639-1) of a text to recognisers. It is called once, when
            text is to be read, so it may import what is heavy.
        name: of the recogniser.
        summary: one line for people.
        classes: from Presidio's entity types to classes; what is not there gets the class that
            its name suggests, or ``id number``.
        letters: from classes that are not built in to their letter in 45 CFR 164.514(b)(2)(i),
            or "".
        languages: that the recognisers are made for; () for any.
    """
    named = dict(classes or {})

    def load(context: RecognizerContext) -> Loaded:
        return Loaded(build(context.language), context.language, named)

    return Recognizer(
        name=name,
        identifiers={**LETTERS, **(letters or {})},
        summary=summary,
        load=load,
        languages=languages,
        forms=("written",),
    )
