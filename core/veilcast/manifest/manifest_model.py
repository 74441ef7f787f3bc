"""The parts of a manifest, and the JSON Schema (2020-12) that is made from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from veilcast.types import HIPAA_LETTERS

SCHEMA = "veilcast.manifest/1"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Score = Annotated[float, Field(ge=0, le=1)]
Letter = Annotated[
    str,
    Field(
        pattern=f"^[{HIPAA_LETTERS[0]}-{HIPAA_LETTERS[-1]}]?$",
        description="letter in 45 CFR 164.514(b)(2)(i), or empty",
    ),
]
Pixels = Annotated[list[int], Field(min_length=4, max_length=4)]
"""x, y, width, height in displayed pixels."""


Key = Annotated[str, Field(pattern=r"^-?\d+( -?\d+){4}$")]
Path = Annotated[
    list[Key],
    Field(
        description="key frames: time in microseconds, x, y, width, height; in between, the box is "
        "on a straight line to within 5 % of its size"
    ),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StreamRecord(_Part):
    """One stream of a file."""

    index: Count
    type: str
    codec: str


class ConformedRecord(_Part):
    """How what was delivered differs from the input, beside what was covered."""

    rule: str
    sentence: str


class FileRecord(_Part):
    """A file, known by its hash and not by its name.

    `conformed` says, of an input, what could not be kept as it was.
    """

    sha256: Sha256
    bytes: Count
    kind: Literal["video", "still", "audio"]
    container: str
    streams: list[StreamRecord]
    conformed: list[ConformedRecord] = Field(default_factory=list)


class ProfileRecord(_Part):
    """What was asked for. `sha256` is of the canonical form of `stages` and `deliver`."""

    name: str
    sha256: Sha256
    stages: dict[str, dict[str, JsonValue]]
    deliver: dict[str, JsonValue]


class PluginRecord(_Part):
    """Which installed distribution did it."""

    distribution: str
    version: str


class ModelRecord(_Part):
    """Under which licence (SPDX) a model file is used, and who made it."""

    licence: str
    origin: str


class SoftwareRecord(_Part):
    """Versions: Veilcast, Python, libraries and tools, and each plugin's distribution."""

    veilcast: str
    python: str
    libraries: dict[str, str]
    plugins: dict[str, str]
    models: dict[str, ModelRecord] = Field(
        default_factory=dict, description="the models that located something, by name"
    )


Where = Literal["pixels", "speech", "text", "metadata"]
How = Literal["sought", "marked", "whole"]


class LookedForRecord(_Part):
    """A class of identifier that a stage looked for, found or not."""

    identifier: str
    hipaa: Letter
    where: Where
    how: How = Field(
        default="sought",
        description="sought: by a model or by rules; marked: only where a person marked it; "
        "whole: nothing of the place is kept, whatever it says",
    )


class Boxes(_Part):
    """Where a track was: its first box, its last, the smallest that encloses all, and its way."""

    first: Pixels
    last: Pixels
    enclosing: Pixels
    path: Path


class Streams(_Part):
    """Which audio streams, and channels of them, a sound was taken out of; null for all of them."""

    streams: list[Count] | None
    channels: list[Count] | None = None


Stretch = Annotated[str, Field(pattern=r"^-?\d+ -?\d+ (flow|held)$")]
Span = Annotated[str, Field(pattern=r"^-?\d+ -?\d+$")]


class Place(_Part):
    """Where in the container something was."""

    place: str


class Frames(_Part):
    """How the boxes of a track came about, in frames."""

    detected: Count
    interpolated: Count
    held: Count
    flow: Count


class Change(_Part):
    """One thing that was changed. Times are microseconds from the presentation start, half-open."""

    what: str = Field(description="class of identifier, e.g. face")
    kind: Literal["picture", "sound", "container"]
    hipaa: Letter
    track: Count | None
    from_us: int | None
    to_us: int | None
    how: dict[str, str | int | float | bool] = Field(description="treatment and its numbers")
    where: Boxes | Streams | Place
    detector: str
    frames: Frames | None
    inferred: list[Stretch] = Field(
        default_factory=list,
        description="from, to (microseconds, half-open) and how: stretches of a track in which it "
        "was not seen and its box was held, or followed by the motion of the picture",
    )
    score_min: Score | None
    score_max: Score | None
    least_us: int | None = Field(
        default=None, description="when the detector was least sure: the time of score_min"
    )
    count: Count = Field(description="frames, spans or things")


Reason = Literal[
    "keep", "only", "person", "time", "within", "outside", "reviewed", "linked", "checked"
]


class Uncovered(_Part):
    """A track or span of sound that was located and, as somebody asked, left uncovered.

    Times of a track are those of its uncovered frames: from the first, to just after the last.
    """

    what: str = Field(description="class of identifier, e.g. face")
    hipaa: Letter
    track: Count | None = Field(description="its number; null for sound")
    why: list[Reason] = Field(
        min_length=1, description="the settings that asked for it, or whose edits"
    )
    from_us: int
    to_us: int
    path: Path = Field(default=[])
    count: int = Field(default=1, ge=1, description="frames left uncovered; 1 for sound")
    of: int = Field(default=1, ge=1, description="frames that the track has in all")
    streams: list[Count] | None = Field(
        default=None, description="of sound: its streams; null: all of them"
    )
    channels: list[Count] | None = Field(
        default=None, description="of sound: its channels; null: all of them"
    )


EditKind = Literal["added", "changed", "dropped"]


class Entry(_Part):
    """One step. Stages that were rendered in one pass share `group` and its two file hashes."""

    n: Count
    stage: str
    phase: Literal["picture", "sound", "container", "deliver", "verify"]
    plugin: PluginRecord
    group: Count
    input_sha256: Sha256
    findings_sha256: Sha256 | None
    output_sha256: Sha256
    settings: dict[str, JsonValue]
    looked_for: list[LookedForRecord] = Field(
        default_factory=list, description="what the stage looks for with these settings"
    )
    cuts: list[Span] = Field(
        default_factory=list,
        description="at the delivery: spans that were cut out, from and to by the source's time "
        "(microseconds, half-open); what comes after them is earlier in the delivered file",
    )
    retimed: bool = Field(
        default=False,
        description="at the delivery: a stage changed the timing, so that times in this manifest "
        "are the source's and not the delivered file's",
    )
    changes: list[Change]
    uncovered: list[Uncovered]
    edits: dict[Literal["person", "link", "check"], dict[EditKind, Count]] = Field(
        default_factory=dict,
        description="how many things were added, changed or dropped since, by whom",
    )
    warnings: list[str]
    nothing_to_do: str
    models: dict[str, Sha256]
    previous: Sha256 = Field(description="entry_sha256 of the entry before, or the head's hash")
    entry_sha256: Sha256


class Volatile(_Part):
    """What may differ between equal runs. Outside of every hash."""

    created_at: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")
    seconds: dict[str, Annotated[float, Field(ge=0)]]


class Manifest(_Part):
    """What was changed."""

    # The field's own name would shadow BaseModel.schema.
    schema_: Literal["veilcast.manifest/1"] = Field(alias="schema")
    input: FileRecord
    output: FileRecord
    profile: ProfileRecord
    software: SoftwareRecord
    entries: list[Entry] = Field(min_length=1)
    volatile: Volatile
    manifest_sha256: Sha256 = Field(description="of all but volatile and itself")


def schema() -> dict[str, Any]:
    """The published JSON Schema (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Manifest.model_json_schema(by_alias=True),
        "title": SCHEMA,
    }
