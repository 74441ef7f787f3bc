"""The findings document: what is in it, and its JSON form."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from veilcast.errors import FindingsError
from veilcast.types import (
    HIPAA_LETTERS,
    Caption,
    CaptionSpan,
    Item,
    Origin,
    Sound,
    SpokenWord,
    Track,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "veilcast.findings/1"
CLASS = re.compile(r"[a-z][a-z0-9 _-]{0,31}\Z")
TOOL = re.compile(r"[A-Za-z0-9._+-]{1,200}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class _MalformedError(ValueError):
    """A value breaks a rule of findings; the message says which, and not the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one stage located.

    Attributes:
        stage: the stage's name.
        tracks: things in the picture.
        sounds: spans of sound.
        words: what was said, for a transcript.
        captions: the events of text subtitles that are kept.
        items: things in the container.
        warnings: sentences for the user, without PHI.
        models: SHA-256 of each model file used, by name.
        examined: how many frames (or tags) were looked at.
        nothing_to_do: why this stage does not apply to the input, or "".
    """

    stage: str
    tracks: tuple[Track, ...] = ()
    sounds: tuple[Sound, ...] = ()
    words: tuple[SpokenWord, ...] = ()
    captions: tuple[Caption, ...] = ()
    items: tuple[Item, ...] = ()
    warnings: tuple[str, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    examined: int = 0
    nothing_to_do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsDocument:
    """The findings of every stage for one input."""

    input_sha256: str
    stages: tuple[Findings, ...]
    located_with: Mapping[str, str]
    """By stage, SHA-256 of the settings that decided what was located."""


def canonical_json(value: object) -> bytes:
    """JSON in one fixed form: sorted keys, no spaces, UTF-8, no NaN."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def digest(findings: Findings) -> str:
    """SHA-256 of the findings' canonical form, hex."""
    return hashlib.sha256(canonical_json(findings_to_json(findings))).hexdigest()


def _track_to_json(track: Track) -> dict[str, Any]:
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


def _track_from_json(data: Mapping[str, Any]) -> Track:
    import numpy as np

    names = {origin.name.lower(): origin.value for origin in Origin}
    times = np.asarray(data["times_us"], dtype=np.int64)
    boxes = np.asarray(data["boxes"], dtype=np.float64).reshape(-1, 4)
    scores = np.asarray([np.nan if s is None else s for s in data["scores"]], dtype=np.float64)
    origins = np.asarray([names[o] for o in data["origins"]], dtype=np.uint8)
    if not len(times) == len(boxes) == len(scores) == len(origins) or not len(times):
        raise _MalformedError("a track's columns differ in length or are empty")
    if (np.diff(times) <= 0).any():
        raise _MalformedError("a track's times do not rise")
    if not np.isfinite(boxes).all() or (boxes[:, 2:] <= 0).any():
        raise _MalformedError("a track has a box without a size")
    return Track(
        id=int(data["id"]),
        identifier=_class_of_thing(data["identifier"]),
        hipaa=_letter(data["hipaa"]),
        detector=_tool(data["detector"]),
        options=dict(data["options"]),
        times_us=times,
        boxes=boxes,
        scores=scores,
        origins=origins,
    )


def _word_to_json(word: SpokenWord) -> list[Any]:
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


def _word_from_json(row: list[Any]) -> SpokenWord:
    text, start_us, end_us, confidence, stream, channel, identifier = row
    if not 0 <= int(start_us) < int(end_us):
        raise _MalformedError("a word ends before it starts")
    return SpokenWord(
        text=str(text),
        start_us=int(start_us),
        end_us=int(end_us),
        confidence=float(confidence),
        stream=int(stream),
        channel=None if channel is None else int(channel),
        identifier=_class_of_thing(identifier) if identifier else "",
    )


def _caption_to_json(caption: Caption) -> dict[str, Any]:
    return {
        "stream": caption.stream,
        "start_us": caption.start_us,
        "end_us": caption.end_us,
        "text": caption.text,
        "spans": [
            [s.start, s.end, s.identifier, s.hipaa, s.detector, s.score] for s in caption.spans
        ],
    }


