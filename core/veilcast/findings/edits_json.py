"""The JSON form of edits in a findings file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.findings.edits import Add, Change, Drop, Edit, Undo
from veilcast.findings.json_forms import (
    MalformedError,
    sound_from_json,
    sound_to_json,
    tool,
    track_from_json,
    track_to_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

WRITTEN_BY = ("person", "link", "check")
"""Whose edits a file has: what stages and settings ask for is made anew by each run."""


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """As plain JSON values."""
    common = {"stage": edit.stage, "author": edit.author, "reason": edit.reason}
    match edit:
        case Add():
            tracks = [track_to_json(track) for track in edit.tracks]
            sounds = [sound_to_json(sound) for sound in edit.sounds]
            return {"edit": "add", **common, "tracks": tracks, "sounds": sounds}
        case Change():
            own = {"thing": edit.thing, "id": edit.id, "options": dict(edit.options)}
            return {"edit": "change", **common, **own}
        case Drop():
            spans = None if edit.spans_us is None else [list(span) for span in edit.spans_us]
            return {
                "edit": "drop",
                **common,
                "thing": edit.thing,
                "id": edit.id,
                "spans_us": spans,
            }
        case Undo():
            return {"edit": "undo", **common, "of": edit.edit}
    raise TypeError(type(edit).__name__)


def edit_from_json(data: Mapping[str, Any]) -> Edit:
    """From plain JSON values; `reason` may be left out, and what may be null as well.

    Raises:
        MalformedError: it is no edit.
    """
    author = data["author"]
    if author not in WRITTEN_BY:
        raise MalformedError(f"the author of an edit is one of {', '.join(WRITTEN_BY)}")
    common: dict[str, Any] = {
        "stage": tool(data["stage"]),
        "author": author,
        "reason": str(data.get("reason", "")),
    }
    match data["edit"]:
        case "add":
            return Add(
                **common,
                tracks=tuple(track_from_json(track) for track in data.get("tracks", ())),
                sounds=tuple(sound_from_json(sound) for sound in data.get("sounds", ())),
            )
        case "change":
            return Change(**common, **_thing(data), options=dict(data["options"]))
        case "drop":
            return Drop(**common, **_thing(data), spans_us=_spans(data.get("spans_us")))
        case "undo":
            return Undo(**common, edit=int(data["of"]))
    raise MalformedError("an edit adds, changes, drops or undoes")


def _thing(data: Mapping[str, Any]) -> dict[str, Any]:
    if data["thing"] not in ("track", "sound"):
        raise MalformedError("an edit is of a track or a sound")
    return {"thing": data["thing"], "id": int(data["id"])}


def _spans(data: list[list[int]] | None) -> tuple[tuple[int, int], ...] | None:
    if data is None:
        return None
    spans = tuple((int(start_us), int(end_us)) for start_us, end_us in data)
    if not spans or any(start_us >= end_us for start_us, end_us in spans):
        raise MalformedError("an edit has a span that ends before it starts, or none")
    return spans
