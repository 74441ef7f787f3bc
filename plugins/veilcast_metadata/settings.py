"""Settings of the stage `metadata`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from veilcast.plugin import IdentifierSettings


class MetadataSettings(IdentifierSettings):
    """Everything goes but what is asked for; what counts as an identifier in its texts."""

    subtitles: Literal["drop", "redact"] = Field(
        default="drop", description="text subtitles; pictures of subtitles are always dropped"
    )
    keep_languages: bool = Field(
        default=False, description="keep the language codes of sound and subtitle streams"
    )
    language: str = Field(
        default="en", pattern=r"^[a-z]{2,3}$", description="of the texts, ISO 639-1"
    )
