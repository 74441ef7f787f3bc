"""Speech: spoken identifiers are found in what transcribers hear, and covered in the sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import Check, Phase, Stage, Transcriber, TranscribeSettings, hookimpl
from veilcast_speech.whisper_models import NAMES, WhisperSettings, folders, models

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.plugin import (
        CheckContext,
        Findings,
        LoadedTranscriber,
        LocateContext,
        ModelFolder,
        Problem,
        TranscriberContext,
    )


def _locate(context: LocateContext) -> Findings:
    from veilcast_speech.locate import locate

    return locate(context)


@hookimpl
def veilcast_stages() -> Iterator[Stage]:
    """The stage `speech`."""
    yield Stage(
        name="speech",
        phase=Phase.SOUND,
        summary="Spoken names, numbers, dates and addresses, beeped or muted",
        settings=TranscribeSettings,
        locate=_locate,
        locate_settings=tuple(
            name for name in TranscribeSettings.model_fields if name not in ("treatment", "cover")
        ),
    )


def _check(context: CheckContext) -> Sequence[Problem]:
    from veilcast_speech.check import examine

    return examine(context)


@hookimpl
def veilcast_checks() -> Iterator[Check]:
    """The check `speech`."""
    yield Check(
        name="speech",
        summary="The delivered sound is listened to again, and says nothing that identifies",
        run=_check,
    )


def _embedded(context: TranscriberContext) -> LoadedTranscriber:
    from veilcast_speech.pocketsphinx_engine import Embedded

    return Embedded(context)


def _whisper(context: TranscriberContext) -> LoadedTranscriber:
    from veilcast_speech.whisper_engine import Whisper

    return Whisper(context)


@hookimpl
def veilcast_models() -> Iterator[ModelFolder]:
    """Whisper's models."""
    return folders()


@hookimpl
def veilcast_transcribers() -> Iterator[Transcriber]:
    """Whisper, and the embedded transcriber."""
    yield Transcriber(
        name="whisper",
        summary="Whisper: many languages; its models are fetched by 'veilcast models pull'",
        load=_whisper,
        settings=WhisperSettings,
        models=models,
        variants=tuple({"model": name} for name in NAMES),
    )
    yield Transcriber(
        name="pocketsphinx",
        summary="Embedded: English, needs no download, and misses more",
        load=_embedded,
        languages=("en",),
        window_s=60.0,
        reduced="Speech was understood by the embedded transcriber, which misses words that others "
        "do not: listen to the whole result, or fetch a better one with "
        "'veilcast models pull whisper-base'.",
    )
