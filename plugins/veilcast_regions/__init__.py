"""Regions: rectangles and spans of sound that a person has marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import LookedFor, Phase, Stage, hookimpl
from veilcast_regions.spec import RegionsSettings, check_picture

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from veilcast.plugin import Findings, LocateContext, MediaInfo


def _locate(context: LocateContext) -> Findings:
    from veilcast_regions.locate import locate

    return locate(context)


def _looks_for(settings: RegionsSettings, counted: Mapping[str, str]) -> list[LookedFor]:
    """What a person has marked: nothing is looked for beyond it."""
    return [
        *(
            LookedFor(identifier=one.label, hipaa=one.hipaa, where="pixels", how="marked")
            for one in settings.regions
        ),
        *(
            LookedFor(identifier=one.label, hipaa=one.hipaa, where="speech", how="marked")
            for one in settings.mute
        ),
    ]


def _refuse(settings: RegionsSettings, media: MediaInfo, family: str) -> None:
    check_picture(settings, media)


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
        looks_for=_looks_for,
        refuse=_refuse,
    )
