"""Whisper, as faster-whisper runs it.

Nothing that it hears is dropped: no voice detection decides what is worth listening to, and no
threshold of its own what counts as speech. What it makes of noise has a low confidence instead.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from veilcast.plugin import Heard, Transcription

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.plugin import TranscriberContext
    from veilcast_speech.whisper_models import WhisperSettings

RATE_HZ = 16_000
_LONGEST_WORD_S = 3.0
_REPETITIVE = 2.4  # text that shrinks more than this repeats itself: Whisper was lost there
_LOST = 0.3


class Whisper:
    """A Whisper model in memory."""

    def __init__(self, context: TranscriberContext) -> None:
        settings: WhisperSettings = context.settings
        # Read when these libraries are imported; they would report their use or look for updates.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
        from faster_whisper import WhisperModel  # type: ignore[import-untyped]

        self._language = context.language or None
        self._hot_words = ", ".join(context.hot_words) or None
        self._model: Any = WhisperModel(
            str(_folder(context)),
            device=settings.device,
            compute_type=settings.compute_type,
            cpu_threads=context.threads,
            local_files_only=True,
        )

    def transcribe(self, samples: NDArray[np.float32]) -> Transcription:
        """What is said in one window of 16 kHz mono sound."""
        if not len(samples):
            return Transcription(words=(), language=self._language or "")
        import ctranslate2  # type: ignore[import-untyped]

        ctranslate2.set_random_seed(0)  # a second try is drawn: always the same one
        segments, info = self._model.transcribe(
            samples,
            language=self._language,
            hotwords=self._hot_words,
            word_timestamps=True,
            vad_filter=False,
            condition_on_previous_text=False,
            no_speech_threshold=None,
            log_prob_threshold=-1.0,  # with None above, these two only ask for a second try
            compression_ratio_threshold=_REPETITIVE,
        )
        whole_s = len(samples) / RATE_HZ
        words = tuple(word for segment in segments for word in _words(segment, whole_s))
        return Transcription(words=words, language=info.language)

    def close(self) -> None:
        """Let go of the model."""
        self._model = None


def load(context: TranscriberContext) -> Whisper:
    """Whisper, ready."""
    return Whisper(context)


def _folder(context: TranscriberContext) -> Path:
    settings: WhisperSettings = context.settings
    own = settings.folder
    return context.models[settings.model_name] if own is None else own


def _words(segment: Any, whole_s: float) -> Iterator[Heard]:
    most = _LOST if segment.compression_ratio > _REPETITIVE else 1.0
    if not segment.words:
        chance = min(most, math.exp(min(0.0, segment.avg_logprob)))
        for text in segment.text.split():
            yield Heard(text=text, start_s=None, end_s=None, confidence=chance)
        return
    for word in segment.words:
        text = word.word.strip()
        if not text:
            continue
        start_s, end_s = float(word.start), float(word.end)
        believable = 0 <= start_s < end_s <= whole_s + 0.1 and end_s - start_s <= _LONGEST_WORD_S
        yield Heard(
            text=text,
            start_s=start_s if believable else None,
            end_s=min(end_s, whole_s) if believable else None,
            confidence=min(most, max(0.0, float(word.probability))),
        )
