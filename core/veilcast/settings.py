"""The settings that stages derive theirs from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping  # noqa: TC003 - pydantic needs it
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from veilcast.errors import ProfileError
from veilcast.written import End, Rectangle, Start  # noqa: TC001 - pydantic needs them


@dataclass(frozen=True, slots=True)
class _ChosenFile:
    path: Path
    sha256: str


def _chosen_file(value: object) -> object:
    if isinstance(value, str | Path):
        try:
            path = Path(value).expanduser().absolute()
            with path.open("rb") as file:
                return _ChosenFile(path, hashlib.file_digest(file, "sha256").hexdigest())
        except OSError:
            raise ValueError("the file can't be read; check its path and permissions") from None
    return value


UserFile = Annotated[
    InstanceOf[_ChosenFile],
    BeforeValidator(_chosen_file),
    PlainSerializer(lambda chosen: chosen.sha256, return_type=str),
]
"""A file that the user names: has `path` and `sha256`. A path may hold names, so whatever is
written down, the manifest too, says the SHA-256 only."""


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
    def _shown(cls, picture: _ChosenFile | None, info: ValidationInfo) -> _ChosenFile | None:
        if picture is None and info.data.get("treatment") == "picture":
            raise ValueError("the treatment 'picture' needs a PNG or JPEG file to show")
        return picture

    @property
    def pictures(self) -> tuple[_ChosenFile, ...]:
        """Every picture that these settings name; a track's option can say which by its SHA-256."""
        return () if self.picture is None else (self.picture,)


class TrackTime(BaseModel):
    """A track by its id, at all times or at some."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    track: int = Field(ge=0, strict=True)
    start: Start = Field(default=None, alias="from")
    end: End = Field(default=None, alias="to")

    @model_validator(mode="before")
    @classmethod
    def _bare_id(cls, value: object) -> object:
        if isinstance(value, dict | TrackTime):
            return value
        return {"track": _track_id(value)}

    @field_validator("end")
    @classmethod
    def _later(cls, value: int | None, info: ValidationInfo) -> int | None:
        return _later_than(info.data.get("start"), value)


class SelectionSettings(CoverSettings):
    """Which of the located things are covered, and how some of them differ.

    Decided when redacting: a change here never locates again. Whatever is in doubt is covered.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    keep: tuple[TrackTime, ...] = Field(default=(), description="leave these tracks uncovered")
    only: tuple[TrackTime, ...] = Field(default=(), description="cover these tracks only")
    within: tuple[Rectangle, ...] = Field(
        default=(), description="cover only what touches one of these rectangles"
    )
    outside: tuple[Rectangle, ...] = Field(
        default=(), description="leave uncovered what is wholly in one of these rectangles"
    )
    start: Start = Field(default=None, alias="from", description="cover nothing before")
    end: End = Field(default=None, alias="to", description="cover nothing from then on")
    per_track: dict[int, CoverSettings] = Field(
        default_factory=dict, description="by track, what is covered differently, and how"
    )

    @property
    def pictures(self) -> tuple[_ChosenFile, ...]:
        """Every picture named for the stage or for a track."""
        own = () if self.picture is None else (self.picture,)
        return own + tuple(p for options in self.per_track.values() for p in options.pictures)

    @property
    def names_tracks(self) -> bool:
        """Whether these settings are about the findings of one recording."""
        return bool(self.keep or self.only or self.per_track)

    @property
    def selects(self) -> bool:
        """Whether these settings ask for anything but that everything is covered."""
        return any(getattr(self, name) for name in ("keep", "only", "within", "outside")) or not (
            self.start is None and self.end is None
        )

    @field_validator("keep", "only", mode="before")
    @classmethod
    def _tracks_or_one(cls, value: object) -> object:
        return [value] if isinstance(value, int | dict) else value

    @field_validator("within", "outside", mode="before")
    @classmethod
    def _rectangles_or_one(cls, value: object) -> object:
        one = isinstance(value, list | tuple) and value and not isinstance(value[0], list | tuple)
        return [value] if one else value

    @field_validator("per_track", mode="plain")
    @classmethod
    def _per_track_over_the_stage(
        cls, value: object, info: ValidationInfo
    ) -> dict[int, CoverSettings]:
        if not isinstance(value, dict):
            raise ValueError("it maps a track's id to what is different for it")
        own = {name: info.data[name] for name in CoverSettings.model_fields if name in info.data}
        return {_track_id(track): _options(own, options) for track, options in value.items()}

    @field_serializer("per_track")
    def _per_track_differences(self, value: dict[int, CoverSettings]) -> dict[str, dict[str, Any]]:
        # Keys of JSON are text; in the order of the numbers.
        return {
            str(track): value[track].model_dump(mode="json", exclude_unset=True)
            for track in sorted(value)
        }

    @field_validator("only")
    @classmethod
    def _only_what_is_not_kept(
        cls, value: tuple[TrackTime, ...], info: ValidationInfo
    ) -> tuple[TrackTime, ...]:
        both = {entry.track for entry in value} & {
            entry.track for entry in info.data.get("keep", ())
        }
        if both:
            raise ValueError(f"track {min(both)} is in 'keep' too; leave it in one of them")
        return value

    @field_validator("end")
    @classmethod
    def _to_after_from(cls, value: int | None, info: ValidationInfo) -> int | None:
        return _later_than(info.data.get("start"), value)


def _later_than(start: int | None, end: int | None) -> int | None:
    if start is not None and end is not None and end <= start:
        raise ValueError("'to' must be later than 'from'")
    return end


def _track_id(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value)  # a key of a JSON file
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("a track is named by its number in the findings")
    return value


def _options(own: dict[str, Any], options: object) -> CoverSettings:
    """What a track has of its own, validated together with what it has of the stage."""
    if not isinstance(options, dict):
        raise ValueError("what is different for a track is a mapping such as {treatment: fill}")
    try:
        whole = CoverSettings.model_validate({**own, **options})
    except ValidationError as exc:
        # A foreign message repeats the value.
        wrong = {str(error["loc"][0]) for error in exc.errors() if error["loc"]}
        known = sorted(wrong & CoverSettings.model_fields.keys())
        what = f"a value of {known[0]} is not allowed" if known else "an option is unknown"
        allowed = ", ".join(CoverSettings.model_fields)
        raise ValueError(f"{what}; the options of a track are {allowed}") from None
    given = {str(name): getattr(whole, name) for name in options}
    return CoverSettings.model_construct(_fields_set=set(given), **given)


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


class DetectorChoice(BaseModel):
    """A detector by name, perhaps with settings of its own: ``{name: yunet, confidence: 0.6}``."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    said: Mapping[str, Any] = Field(default_factory=dict)
    own: InstanceOf[DetectorSettings] | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict):
            said = {str(key): entry for key, entry in value.items()}
            if not isinstance(said.get("name"), str):
                raise ValueError("name a detector, or give a mapping with 'name' and its settings")
            return {"name": said.pop("name"), "said": said}
        if not isinstance(value, DetectorChoice):
            raise ValueError("name a detector, or give a mapping with 'name' and its settings")
        return value

    @model_serializer
    def _written(self) -> dict[str, Any]:
        # What was said may hold a path; what it was understood as does not.
        own = {} if self.own is None else self.own.model_dump(mode="json")
        return {"name": self.name, **own}


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
