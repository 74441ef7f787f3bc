"""The findings document: what is in it, and its JSON form."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from veilcast.errors import FindingsError
from veilcast.findings.edits_json import edit_from_json, edit_to_json
from veilcast.findings.json_forms import (
    MalformedError,
    caption_from_json,
    caption_to_json,
    class_of_thing,
    letter,
    sound_from_json,
    sound_to_json,
    tool,
    track_from_json,
    track_to_json,
    word_from_json,
    word_to_json,
)
from veilcast.types import Item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veilcast.findings.edits import Edit
    from veilcast.types import Caption, Sound, SpokenWord, Track

SCHEMA = "veilcast.findings/1"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


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
    edits: tuple[Edit, ...] = ()
    """What was decided since, oldest first; see `veilcast.findings.edits`."""


def canonical_json(value: object) -> bytes:
    """JSON in one fixed form: sorted keys, no spaces, UTF-8, no NaN."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def digest(findings: Findings) -> str:
    """SHA-256 of the findings' canonical form, hex."""
    return hashlib.sha256(canonical_json(findings_to_json(findings))).hexdigest()


def findings_to_json(findings: Findings) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "stage": findings.stage,
        "tracks": [track_to_json(track) for track in findings.tracks],
        "sounds": [sound_to_json(sound) for sound in findings.sounds],
        "words": [word_to_json(word) for word in findings.words],
        "captions": [caption_to_json(caption) for caption in findings.captions],
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
        return Findings(
            stage=tool(data["stage"]),
            tracks=tuple(track_from_json(track) for track in data["tracks"]),
            sounds=tuple(sound_from_json(sound) for sound in data["sounds"]),
            words=tuple(word_from_json(word) for word in data["words"]),
            captions=tuple(caption_from_json(caption) for caption in data["captions"]),
            items=tuple(
                Item(
                    place=str(item["place"]),
                    kind=str(item["kind"]),
                    count=int(item["count"]),
                    hipaa=letter(item["hipaa"]),
                    held=tuple(class_of_thing(one) for one in item["held"]),
                )
                for item in data["items"]
            ),
            warnings=tuple(str(warning) for warning in data["warnings"]),
            models={str(name): str(sha) for name, sha in data["models"].items()},
            examined=int(data["examined"]),
            nothing_to_do=str(data["nothing_to_do"]),
        )
    except MalformedError as exc:
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
    edits = [edit_to_json(edit) for edit in document.edits]
    return canonical_json(
        {
            "schema": SCHEMA,
            "input_sha256": document.input_sha256,
            "located_with": dict(document.located_with),
            "stages": [findings_to_json(stage) for stage in document.stages],
            **({"edits": edits} if edits else {}),
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
            edits=_edits_from_json(value.get("edits", [])),
            located_with={str(k): str(v) for k, v in dict(value["located_with"]).items()},
        )
    except (KeyError, TypeError, ValueError, RecursionError) as exc:
        raise FindingsError(
            "This is not a Veilcast findings file; make one with 'veilcast locate'."
        ) from exc


def _edits_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[Edit, ...]:
    try:
        return tuple(map(edit_from_json, data))
    except MalformedError as exc:
        raise FindingsError(f"The edits are malformed: {exc}; correct them.") from exc
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        raise FindingsError(
            "The edits are malformed: a value is missing or of the wrong kind; correct them."
        ) from exc
