"""What a profile may say of the stage `text` and of PP-OCR. Imports nothing heavy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from veilcast.plugin import Device, ReadPictureSettings, TextReaderChoice, TextReaderSettings


class PpOcrSettings(TextReaderSettings):
    """What a profile may say of PP-OCR."""

    size: Literal["small", "tiny"] = Field(
        default="small", description="of the models; tiny takes a third of the time and misses more"
    )
    device: Device = Field(
        default="auto", description="auto, cpu, cuda, coreml, directml or openvino-gpu"
    )


class TextSettings(ReadPictureSettings):
    """How text in the picture is read, and which of it is covered.

    A mosaic or a blur over text can be undone (Hill et al., "On the (In)effectiveness of Mosaicing
    and Blurring as Tools for Document Redaction", PETS 2016), so the treatment is a fill.
    """

    reader: TextReaderChoice = Field(
        default=TextReaderChoice(name="ppocr"),
        description="who reads, as a name or {name: ..., settings}",
    )
    scout: TextReaderChoice = Field(
        default=TextReaderChoice.model_validate({"name": "ppocr", "size": "tiny"}),
        description="another, quicker one that finds the lines for it; or none",
    )
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}$", description="ISO 639-1")
    sample_rate: float = Field(default=2.0, ge=0.5, le=15, description="looks per second of video")
    mode: Literal["identifiers", "all", "all_but"] = Field(
        default="identifiers",
        description="cover lines that identify, all text, or all text but what `allow` lists",
    )
    cover: Literal["line", "word", "block"] = Field(
        default="line", description="the whole line, the words that identify, or all lines near it"
    )
    unreadable: Literal["leave", "cover"] = Field(
        default="leave",
        description="lines that can't be read, where nothing near them identifies",
    )
    codes: bool = Field(default=True, description="cover QR codes, barcodes and their like")
    hold: float = Field(default=10.0, ge=0, le=60, description="cover before/after sightings, s")
    padding: float = Field(default=0.0, ge=0, le=1, description="grow each side by this share")
    shape: Literal["ellipse", "rectangle", "rounded"] = "rectangle"
    treatment: str = Field(default="fill", description="fill, mosaic, blur, picture or emoji")
