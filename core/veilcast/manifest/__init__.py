"""The manifest: what was changed, by what, in which file.

A JSON document with one entry per step. Each entry carries the SHA-256 of its own canonical form
and that of the one before it, so that a value edited anywhere afterwards is noticed, and where. It
is no signature: who can rewrite the whole document can compute new hashes too. It holds no PHI: no
words, tag values, paths or host names.
"""

from __future__ import annotations

from veilcast.manifest.changes import (
    caption_changes,
    item_change,
    sound_change,
    track_change,
    uncovered_record,
    uncovered_sound_record,
)
from veilcast.manifest.examine import beside, check, equal_apart_from_volatile
from veilcast.manifest.manifest_builder import ManifestBuilder, load, profile_record, to_bytes
from veilcast.manifest.manifest_model import (
    SCHEMA,
    Boxes,
    Change,
    ConformedRecord,
    Entry,
    FileRecord,
    Frames,
    LookedForRecord,
    Manifest,
    ModelRecord,
    Pixels,
    Place,
    PluginRecord,
    ProfileRecord,
    SoftwareRecord,
    StreamRecord,
    Streams,
    Uncovered,
    schema,
)

__all__ = [
    "SCHEMA",
    "Boxes",
    "Change",
    "ConformedRecord",
    "Entry",
    "FileRecord",
    "Frames",
    "LookedForRecord",
    "Manifest",
    "ManifestBuilder",
    "ModelRecord",
    "Pixels",
    "Place",
    "PluginRecord",
    "ProfileRecord",
    "SoftwareRecord",
    "StreamRecord",
    "Streams",
    "Uncovered",
    "beside",
    "caption_changes",
    "check",
    "equal_apart_from_volatile",
    "item_change",
    "load",
    "profile_record",
    "schema",
    "sound_change",
    "to_bytes",
    "track_change",
    "uncovered_record",
    "uncovered_sound_record",
]
