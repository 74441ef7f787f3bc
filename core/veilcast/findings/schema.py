"""The published JSON Schema (draft 2020-12) of findings documents.

What a schema can't say, reading checks: that a track's columns are of one length, and that its
times rise.
"""

from __future__ import annotations

from typing import Any

from veilcast.findings.document import SCHEMA
from veilcast.findings.edits_json import WRITTEN_BY
from veilcast.findings.json_forms import CLASS, TOOL
from veilcast.types import HIPAA_LETTERS, Origin


def _text(pattern: str, description: str) -> dict[str, Any]:
    # JSON Schema has the dialect of ECMAScript, whose end of the text is `$`.
    return {
        "type": "string",
        "pattern": f"^{pattern.replace(chr(92) + 'Z', '')}$",
        "description": description,
    }


def _whole(description: str, least: int | None = 0) -> dict[str, Any]:
    return {
        "type": "integer",
        **({} if least is None else {"minimum": least}),
        "description": description,
    }


def _list(items: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": description, **more}


def _record(properties: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_SCORE = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "null"}]}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_HASHES = {"type": "object", "additionalProperties": _SHA256}
_OPTIONS = {"type": "object", "description": "how this one differs from the stage's settings"}
_LETTER = _text(f"[{HIPAA_LETTERS}]?", "letter in 45 CFR 164.514(b)(2)(i), or empty")
_BOX = {
    "type": "array",
    "description": "x, y, width, height in pixels of the displayed frame, after rotation",
    "prefixItems": [
        {"type": "number"},
        {"type": "number"},
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "number", "exclusiveMinimum": 0},
    ],
    "items": False,
    "minItems": 4,
}
_WHAT = {
    "id": _whole("its number within the stage", None),
    "identifier": _text(CLASS.pattern, "the class of thing, never a name"),
    "hipaa": _LETTER,
    "detector": _text(TOOL.pattern, "what found it"),
    "options": _OPTIONS,
}
_ORIGINS = {
    Origin.DETECTED: "seen in that very frame",
    Origin.INTERPOLATED: "between two that were seen",
    Origin.HELD: "before the first that was seen, or after the last",
    Origin.FLOW: "followed by the motion of the picture",
}
_TRACK = _record(
    {
        **_WHAT,
        "times_us": _list(
            _whole("", None),
            "the time of each frame in microseconds from the presentation start, rising; the "
            "other columns have an entry for each of them",
            minItems=1,
        ),
        "boxes": _list(_BOX, "where it is", minItems=1),
        "scores": _list(_SCORE, "how sure the detector was; null where it saw nothing", minItems=1),
        "origins": _list(
            {"enum": [origin.name.lower() for origin in Origin]},
            "how the box came about: "
            + "; ".join(f"{origin.name.lower()}: {why}" for origin, why in _ORIGINS.items()),
            minItems=1,
        ),
    },
    "one thing in the picture, followed over time",
)
_SOUND = _record(
    {
        **_WHAT,
        "start_us": _whole("its start in microseconds from the presentation start"),
        "end_us": _whole("its end, after the start", 1),
        "score": _SCORE,
        "streams": {
            "anyOf": [_list(_whole("an index"), "the sound streams"), {"type": "null"}],
            "description": "which sound streams it is in; null: all of them",
        },
    },
    "a span of sound",
)
_WORD = {
    "type": "array",
    "description": "a word that was heard: the text, its start and end in microseconds, how sure "
    "(0 to 1), the index of its sound stream, its channel there (null: all), and the class of "
    "identifier that it is part of, or empty",
    "prefixItems": [
        {"type": "string"},
        _whole("its start"),
        _whole("its end, after the start", 1),
        {"type": "number", "minimum": 0, "maximum": 1},
        _whole("the stream"),
        {"anyOf": [_whole("the channel"), {"type": "null"}]},
        {"anyOf": [_text(CLASS.pattern, "the class of thing"), {"const": ""}]},
    ],
    "items": False,
    "minItems": 7,
}
_ITEM = _record(
    {
        "place": {"type": "string"},
        "kind": {"type": "string"},
        "count": _whole("how many"),
        "hipaa": _LETTER,
        "held": _list(_text(CLASS.pattern, "a class of thing"), "what its values named"),
    },
    "something in the container, without its value",
)
_CAPTION = _record(
    {
        "stream": _whole("the index of the subtitle stream"),
        "start_us": _whole("when it is shown", None),
        "end_us": _whole("one after it is shown", None),
        "text": {"type": "string", "description": "what it says, without styles"},
        "spans": _list(
            {
                "type": "array",
                "description": "what of it is covered: first character, one after the last, the "
                "class of identifier, its letter, what found it, and how sure",
                "prefixItems": [
                    _whole("the first"),
                    _whole("one after the last", 1),
                    _text(CLASS.pattern, "the class of thing"),
                    _LETTER,
                    _text(TOOL.pattern, "what found it"),
                    _SCORE,
                ],
                "items": False,
                "minItems": 6,
            },
            "what identifies",
        ),
    },
    "one event of a text subtitle stream",
)
_STAGE = _record(
    {
        "stage": _text(TOOL.pattern, "the stage's name"),
        "tracks": _list({"$ref": "#/$defs/track"}, "in the picture"),
        "sounds": _list({"$ref": "#/$defs/sound"}, "in the sound"),
        "words": _list({"$ref": "#/$defs/word"}, "what was said"),
        "captions": _list({"$ref": "#/$defs/caption"}, "in text subtitles"),
        "items": _list({"$ref": "#/$defs/item"}, "in the container"),
        "warnings": _list({"type": "string"}, "sentences for people"),
        "models": {**_HASHES, "description": "SHA-256 of each model file used, by name"},
        "examined": _whole("how many frames or tags were looked at"),
        "nothing_to_do": {
            "type": "string",
            "description": "why it does not apply, or empty",
        },
    },
    "what one stage located",
)


