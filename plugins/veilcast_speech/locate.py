"""The stage's first half: listen, read what was said, mark what identifies."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from veilcast.plugin import Findings, Reader, Sound, TranscriberContext, load_known
from veilcast_speech.hearing import Hearing, Source, heard
from veilcast_speech.listening import channels_apart
from veilcast_speech.placing import Edges, placed
from veilcast_speech.turns import conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.plugin import (
        AudioInfo,
        LoadedTranscriber,
        LocateContext,
        SpokenWord,
        TextSpan,
        TranscribeSettings,
    )

AUTO = "auto"
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
    spans = reader.find([each.word.text for each in talk.words], talk.breaks, talk.unsure)
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
        warnings=tuple(_doubts(reader)),
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


def _doubts(reader: Reader) -> list[str]:
    """What a person should know, without any of the words."""
    if not reader.foreign:
        return []
    return [
        "These recognisers do not know the language that was heard, so identifiers of theirs "
        f"were not looked for: {', '.join(reader.foreign)}."
    ]
