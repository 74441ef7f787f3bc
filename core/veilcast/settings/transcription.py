"""Transcribers, and how spoken identifiers are covered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, InstanceOf

from veilcast.settings.base import StageSettings
from veilcast.settings.choice import Choice
from veilcast.settings.identifiers import IdentifierSettings

AUTO, NONE = "auto", "none"


class TranscriberSettings(StageSettings):
    """What a profile may say of one transcriber; transcribers derive theirs from it."""

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of what it understands with these settings; () for all of its own."""
        return ()


class TranscriberChoice(Choice):
    """A transcriber by name, perhaps with settings of its own: ``{name: whisper, model: small}``.

    ``auto`` is the best one whose model is on this machine.
    """

    own: InstanceOf[TranscriberSettings] | None = None


class SoundSettings(StageSettings):
    """How marked sound is covered, decided when redacting."""

    treatment: str = Field(default="beep", description="beep, mute or noise")
    cover: Literal["all", "speaker"] = Field(
        default="all", description="every channel, or only the one that it was heard on"
    )


class TranscribeSettings(IdentifierSettings, SoundSettings):
    """How speech becomes words, and which of them are covered."""

    transcriber: TranscriberChoice = Field(
        default=TranscriberChoice(name=AUTO), description="whisper, pocketsphinx or auto"
    )
    beside: TranscriberChoice = Field(
        default=TranscriberChoice(name=AUTO),
        description="another that listens too, and what either hears is covered; auto: the one "
        "that needs no model, beside a better one that does; or none",
    )
    language: str = Field(
        default="en", pattern=r"^(auto|[a-z]{2,3})$", description="ISO 639-1, or auto"
    )
    channels: Literal["auto", "mix", "each"] = Field(
        default="auto",
        description="hear channels together or each alone; auto: alone where they differ",
    )
    padding: float = Field(
        default=0.08, ge=0, le=2, description="cover before and after a span, seconds"
    )

    @property
    def listeners(self) -> tuple[TranscriberChoice, ...]:
        """Who listens, the one that writes the transcript first; settled when a profile is read."""
        second = () if self.beside.name in (AUTO, NONE) else (self.beside,)
        return (self.transcriber, *second)
