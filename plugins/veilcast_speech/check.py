"""Check `speech`: the delivered sound is listened to again, and says nothing that identifies.

What was covered takes no part: silence is listened to in its place, and in the text stands
`UNHEARD`, so that what is said before a beep does not run into what is said behind it.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from veilcast.plugin import (
    UNHEARD,
    ModelMissingError,
    Problem,
    Reader,
    SpokenWord,
    TranscriberContext,
    TranscribeSettings,
    load_known,
)
from veilcast.recognition import DENIED, GUESSED, KNOWN
from veilcast.text.ordinary import ORDINARY
from veilcast_speech.covers import covers_heard, known_covers, silenced
from veilcast_speech.hearing import Hearing, Source
from veilcast_speech.listening import channels_apart, listen
from veilcast_speech.placing import Edges, Placed, placed
from veilcast_speech.refine import UNSURE
from veilcast_speech.turns import LOST, conversation
from veilcast_speech.windows import hear

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.plugin import (
        AudioInfo,
        CheckContext,
        LoadedTranscriber,
        TextSpan,
        Transcriber,
    )
    from veilcast_speech.covers import Span

AUTO = "auto"
LEFT_OUT = "unintelligible"
"""A class of its own: that something was not understood beside an announcement is no proof that it
is still there."""
NEAR = 2
"""Words so near to a cover were heard without what they belong to."""
_PROVED = ("cue", "validated", "checksum")
"""How the reason begins where a span was announced, or holds against a rule of its own."""
_SHORTER = 0.7
"""Another window than located cuts elsewhere, and what is at an edge of one is not in the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ear:
    """Who listens, and with which settings of its own."""

    transcriber: Transcriber
    own: Any
    models: Mapping[str, Path]
    window_s: float


def examine(context: CheckContext) -> list[Problem]:
    """Listen again for every stage that listened.

    Raises:
        VeilcastError: what can't be listened to, by whatever was to listen.
    """
    problems: list[Problem] = []
    for treated in context.treated:
        settings = treated.settings
        if isinstance(settings, TranscribeSettings) and context.delivered_media.audio:
            problems += _Listening(context, settings).problems()
    return list(dict.fromkeys(problems))


