"""The facts of a report, and the JSON Schema (2020-12) that is made from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA = "veilcast.report/1"

Count = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Pixels = Annotated[list[int], Field(min_length=4, max_length=4)]
"""x, y, width, height in displayed pixels."""
Medium = Literal["picture", "sound"]
Risk = Literal["left", "uncovered", "flow", "held", "least sure", "last", "first", "largest"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Verdict(_Part):
    """What the examination of the delivered file came to, as a word and as a sentence."""

    word: Literal["clean", "accepted", "uncovered", "residual"]
    sentence: str


class StreamFacts(_Part):
    """One stream of a file."""

    index: Count
    type: str
    codec: str


class FileFacts(_Part):
    """A file, known by its hash and not by its name."""

    sha256: Sha256
    bytes: Count
    kind: Literal["video", "still", "audio"]
    container: str
    streams: list[StreamFacts]


class Picture(_Part):
    """Width and height of the delivered picture as displayed, in pixels."""

    width: int
    height: int


class Cover(_Part):
    """One thing that was covered. Times are the delivered file's, microseconds, half-open."""

    medium: Medium
    stage: str
    what: str
    hipaa: str
    track: Count | None
    from_us: int
    to_us: int
    detector: str
    treatment: str
    score_min: float | None
    score_max: float | None
    frames: dict[str, Count]
    inferred: list[Inferred]
    streams: list[Count] | None
    removed_us: Count = Field(description="how much of a span was cut out, microseconds")


class Inferred(_Part):
    """A stretch of a track in which it was not seen: followed by motion, or held."""

    from_us: int
    to_us: int
    how: Literal["flow", "held"]


class Uncovered(_Part):
    """What was found and left uncovered, as the user asked."""

    stage: str
    what: str
    hipaa: str
    track: Count | None
    why: list[str]
    from_us: int
    to_us: int
    count: Count
    of: Count


class Removed(_Part):
    """What was taken out of the container, by place and kind; `held` are classes named in it."""

    stage: str
    place: str
    what: str
    hipaa: str
    count: Count
    held: str
    treatment: str


class Cell(_Part):
    """Whether an identifier was looked for in one medium, by which stages, how many covered."""

    state: Literal["sought", "marked", "whole", "not", "absent"]
    by: list[str]
    covered: Count


class Identifier(_Part):
    """One identifier of 45 CFR 164.514(b)(2)(i)."""

    letter: str
    name: str
    pixels: Cell
    speech: Cell
    text: Cell
    metadata: Cell


class NotLookedFor(_Part):
    """What may identify somebody and was not looked for."""

    what: str
    why: str


class Left(_Part):
    """Something that looking again at the delivered file found."""

    check: str
    sentence: str
    what: str
    from_us: int | None
    to_us: int | None
    score: float | None
    accepted: bool


class Reason(_Part):
    """Why a frame is shown, and where in it the thing is: x, y, width, height in its pixels."""

    risk: Risk
    stage: str
    what: str
    track: Count | None
    box: Pixels | None
    detail: str


class Frame(_Part):
    """A frame of the delivered file that a reviewer should see; the page shows it as a picture."""

    at_us: int
    reasons: list[Reason]


class Sheet(_Part):
    """The contact sheet, the riskiest frame first."""

    frames: list[Frame]
    left_out: Count = Field(description="frames that did not fit into the page, the least risky")


class Waveform(_Part):
    """Lowest and highest sample of a delivered sound stream by column, in percent of full scale."""

    stream: Count
    lows: list[int]
    highs: list[int]


class Silence(_Part):
    """Stretches of the delivered sound that are covered: from, to in microseconds, merged."""

    from_us: int
    to_us: int


class Note(_Part):
    """A warning, and the stage that gave it."""

    stage: str
    sentence: str


class Task(_Part):
    """Something that a reviewer should look at or listen to, and when."""

    sentence: str
    from_us: int | None
    to_us: int | None


class Model(_Part):
    """A model that located something."""

    name: str
    sha256: Sha256
    licence: str
    origin: str
    stages: list[str]


class Step(_Part):
    """A step of the run."""

    stage: str
    phase: str
    distribution: str
    version: str
    changes: Count
    nothing_to_do: str


class ReportFacts(_Part):
    """Everything that the page says."""

    # The field's own name would shadow BaseModel.schema.
    schema_: Literal["veilcast.report/1"] = Field(alias="schema")
    verdict: Verdict
    input: FileFacts
    output: FileFacts
    manifest_sha256: Sha256
    created_at: str
    seconds: dict[str, float]
    profile: str
    profile_sha256: Sha256
    veilcast: str
    python: str
    libraries: dict[str, str]
    plugins: dict[str, str]
    models: list[Model]
    steps: list[Step]
    duration_us: Count
    picture: Picture | None
    retimed: bool = Field(description="times are the source's: a stage changed the timing")
    covers: list[Cover]
    uncovered: list[Uncovered]
    waveforms: list[Waveform]
    silenced: list[Silence]
    removed: list[Removed]
    container_stages: list[str] = Field(description="stages that looked at tags and streams")
    nothing_beside: bool = Field(
        description="the source had nothing but picture and sound, and the copy has nothing else, "
        "as far as stages and checks tell"
    )
    statement: list[Identifier] = Field(min_length=18, max_length=18)
    others: list[str] = Field(description="classes without a letter that were looked for")
    not_looked_for: list[NotLookedFor]
    warnings: list[Note]
    tasks: list[Task]
    checks: list[str]
    left: list[Left]
    sheet: Sheet


def schema() -> dict[str, Any]:
    """The published JSON Schema (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ReportFacts.model_json_schema(by_alias=True),
        "title": SCHEMA,
    }
