"""Text in the picture: wristbands, monitors, charts, badges, burned-in text and codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import (
    Check,
    LookedFor,
    Phase,
    Stage,
    TextReader,
    hookimpl,
)
from veilcast_text.models import MODELS, veilcast_models
from veilcast_text.settings import PpOcrSettings, TextSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veilcast.plugin import (
        CheckContext,
        Findings,
        LoadedTextReader,
        LocateContext,
        Problem,
        TextReaderContext,
    )

__all__ = ["TextSettings", "veilcast_models", "veilcast_stages", "veilcast_text_readers"]

_WHEN_REDACTING = {
    "keep", "only", "within", "outside", "start", "end", "per_track",
    "padding", "shape", "treatment", "pixel_size", "blocks_across", "mosaic_level",
    "blur_sigma", "blur_level", "fill_colour", "picture", "feather",
}  # fmt: skip
"""Settings that are decided when covering, and never locate again."""


def _locate(context: LocateContext) -> Findings:
    from veilcast_text.locate import locate

    return locate(context)


def _looks_for(settings: TextSettings, counted: Mapping[str, str]) -> Sequence[LookedFor]:
    if settings.mode != "identifiers":
        counted = {**counted, "text": "R"}
    sought = [LookedFor(identifier=c, hipaa=h, where="pixels") for c, h in counted.items()]
    if settings.codes:
        sought.append(LookedFor(identifier="code", hipaa="R", where="pixels"))
    return sought


@hookimpl
def veilcast_stages() -> Iterator[Stage]:
    """The stage `text`."""
    yield Stage(
        name="text",
        phase=Phase.PICTURE,
        summary="Text in the picture that identifies, and codes, read and kept covered by tracking",
        settings=TextSettings,
        locate=_locate,
        locate_settings=tuple(
            name for name in TextSettings.model_fields if name not in _WHEN_REDACTING
        ),
        looks_for=_looks_for,
    )


def _check(context: CheckContext) -> Sequence[Problem]:
    from veilcast_text.check import examine

    return examine(context)


@hookimpl
def veilcast_checks() -> Iterator[Check]:
    """The check `text`."""
    yield Check(
        name="text",
        summary="The delivered picture is read again, and says nothing that identifies",
        run=_check,
    )


@hookimpl
def veilcast_text_readers() -> Iterator[TextReader]:
    """PP-OCR in two sizes."""
    yield TextReader(
        name="ppocr",
        summary="PP-OCRv6: about 50 languages in Latin letters, Chinese and Japanese",
        load=_load_ppocr,
        settings=PpOcrSettings,
        models=lambda settings: MODELS[settings.size],
        smallest=9,
    )


def _load_ppocr(context: TextReaderContext) -> LoadedTextReader:
    from veilcast_text.ppocr import PpOcr

    own: PpOcrSettings = context.settings
    finding, reading, *alphabet = (context.models[name] for name in MODELS[own.size])
    return PpOcr(
        finding,
        reading,
        alphabet[0] if alphabet else None,
        threads=context.threads,
        device=own.device,
    )
