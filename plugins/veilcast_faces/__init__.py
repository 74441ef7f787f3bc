"""Faces: the stage that covers them, and their detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from veilcast.plugin import (
    DetectorChoice,
    DetectSettings,
    Phase,
    Stage,
    hookimpl,
    locate_visual,
)
from veilcast_faces.detectors import veilcast_detectors
from veilcast_faces.models import veilcast_models
from veilcast_faces.reference import PersonSettings, unmark_person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Findings, LocateContext

__all__ = ["FacesSettings", "veilcast_detectors", "veilcast_models", "veilcast_stages"]

HYBRID = ("yunet", "centerface")
"""What `hybrid` stands for: the union of two that were trained apart, the fast one first."""


class FacesSettings(PersonSettings, DetectSettings):
    """How faces are found and covered."""

    detectors: tuple[DetectorChoice, ...] = Field(
        default=tuple(DetectorChoice(name=name) for name in HYBRID),
        description="one or more, each a name or {name: ..., settings}; their union counts",
    )

    @field_validator("detectors", mode="before")
    @classmethod
    def _hybrid(cls, value: Any) -> Any:
        listed = value if isinstance(value, list | tuple) else (value,)
        return [name for entry in listed for name in (HYBRID if entry == "hybrid" else (entry,))]


def _locate(context: LocateContext) -> Findings:
    return unmark_person(context, locate_visual(context, "faces", identifier="face"))


@hookimpl
def veilcast_stages() -> Iterator[Stage]:
    """The stage `faces`."""
    yield Stage(
        name="faces",
        phase=Phase.PICTURE,
        summary="Faces, found by detectors and kept covered by tracking",
        settings=FacesSettings,
        locate=_locate,
        locate_settings=(
            "sample_rate",
            "confidence",
            "min_size",
            "hold",
            "detectors",
            *PersonSettings.model_fields,
        ),
        detectors=lambda settings: tuple(choice.name for choice in settings.detectors),
    )
