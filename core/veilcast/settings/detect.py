"""Visual detectors and how their boxes become tracks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, InstanceOf, field_validator

from veilcast.settings.base import StageSettings
from veilcast.settings.choice import Choice
from veilcast.settings.track_selection import SelectionSettings


class DetectorSettings(StageSettings):
    """What a profile may say of one visual detector; detectors derive theirs from it.

    None leaves it to the detector, or to the stage.
    """

    confidence: float | None = Field(
        default=None, gt=0, le=1, description="score from which it is sure by itself"
    )
    min_size: int | None = Field(default=None, ge=0, description="narrowest wanted, source px")
    input_size: int | None = Field(
        default=None, ge=64, le=8192, description="longer side of the picture it is given, px"
    )


class DetectorChoice(Choice):
    """A detector by name, perhaps with settings of its own: ``{name: yunet, confidence: 0.6}``."""

    own: InstanceOf[DetectorSettings] | None = None


class DetectSettings(SelectionSettings):
    """How a visual detector's boxes become tracks."""

    detectors: tuple[DetectorChoice, ...] = Field(
        default=(), description="one or more, each a name or {name: ..., settings}"
    )
    sample_rate: Annotated[float, Field(ge=1, le=15)] | Literal["every_frame"] = Field(
        default=8.0, description="looks per second of video, 1-15, or every_frame"
    )
    confidence: float | None = Field(
        default=None, gt=0, le=1, description="score from which a detector is sure by itself"
    )
    min_size: int = Field(default=0, ge=0, description="drop boxes narrower than this, px")
    hold: float = Field(default=2.0, ge=0, le=60, description="cover before/after sightings, s")

    @field_validator("detectors", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        listed = value if isinstance(value, list | tuple) else (value,)
        if not listed:
            raise ValueError("name at least one detector; 'veilcast plugins' lists them")
        return listed
