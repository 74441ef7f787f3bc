"""Building, writing and reading a manifest."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from veilcast.errors import ManifestError
from veilcast.findings import canonical_json
from veilcast.manifest.manifest_model import (
    SCHEMA,
    Change,
    FileRecord,
    LookedForRecord,
    Manifest,
    PluginRecord,
    ProfileRecord,
    SoftwareRecord,
    Uncovered,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ManifestBuilder:
    """Collects entries and closes the chain over them."""

    def __init__(
        self,
        *,
        input: FileRecord,  # noqa: A002  # the document's own word
        profile: ProfileRecord,
        software: SoftwareRecord,
    ) -> None:
        self._head: dict[str, Any] = {
            "schema": SCHEMA,
            "input": input.model_dump(),
            "profile": profile.model_dump(),
            "software": software.model_dump(),
        }
        self._entries: list[dict[str, Any]] = []

    def add_entry(
        self,
        *,
        stage: str,
        phase: str,
        plugin: PluginRecord,
        group: int,
        input_sha256: str,
        output_sha256: str,
        findings_sha256: str | None = None,
        settings: Mapping[str, Any] | None = None,
        looked_for: Sequence[LookedForRecord] = (),
        cuts_us: Sequence[tuple[int, int]] = (),
        retimed: bool = False,
        changes: Sequence[Change] = (),
        uncovered: Sequence[Uncovered] = (),
        edits: Mapping[str, Mapping[str, int]] | None = None,
        warnings: Sequence[str] = (),
        nothing_to_do: str = "",
        models: Mapping[str, str] | None = None,
    ) -> str:
        """Append a step.

        Returns:
            The entry's hash.
        """
        entry: dict[str, Any] = {
            "n": len(self._entries),
            "stage": stage,
            "phase": phase,
            "plugin": plugin.model_dump(),
            "group": group,
            "input_sha256": input_sha256,
            "findings_sha256": findings_sha256,
            "output_sha256": output_sha256,
            "settings": dict(settings or {}),
            "looked_for": [one.model_dump() for one in looked_for],
            "cuts": [f"{start} {end}" for start, end in cuts_us],
            "retimed": retimed,
            "changes": [change.model_dump() for change in changes],
            "uncovered": [left.model_dump() for left in uncovered],
            "edits": {author: dict(counts) for author, counts in (edits or {}).items()},
            "warnings": list(warnings),
            "nothing_to_do": nothing_to_do,
            "models": dict(models or {}),
            "previous": self._entries[-1]["entry_sha256"]
            if self._entries
            else sha256_of(self._head),
        }
        entry["entry_sha256"] = sha256_of(entry)
        self._entries.append(entry)
        return str(entry["entry_sha256"])

    def finish(
        self, *, output: FileRecord, created_at: str, seconds: Mapping[str, float]
    ) -> dict[str, Any]:
        """The whole document.

        Args:
            output: the delivered file.
            created_at: UTC, as in ``2024-05-01T12:00:00Z``.
            seconds: how long each phase took.

        Raises:
            ManifestError: what was added is not a valid manifest.
        """
        manifest = {
            **self._head,
            "output": output.model_dump(),
            "entries": self._entries,
            "volatile": {"created_at": created_at, "seconds": dict(seconds)},
        }
        manifest["manifest_sha256"] = manifest_hash(manifest)
        return load(to_bytes(manifest))


def profile_record(
    name: str, stages: Mapping[str, Mapping[str, Any]], deliver: Mapping[str, Any]
) -> ProfileRecord:
    """What was asked for, by name, with each stage's settings and delivery's, and their hash."""
    asked: dict[str, Any] = {
        "stages": {stage: dict(settings) for stage, settings in stages.items()},
        "deliver": dict(deliver),
    }
    return ProfileRecord(name=name, sha256=sha256_of(asked), **asked)


def to_bytes(manifest: Mapping[str, Any]) -> bytes:
    """As a JSON file for people: indented, sorted, always the same for the same values."""
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def load(data: bytes) -> dict[str, Any]:
    """Read a manifest and validate it.

    Raises:
        ManifestError: it is not a manifest of this version.
    """
    try:
        manifest = json.loads(data, object_pairs_hook=_unique)
        Manifest.model_validate_json(canonical_json(manifest))
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
        # Our own field names and positions; a foreign key could hold anything.
        known = [str(part) for part in first["loc"] if first["type"] != "extra_forbidden"]
        place = ".".join(known[:3]) or "a field"
        raise ManifestError(
            f"This is not a manifest that Veilcast wrote ({place}); get the original file."
        ) from exc
    except (ValueError, RecursionError) as exc:
        raise ManifestError(
            "This is not a manifest that Veilcast wrote; get the original file."
        ) from exc
    result: dict[str, Any] = manifest
    return result


def sha256_of(value: object) -> str:
    """Of the canonical form."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def lasting(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Without what may differ between equal runs."""
    return {key: value for key, value in manifest.items() if key != "volatile"}


def manifest_hash(manifest: Mapping[str, Any]) -> str:
    """What `manifest_sha256` should be."""
    return sha256_of({k: v for k, v in lasting(manifest).items() if k != "manifest_sha256"})


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found
