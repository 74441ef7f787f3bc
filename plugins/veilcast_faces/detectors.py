"""The face detectors, and what a profile may say of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import Field, model_validator

from veilcast.plugin import DetectorSettings, VisualDetector, hookimpl
from veilcast_faces.settings import OnnxSettings, YoloSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from veilcast.plugin import DetectorContext, LoadedDetector

FULL_FACE_IMAGES = "Q"
"""45 CFR 164.514(b)(2)(i)(Q): full-face photographs and any comparable images."""

MTCNN_NETS = ("mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet")

Chance: TypeAlias = Annotated[float, Field(gt=0, le=1)]


class BlazeFaceSettings(DetectorSettings):
    """What a profile may say of BlazeFace."""

    tiles: int = Field(
        default=1,
        ge=1,
        le=8,
        description="overlapping parts along the longer side, each looked at by itself; "
        "more find smaller faces",
    )


class MtcnnSettings(DetectorSettings):
    """What a profile may say of MTCNN, as users of PeekingDuck know it."""

    min_size: int | None = Field(default=40, ge=0, description="narrowest wanted, source px")
    network_thresholds: tuple[Chance, Chance, Chance] = Field(
        default=(0.6, 0.7, 0.7), description="the chance from which each net lets a face through"
    )
    score_threshold: float | None = Field(
        default=None, gt=0, le=1, description="another name of confidence"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_threshold(cls, said: Any) -> Any:
        if not isinstance(said, dict) or said.get("score_threshold") is None:
            return said
        if said.get("confidence") not in (None, said["score_threshold"]):
            raise ValueError("confidence and score_threshold are one thing; give one of them")
        return {**said, "confidence": said["score_threshold"]}


@hookimpl
def veilcast_detectors() -> Iterator[VisualDetector]:
    """Every face detector."""
    yield _face(
        "centerface",
        "CenterFace: small, turned and half-hidden faces too",
        _load_centerface,
        models=("centerface",),
        settings=OnnxSettings,
        confidence=0.78,
        faint=0.2,
        smallest=10,
    )
    yield _face(
        "yunet",
        "YuNet of OpenCV's model zoo: the fastest for its recall",
        _load_yunet,
        models=("yunet",),
        settings=OnnxSettings,
        confidence=0.8,
        faint=0.25,
        smallest=12,
    )
    yield _face(
        "blazeface-full",
        "MediaPipe BlazeFace, full range: faces within 5 m",
        _load_blazeface("blazeface-full"),
        models=("blazeface-full",),
        settings=BlazeFaceSettings,
        confidence=0.6,
        faint=0.3,
        smallest=24,
    )
    yield _face(
        "blazeface-short",
        "MediaPipe BlazeFace, short range: faces within 2 m",
        _load_blazeface("blazeface-short"),
        models=("blazeface-short",),
        settings=BlazeFaceSettings,
        confidence=0.7,
        faint=0.4,
        smallest=48,
    )
    yield _face(
        "mtcnn",
        "MTCNN: three nets in a row; PeekingDuck's settings",
        _load_mtcnn,
        models=MTCNN_NETS,
        settings=MtcnnSettings,
        confidence=0.7,
        faint=0.7,
        smallest=20,
    )
    yield _face(
        "yolo",
        "a YOLO face detector of your own (ONNX): YOLOv5, v7, v8 or v11",
        _load_yolo,
        settings=YoloSettings,
        confidence=0.5,
        faint=0.25,
        smallest=10,
    )


def _face(
    name: str, summary: str, load: Callable[[DetectorContext], LoadedDetector], **facts: Any
) -> VisualDetector:
    return VisualDetector(
        name=name,
        identifier="face",
        hipaa=FULL_FACE_IMAGES,
        summary=summary,
        load=load,
        **facts,
    )


def _load_centerface(context: DetectorContext) -> LoadedDetector:
    from veilcast_faces.centerface import CenterFace
    from veilcast_faces.tiles import Tiled

    return Tiled(
        CenterFace(
            context.models["centerface"],
            context.least_score,
            context.threads,
            context.settings.device,
        )
    )


def _load_yunet(context: DetectorContext) -> LoadedDetector:
    from veilcast_faces.tiles import Tiled
    from veilcast_faces.yunet import YuNet

    return Tiled(
        YuNet(
            context.models["yunet"], context.least_score, context.threads, context.settings.device
        )
    )


def _load_blazeface(model: str) -> Callable[[DetectorContext], LoadedDetector]:
    def load(context: DetectorContext) -> LoadedDetector:
        from veilcast_faces.blazeface import BlazeFace
        from veilcast_faces.tiles import Tiled

        detector = BlazeFace(context.models[model], context.least_score)
        return Tiled(detector, context.settings.tiles)

    return load


def _load_mtcnn(context: DetectorContext) -> LoadedDetector:
    from veilcast_faces.mtcnn import Mtcnn
    from veilcast_faces.tiles import Tiled

    proposal, refinement, output = (context.models[name] for name in MTCNN_NETS)
    return Tiled(
        Mtcnn(
            (proposal, refinement, output),
            context.least_score,
            context.threads,
            context.settings.network_thresholds,
        )
    )


def _load_yolo(context: DetectorContext) -> LoadedDetector:
    from veilcast_faces.yolo import Yolo

    return Yolo(context)
