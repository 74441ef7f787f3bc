"""What can be wrong with a file. Messages hold nothing of what is in it."""

from __future__ import annotations


class MediaScrubError(Exception):
    """Base of everything that this package raises on purpose; a sentence that says what to do."""


class DamagedError(MediaScrubError):
    """It ends early, or holds data that can't be taken apart."""


class StructureError(MediaScrubError):
    """It breaks its own format's rules, so nobody can say what is in it."""


class UnreadableError(MediaScrubError):
    """It does not exist, may not be read, or changed meanwhile."""


class UnsupportedError(MediaScrubError):
    """It is valid, and of a kind that can't be written back as it was."""


class LibraryMissingError(MediaScrubError):
    """A library that this needs is not installed."""
