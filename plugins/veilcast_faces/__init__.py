"""Faces: the stage that covers them, and MediaPipe's BlazeFace detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from veilcast.plugin import (
    DetectSettings,
    ModelFile,
    Phase,
    Stage,
    VisualDetector,
    WheelMember,
    hookimpl,
    locate_visual,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from veilcast.plugin import Findings, LoadedDetector, LocateContext

FULL_FACE_IMAGES = "Q"
"""45 CFR 164.514(b)(2)(i)(Q): full-face photographs and any comparable images."""

# Any target will do, the file inside is the same; this one is pinned because that release has no
# wheel for the newest interpreters.
_WHEEL = "mediapipe==0.10.21"
_TARGET = (
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--abi",
    "cp311",
    "--platform",
    "manylinux_2_28_x86_64",
)
_FOLDER = "mediapipe/modules/face_detection"


class FacesSettings(DetectSettings):
    """How faces are found and covered."""

    confidence: float = Field(default=0.4, gt=0, le=1)
    detectors: tuple[str, ...] = Field(
        default=("blazeface-full", "blazeface-short"),
        min_length=1,
        description="their union counts",
    )

    @field_validator("detectors", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if isinstance(value, str):
            return (value,)
        return tuple(value) if isinstance(value, list) else value


def _locate(context: LocateContext) -> Findings:
    return locate_visual(context, "faces", context.settings.detectors)


def _load(model: str, confidence: float, models: Mapping[str, Path]) -> LoadedDetector:
    from veilcast_faces.blazeface import BlazeFace

    return BlazeFace(models[model], confidence)


def _detector(name: str, summary: str) -> VisualDetector:
    def load(confidence: float, models: Mapping[str, Path]) -> LoadedDetector:
        return _load(name, confidence, models)

    return VisualDetector(
        name=name,
        identifier="face",
        hipaa=FULL_FACE_IMAGES,
        summary=summary,
        load=load,
        models=(name,),
    )


@hookimpl
def veilcast_stages() -> Iterator[Stage]:
    """The stage `faces`."""
    yield Stage(
        name="faces",
        phase=Phase.PICTURE,
        summary="Faces, found by detectors and kept covered by tracking",
        settings=FacesSettings,
        locate=_locate,
        locate_settings=("sample_rate", "confidence", "min_size", "hold", "detectors"),
        detectors=lambda settings: settings.detectors,
    )


@hookimpl
def veilcast_detectors() -> Iterator[VisualDetector]:
    """BlazeFace in its two ranges."""
    yield _detector("blazeface-short", "MediaPipe BlazeFace, short range: faces within 2 m")
    yield _detector("blazeface-full", "MediaPipe BlazeFace, full range: faces within 5 m")


@hookimpl
def veilcast_models() -> Iterator[ModelFile]:
    """The files of the detectors."""
    yield ModelFile(
        name="blazeface-short",
        filename="face_detection_short_range.tflite",
        sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        size=229714,
        licence="Apache-2.0",
        origin="Google MediaPipe",
        sources=(
            WheelMember(
                requirement=_WHEEL,
                member=f"{_FOLDER}/face_detection_short_range.tflite",
                pip_options=_TARGET,
            ),
        ),
    )
    yield ModelFile(
        name="blazeface-full",
        filename="face_detection_full_range_sparse.tflite",
        sha256="2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
        size=676746,
        licence="Apache-2.0",
        origin="Google MediaPipe",
        sources=(
            WheelMember(
                requirement=_WHEEL,
                member=f"{_FOLDER}/face_detection_full_range_sparse.tflite",
                pip_options=_TARGET,
            ),
        ),
    )
