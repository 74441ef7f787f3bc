"""Text readers, and which of the lines that they read are covered."""

from __future__ import annotations

from pydantic import Field, InstanceOf

from veilcast.settings.base import StageSettings
from veilcast.settings.choice import Choice
from veilcast.settings.identifiers import IdentifierSettings
from veilcast.settings.track_selection import SelectionSettings

NONE = "none"


class TextReaderSettings(StageSettings):
    """What a profile may say of one text reader; readers derive theirs from it."""


class TextReaderChoice(Choice):
    """A text reader by name, perhaps with settings of its own: ``{name: ppocr, size: tiny}``."""

    own: InstanceOf[TextReaderSettings] | None = None


class ReadPictureSettings(IdentifierSettings, SelectionSettings):
    """Who reads what a picture says, and which of it is covered."""

    reader: TextReaderChoice = Field(
        description="a text reader, as a name or {name: ..., settings}"
    )
    scout: TextReaderChoice = Field(
        default=TextReaderChoice(name=NONE),
        description="another, quicker one that finds the lines for it; or none",
    )

    @property
    def readers(self) -> tuple[TextReaderChoice, ...]:
        """Who reads, and who finds the lines, where that is another."""
        second = () if self.scout.name == NONE else (self.scout,)
        return (self.reader, *second)
