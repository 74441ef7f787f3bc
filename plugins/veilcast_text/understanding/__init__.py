"""What lines of text in a picture say of people: lines in, what identifies out."""

from __future__ import annotations

from veilcast_text.understanding.judging import Identified, Judge
from veilcast_text.understanding.reading import LISTED

__all__ = ["LISTED", "Identified", "Judge"]
