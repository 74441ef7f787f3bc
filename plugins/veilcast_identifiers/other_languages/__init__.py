"""Names, numbers, dates, ages and addresses in French, Spanish and German, by rules alone."""

from __future__ import annotations

from veilcast_identifiers.other_languages.recognizer import describe

__all__ = ["describe"]
