"""Looking at a recording before anything is run: what it holds and what would be done to it.

It changes nothing and writes nothing: what has to be written to look at it, such as a link with a
neutral name, is in a private folder that is gone afterwards. What it says is here; the looking is
in `veilcast.inspection.inspector`, which is not loaded before it is needed.
"""

from __future__ import annotations

from veilcast.inspection.inspection_model import SCHEMA, Inspection, schema

__all__ = ["SCHEMA", "Inspection", "schema"]
