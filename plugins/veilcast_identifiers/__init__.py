"""Identifiers in text: names, numbers, dates, ages, addresses and whatever Presidio knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import hookimpl
from veilcast_identifiers import (
    addresses,
    ages,
    contacts,
    dates,
    everything,
    garbled,
    names,
    numbers,
    postcodes,
    presidio,
    rooms,
    spelled,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Recognizer


@hookimpl
def veilcast_recognizers() -> Iterator[Recognizer]:
    """Every recogniser of this plugin; what is off by default is so by its class."""
    yield addresses.describe()
    yield ages.describe()
    yield contacts.describe()
    yield dates.describe()
    yield everything.describe()
    yield garbled.describe()
    yield names.describe()
    yield numbers.describe()
    yield postcodes.describe()
    yield presidio.describe()
    yield rooms.describe()
    yield spelled.describe()
