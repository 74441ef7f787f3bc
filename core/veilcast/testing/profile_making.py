"""Profiles for tests: from a name, a file, or what a file would say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.host import Host
    from veilcast.profile import Profile


def profile_of(
    host: Host,
    asked: str | Path | Mapping[str, Any],
    folder: Path,
    *,
    settings: Sequence[str] = (),
    files: Mapping[str, Path] | None = None,
) -> Profile:
    """A loaded profile.

    Args:
        host: provides what it names.
        asked: the name of a shipped profile, a file, or what is in one, such as
            ``{"stages": ["regions", "metadata"]}``.
        folder: where a file may be written.
        settings: as ``--set`` takes them.
        files: by stage, a file of its own.

    Raises:
        ProfileError: as `veilcast.profile.load_profile`.
    """
    from veilcast.profile import load_profile

    if isinstance(asked, Mapping):
        path = folder / "profile.yaml"
        path.write_text(json.dumps(asked, default=str), encoding="utf-8")  # YAML reads JSON
        asked = path
    return load_profile(host, str(asked), overrides=settings, files=files)
