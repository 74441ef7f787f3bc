"""Identifiers in text: names, numbers, dates, ages, addresses and whatever Presidio knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import hookimpl
from veilcast_identifiers import (
    addresses,
    ages,
    dates,
    everything,
    garbled,
    internet_addresses,
    names,
    numbers,
    other_languages,
    postcodes,
    presidio,
    rooms,
    spelled,
    transformer,
)
from veilcast_identifiers.names import general

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import ModelFolder, Recognizer


@hookimpl
def veilcast_models() -> Iterator[ModelFolder]:
    """General pipelines of spaCy, and a transformer."""
    yield from general.FOLDERS.values()
    yield transformer.FOLDER


@hookimpl
def veilcast_recognizers() -> Iterator[Recognizer]:
    """Every recogniser of this plugin; what is off by default is so by its class."""
    yield addresses.describe()
    yield ages.describe()
    yield internet_addresses.describe()
    yield dates.describe()
    yield everything.describe()
    yield garbled.describe()
    yield names.describe()
    yield numbers.describe()
    yield other_languages.describe()
    yield postcodes.describe()
    yield presidio.describe()
    yield rooms.describe()
    yield spelled.describe()
    yield transformer.describe()
