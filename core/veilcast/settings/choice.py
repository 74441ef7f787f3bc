"""Choosing by name among what plugins provide."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic needs it
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, model_serializer, model_validator

from veilcast.settings.base import StageSettings  # noqa: TC001 - pydantic needs it


class Choice(BaseModel):
    """Something that a plugin provides, by name, perhaps with settings of its own.

    Attributes:
        name: of a registered detector, transcriber, text reader ...
        said: what the profile says of it.
        own: the same as its own settings, validated.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    said: Mapping[str, Any] = Field(default_factory=dict)
    own: InstanceOf[StageSettings] | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict):
            said = {str(key): entry for key, entry in value.items()}
            if not isinstance(said.get("name"), str):
                raise ValueError("give a name, or a mapping with 'name' and its settings")
            return {"name": said.pop("name"), "said": said}
        if not isinstance(value, Choice):
            raise ValueError("give a name, or a mapping with 'name' and its settings")
        return value

    @model_serializer
    def _written(self) -> dict[str, Any]:
        # What was said may hold a path; what it was understood as does not.
        own = {} if self.own is None else self.own.model_dump(mode="json")
        return {"name": self.name, **own}
