"""The stage's first half: listen, read what was said, mark what identifies."""

from __future__ import annotations

import os
from bisect import bisect_left
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from veilcast.plugin import UNHEARD, Findings, Reader, Sound, TranscriberContext, load_known
from veilcast_speech.denial import Denial, believed
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
        TranscriberChoice,
        TranscribeSettings,
    )
    from veilcast_speech.turns import Conversation

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
            sources = _sources(context, audio)
            hearings = [
                [desk.hear(choice, source) for source in sources] for choice in settings.listeners
            ]
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
    """Transcribers and recognisers, each loaded when it is first needed."""

    def __init__(self, context: LocateContext, open_things: ExitStack) -> None:
        self._context, self._open = context, open_things
        self._transcribers: dict[str, LoadedTranscriber] = {}
        self._readers: dict[str, Reader] = {}
        known = context.settings.known
        self._hot_words = () if known is None else load_known(known.path).hot_words

    def hear(self, choice: TranscriberChoice, source: Source) -> Hearing:
        """What one of them hears in one source."""
        return heard(self._context, source, choice, lambda: self._loaded(choice), self._hot_words)

    def _loaded(self, choice: TranscriberChoice) -> LoadedTranscriber:
        if choice.name not in self._transcribers:
            settings: TranscribeSettings = self._context.settings
            context = TranscriberContext(
                settings=choice.own,
                models=self._context.models,
                language="" if settings.language == AUTO else settings.language,
                hot_words=self._hot_words,
                threads=min(8, os.cpu_count() or 1),
            )
            transcriber = self._context.transcribers[choice.name].load(context)
            self._open.callback(transcriber.close)
            self._transcribers[choice.name] = transcriber
        return self._transcribers[choice.name]

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
    heard: Sequence[Sequence[Hearing]],
    audio: AudioInfo,
    desk: _Desk,
    settings: TranscribeSettings,
) -> Findings:
    """What identifies in one stream, by anybody's and any reading of it.

    Args:
        heard: for each who listened, what was heard in each source; of the first, the first
            reading is the transcript.
        audio: the stream.
        desk: has the recognisers.
        settings: of the stage.
    """
    readings = [
        [hearing.read(number) for hearing in hearings]
        for hearings in heard
        for number in range(max(1 + len(hearing.listened.also) for hearing in hearings))
    ]
    talks = [conversation([placed(hearing) for hearing in reading]) for reading in readings]
    if not any(talk.words for talk in talks):
        return Findings(stage=STAGE)
    reader = desk.reader(_language(readings[0], settings))
    words = [each.word for each in talks[0].words]
    first, *others = (
        list(_sounds(reading, talk, audio, reader, settings.padding))
        for reading, talk in zip(readings, talks, strict=True)
    )
    denied = Denial(words)
    counted = chain.from_iterable(map(believed, others, talks[1:]))
    sounds = merged([*first, *chain.from_iterable(map(denied.left_of, counted))])
    return Findings(
        stage=STAGE,
        sounds=sounds,
        words=_labelled(words, sounds),
        warnings=tuple(_doubts(reader, words, sounds)),
        examined=len(words),
    )


def _sounds(
    hearings: Sequence[Hearing],
    talk: Conversation,
    audio: AudioInfo,
    reader: Reader,
    padding_s: float,
) -> Iterator[Sound]:
    """What identifies in one reading of a stream."""
    edges = Edges(hearings, padding_s)
    level_dbfs = round(min(hearing.level_dbfs for hearing in hearings), 1)
    for span in reader.find(
        [each.word.text for each in talk.words], talk.breaks, talk.unsure, talk.lost, talk.pauses
    ):
        for channel, start_us, end_us in edges.around(talk.words[span.first : span.last]):
            yield Sound(
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


def merged(sounds: Iterable[Sound]) -> tuple[Sound, ...]:
    """Spans of one class on the same channels that overlap are one, with the best one's reason."""
    kept: dict[tuple[Any, ...], list[Sound]] = {}
    for sound in sorted(sounds, key=lambda one: (one.start_us, one.end_us)):
        spans = kept.setdefault((sound.identifier, str(sound.options.get("channels"))), [])
        if not spans or sound.start_us >= spans[-1].end_us:
            spans.append(sound)
            continue
        last = spans[-1]
        best = max((last, sound), key=_score)
        spans[-1] = replace(best, start_us=last.start_us, end_us=max(last.end_us, sound.end_us))
    return tuple(
        sorted((one for spans in kept.values() for one in spans), key=lambda one: one.start_us)
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


def _score(sound: Sound) -> float:
    return sound.score or 0.0


def _labelled(words: Sequence[SpokenWord], sounds: Sequence[Sound]) -> tuple[SpokenWord, ...]:
    """The words, each with the class of what covers a third of it and more."""
    labels = [""] * len(words)
    starts = [word.start_us for word in words]
    longest_us = max((word.end_us - word.start_us for word in words), default=0)
    for sound in sorted(sounds, key=_score):
        channels = sound.options.get("channels")
        first = bisect_left(starts, sound.start_us - longest_us)
        for number in range(first, bisect_left(starts, sound.end_us)):
            word = words[number]
            shared_us = min(word.end_us, sound.end_us) - max(word.start_us, sound.start_us)
            here = channels is None or word.channel is None or word.channel in channels
            if here and 3 * shared_us >= word.end_us - word.start_us:
                labels[number] = sound.identifier
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
