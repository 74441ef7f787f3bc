"""Every built-in stage keeps the rules of the testing kit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from contract.subjects import face, label, plate

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.testing import STAGE_RULES, MediaMaker, StageCase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract.subjects import Subject

    from veilcast.testing import Rule

    Cases = Callable[[str], StageCase]

HOST = Host()
NAMES = sorted(HOST.stages)
SETTINGS: dict[str, Any] = {
    "faces": {"detectors": "blazeface-short"},
    "regions": {"regions": [{"box": [8, 8, 40, 30]}]},
    "speech": {"transcriber": "pocketsphinx"},
    "text": {"reader": {"name": "ppocr", "size": "tiny"}, "scout": "none"},
}


def shown(maker: MediaMaker, subject: Subject) -> Path:
    """A film of five frames of one thing."""
    height, width = (side // 2 * 2 for side in subject.picture.shape[:2])

    def draw(picture: Any, number: int) -> None:
        picture[...] = subject.picture[:height, :width]

    return maker.video(0.2, (width, height), draw=draw)


@pytest.fixture(scope="module")
def case_of(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """Gives the case of a stage by name."""
    maker = MediaMaker(tmp_path_factory.mktemp("stages"))
    recordings = {
        "faces": lambda: shown(maker, face()),
        "plates": lambda: shown(maker, plate()),
        "text": lambda: shown(maker, label()),
        "regions": lambda: maker.video(0.2),
        "metadata": lambda: maker.video(0.2),
        "speech": lambda: maker.video(0.2, sound=maker.speech("the number is five five two one")),
    }
    assert recordings.keys() == HOST.stages.keys(), "each is tried"

    @cache
    def get(name: str) -> StageCase:
        try:
            return StageCase(
                HOST.stages[name], recordings[name](), settings=SETTINGS.get(name), host=HOST
            )
        except ModelMissingError as missing:
            pytest.skip(str(missing))

    return get


@pytest.mark.quick(every=8)
@pytest.mark.parametrize("rule", STAGE_RULES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_the_rule(name: str, rule: Rule[StageCase], case_of: Cases) -> None:
    rule.check(case_of(name))
