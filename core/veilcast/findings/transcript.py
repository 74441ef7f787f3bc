"""A transcript of what may still be heard: covered words are replaced by their class."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.types import Sound, SpokenWord

Format = Literal["vtt", "srt", "json"]

PAUSE_US = 700_000
"""A pause this long begins a new line."""
LINE_US = 6_000_000
"""The longest line: what is read in six seconds, as subtitle guidelines have it."""
TOUCHED = 0.25
"""A word of which this much is covered is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a transcript, heard on one channel (None: all) of one stream."""

    start_us: int
    end_us: int
    text: str
    stream: int
    channel: int | None


def transcript(
    words: Sequence[SpokenWord],
    sounds: Sequence[Sound],
    cuts: Sequence[tuple[int, int]] = (),
) -> tuple[Line, ...]:
    """The lines, in order of their start.

    Args:
        words: what was heard.
        sounds: what was covered.
        cuts: rising, separate spans that were cut out, in microseconds: what follows moved up.
    """
    covered = sorted(sounds, key=lambda sound: sound.start_us)
    lines: list[Line] = []
    by_speaker = sorted(words, key=lambda w: (w.stream, -1 if w.channel is None else w.channel))
    for _, said in groupby(by_speaker, key=lambda w: (w.stream, w.channel)):
        for line in _lines(sorted(said, key=lambda w: (w.start_us, w.end_us))):
            lines.append(
                Line(
                    start_us=_moved(line[0].start_us, cuts),
                    end_us=_moved(max(word.end_us for word in line), cuts),
                    text=" ".join(_written(line, covered)),
                    stream=line[0].stream,
                    channel=line[0].channel,
                )
            )
    return tuple(sorted(lines, key=lambda line: (line.start_us, line.stream, line.channel or 0)))


def _moved(time_us: int, cuts: Sequence[tuple[int, int]]) -> int:
    return time_us - sum(max(0, min(time_us, end) - start) for start, end in cuts)


def _lines(words: Sequence[SpokenWord]) -> Iterator[list[SpokenWord]]:
    line: list[SpokenWord] = []
    for word in words:
        if line and (
            word.start_us - line[-1].end_us > PAUSE_US or word.end_us - line[0].start_us > LINE_US
        ):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _written(line: Sequence[SpokenWord], sounds: Sequence[Sound]) -> Iterator[str]:
    last = ""
    for word in line:
        label = _label(word, sounds)
        if label and label == last:
            continue  # one stands for all the words of a name
        yield label or word.text
        last = label


def _label(word: SpokenWord, sounds: Sequence[Sound]) -> str:
    """``[PERSON]`` for a word that was covered, "" for one that was not."""
    best, most = "", 0
    for sound in sounds:
        if sound.start_us >= word.end_us:
            break
        if sound.streams is not None and word.stream not in sound.streams:
            continue
        shared = min(word.end_us, sound.end_us) - max(word.start_us, sound.start_us)
        # A word that is part of an identifier is gone even where a person moved the span's edge.
        enough = 1 if word.identifier else TOUCHED * (word.end_us - word.start_us)
        if shared >= enough and shared > most:
            best, most = sound.identifier, shared
    return f"[{best.upper()}]" if best else ""


def transcript_bytes(lines: Sequence[Line], form: Format) -> bytes:
    """A file: WebVTT, SubRip, or JSON with the stream and channel of each line."""
    if form == "json":
        rows = [
            {
                "start_us": line.start_us,
                "end_us": line.end_us,
                "stream": line.stream,
                "channel": line.channel,
                "text": line.text,
            }
            for line in lines
        ]
        return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()
    import pysubs2

    file = pysubs2.SSAFile()
    for line in lines:
        file.append(
            pysubs2.SSAEvent(
                start=line.start_us // 1000, end=-(-line.end_us // 1000), text=line.text
            )
        )
    return file.to_string(form).encode()
