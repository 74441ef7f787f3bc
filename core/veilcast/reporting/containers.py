"""What is known of tags and streams beside picture and sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.reporting.statement import looked_for
from veilcast.reporting.words import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veilcast.reporting.report_model import Left

_OF_CONTAINERS = {"structure", "streams", "tags", "strings", "subtitles"}
"""Checks that look elsewhere than at picture and sound."""


def container_stages(manifest: Mapping[str, Any]) -> list[str]:
    """The stages that looked at tags and streams."""
    return [
        plain(entry["stage"], 40)
        for entry in manifest["entries"]
        if entry["phase"] == "container" and not entry["nothing_to_do"]
    ]


def nothing_beside(manifest: Mapping[str, Any], remaining: Sequence[Left]) -> bool:
    """Whether the source had only picture and sound, and nobody found anything else in the copy.

    A stage has to have looked at tags and streams as a whole for that, and nothing may be left that
    is not at a time of picture or sound.
    """
    whole = any(
        one["where"] == "metadata" and one["how"] == "whole" for _, one in looked_for(manifest)
    )
    changed = any(
        change["kind"] == "container"
        for entry in manifest["entries"]
        for change in entry["changes"]
    )
    streams = [*manifest["input"]["streams"], *manifest["output"]["streams"]]
    return (
        whole
        and bool(container_stages(manifest))
        and not changed
        and all(stream["type"] in ("video", "audio") for stream in streams)
        and not any(one.from_us is None or one.check in _OF_CONTAINERS for one in remaining)
    )
