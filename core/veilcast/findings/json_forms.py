"""The JSON forms of what findings are made of. What is malformed raises `MalformedError`."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from veilcast.types import HIPAA_LETTERS, Caption, CaptionSpan, Origin, Sound, SpokenWord, Track

if TYPE_CHECKING:
    from collections.abc import Mapping

CLASS = re.compile(r"[a-z][a-z0-9 _-]{0,31}\Z")
TOOL = re.compile(r"[A-Za-z0-9._+-]{1,200}\Z")


class MalformedError(ValueError):
    """A value breaks a rule of findings; the message says which, and not the value."""


def track_to_json(track: Track) -> dict[str, Any]:
    """As plain JSON values."""
    # Columns rather than a record for each frame: a long recording has millions of boxes.
    return {
        "id": track.id,
        "identifier": track.identifier,
        "hipaa": track.hipaa,
        "detector": track.detector,
        "options": dict(track.options),
        "times_us": track.times_us.tolist(),
        "boxes": [[round(v, 3) for v in box] for box in track.boxes.tolist()],
        "scores": [None if math.isnan(s) else round(s, 4) for s in track.scores.tolist()],
        "origins": [Origin(o).name.lower() for o in track.origins.tolist()],
    }


def track_from_json(data: Mapping[str, Any]) -> Track:
    """From plain JSON values."""
    import numpy as np

    names = {origin.name.lower(): origin.value for origin in Origin}
    times = np.asarray(data["times_us"], dtype=np.int64)
    boxes = np.asarray(data["boxes"], dtype=np.float64).reshape(-1, 4)
    scores = np.asarray([np.nan if s is None else s for s in data["scores"]], dtype=np.float64)
    origins = np.asarray([names[o] for o in data["origins"]], dtype=np.uint8)
    if not len(times) == len(boxes) == len(scores) == len(origins) or not len(times):
        raise MalformedError("a track's columns differ in length or are empty")
    if (np.diff(times) <= 0).any():
        raise MalformedError("a track's times do not rise")
    if not np.isfinite(boxes).all() or (boxes[:, 2:] <= 0).any():
        raise MalformedError("a track has a box without a size")
    return Track(
        id=int(data["id"]),
        identifier=class_of_thing(data["identifier"]),
        hipaa=letter(data["hipaa"]),
        detector=tool(data["detector"]),
        options=dict(data["options"]),
        times_us=times,
        boxes=boxes,
        scores=scores,
        origins=origins,
    )


def word_to_json(word: SpokenWord) -> list[Any]:
    """As plain JSON values."""
    # A row rather than a record: an hour of talk has ten thousand words.
    return [
        word.text,
        word.start_us,
        word.end_us,
        round(word.confidence, 3),
        word.stream,
        word.channel,
        word.identifier,
    ]


def word_from_json(row: list[Any]) -> SpokenWord:
    """From plain JSON values."""
    text, start_us, end_us, confidence, stream, channel, identifier = row
    if not 0 <= int(start_us) < int(end_us):
        raise MalformedError("a word ends before it starts")
    return SpokenWord(
        text=str(text),
        start_us=int(start_us),
        end_us=int(end_us),
        confidence=float(confidence),
        stream=int(stream),
        channel=None if channel is None else int(channel),
        identifier=class_of_thing(identifier) if identifier else "",
    )


def sound_to_json(sound: Sound) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "id": sound.id,
        "identifier": sound.identifier,
        "hipaa": sound.hipaa,
        "detector": sound.detector,
        "start_us": sound.start_us,
        "end_us": sound.end_us,
        "score": sound.score,
        "streams": None if sound.streams is None else list(sound.streams),
        "options": dict(sound.options),
    }


def sound_from_json(data: Mapping[str, Any]) -> Sound:
    """From plain JSON values."""
    start_us, end_us = int(data["start_us"]), int(data["end_us"])
    if not 0 <= start_us < end_us:
        raise MalformedError("a sound ends before it starts")
    streams = data["streams"]
    return Sound(
        id=int(data["id"]),
        identifier=class_of_thing(data["identifier"]),
        hipaa=letter(data["hipaa"]),
        detector=tool(data["detector"]),
        start_us=start_us,
        end_us=end_us,
        score=None if data["score"] is None else float(data["score"]),
        streams=None if streams is None else tuple(int(s) for s in streams),
        options=dict(data["options"]),
    )


def caption_to_json(caption: Caption) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "stream": caption.stream,
        "start_us": caption.start_us,
        "end_us": caption.end_us,
        "text": caption.text,
        "spans": [
            [s.start, s.end, s.identifier, s.hipaa, s.detector, s.score] for s in caption.spans
        ],
    }


def caption_from_json(data: Mapping[str, Any]) -> Caption:
    """From plain JSON values."""
    text, start_us, end_us = str(data["text"]), int(data["start_us"]), int(data["end_us"])
    if start_us >= end_us:
        raise MalformedError("a caption ends before it starts")
    spans = []
    for start, end, identifier, hipaa, detector, score in data["spans"]:
        if not 0 <= int(start) < int(end) <= len(text):
            raise MalformedError("a span of a caption is not within its text")
        spans.append(
            CaptionSpan(
                start=int(start),
                end=int(end),
                identifier=class_of_thing(identifier),
                hipaa=letter(hipaa),
                detector=tool(detector),
                score=None if score is None else float(score),
            )
        )
    return Caption(
        stream=int(data["stream"]),
        start_us=start_us,
        end_us=end_us,
        text=text,
        spans=tuple(spans),
    )


def class_of_thing(value: object) -> str:
    """A class of thing, never a name."""
    # It goes into the manifest, and a person may have edited it: never a name.
    if not isinstance(value, str) or not CLASS.match(value):
        raise MalformedError("an identifier is a class of thing in lower case, such as face")
    return value


def tool(value: object) -> str:
    """The name of a stage or detector."""
    if not isinstance(value, str) or not TOOL.match(value):
        raise MalformedError("stages and detectors are named in letters, digits and . + - _")
    return value


def letter(value: object) -> str:
    """A HIPAA letter, or ""."""
    if not isinstance(value, str) or (value and (len(value) > 1 or value not in HIPAA_LETTERS)):
        raise MalformedError("a HIPAA letter is A to R")
    return value
