"""Every registered text reader whose models are here keeps the rules of the testing kit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast.testing import TEXT_READER_RULES, MediaMaker, TextReaderCase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from veilcast.testing import Rule
    from veilcast.types import Picture

    Cases = Callable[[str], TextReaderCase]

HOST = Host()
NAMES = sorted(HOST.text_readers)
assert NAMES, "text in pictures has to be read by somebody"
LINES = {"Harrowby Ward": (24, 30), "bed 12, Thursday": (150, 100), "617 555 0143": (60, 175)}
"""What is printed, and where its label begins."""

pytestmark = pytest.mark.parametrize("name", NAMES)


def printed(wall: Picture) -> tuple[Picture, list[tuple[str | None, Any]]]:
    """Labels on a wall, in the one font that is everywhere, and where their letters are."""
    image = Image.fromarray(wall)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=28)
    places: list[tuple[str | None, Any]] = []
    for text, corner in LINES.items():
        left, top, right, bottom = pen.textbbox(corner, text, font=font)
        pen.rectangle((left - 10, top - 8, right + 10, bottom + 8), fill=(238, 238, 230))
        pen.text(corner, text, fill=(25, 25, 40), font=font)
        places.append((text, (left, top, right - left, bottom - top)))
    return np.asarray(image), places


@pytest.fixture(scope="module")
def case_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """Gives the case of a reader by name, loaded once."""
    picture, lines = printed(MediaMaker(tmp_path_factory.mktemp("walls")).picture((480, 240)))

    @cache
    def get(name: str) -> TextReaderCase:
        reader = HOST.text_reader(name)
        models: dict[str, Path] = {}
        try:
            for model in reader.models(reader.settings()):
                models[model] = find(HOST.model(model))
        except ModelMissingError as missing:
            pytest.skip(str(missing))
        return cases.setdefault(name, TextReaderCase(reader, picture, lines, models=models))

    cases: dict[str, TextReaderCase] = {}
    yield get
    for case in cases.values():
        case.close()


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("rule", TEXT_READER_RULES, ids=str)
def test_it_keeps_the_rule(name: str, rule: Rule[TextReaderCase], case_of: Cases) -> None:
    rule.check(case_of(name))


def test_its_models_are_known(name: str) -> None:
    reader = HOST.text_reader(name)
    assert all(model in HOST.models for model in reader.models(reader.settings()))
