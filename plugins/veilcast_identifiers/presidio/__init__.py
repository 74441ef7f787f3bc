"""Recognisers of Presidio, as recognisers of Veilcast."""

from veilcast_identifiers.presidio.adapter import from_presidio
from veilcast_identifiers.presidio.selection import describe

__all__ = ["describe", "from_presidio"]
