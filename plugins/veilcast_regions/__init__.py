"""Regions: rectangles and spans of sound that a person has marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import Phase, Stage, hookimpl
from veilcast_regions.spec import RegionsSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import Findings, LocateContext


def _locate(context: LocateContext) -> Findings:
    from veilcast_regions.locate import locate

    return locate(context)


@hookimpl
def veilcast_stages() -> Iterator[Stage]:
    """The stage `regions`."""
    yield Stage(
        name="regions",
        phase=Phase.PICTURE,
        summary="Rectangles with times, and sound to mute or beep, as marked in a file",
        settings=RegionsSettings,
        locate=_locate,
        locate_settings=("regions", "mute"),
    )