def _edit(kind: str, properties: dict[str, Any], description: str, optional: str) -> dict[str, Any]:
    record = _record(
        {
            "edit": {"const": kind},
            "stage": _text(TOOL.pattern, "whose findings it is about"),
            "author": {"enum": list(WRITTEN_BY), "description": "who made it"},
            "reason": {"type": "string", "description": "why, for people; it stays in this file"},
            **properties,
        },
        description,
    )
    loose = {"reason", *optional.split()}
    return record | {"required": [name for name in record["required"] if name not in loose]}


_ONE = {
    "thing": {"enum": ["track", "sound"]},
    "id": _whole("its number within the stage", None),
}
_EDIT = {
    "description": "a decision about what is covered; what a later one says of the same counts",
    "oneOf": [
        _edit(
            "add",
            {
                "tracks": _list({"$ref": "#/$defs/track"}, "with new numbers"),
                "sounds": _list({"$ref": "#/$defs/sound"}, "with new numbers"),
            },
            "things that no stage located",
            "tracks sounds",
        ),
        _edit("change", {**_ONE, "options": _OPTIONS}, "other options for one thing", ""),
        _edit(
            "drop",
            {
                **_ONE,
                "spans_us": {
                    "anyOf": [
                        _list(
                            {
                                "type": "array",
                                "prefixItems": [_whole("from", None), _whole("to", None)],
                                "items": False,
                                "minItems": 2,
                            },
                            "half-open, in microseconds",
                            minItems=1,
                        ),
                        {"type": "null"},
                    ],
                    "description": "when; null or left out: all the time",
                },
            },
            "one thing is left uncovered",
            "spans_us",
        ),
        _edit(
            "undo",
            {"of": _whole("the number of an edit that stands before, from 1", 1)},
            "an edit is taken back",
            "",
        ),
    ],
}


def schema() -> dict[str, Any]:
    """The whole schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        "$defs": {
            "track": _TRACK,
            "sound": _SOUND,
            "word": _WORD,
            "caption": _CAPTION,
            "item": _ITEM,
            "stage": _STAGE,
            "edit": _EDIT,
        },
        **_record(
            {
                "schema": {"const": SCHEMA},
                "input_sha256": {**_SHA256, "description": "of the recording"},
                "located_with": {
                    **_HASHES,
                    "description": "by stage, SHA-256 of the settings that decided what is located",
                },
                "stages": _list({"$ref": "#/$defs/stage"}, "each once"),
                "edits": _list({"$ref": "#/$defs/edit"}, "decided since, oldest first"),
            },
            "what was located in one recording; holds what identifies people: keep it private",
        ),
        "required": ["schema", "input_sha256", "located_with", "stages"],
    }
