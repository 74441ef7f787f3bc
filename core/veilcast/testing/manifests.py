"""Looking into a manifest from a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def assert_manifest(
    manifest: Path | Mapping[str, Any],
    *,
    what: str | None = None,
    kind: str | None = None,
    count: int | None = None,
    at_us: int | None = None,
    stage: str | None = None,
    detector: str | None = None,
) -> list[Mapping[str, Any]]:
    """Its chain holds, and at least one change in it is as described.

    Args:
        manifest: the file, or what is in it.
        what: the class of what was changed, e.g. ``face``.
        kind: ``picture``, ``sound`` or ``container``.
        count: how many frames, spans or things all the changes so described have together.
        at_us: a time within the change, in microseconds from the presentation start.
        stage: which stage made it.
        detector: which detector, recogniser or stage found it.

    Returns:
        The changes that are as described; each is a `Change` of the published schema.

    Raises:
        AssertionError: the manifest was edited, or holds no such change; it says which changes
            there are.
    """
    from veilcast.errors import ManifestError
    from veilcast.manifest import load

    try:
        whole = load(manifest.read_bytes() if isinstance(manifest, Path) else _bytes(manifest))
    except ManifestError as exc:
        raise AssertionError(f"this is no manifest: {exc}") from exc
    if broken := _broken(whole):
        raise AssertionError(f"the manifest does not hold: {broken}")
    wanted = {"what": what, "kind": kind, "detector": detector, "stage": stage}
    found = [
        change
        for made_by, change in _changes(whole)
        if all(
            value is None or (made_by if key == "stage" else change[key]) == value
            for key, value in wanted.items()
        )
        and (at_us is None or _is_at(change, at_us))
    ]
    asked = ", ".join(f"{key} {value}" for key, value in wanted.items() if value is not None)
    if not found:
        there = sorted({f"{c['what']} ({c['kind']}, {by})" for by, c in _changes(whole)})
        raise AssertionError(
            f"no change is {asked or 'there'}{'' if at_us is None else f' at {at_us} us'}; "
            f"there are: {', '.join(there) or 'none'}"
        )
    together = sum(change["count"] for change in found)
    if count is not None and together != count:
        raise AssertionError(f"the changes with {asked} count {together} and not {count}")
    return found


def _bytes(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest).encode()


def _broken(manifest: Mapping[str, Any]) -> str:
    """Where the chain of hashes does not hold, or ""."""
    from veilcast.manifest.manifest_builder import manifest_hash, sha256_of

    if manifest["manifest_sha256"] != manifest_hash(manifest):
        return "it was edited after it was written"
    previous = None
    for entry in manifest["entries"]:
        bare = {key: value for key, value in entry.items() if key != "entry_sha256"}
        if entry["entry_sha256"] != sha256_of(bare):
            return f"entry {entry['n']} was edited"
        if previous is not None and entry["previous"] != previous:
            return f"the chain is broken before entry {entry['n']}"
        previous = entry["entry_sha256"]
    return ""


def _changes(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in manifest["entries"]:
        for change in entry["changes"]:
            yield entry["stage"], change


def _is_at(change: Mapping[str, Any], at_us: int) -> bool:
    start, end = change["from_us"], change["to_us"]
    return start is not None and end is not None and start <= at_us < end
