"""Detectors look at the delivered picture again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veilcast.extensions import CheckContext, Problem


def examine(context: CheckContext) -> list[Problem]:
    """Look again with every stage that detects."""
    return []
