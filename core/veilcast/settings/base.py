"""What every stage's settings have in common."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    SerializationInfo,
)

from veilcast.errors import ProfileError


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file that the user names, and what was in it when it was named."""

    path: Path
    sha256: str


def _chosen_file(value: object) -> object:
    if isinstance(value, str | Path):
        try:
            path = Path(value).expanduser().absolute()
            with path.open("rb") as file:
                return ChosenFile(path, hashlib.file_digest(file, "sha256").hexdigest())
        except OSError:
            raise ValueError("the file can't be read; check its path and permissions") from None
    return value


UserFile = Annotated[
    InstanceOf[ChosenFile],
    BeforeValidator(_chosen_file),
    PlainSerializer(lambda chosen: chosen.sha256, return_type=str),
]
"""A file that the user names: has `path` and `sha256`. A path may hold names, so whatever is
written down, the manifest too, says the SHA-256 only."""


class StageSettings(BaseModel):
    """Base of every stage's settings: unknown keys are errors, values never change.

    Settings go into the manifest: they may not hold names, words or paths.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def from_file(cls, path: Path) -> dict[str, Any]:
        """Settings read from a file of the stage's own (as `--regions F` does).

        Raises:
            ProfileError: this stage has none, or it is malformed.
        """
        raise ProfileError(f"The stage does not read a file ({cls.__name__}).")


def is_private(info: SerializationInfo) -> bool:
    """Whether settings are written down for this machine only: never into a manifest."""
    return bool(info.context and info.context.get("private"))


def _write_private(chosen: ChosenFile, info: SerializationInfo) -> str:
    return chosen.sha256 if is_private(info) else "given"


PrivateFile = Annotated[
    InstanceOf[ChosenFile],
    BeforeValidator(_chosen_file),
    PlainSerializer(_write_private, return_type=str),
]
"""A file of what identifies somebody. A manifest says that it was given and nothing more: from a
checksum, a short file of names and dates could be guessed."""


def _words(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        lines = Path(value).expanduser().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ValueError(
            "give a list, or a text file with one word or phrase on each line that can be read"
        ) from None
    return [line.strip() for line in lines if line.strip()]


def _write_words(words: tuple[str, ...], info: SerializationInfo) -> list[str] | dict[str, int]:
    return list(words) if is_private(info) else {"phrases": len(words)}


PrivateWords = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(_words),
    PlainSerializer(_write_words, return_type=list[str] | dict[str, int]),
]
"""Words and phrases, or the path of a text file of them. A manifest says how many they are."""
