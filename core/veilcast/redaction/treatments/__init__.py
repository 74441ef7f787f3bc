"""The treatments that come with Veilcast.

This package is loaded to list plugins: what is heavy is imported inside the functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.extensions import PixelTreatment, SoundTreatment
from veilcast.host import hookimpl
from veilcast.redaction.treatments.averaging import blur, mosaic
from veilcast.redaction.treatments.colour import fill
from veilcast.redaction.treatments.pictures import emoji, picture
from veilcast.redaction.treatments.sound import beep, mute, noise

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def veilcast_treatments() -> Iterable[PixelTreatment | SoundTreatment]:
    """The treatments of this package."""
    yield PixelTreatment(name="mosaic", summary="Average coarse blocks", apply=mosaic)
    yield PixelTreatment(
        name="blur",
        summary="Blur; published attacks recognise most blurred faces",
        apply=blur,
        weak=True,
    )
    yield PixelTreatment(name="fill", summary="Paint over with one colour", apply=fill)
    yield PixelTreatment(name="picture", summary="Show a picture of your own", apply=picture)
    yield PixelTreatment(name="emoji", summary="Show a drawn smiling face", apply=emoji)
    yield SoundTreatment(name="beep", summary="A 1 kHz tone", apply=beep)
    yield SoundTreatment(name="mute", summary="Silence", apply=mute)
    yield SoundTreatment(name="noise", summary="White noise", apply=noise)
    yield SoundTreatment(
        name="excise", summary="Cut out; for recordings of sound alone", apply=mute, cuts=True
    )
