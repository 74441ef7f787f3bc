"""MTCNN with the settings that users of PeekingDuck know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from contract.subjects import face
from pydantic import ValidationError

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast.plugin import DetectorContext

if TYPE_CHECKING:
    from contract.subjects import Picture

    from veilcast.plugin import Detection

HOST = Host()
DETECTOR = HOST.detectors["mtcnn"]


def found(picture: Picture, least: float = 0.05, **said: Any) -> list[Detection]:
    try:
        models = {name: find(HOST.model(name)) for name in DETECTOR.models}
    except ModelMissingError as missing:
        pytest.skip(str(missing))
    context = DetectorContext(
        settings=DETECTOR.settings(**said), least_score=least, models=models, threads=1
    )
    return list(DETECTOR.load(context).detect(picture))


def test_defaults_are_known_ones() -> None:
    settings: Any = DETECTOR.settings()
    assert settings.min_size == 40
    assert settings.network_thresholds == (0.6, 0.7, 0.7)
    assert DETECTOR.confidence == 0.7


def test_thresholds_of_the_nets_let_more_or_less_through() -> None:
    subject = face()
    few = found(subject.picture, network_thresholds=(0.6, 0.7, 0.95))
    usual = found(subject.picture)
    many = found(subject.picture, network_thresholds=(0.3, 0.2, 0.05))
    assert len(few) <= len(usual) < len(many)
    assert [seen for seen in few if subject.is_at(seen.box)]
    assert min(seen.score for seen in few) >= 0.95
    assert min(seen.score for seen in usual) >= 0.7
    assert found(subject.picture, network_thresholds=(1, 1, 1)) == []


def test_score_threshold_is_confidence() -> None:
    for said in ({"score_threshold": 0.8}, {"score_threshold": 0.8, "confidence": 0.8}):
        assert DETECTOR.settings.model_validate(said).confidence == 0.8
    with pytest.raises(ValidationError, match="one thing"):
        DETECTOR.settings.model_validate({"score_threshold": 0.8, "confidence": 0.7})


@pytest.mark.parametrize("thresholds", [(0.6, 0.7), (0, 0.5, 0.5), (0.6, 0.7, 1.1)])
def test_thresholds_are_three_chances(thresholds: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        DETECTOR.settings.model_validate({"network_thresholds": thresholds})
