"""The regions file: what it may say, and errors that point at line and key."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from veilcast.plugin import (
    HIPAA_LETTERS,
    CoverSettings,
    NoPictureError,
    RegionsError,
    UserFile,
    YamlError,
    line_of,
    load_yaml,
    parse_time,
    us_ceil,
    us_floor,
)

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.plugin import MediaInfo


def _start(value: object) -> object:
    return None if value is None else us_floor(parse_time(value))


def _end(value: object) -> object:
    return None if value is None else us_ceil(parse_time(value))


_SHARE = re.compile(r"^([-+]?\d{1,6}(?:\.\d{1,9})?)\s*%$")


def _percent(value: object) -> object:
    # Percent are kept as written: the frame's size is not known yet.
    if isinstance(value, str) and (share := _SHARE.match(value.strip())):
        return f"{float(share[1])}%"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    raise ValueError("a size is a number of pixels or a percentage such as '12.5%'")


_LABEL = re.compile(r"[a-z][a-z0-9 _-]{0,31}\Z")
Length = Annotated[float | str, BeforeValidator(_percent)]
Start = Annotated[int | None, BeforeValidator(_start)]
End = Annotated[int | None, BeforeValidator(_end)]


def _class_of_thing(value: object) -> object:
    if not isinstance(value, str) or not _LABEL.match(value):
        raise ValueError(
            "a label is a class of thing in lower case, such as 'wristband', and never a name"
        )
    return value


Label = Annotated[str, BeforeValidator(_class_of_thing)]
"""A class of thing (`wristband`), in lower case: it goes into the manifest, so never a name."""
Letter = Annotated[str, Field(pattern=f"^[{HIPAA_LETTERS}]?$")]
Numbers = (
    Annotated[tuple[Annotated[int, Field(ge=0, strict=True)], ...], Field(min_length=1)] | None
)
"""Which ones, from 0; None: all of them."""
Corners = tuple[Length, Length, Length, Length]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Keyframe(_Part):
    """Where a moving region is at an instant; in between it moves in a straight line."""

    at: Annotated[int, BeforeValidator(_start)]
    box: Corners


class Region(_Part):
    """One rectangle, still (`box`) or moving (`keyframes`), or following what it covers."""

    label: Label = "region"
    hipaa: Letter = ""
    box: Corners | None = None
    keyframes: tuple[Keyframe, ...] = ()
    start: Start = Field(default=None, alias="from")
    end: End = Field(default=None, alias="to")
    follow: bool = Field(default=False, strict=True)
    at: Start = None
    shape: Literal["rectangle", "rounded", "ellipse"] | None = None
    treatment: str | None = None
    padding: float | None = Field(default=None, ge=0, le=1)
    pixel_size: int | None = Field(default=None, ge=4, le=40)
    blocks_across: int | None = Field(default=None, ge=1, le=25)
    mosaic_level: int | None = Field(default=None, ge=1, le=20)
    blur_sigma: float | None = Field(default=None, ge=0.05, le=2)
    blur_level: float | None = Field(default=None, ge=5, le=500)
    fill_colour: str | None = Field(default=None, pattern=r"^#[0-9a-fA-F]{6}$")
    picture: UserFile | None = None
    feather: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _consistent(self) -> Region:
        if (self.box is None) == (not self.keyframes):
            raise ValueError("give either 'box' or 'keyframes'")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("'to' must be later than 'from'")
        instants = [keyframe.at for keyframe in self.keyframes]
        if instants != sorted(set(instants)):
            raise ValueError("the keyframes' 'at' must rise")
        if self.at is not None and not (self.follow and self.box is not None):
            raise ValueError("'at' says when a 'box' was marked that has 'follow: true'")
        if self.follow and not all(self._has(at) for at in self.marked_at):
            raise ValueError("what is followed is marked between 'from' and 'to'")
        return self

    @property
    def marked_at(self) -> tuple[int, ...]:
        """When a person has marked where it is, in microseconds."""
        if self.box is None:
            return tuple(keyframe.at for keyframe in self.keyframes)
        return (next((time for time in (self.at, self.start) if time is not None), 0),)

    def _has(self, at: int) -> bool:
        after = self.start is None or at >= self.start
        return after and (self.end is None or at < self.end)


class Mute(_Part):
    """A span of sound to destroy."""

    label: Label = "sound"
    hipaa: Letter = ""
    start: Annotated[int, BeforeValidator(_start)] = Field(alias="from")
    end: Annotated[int, BeforeValidator(_end)] = Field(alias="to")
    treatment: Literal["mute", "beep", "noise", "excise"] = "mute"
    streams: Numbers = None
    channels: Numbers = None

    @model_validator(mode="after")
    def _consistent(self) -> Mute:
        if self.end <= self.start:
            raise ValueError("'to' must be later than 'from'")
        return self


class RegionsSpec(_Part):
    """The whole file."""

    regions: tuple[Region, ...] = ()
    mute: tuple[Mute, ...] = ()


class RegionsSettings(CoverSettings):
    """How regions are covered unless they say otherwise themselves."""

    padding: float = Field(default=0.0, ge=0, le=1)
    shape: Literal["ellipse", "rectangle", "rounded"] = "rectangle"
    regions: tuple[Region, ...] = ()
    mute: tuple[Mute, ...] = ()

    @property
    def pictures(self) -> tuple[Any, ...]:
        """Those of the regions, too."""
        own = (region.picture for region in self.regions if region.picture is not None)
        return (*super().pictures, *own)

    @classmethod
    def from_file(cls, path: Path) -> dict[str, Any]:
        """Read and check a regions file (YAML or JSON).

        Raises:
            RegionsError: unreadable or malformed; says at which line and key.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise RegionsError("The regions file can't be read.") from exc
        try:
            document = load_yaml(text)
        except YamlError as exc:
            raise RegionsError(f"The regions file is not valid YAML ({exc}).") from exc
        if not isinstance(document, dict):
            raise RegionsError(
                "The regions file is a mapping with 'regions:' and perhaps 'mute:' (line 1)."
            )
        try:
            spec = RegionsSpec.model_validate(document)
        except ValidationError as exc:
            raise RegionsError(_point_at(document, exc)) from None
        return {"regions": spec.regions, "mute": spec.mute}


def _point_at(document: Any, exc: ValidationError) -> str:
    first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
    line, node, names = 1, document, []
    for part in first["loc"]:
        known = part in node if isinstance(node, dict) else _has_item(node, part)
        if not known:
            # Pydantic's own step into a union or a missing key: the key is the last thing to name.
            if isinstance(part, str) and first["type"] == "missing":
                names.append(part)
            continue
        line = line_of(node, part) or line
        names.append(str(part))
        node = node[part]
    key = ".".join(names) or "the top level"
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    return f"The regions file is malformed at line {line}, key '{key}': {message}."


def _has_item(node: Any, part: object) -> bool:
    return isinstance(node, list) and isinstance(part, int) and 0 <= part < len(node)


def check_picture(settings: RegionsSettings, media: MediaInfo) -> None:
    """Rectangles need a picture to be on.

    Raises:
        NoPictureError: there is none.
    """
    if settings.regions and media.video is None:
        raise NoPictureError(
            "Regions are marked but the input has no picture; "
            "leave out --regions, or check the input."
        )
