"""Names of people and places in talk and in writing."""

from __future__ import annotations

from veilcast_identifiers.names.cues import asked, identity_cues
from veilcast_identifiers.names.recognizer import describe, load

__all__ = ["asked", "describe", "identity_cues", "load"]
