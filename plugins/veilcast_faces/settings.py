"""What a profile may say of detectors that are ONNX graphs. Imports nothing heavy."""

from __future__ import annotations

from pydantic import Field

from veilcast.plugin import DetectorSettings, Device, UserFile


class OnnxSettings(DetectorSettings):
    """What a profile may say of a detector that is an ONNX graph."""

    device: Device = Field(
        default="auto", description="auto, cpu, cuda, coreml, directml or openvino-gpu"
    )


class YoloSettings(OnnxSettings):
    """What a profile may say of a YOLO detector."""

    model: UserFile | None = Field(default=None, description="the .onnx file")
