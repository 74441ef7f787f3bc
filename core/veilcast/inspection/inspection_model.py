"""What an inspection says, and the JSON Schema (2020-12) that is made from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA: Literal["veilcast.inspection/1"] = "veilcast.inspection/1"

Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]

Fate = Literal["copied", "covered", "encoded", "read", "removed"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StreamPlan(_Part):
    """One stream, and what the profile does to it."""

    index: Count
    type: str = Field(description="video, audio, subtitle, data or attachment")
    role: Literal["picture", "sound", "side"]
    codec: str
    language: str = Field(description="ISO 639-2, or empty")
    duration_us: Count | None = Field(description="as its header says")
    width: Count | None = Field(default=None, description="as displayed, pixels")
    height: Count | None = Field(default=None, description="as displayed, pixels")
    rotation: Literal[0, 90, 180, 270] | None = Field(
        default=None, description="degrees clockwise from stored to displayed"
    )
    mirrored: bool | None = Field(default=None, description="after the rotation")
    frame_rate: float | None = Field(default=None, description="mean, frames per second")
    sample_rate: Count | None = Field(default=None, description="Hz")
    channels: Count | None = None
    fate: Fate = Field(
        description="copied: as it is; covered: copied, but encoded anew where anything is "
        "covered; encoded: encoded anew in any case; read: identifiers in its texts are covered; "
        "removed: it does not go over"
    )
    codec_after: str = Field(description="of what is delivered, or empty")
    does: str = Field(description="the same as a sentence")


class StagePlan(_Part):
    """One stage of the profile, and the classes of identifiers that it looks for here."""

    stage: str
    phase: Literal["picture", "sound", "container"]
    looks_for: list[str]
    applies: bool = Field(description="the recording has what it works on")


class Held(_Part):
    """Something besides picture and sound, by place and kind, never by value."""

    place: str
    kind: str
    count: Count
    hipaa: str = Field(description="letter in 45 CFR 164.514(b)(2)(i), or empty")
    held: list[str] = Field(description="classes of identifiers recognised in its values")


class Value(_Part):
    """A tag with its values. They may identify."""

    place: str
    name: str
    values: list[str]


class Refusal(_Part):
    """Something that would stop a run."""

    error: str = Field(description="its class in veilcast.errors")
    exit_code: Count
    sentence: str
    when: Literal["always", "if anything is covered"]


class Estimate(_Part):
    """How long a run takes on this machine as busy as it is now, in seconds.

    A run takes between `low` and `high` seconds four times out of five.
    """

    seconds: Seconds
    low: Seconds
    high: Seconds
    phases: dict[str, Seconds]
    unknown: list[str] = Field(description="stages whose work nobody has measured: not counted")


class Room(_Part):
    """Scratch space, in bytes: what a run asks for, and what is free in the work folder."""

    needed: Count
    free: Count


class ProfilePlan(_Part):
    """What was asked for."""

    name: str
    sha256: str
    stages: list[StagePlan]


class Inspection(_Part):
    """What a recording holds, and what would be done to it.

    No value and no path is in it, but for `values`, which are there only when they were asked for.
    """

    # The field's own name would shadow BaseModel.schema.
    schema_: Literal["veilcast.inspection/1"] = Field(
        default="veilcast.inspection/1", alias="schema"
    )
    sha256: str
    bytes: Count
    kind: Literal["video", "still", "audio"]
    container: str
    container_after: str
    duration_us: Count | None = Field(description="as the header says")
    chapters: Count
    streams: list[StreamPlan]
    holds: list[Held]
    values: list[Value] | None
    profile: ProfilePlan
    refusals: list[Refusal]
    warnings: list[str]
    estimate: Estimate | None = Field(description="none when a run would stop at once")
    scratch: Room

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return self.model_dump(mode="json", by_alias=True)


def schema() -> dict[str, Any]:
    """The published JSON Schema (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Inspection.model_json_schema(by_alias=True),
        "title": SCHEMA,
    }
