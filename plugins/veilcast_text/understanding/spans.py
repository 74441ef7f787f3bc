"""Characters of a line that identify."""

from __future__ import annotations

from dataclasses import dataclass

LABELS = "labels"
"""What stands in findings as the recogniser of values beside labels, titles and name tags."""
LABELLED = 0.9
"""How sure the value of a label is."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a text that identify."""

    start: int
    end: int
    identifier: str
    score: float
    reason: str
    recognizer: str
