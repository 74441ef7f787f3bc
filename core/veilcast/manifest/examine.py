"""Does a manifest hold together, and does it belong to these files?"""

from __future__ import annotations

from glob import escape
from typing import TYPE_CHECKING, Any

from veilcast.errors import UnreadableError, UsageError
from veilcast.findings import canonical_json
from veilcast.manifest.manifest_builder import lasting, manifest_hash, sha256_of
from veilcast.workspace import file_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def check(
    manifest: Mapping[str, Any], output_path: Path, input_path: Path | None = None
) -> list[str]:
    """Examine the chain and the files that a loaded manifest speaks of.

    Returns:
        One sentence for each thing that is wrong; none when all is well.

    Raises:
        UnreadableError: a file is not there or may not be read.
    """
    problems = [*_chain_problems(manifest), *_group_problems(manifest)]
    profile = manifest["profile"]
    if profile["sha256"] != sha256_of({key: profile[key] for key in ("stages", "deliver")}):
        problems.append("The profile's settings were edited.")
    if manifest["manifest_sha256"] != manifest_hash(manifest):
        problems.append("The manifest was edited after it was written.")
    if not _is_file(manifest["output"], output_path):
        problems.append("The delivered file is not the one that this manifest is about.")
    if input_path is not None and not _is_file(manifest["input"], input_path):
        problems.append("The input is not the one that this manifest is about.")
    return problems


def beside(manifest: Mapping[str, Any], path: Path) -> Path:
    """The delivered file, in the folder of its manifest, where both have the names of a run.

    Others may have that name too, with another ending: the one with the right hash is meant. Where
    none has it and there is only one, it is that one, so that `check` can say what is wrong.

    Args:
        manifest: loaded.
        path: of the manifest.

    Raises:
        UsageError: it is not there, or can't be told.
    """
    stem = path.name.removesuffix(".manifest.json")
    found = sorted(
        one for one in path.parent.glob(f"{escape(stem)}.*") if one.stem == stem and one.is_file()
    )
    mine = [one for one in found if _is_file(manifest["output"], one)]
    if not mine and len(found) != 1:
        raise UsageError("Say which file the manifest is about with --output.")
    return (mine or found)[0]


def equal_apart_from_volatile(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """True when two runs did the same to the same."""
    return canonical_json(lasting(first)) == canonical_json(lasting(second))


def _chain_problems(manifest: Mapping[str, Any]) -> list[str]:
    problems = []
    previous = sha256_of({key: manifest[key] for key in ("schema", "input", "profile", "software")})
    for n, entry in enumerate(manifest["entries"]):
        if entry["n"] != n or entry["previous"] != previous:
            problems.append(f"The chain is broken before entry {n}.")
        bare = {key: value for key, value in entry.items() if key != "entry_sha256"}
        if entry["entry_sha256"] != sha256_of(bare):
            problems.append(f"Entry {n} was edited.")
        previous = entry["entry_sha256"]
    return problems


def _group_problems(manifest: Mapping[str, Any]) -> list[str]:
    problems = []
    group, at = None, manifest["input"]["sha256"]
    for n, entry in enumerate(manifest["entries"]):
        if entry["group"] == group:
            before = manifest["entries"][n - 1]
            fits = all(entry[key] == before[key] for key in ("input_sha256", "output_sha256"))
        else:
            fits = entry["input_sha256"] == at
        if not fits:
            problems.append(f"Entry {n} did not work on what the one before it left.")
        group, at = entry["group"], entry["output_sha256"]
    if at != manifest["output"]["sha256"]:
        problems.append("The last entry did not leave the delivered file.")
    return problems


def _is_file(record: Mapping[str, Any], path: Path) -> bool:
    try:
        size = path.stat().st_size
    except OSError as exc:
        raise UnreadableError(
            "A file that the manifest is about can't be read; check the path and its permissions."
        ) from exc
    return bool(size == record["bytes"]) and file_sha256(path) == record["sha256"]
