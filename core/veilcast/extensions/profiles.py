"""Ready settings for a use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDocument:
    """A ready profile: its name and its YAML text."""

    name: str
    summary: str
    text: str
