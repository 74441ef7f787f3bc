"""The stage's first half: listen, read what was said, mark what identifies."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from veilcast.plugin import UNHEARD, Findings, Reader, Sound, TranscriberContext, load_known
from veilcast_speech.hearing import Hearing, Source, heard
from veilcast_speech.listening import channels_apart
from veilcast_speech.placing import Edges, placed
from veilcast_speech.refine import UNSURE
from veilcast_speech.turns import conversation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from veilcast.plugin import (
        AudioInfo,
        LoadedTranscriber,
        LocateContext,
        SpokenWord,
        TextSpan,
        TranscribeSettings,
    )

AUTO = "auto"
MUCH = 1 / 3
"""Where more of the words are unsure than this, most identifiers may have been missed."""
SHOWN = 8
"""So many times are written out in a warning."""
STAGE = "speech"


def locate(context: LocateContext) -> Findings:
    """What identifies in the speech of every sound stream.

    Raises:
        VeilcastError: whatever stopped it; speech is never passed over.
    """
    if not context.media.audio:
        return Findings(stage=STAGE, nothing_to_do="the input has no sound")
    settings: TranscribeSettings = context.settings
    transcriber = context.transcribers[settings.transcriber.name]
    findings = Findings(stage=STAGE)
    with ExitStack() as open_things:
        desk = _Desk(context, open_things)
        for audio in context.media.audio:
            hearings = [desk.hear(source) for source in _sources(context, audio)]
            findings = _joined(findings, _located(hearings, audio, desk, settings))
    told = (transcriber.reduced,) if transcriber.reduced else ()
    return replace(
        findings,
        sounds=tuple(replace(sound, id=number) for number, sound in enumerate(findings.sounds, 1)),
        warnings=tuple(dict.fromkeys((*told, *findings.warnings))),
    )


def _joined(one: Findings, other: Findings) -> Findings:
    return replace(
        one,
        sounds=one.sounds + other.sounds,
        words=one.words + other.words,
        warnings=one.warnings + other.warnings,
        examined=one.examined + other.examined,
    )


class _Desk:
    """Transcriber and recognisers, each loaded when it is first needed."""

    def __init__(self, context: LocateContext, open_things: ExitStack) -> None:
        self._context, self._open = context, open_things
        self._transcriber: LoadedTranscriber | None = None
        self._readers: dict[str, Reader] = {}
        known = context.settings.known
        self._hot_words = () if known is None else load_known(known.path).hot_words

    def hear(self, source: Source) -> Hearing:
        """What is said in one source."""
        transcriber = self._context.transcribers[self._context.settings.transcriber.name]
        return heard(self._context, source, transcriber, self._load, self._hot_words)

    def _load(self) -> LoadedTranscriber:
        if self._transcriber is None:
            settings: TranscribeSettings = self._context.settings
            context = TranscriberContext(
                settings=settings.transcriber.own,
                models=self._context.models,
                language="" if settings.language == AUTO else settings.language,
                hot_words=self._hot_words,
                threads=min(8, os.cpu_count() or 1),
            )
            transcriber = self._context.transcribers[settings.transcriber.name]
            self._transcriber = transcriber.load(context)
            self._open.callback(self._transcriber.close)
        return self._transcriber

    def reader(self, language: str) -> Reader:
        """The recognisers for a language."""
        if language not in self._readers:
            context = self._context
            self._readers[language] = self._open.enter_context(
                Reader(context.settings, context.recognizers, context.models, language, STAGE)
            )
        return self._readers[language]


def _sources(context: LocateContext, audio: AudioInfo) -> tuple[Source, ...]:
    """The stream as one, or each of its channels."""
    asked = context.settings.channels
    apart = asked == "each" or (
        asked == "auto" and channels_apart(context.source, context.media, audio)
    )
    if not apart or audio.channels == 1:
        return (Source(audio=audio, channel=None),)
    return tuple(Source(audio=audio, channel=number) for number in range(audio.channels))


def _located(
    hearings: Sequence[Hearing], audio: AudioInfo, desk: _Desk, settings: TranscribeSettings
) -> Findings:
    """What identifies in one stream."""
    talk = conversation([placed(hearing) for hearing in hearings])
    if not talk.words:
        return Findings(stage=STAGE)
    reader = desk.reader(_language(hearings, settings))
    spans = reader.find(
        [each.word.text for each in talk.words], talk.breaks, talk.unsure, talk.lost, talk.pauses
    )
    edges = Edges(hearings, settings.padding)
    level_dbfs = round(min(hearing.level_dbfs for hearing in hearings), 1)
    sounds = [
        Sound(
            id=0,
            identifier=span.identifier,
            hipaa=span.hipaa,
            detector=span.recognizer,
            start_us=start_us,
            end_us=end_us,
            score=round(span.score, 4),
            streams=(audio.index,),
            options={
                "reason": span.reason,
                "level_dbfs": level_dbfs,
                **({} if channel is None else {"channels": [channel]}),
            },
        )
        for span in spans
        for channel, start_us, end_us in edges.around(talk.words[span.first : span.last])
    ]
    return Findings(
        stage=STAGE,
        sounds=tuple(sounds),
        words=_labelled([each.word for each in talk.words], spans),
        warnings=tuple(_doubts(reader, [each.word for each in talk.words], sounds)),
        examined=len(talk.words),
    )


def _language(hearings: Sequence[Hearing], settings: TranscribeSettings) -> str:
    """The one that was asked for, or in which most words were heard."""
    if settings.language != AUTO:
        return settings.language
    counts: dict[str, int] = {}
    for hearing in hearings:
        said = hearing.listened
        counts[said.language] = counts.get(said.language, 0) + len(said.words)
    return max(sorted(counts), key=lambda language: counts[language])


def _labelled(words: Sequence[SpokenWord], spans: Sequence[TextSpan]) -> tuple[SpokenWord, ...]:
    labels = [""] * len(words)
    for span in sorted(spans, key=lambda span: span.score):
        labels[span.first : span.last] = [span.identifier] * (span.last - span.first)
    return tuple(replace(word, identifier=label) for word, label in zip(words, labels, strict=True))


def _doubts(reader: Reader, words: Sequence[SpokenWord], sounds: Sequence[Sound]) -> Iterator[str]:
    """What a person should know, without any of the words."""
    if reader.foreign:
        yield (
            "These recognisers do not know the language that was heard, so identifiers of theirs "
            f"were not looked for: {', '.join(reader.foreign)}."
        )
    doubtful = sum(word.confidence < UNSURE for word in words)
    if doubtful > MUCH * len(words):
        yield (
            f"{round(100 * doubtful / len(words))} % of the words were perhaps misheard: take "
            "this recording as not listened to, and use a better transcriber or your own ears."
        )
    guessed = [sound for sound in sounds if sound.identifier == "unintelligible"]
    if guessed:
        yield (
            "Speech that was not understood was covered where a name or number was announced "
            f"({_when(sound.start_us for sound in guessed)}); listen to what is around it."
        )
    missed = [
        word.start_us
        for word in words
        if word.text == UNHEARD
        and not any(s.start_us <= word.start_us and word.end_us <= s.end_us for s in sounds)
    ]
    if missed:
        yield (
            f"Speech, or something as loud, was not understood and is not covered "
            f"({_when(missed)}); listen there."
        )


def _when(times_us: Iterable[int]) -> str:
    """The first times, as in ``at 0:12, 1:03 and 4 more``."""
    seconds = sorted({time_us // 1_000_000 for time_us in times_us})
    shown = ", ".join(f"{second // 60}:{second % 60:02}" for second in seconds[:SHOWN])
    more = f" and {len(seconds) - SHOWN} more" if len(seconds) > SHOWN else ""
    return f"at {shown}{more}"
