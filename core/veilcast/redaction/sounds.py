"""How each marked sound is covered: its own options first, then its stage's settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from veilcast.errors import SettingError
from veilcast.settings import SoundSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veilcast.types import Sound

BEEP = "beep"
LEVEL_DBFS = -23.0
"""Mean square of a tone of peak 0.1: heard plainly, and softer than speech is recorded."""
_LEVELS = (-60.0, -6.0)
"""Softer is not heard, and louder does not fit: the peak of noise is 5 dB above its level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covering:
    """What is done about a sound: on which channels (None: all of them), how, and how loud."""

    treatment: str
    channels: tuple[int, ...] | None
    level_dbfs: float


def settled(sounds: Iterable[Sound], settings: Any) -> tuple[Sound, ...]:
    """The sounds of a stage, with what its settings say of all of them in their options."""
    chosen = settings if isinstance(settings, SoundSettings) else SoundSettings()
    done = []
    for sound in sounds:
        options = {"treatment": chosen.treatment, **sound.options}
        streams = sound.streams
        if isinstance(settings, SoundSettings) and chosen.cover == "all":
            # The same talk is often on other channels and tracks, softer or in another mix.
            options.pop("channels", None)
            streams = None
        done.append(replace(sound, options=options, streams=streams))
    return tuple(done)


def covering_of(sound: Sound, channels: int) -> Covering:
    """What the options of a sound say: `treatment`, `channels` from 0, and `level_dbfs`.

    Args:
        sound: located, perhaps edited by a person since.
        channels: how many the stream has that is to be covered.

    Raises:
        SettingError: they say nothing that can be done in such a stream. Nothing is left out for
            that: what is not covered would be heard.
    """
    treatment = sound.options.get("treatment", BEEP)
    if not isinstance(treatment, str):
        raise SettingError(
            f"The treatment of sound {sound.id} is not a name; write for example beep or mute."
        )
    chosen = sound.options.get("channels")
    if chosen is not None and not _are_channels(chosen, channels):
        raise SettingError(
            f"Sound {sound.id} names channels that its stream does not have; give a list of "
            f"numbers from 0 to {channels - 1}, and with 'streams' the streams that are meant."
        )
    level = sound.options.get("level_dbfs", LEVEL_DBFS)
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not level <= 0:
        raise SettingError(
            f"The level of sound {sound.id} is not a number of decibels below full scale; "
            "write for example -23."
        )
    return Covering(
        treatment=treatment,
        channels=None if chosen is None else tuple(sorted(set(chosen))),
        level_dbfs=min(max(float(level), _LEVELS[0]), _LEVELS[1]),
    )


def _are_channels(chosen: object, channels: int) -> bool:
    if not isinstance(chosen, (list, tuple)) or not chosen:
        return False
    return all(type(one) is int and 0 <= one < channels for one in chosen)
