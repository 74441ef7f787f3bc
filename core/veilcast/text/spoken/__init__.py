"""Spoken form to written form, with a map back to the words.

`to_written` is a deterministic reader of English number words, spelled letters, dates and
addresses: tables and a few rules of what stands together, in linear time.
"""

from __future__ import annotations

from veilcast.text.spoken.convert import to_written
from veilcast.text.spoken.form import Piece, Written

__all__ = ["Piece", "Written", "to_written"]
