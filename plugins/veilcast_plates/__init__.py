"""Number plates: the stage that covers them, and their detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from veilcast.plugin import (
    DetectorChoice,
    DetectSettings,
    ModelFile,
    Phase,
    Stage,
    VisualDetector,
    WheelMember,
    hookimpl,
    locate_visual,
)
from veilcast_faces.settings import YoloSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.plugin import DetectorContext, Findings, LoadedDetector, LocateContext

VEHICLE_IDENTIFIERS = "L"
"""45 CFR 164.514(b)(2)(i)(L): vehicle identifiers and serial numbers, including plate numbers."""

CASCADES = ("plate-cascade-20", "plate-cascade-16")
"""Two cascades of that many stages, trained apart; either may see what the other misses."""

# Newer releases come without the cascades. Any target will do, the files inside are the same; this
# is the smallest.
_WHEEL = "opencv-python-headless==4.12.0.88"
_TARGET = (
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--abi",
    "abi3",
    "--platform",
    "macosx_13_0_arm64",
)


class PlatesSettings(DetectSettings):
    """How number plates are found and covered."""

    detectors: tuple[DetectorChoice, ...] = Field(
        default=(DetectorChoice(name="plate-cascade"),),
        description="one or more, each a name or {name: ..., settings}; their union counts",
    )
    shape: Literal["ellipse", "rectangle", "rounded"] = "rectangle"


@hookimpl
def veilcast_stages() -> Iterator[Stage]:
    """The stage `plates`."""
    yield Stage(
        name="plates",
        phase=Phase.PICTURE,
        summary="Number plates of vehicles, found by detectors and kept covered by tracking",
        settings=PlatesSettings,
        locate=_locate,
        locate_settings=("sample_rate", "confidence", "min_size", "hold", "detectors"),
        detectors=lambda settings: tuple(choice.name for choice in settings.detectors),
    )


@hookimpl
def veilcast_detectors() -> Iterator[VisualDetector]:
    """OpenCV's cascades, and any YOLO detector of the user's own."""
    yield VisualDetector(
        name="plate-cascade",
        identifier="plate",
        hipaa=VEHICLE_IDENTIFIERS,
        summary="OpenCV's cascades: large, level plates seen from straight ahead, misses others",
        load=_load_cascade,
        models=CASCADES,
        confidence=0.5,
        faint=0.4,
        input_side=1280,
        smallest=64,
    )
    yield VisualDetector(
        name="yolo-plate",
        identifier="plate",
        hipaa=VEHICLE_IDENTIFIERS,
        summary="a YOLO plate detector of your own (ONNX): YOLOv5, v7, v8 or v11",
        load=_load_yolo,
        settings=YoloSettings,
        confidence=0.5,
        faint=0.25,
        smallest=16,
    )


@hookimpl
def veilcast_models() -> Iterator[ModelFile]:
    """The cascades."""
    for name, filename, size, sha256 in (
        (
            CASCADES[0],
            "haarcascade_russian_plate_number.xml",
            75482,
            "814cb5954682af570e58361f9e5f8b5b513a4112776bb9ecacef9f0e4ca6c2d7",
        ),
        (
            CASCADES[1],
            "haarcascade_license_plate_rus_16stages.xml",
            47775,
            "4d1c44bf7a1bc4e204fa25b046ed0acffd7f713cc13fe2958b6977125c60ddea",
        ),
    ):
        yield ModelFile(
            name=name,
            filename=filename,
            sha256=sha256,
            size=size,
            licence="Apache-2.0",
            origin="OpenCV",
            sources=(
                WheelMember(requirement=_WHEEL, member=f"cv2/data/{filename}", pip_options=_TARGET),
            ),
        )


def _locate(context: LocateContext) -> Findings:
    return locate_visual(context, "plates", identifier="plate")


def _load_cascade(context: DetectorContext) -> LoadedDetector:
    from veilcast_faces.tiles import Tiled
    from veilcast_plates.cascade import PlateCascade

    # OpenCV keeps a picture at every scale: over a hundred bytes for each of its pixels.
    return Tiled(PlateCascade([context.models[name] for name in CASCADES], context.least_score))


def _load_yolo(context: DetectorContext) -> LoadedDetector:
    from veilcast_faces.yolo import Yolo

    return Yolo(context)