class _Listening:
    """Listening again as one stage's settings say."""

    def __init__(self, context: CheckContext, settings: TranscribeSettings) -> None:
        self._context, self._settings = context, settings
        known = settings.known
        self._hot_words = () if known is None else load_known(known.path).hot_words

    def problems(self) -> Iterator[Problem]:
        """What is left, by time, class and score."""
        context = self._context
        ear = _ear(context, self._settings)
        with ExitStack() as open_things:
            loaded = self._loaded(ear)
            open_things.callback(loaded.close)
            for audio in context.delivered_media.audio:
                hearings = [self._heard(ear, loaded, source) for source in self._sources(audio)]
                yield from self._left(hearings, open_things)

    def _loaded(self, ear: _Ear) -> LoadedTranscriber:
        language = self._settings.language
        return ear.transcriber.load(
            TranscriberContext(
                settings=ear.own,
                models=ear.models,
                language="" if language == AUTO else language,
                hot_words=self._hot_words,
                threads=min(8, os.cpu_count() or 1),
                readings=1,
            )
        )

    def _sources(self, audio: AudioInfo) -> tuple[Source, ...]:
        """The stream as one, or each of its channels, as when it was located."""
        asked = self._settings.channels
        context = self._context
        apart = asked == "each" or (
            asked == "auto" and channels_apart(context.delivered, context.delivered_media, audio)
        )
        if not apart or audio.channels == 1:
            return (Source(audio=audio, channel=None),)
        return tuple(Source(audio=audio, channel=number) for number in range(audio.channels))

    def _heard(
        self, ear: _Ear, loaded: LoadedTranscriber, source: Source
    ) -> tuple[Hearing, list[Span]]:
        """What is said in a source beside its covers, and where those are."""
        context = self._context
        rate_hz = ear.transcriber.rate_hz

        def blocks() -> Iterator[NDArray[np.float32]]:
            media = context.delivered_media
            return listen(context.delivered, media, source.audio, source.channel, rate_hz)

        covers = self._covers(source)
        if not any(treated.sounds for treated in context.treated):
            covers = covers_heard(blocks(), rate_hz)
        listened = hear(
            loaded,
            self._told(silenced(blocks(), rate_hz, covers), rate_hz),
            rate_hz=rate_hz,
            window_s=ear.window_s,
            overlap_s=min(ear.transcriber.overlap_s, ear.window_s / 3),
        )
        return Hearing(source=source, listened=listened, level_dbfs=0.0), covers

    def _covers(self, source: Source) -> list[Span]:
        """Where nothing but the cover can be heard in a source."""
        context, audio = self._context, source.audio
        number = context.delivered_media.audio.index(audio)
        known = known_covers(context.treated, number, context.source_media, audio)
        every = set(range(audio.channels))
        return sorted(
            span
            for span, channels in known
            if channels is None
            or source.channel in channels
            or (source.channel is None and every.issubset(channels))
        )

    def _told(
        self, blocks: Iterator[NDArray[np.float32]], rate_hz: int
    ) -> Iterator[NDArray[np.float32]]:
        done = 0
        whole = round(float(self._context.delivered_media.duration or 0)) or None
        for block in blocks:
            self._context.progress("listening again", done // rate_hz, whole)
            done += len(block)
            yield block

    def _left(
        self, heard: Sequence[tuple[Hearing, list[Span]]], open_things: ExitStack
    ) -> Iterator[Problem]:
        """What identifies in one stream."""
        talk = conversation([_beside(hearing, covers) for hearing, covers in heard])
        if not talk.words:
            return
        settings = self._settings
        language = _language([hearing for hearing, _ in heard], settings)
        reader = open_things.enter_context(
            Reader(
                settings,
                self._context.recognizers,
                self._context.reading_models(language),
                language,
                "speech",
            )
        )
        texts = [each.word.text for each in talk.words]
        edges = Edges([hearing for hearing, _ in heard], 0.0)
        for span in reader.find(texts, talk.breaks, talk.unsure, talk.lost, talk.pauses):
            said = [
                each for each in talk.words[span.first : span.last] if each.word.text != UNHEARD
            ]
            if not said or not _is_left(span, said, talk.words):
                continue
            for _, start_us, end_us in edges.around(said):
                yield Problem(
                    kind="residual",
                    sentence=f"Something of the class '{span.identifier}' is said in sound stream "
                    f"{self._context.delivered_media.audio.index(heard[0][0].source.audio) + 1}.",
                    identifier=span.identifier,
                    from_us=start_us,
                    to_us=end_us,
                    score=round(span.score, 4),
                )


def _is_left(span: TextSpan, said: Sequence[Placed], words: Sequence[Placed]) -> bool:
    """Whether a span proves that something is left.

    Words that were misheard are names more often than words are; so a name that nothing announced
    has to be more likely right than wrong. Beside a cover, where half a sentence is missing, that
    holds for each of its words. Of a number, most words may not be ones that were surely misheard.
    """
    if span.identifier == LEFT_OUT:
        return False
    around = words[max(0, span.first - NEAR) : span.last + NEAR]
    beside = any(each.word.text == UNHEARD for each in around)
    if span.identifier in GUESSED and beside and _is_ordinary(said):
        # What the announcement before the cover announced is under the cover.
        return False
    if span.recognizer in (KNOWN, DENIED) or span.reason.startswith(_PROVED):
        return True
    chances = [each.word.confidence for each in said]
    if span.identifier not in GUESSED:
        return median(chances) >= LOST
    if beside:
        return min(chances) >= UNSURE
    return sum(chances) / len(chances) >= UNSURE


def _is_ordinary(said: Sequence[Placed]) -> bool:
    """Whether none of the words is more likely a name than the word that it is."""
    return all(each.word.text.casefold().strip(".,'") in ORDINARY for each in said)


def _beside(hearing: Hearing, covers: Sequence[Span]) -> list[Placed]:
    """The words of a hearing, and `UNHEARD` for each of its covers."""
    words = [each for each in placed(hearing) if not _inside(each, covers)]
    for start_s, end_s in covers:
        start_us = int(start_s * 1_000_000)
        word = SpokenWord(
            text=UNHEARD,
            start_us=start_us,
            end_us=max(start_us + 1, int(end_s * 1_000_000)),
            confidence=0.0,
            stream=hearing.source.audio.index,
            channel=hearing.source.channel,
        )
        words.append(Placed(word=word, start_s=start_s, end_s=end_s))
    return sorted(words, key=lambda each: each.word.start_us)


def _inside(word: Placed, covers: Sequence[Span]) -> bool:
    """Whether more than half of a word is covered, so that it was made of silence."""
    start_s, end_s = word.word.start_us / 1e6, word.word.end_us / 1e6
    shared = sum(max(0.0, min(end_s, end) - max(start_s, start)) for start, end in covers)
    return shared > (end_s - start_s) / 2


def _language(hearings: Sequence[Hearing], settings: TranscribeSettings) -> str:
    """The one that was asked for, or in which most words were heard."""
    if settings.language != AUTO:
        return settings.language
    counts: dict[str, int] = {}
    for hearing in hearings:
        said = hearing.listened
        counts[said.language] = counts.get(said.language, 0) + len(said.words)
    return max(sorted(counts), key=lambda language: counts[language])


def _ear(context: CheckContext, settings: TranscribeSettings) -> _Ear:
    """One that did not listen before and is no worse, where its models are here.

    Else the same, cut elsewhere.
    """
    located = settings.transcriber
    first = context.transcribers[located.name]
    listened = {choice.name for choice in settings.listeners}
    others = [
        one
        for one in context.transcribers.values()
        if one.name not in listened and bool(one.reduced) <= bool(first.reduced)
    ]
    for transcriber in sorted(others, key=lambda one: (bool(one.reduced), one.name)):
        for variant in transcriber.variants:
            own = transcriber.settings.model_validate(dict(variant))
            languages = own.languages or transcriber.languages
            if languages and settings.language not in languages:
                continue
            try:
                models = context.models(transcriber.models(own))
            except ModelMissingError:
                continue
            return _Ear(
                transcriber=transcriber, own=own, models=models, window_s=transcriber.window_s
            )
    return _Ear(
        transcriber=first,
        own=located.own,
        models=context.models(first.models(located.own)),
        window_s=first.window_s * _SHORTER,
    )