def _caption_from_json(data: Mapping[str, Any]) -> Caption:
    text, start_us, end_us = str(data["text"]), int(data["start_us"]), int(data["end_us"])
    if start_us >= end_us:
        raise _MalformedError("a caption ends before it starts")
    spans = []
    for start, end, identifier, hipaa, detector, score in data["spans"]:
        if not 0 <= int(start) < int(end) <= len(text):
            raise _MalformedError("a span of a caption is not within its text")
        spans.append(
            CaptionSpan(
                start=int(start),
                end=int(end),
                identifier=_class_of_thing(identifier),
                hipaa=_letter(hipaa),
                detector=_tool(detector),
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


def _class_of_thing(value: object) -> str:
    # It goes into the manifest, and a person may have edited it: never a name.
    if not isinstance(value, str) or not CLASS.match(value):
        raise _MalformedError("an identifier is a class of thing in lower case, such as face")
    return value


def _tool(value: object) -> str:
    if not isinstance(value, str) or not TOOL.match(value):
        raise _MalformedError("stages and detectors are named in letters, digits and . + - _")
    return value


def _letter(value: object) -> str:
    if not isinstance(value, str) or (value and (len(value) > 1 or value not in HIPAA_LETTERS)):
        raise _MalformedError("a HIPAA letter is A to R")
    return value


def findings_to_json(findings: Findings) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "stage": findings.stage,
        "tracks": [_track_to_json(track) for track in findings.tracks],
        "sounds": [
            {
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
            for sound in findings.sounds
        ],
        "words": [_word_to_json(word) for word in findings.words],
        "captions": [_caption_to_json(caption) for caption in findings.captions],
        "items": [
            {
                "place": item.place,
                "kind": item.kind,
                "count": item.count,
                "hipaa": item.hipaa,
                "held": list(item.held),
            }
            for item in findings.items
        ],
        "warnings": list(findings.warnings),
        "models": dict(findings.models),
        "examined": findings.examined,
        "nothing_to_do": findings.nothing_to_do,
    }


def findings_from_json(data: Mapping[str, Any]) -> Findings:
    """From plain JSON values.

    Raises:
        FindingsError: a part is missing or malformed.
    """
    try:
        sounds = []
        for sound in data["sounds"]:
            start_us, end_us = int(sound["start_us"]), int(sound["end_us"])
            if not 0 <= start_us < end_us:
                raise _MalformedError("a sound ends before it starts")
            streams = sound["streams"]
            sounds.append(
                Sound(
                    id=int(sound["id"]),
                    identifier=_class_of_thing(sound["identifier"]),
                    hipaa=_letter(sound["hipaa"]),
                    detector=_tool(sound["detector"]),
                    start_us=start_us,
                    end_us=end_us,
                    score=None if sound["score"] is None else float(sound["score"]),
                    streams=None if streams is None else tuple(int(s) for s in streams),
                    options=dict(sound["options"]),
                )
            )
        return Findings(
            stage=_tool(data["stage"]),
            tracks=tuple(_track_from_json(track) for track in data["tracks"]),
            sounds=tuple(sounds),
            words=tuple(_word_from_json(word) for word in data["words"]),
            captions=tuple(_caption_from_json(caption) for caption in data["captions"]),
            items=tuple(
                Item(
                    place=str(item["place"]),
                    kind=str(item["kind"]),
                    count=int(item["count"]),
                    hipaa=_letter(item["hipaa"]),
                    held=tuple(_class_of_thing(one) for one in item["held"]),
                )
                for item in data["items"]
            ),
            warnings=tuple(str(warning) for warning in data["warnings"]),
            models={str(name): str(sha) for name, sha in data["models"].items()},
            examined=int(data["examined"]),
            nothing_to_do=str(data["nothing_to_do"]),
        )
    except _MalformedError as exc:
        raise FindingsError(
            f"The findings are malformed: {exc}; correct it, or locate again."
        ) from exc
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        # Foreign messages repeat the value, which may be a recognised word.
        raise FindingsError(
            "The findings are malformed: a value is missing or of the wrong kind; locate again."
        ) from exc


def document_to_bytes(document: FindingsDocument) -> bytes:
    """As a JSON file."""
    return canonical_json(
        {
            "schema": SCHEMA,
            "input_sha256": document.input_sha256,
            "located_with": dict(document.located_with),
            "stages": [findings_to_json(stage) for stage in document.stages],
        }
    )


def document_from_bytes(data: bytes) -> FindingsDocument:
    """From a JSON file.

    Raises:
        FindingsError: it is not a findings document of this version.
    """
    try:
        value = json.loads(data)
        if value["schema"] != SCHEMA or not _SHA256.match(value["input_sha256"]):
            raise ValueError("schema")
        stages = tuple(findings_from_json(stage) for stage in value["stages"])
        return FindingsDocument(
            input_sha256=str(value["input_sha256"]),
            stages=stages,
            located_with={str(k): str(v) for k, v in dict(value["located_with"]).items()},
        )
    except (KeyError, TypeError, ValueError, RecursionError) as exc:
        raise FindingsError(
            "This is not a Veilcast findings file; make one with 'veilcast locate'."
        ) from exc
