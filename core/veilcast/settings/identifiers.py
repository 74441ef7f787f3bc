"""Which identifiers in text count, wherever the text is from."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PlainValidator, ValidationInfo, field_validator

from veilcast.settings.base import ChosenFile, PrivateFile, PrivateWords, StageSettings
from veilcast.text.policies import POLICIES


def _switch(value: object) -> bool | float:
    """Whether a class counts, or from which score."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and 0 < value <= 1:
        return float(value)
    raise ValueError("it is true, false, or a score above 0, to 1")


Switch = Annotated[bool | float, PlainValidator(_switch)]


class IdentifierSettings(StageSettings):
    """Base of the settings of every stage that reads text (speech, subtitles, tags ...)."""

    policy: str = Field(
        default="hipaa-safe-harbor", description="hipaa-safe-harbor, gdpr or names-only"
    )
    identifiers: dict[str, Switch] = Field(
        default_factory=dict,
        description="by class: true, false, or the score from which it counts",
    )
    threshold: float = Field(default=0.5, gt=0, le=1, description="score from which it counts")
    all_numbers: bool = Field(default=False, description="every number counts")
    recognizers: tuple[str, ...] = Field(
        default=(), description="by name; all that know the language when empty"
    )
    allow: PrivateWords = Field(default=(), description="phrases that never count")
    deny: PrivateWords = Field(default=(), description="phrases that always count")
    known: PrivateFile | None = Field(
        default=None, description="a YAML file of what is known of the person"
    )

    @field_validator("policy")
    @classmethod
    def _a_policy(cls, policy: str) -> str:
        if policy not in POLICIES:
            raise ValueError(f"there is no such policy; there are {', '.join(POLICIES)}")
        return policy

    @field_validator("known")
    @classmethod
    def _readable(cls, known: ChosenFile | None, info: ValidationInfo) -> ChosenFile | None:
        if known is not None:
            from veilcast.text.known import load_known

            try:
                load_known(known.path)  # what is wrong with it is said before any work
            except ImportError:
                raise ValueError(
                    "comparing names by their sound needs more packages: install "
                    "veilcast[identifiers]"
                ) from None
        return known
