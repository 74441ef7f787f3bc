"""Finds the models that recognisers read with."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from veilcast.errors import ModelMissingError
from veilcast.models import find, find_all

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.host import Host

ANY = "auto"


def reading_models(host: Host, language: str) -> dict[str, Path]:
    """What the recognisers need, and what they can use for a language where it is here.

    Args:
        host: has the recognisers.
        language: ISO 639-1, ``auto`` for all, or "" for what is needed alone.

    Raises:
        ModelMissingError: one that is needed is not on this machine.
        ModelChecksumError: one is another than it should be.
    """
    recognizers = host.recognizers.values()
    found = find_all(host.model(name) for one in recognizers for name in one.models)
    for recognizer in recognizers:
        for known, name in recognizer.by_language.items():
            if language in (known, ANY):
                with suppress(ModelMissingError):
                    found[name] = find(host.model(name))
    return found
