"""Which of the located things are covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from veilcast.settings.covering import CoverSettings
from veilcast.units import End, Rectangle, Start  # noqa: TC001 - pydantic needs them

if TYPE_CHECKING:
    from veilcast.settings.base import ChosenFile


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
    def pictures(self) -> tuple[ChosenFile, ...]:
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
