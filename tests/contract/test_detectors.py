"""Every registered visual detector keeps the rules that the testing kit has for anybody's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from contract.graphs import export
from contract.subjects import face, plate, red
from thorough import only

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast.testing import DETECTOR_RULES, DetectorCase
from veilcast.testing.detector_case import is_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract.subjects import Subject

    from veilcast.testing import Rule

    Cases = Callable[[str], DetectorCase]

HOST = Host()
NAMES = sorted(HOST.detectors)
assert NAMES, "without any, nothing below would run"
OWN_MODEL = {name for name in NAMES if "model" in HOST.detectors[name].settings.model_fields}
"""Those that the user gives a model to: here one that looks for red."""

pytestmark = pytest.mark.parametrize("name", NAMES)


@cache
def subject_of(name: str) -> Subject:
    if name in OWN_MODEL:
        return red()
    return {"face": face, "plate": plate}[HOST.detectors[name].identifier]()


@pytest.fixture(scope="module")
def case_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """Gives the case of a detector by name, loaded once."""
    graph = export(tmp_path_factory.mktemp("graphs") / "red.onnx", "v8")
    cases: dict[str, DetectorCase] = {}

    def get(name: str) -> DetectorCase:
        if name not in cases:
            detector, subject = HOST.detectors[name], subject_of(name)
            try:
                models = {model: find(HOST.model(model)) for model in detector.models}
            except ModelMissingError as missing:
                pytest.skip(str(missing))
            cases[name] = DetectorCase(
                detector,
                subject.picture,
                [subject.place],
                models=models,
                settings={"model": graph} if name in OWN_MODEL else None,
            )
        return cases[name]

    yield get
    for case in cases.values():
        case.close()


@pytest.mark.quick(every=4)
@pytest.mark.parametrize(
    "rule", only([r for r in DETECTOR_RULES if r.name != "huge-pictures"], DETECTOR_RULES), ids=str
)
def test_it_keeps_the_rule(name: str, rule: Rule[DetectorCase], case_of: Cases) -> None:
    rule.check(case_of(name))


def test_its_models_are_known(name: str) -> None:
    assert all(model in HOST.models for model in HOST.detectors[name].models)


def test_colour_is_needed_by_what_looks_for_a_colour_only(name: str, case_of: Cases) -> None:
    subject = subject_of(name)
    grey = np.repeat(subject.picture.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    found = case_of(name).detect(grey)
    if name in OWN_MODEL:
        assert found == [], "what it looks for is red"
    else:
        assert any(is_at(seen.box, subject.place) for seen in found)
