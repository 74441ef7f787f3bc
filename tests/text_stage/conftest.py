"""What the tests of the stage share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pipeline.program import Program
from text_stage.drawn import TINY, stage

from veilcast.testing import MediaMaker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from text_stage.drawn import Picture

    from veilcast.findings import FindingsDocument

    Located = Callable[..., FindingsDocument]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Picture], Path]:
    """Writes a picture as a file."""
    folder = tmp_path_factory.mktemp("stills")

    def write(picture: Picture) -> Path:
        path = folder / f"{len(list(folder.iterdir()))}.png"
        Image.fromarray(picture).save(path)
        return path

    return write


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Picture]], Path]:
    """Writes pictures as a video of 25 frames a second."""
    maker = MediaMaker(tmp_path_factory.mktemp("films"))

    def write(shown: Sequence[Picture]) -> Path:
        height, width = shown[0].shape[:2]

        def draw(picture: Picture, number: int) -> None:
            picture[...] = shown[number]

        return maker.video(len(shown) / 25, (width, height), rate=25, draw=draw)

    return write


@pytest.fixture(scope="module")
def locate(program: Program) -> Located:
    """Runs the stage alone, with settings in the words of a profile."""

    def run(source: Path, settings: str = "", reading: str = TINY) -> FindingsDocument:
        return program.locate(source, program.profile(stage(settings, reading)))

    return run
