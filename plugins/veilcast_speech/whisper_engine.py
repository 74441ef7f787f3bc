"""Whisper, as faster-whisper runs it.

Nothing that it hears is dropped: no voice detection decides what is worth listening to, and no
threshold of its own what counts as speech. What it makes of noise has a low confidence instead.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from veilcast.plugin import Heard, Transcription

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.plugin import TranscriberContext
    from veilcast_speech.whisper_models import WhisperSettings

RATE_HZ = 16_000
_LONGEST_WORD_S = 3.0
_REPETITIVE = 2.4  # text that shrinks more than this repeats itself: Whisper was lost there
_LOST = 0.3
_JOINED = re.compile(r"(?<=[a-z])-(?=[a-z])", re.IGNORECASE)
"""In "six-one-seven" and "thirty-five"."""
_APPENDED = re.compile(r"[-.][^\W_]")
_ROMAN = re.compile("[IVXL]{2,}|[VXL]")
_EARLY_S = 0.1
"""How much before the end of a word Whisper says that it ends: half of them by 0.07 s and more."""
_ANYTHING = [-1]
_SILENT = 1e-6
"""-120 dB, far below one step of 16 bits: Whisper would try six times to hear something in it."""
_QUICKLY = {"beam_size": 1, "temperature": [0.0]}
"""For one reading: the likeliest token each time, and no second try. A third of the time."""
_FIGURES = frozenset("0123456789%$£€#@&+=/\\<>")


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
        self._twice = context.readings > 1
        self._hot_words = ", ".join(context.hot_words) or None
        self._model: Any = WhisperModel(
            str(_folder(context)),
            device=settings.device,
            compute_type=settings.compute_type,
            cpu_threads=context.threads,
            local_files_only=True,
        )
        self._numerals = _numerals(self._model.hf_tokenizer)
        self._encoded: dict[bytes, Any] = {}
        self._encode_once = self._model.encode
        self._model.encode = self._encode

    def transcribe(self, samples: NDArray[np.float32]) -> Transcription:
        """What is said in one window of 16 kHz mono sound."""
        if not len(samples) or max(samples.max(), -samples.min()) < _SILENT:
            return Transcription(words=(), language=self._language or "")
        # Numbers are written in figures, then as they are said. The first is how Whisper learned to
        # write, and so gets more words right; the second has a time for each digit. Which of the
        # two understood an identifier, nobody knows: both count.
        figures, language = self._read(samples, _ANYTHING, self._language)
        also = (self._read(samples, self._numerals, language)[0],) if self._twice else ()
        self._encoded.clear()
        return Transcription(words=figures, language=language, also=also)

    def _read(
        self, samples: NDArray[np.float32], suppressed: list[int], language: str | None
    ) -> tuple[tuple[Heard, ...], str]:
        import ctranslate2  # type: ignore[import-untyped]

        ctranslate2.set_random_seed(0)  # a second try is drawn: always the same one
        segments, info = self._model.transcribe(
            samples,
            language=language,
            hotwords=self._hot_words,
            word_timestamps=True,
            **({} if self._twice else _QUICKLY),
            suppress_tokens=suppressed,
            vad_filter=False,
            condition_on_previous_text=False,
            no_speech_threshold=None,
            log_prob_threshold=-1.0,  # with None above, these two only ask for a second try
            compression_ratio_threshold=_REPETITIVE,
        )
        whole_s = len(samples) / RATE_HZ
        words = (word for segment in segments for word in _words(segment, whole_s))
        return tuple(joined(words)), info.language

    def _encode(self, features: NDArray[np.float32]) -> Any:
        """What the model makes of a sound before it writes; both readings begin with the same."""
        key = features.tobytes()
        if key not in self._encoded:
            self._encoded[key] = self._encode_once(features)
        return self._encoded[key]

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


def _numerals(tokenizer: Any) -> list[int]:
    """-1 (what is never spoken), and every token that writes a number or a sign in figures.

    Without them, Whisper writes numbers as they are said, so that each digit has a time of its own.
    """
    last = tokenizer.token_to_id("<|endoftext|>")
    written = (tokenizer.decode([number]).strip() for number in range(last))
    return [
        -1,
        *(n for n, text in enumerate(written) if _FIGURES & set(text) or _ROMAN.fullmatch(text)),
    ]


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
        chance = min(most, max(0.0, float(word.probability)))
        parts = _JOINED.split(text)
        if not believable:
            yield from (_heard(part, None, None, chance) for part in parts)
            continue
        # Each part takes as long as its letters do.
        letters, done = sum(map(len, parts)), 0
        for part in parts:
            begins_s = start_s + (end_s - start_s) * done / letters
            done += len(part)
            ends_s = start_s + (end_s - start_s) * done / letters
            yield _heard(part, begins_s, min(ends_s + _EARLY_S, whole_s), chance)


def joined(words: Iterable[Heard]) -> Iterator[Heard]:
    """The words, with what Whisper puts behind a word without a space as a part of it.

    As in "555" "-0123" and "elmhurst" ".net". Behind a word in letters, "-one" is one of its own.
    """
    before: Heard | None = None
    for word in words:
        if before is None or not _APPENDED.match(word.text):
            if before is not None:
                yield before
            before = word
        elif word.text[0] == "-" and before.text[-1].isalpha() and word.text[1].isalpha():
            yield before
            before = replace(word, text=word.text[1:])
        else:
            timed = before.start_s is not None and word.end_s is not None
            before = Heard(
                text=before.text + word.text,
                start_s=before.start_s if timed else None,
                end_s=word.end_s if timed else None,
                confidence=min(before.confidence, word.confidence),
            )
    if before is not None:
        yield before


def _heard(text: str, start_s: float | None, end_s: float | None, confidence: float) -> Heard:
    return Heard(text=text, start_s=start_s, end_s=end_s, confidence=confidence)
