"""What is said in one stream: every word with its time, and speech that no word stands for."""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from veilcast.plugin import Heard
from veilcast_speech.listening import listen
from veilcast_speech.windows import Listened, hear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from veilcast.plugin import (
        AudioInfo,
        LoadedTranscriber,
        LocateContext,
        Progress,
        Transcriber,
        TranscriberChoice,
        TranscribeSettings,
    )


QUIET_DBFS = -50.0
"""Blocks softer than this say nothing about how loud people speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A stream, or one channel of it."""

    audio: AudioInfo
    channel: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What was heard of a source, and how loud it is where it is not quiet (mean square, dBFS)."""

    source: Source
    listened: Listened
    level_dbfs: float

    def read(self, number: int) -> Hearing:
        """The same as it was read another time, where it was; 0 is the first reading."""
        readings = (self.listened.words, *self.listened.also)
        words = readings[min(number, len(readings) - 1)]
        return replace(self, listened=replace(self.listened, words=words, also=()))


def heard(
    context: LocateContext,
    source: Source,
    choice: TranscriberChoice,
    load: Callable[[], LoadedTranscriber],
    hot_words: tuple[str, ...],
) -> Hearing:
    """What is said, from an earlier run where nothing that matters has changed.

    Args:
        context: of the stage.
        source: which stream and channel.
        choice: who listens.
        load: gives the loaded transcriber; called only when it is needed.
        hot_words: what it was told to listen for.
    """
    settings: TranscribeSettings = context.settings
    key = {
        "stream": source.audio.index,
        "channel": source.channel,
        "transcriber": choice.model_dump(mode="json", context={"private": True}),
        "language": settings.language,
        "hot_words": list(hot_words),
    }
    kept = context.cache.get(key)
    if kept is not None:
        return _unpacked(source, kept)
    transcriber: Transcriber = context.transcribers[choice.name]
    loaded = load()
    blocks = listen(
        context.source, context.media, source.audio, source.channel, transcriber.rate_hz
    )
    meter = _Meter(f"listening with {choice.name}")
    listened = hear(
        loaded,
        meter.told(
            blocks, transcriber.rate_hz, context.progress, float(context.media.duration or 0)
        ),
        rate_hz=transcriber.rate_hz,
        window_s=transcriber.window_s,
        overlap_s=transcriber.overlap_s,
    )
    hearing = Hearing(source=source, listened=listened, level_dbfs=meter.level_dbfs)
    context.cache.put(key, _packed(hearing))
    return hearing


class _Meter:
    """Measures blocks on their way, and tells how far they are."""

    def __init__(self, activity: str) -> None:
        self._activity = activity
        self._square, self._samples = 0.0, 0

    @property
    def level_dbfs(self) -> float:
        """Of all that was not quiet; silence is as loud as what is quiet."""
        if not self._samples:
            return QUIET_DBFS
        return 10 * math.log10(self._square / self._samples)

    def told(
        self,
        blocks: Iterator[NDArray[np.float32]],
        rate_hz: int,
        progress: Progress,
        duration_s: float,
    ) -> Iterator[NDArray[np.float32]]:
        done = told = 0
        for block in blocks:
            square = float(block.astype(np.float64) @ block)
            if square > len(block) * 10 ** (QUIET_DBFS / 10):
                self._square += square
                self._samples += len(block)
            done += len(block)
            seconds = done // rate_hz
            if seconds > told or not told:
                told = seconds
                progress(self._activity, seconds, max(seconds, round(duration_s)) or None)
            yield block


def _packed(hearing: Hearing) -> bytes:
    listened = hearing.listened
    readings = [
        [[w.text, w.start_s, w.end_s, w.confidence] for w in words]
        for words in (listened.words, *listened.also)
    ]
    said = json.dumps([listened.language, hearing.level_dbfs, readings])
    file = io.BytesIO()
    np.savez_compressed(file, said=np.frombuffer(said.encode(), np.uint8), levels=listened.levels)
    return file.getvalue()


def _unpacked(source: Source, data: bytes) -> Hearing:
    with np.load(io.BytesIO(data), allow_pickle=False) as kept:
        language, level_dbfs, readings = json.loads(kept["said"].tobytes())
        levels = kept["levels"]
    words, *also = (
        tuple(
            Heard(text=text, start_s=start_s, end_s=end_s, confidence=confidence)
            for text, start_s, end_s, confidence in reading
        )
        for reading in readings
    )
    listened = Listened(words=words, levels=levels, language=language, also=tuple(also))
    return Hearing(source=source, listened=listened, level_dbfs=level_dbfs)
