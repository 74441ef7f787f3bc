"""How marked pixels are covered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from veilcast.settings.base import ChosenFile, StageSettings, UserFile


class CoverSettings(StageSettings):
    """How marked pixels are covered.

    With `mosaic` a block is the larger of `pixel_size` and the box's width / `blocks_across`: a
    16 px block on a 600 px face would leave it recognisable. `mosaic_level` (rows and columns over
    a cover) and `blur_level` (sigma in px) say it as PeekingDuck does, and go before the others.
    """

    padding: float = Field(default=0.25, ge=0, le=1, description="grow each side by this share")
    shape: Literal["ellipse", "rectangle", "rounded"] = "ellipse"
    treatment: str = Field(default="mosaic", description="mosaic, blur, fill, picture or emoji")
    pixel_size: int = Field(default=16, ge=4, le=40, description="least mosaic block, px")
    blocks_across: int = Field(default=4, ge=1, le=25, description="most blocks over a box")
    mosaic_level: int | None = Field(default=None, ge=1, le=20, description="rows and columns")
    blur_sigma: float = Field(
        default=0.15, ge=0.05, le=2, description="blur, as share of box width"
    )
    blur_level: float | None = Field(default=None, ge=5, le=500, description="blur, sigma in px")
    fill_colour: str = Field(default="#000000", pattern=r"^#[0-9a-fA-F]{6}$")
    picture: UserFile | None = Field(
        default=None, validate_default=True, description="a PNG or JPEG to show instead"
    )
    feather: float = Field(
        default=0.0, ge=0, le=1, description="fade outside the cover, as share of box width"
    )

    @field_validator("picture")
    @classmethod
    def _shown(cls, picture: ChosenFile | None, info: ValidationInfo) -> ChosenFile | None:
        if picture is None and info.data.get("treatment") == "picture":
            raise ValueError("the treatment 'picture' needs a PNG or JPEG file to show")
        return picture

    @property
    def pictures(self) -> tuple[ChosenFile, ...]:
        """Every picture that these settings name; a track's option can say which by its SHA-256."""
        return () if self.picture is None else (self.picture,)
