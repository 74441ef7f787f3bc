"""What descriptors are loaded with outside of a run: settings and models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from pydantic import BaseModel

    from veilcast.extensions import ModelFile, ModelFolder

    M = TypeVar("M", bound=BaseModel)

Models: TypeAlias = "Mapping[str, Path | ModelFile | ModelFolder] | None"
"""Model files by name: where they are, or how they are described to the host."""


class ClosedAfterwards:
    """Something loaded that is closed at the end of a ``with`` statement, but not after a failure.

    A failure within should be told, and not what closing makes of it.
    """

    def close(self) -> None:
        """Close what was loaded."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()


def settings_of(model: type[M], settings: M | Mapping[str, Any] | None) -> M:
    """Validated settings, from an instance or from what a profile would say.

    Raises:
        pydantic.ValidationError: they are not allowed.
    """
    if isinstance(settings, model):
        return settings
    return model.model_validate(dict(settings) if isinstance(settings, Mapping) else {})


def paths_of(names: Iterable[str], models: Models) -> dict[str, Path]:
    """Where the named models are.

    Raises:
        ValueError: one is needed that the test did not give.
        ModelMissingError: one is described but is not on this machine.
    """
    from veilcast.extensions import ModelFile, ModelFolder
    from veilcast.models import find

    given = dict(models or {})
    found: dict[str, Path] = {}
    for name in names:
        if name not in given:
            raise ValueError(f"the model '{name}' is needed: give its file in `models`")
        one = given[name]
        found[name] = find(one) if isinstance(one, ModelFile | ModelFolder) else one
    return found
