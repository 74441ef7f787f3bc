"""The settings that stages derive theirs from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from veilcast.errors import ProfileError

if TYPE_CHECKING:
    from pathlib import Path


class StageSettings(BaseModel):
    """Base of every stage's settings: unknown keys are errors, values never change.

    Settings go into the manifest: they may not hold names, words or paths.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def from_file(cls, path: Path) -> dict[str, Any]:
        """Settings read from a file of the stage's own (as `--regions F` does).

        Raises:
            ProfileError: this stage has none, or it is malformed.
        """
        raise ProfileError(f"The stage does not read a file ({cls.__name__}).")


class CoverSettings(StageSettings):
    """How marked pixels are covered.

    With `mosaic` a block is the larger of `pixel_size` and the box's width / `blocks_across`: a
    16 px block on a 600 px face would leave it recognisable.
    """

    padding: float = Field(default=0.25, ge=0, le=1, description="grow each side by this share")
    shape: Literal["ellipse", "rectangle"] = "ellipse"
    treatment: str = Field(default="mosaic", description="mosaic, blur or fill")
    pixel_size: int = Field(default=16, ge=4, le=40, description="least mosaic block, px")
    blocks_across: int = Field(default=8, ge=1, le=64, description="most blocks over a box")
    blur_sigma: float = Field(default=0.15, gt=0, le=2, description="blur, as share of box width")
    fill_colour: str = Field(default="#000000", pattern=r"^#[0-9a-fA-F]{6}$")


class DetectSettings(CoverSettings):
    """How a visual detector's boxes become tracks."""

    sample_rate: Annotated[float, Field(ge=1, le=15)] | Literal["every_frame"] = Field(
        default=5.0, description="looks per second of video, 1-15, or every_frame"
    )
    confidence: float = Field(default=0.5, gt=0, le=1)
    min_size: int = Field(default=0, ge=0, description="drop boxes narrower than this, px")
    hold: float = Field(default=2.0, ge=0, le=60, description="cover before/after sightings, s")
