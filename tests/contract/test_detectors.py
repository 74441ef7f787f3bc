"""What every registered visual detector does alike, whoever wrote it."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from contract.graphs import export
from contract.subjects import face, plate, red

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast.plugin import HIPAA_LETTERS, DetectorContext, DetectorSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract.subjects import Picture, Subject

    from veilcast.plugin import Detection, LoadedDetector

HOST = Host()
NAMES = sorted(HOST.detectors)
assert NAMES, "without any, nothing below would run"
OWN_MODEL = {name for name in NAMES if "model" in HOST.detectors[name].settings.model_fields}
"""Those that the user gives a model to: here one that looks for red."""

Loader = "Callable[..., LoadedDetector]"
pytestmark = pytest.mark.parametrize("name", NAMES)


@cache
def subject_of(name: str) -> Subject:
    if name in OWN_MODEL:
        return red()
    return {"face": face, "plate": plate}[HOST.detectors[name].identifier]()


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    """Gives a detector by name, loaded once per set of options."""
    graph = export(tmp_path_factory.mktemp("graphs") / "red.onnx", "v8")
    loaded: dict[Any, LoadedDetector] = {}

    def get(name: str, *, least: float | None = None, threads: int = 1, fresh: bool = False) -> Any:
        detector = HOST.detectors[name]
        least = detector.faint if least is None else least
        if fresh or (name, least, threads) not in loaded:
            try:
                models = {model: find(HOST.model(model)) for model in detector.models}
            except ModelMissingError as missing:
                pytest.skip(str(missing))
            said = {"model": graph} if name in OWN_MODEL else {}
            context = DetectorContext(
                settings=detector.settings(**said),
                least_score=least,
                models=models,
                threads=threads,
            )
            if fresh:
                return detector.load(context)
            loaded[name, least, threads] = detector.load(context)
        return loaded[name, least, threads]

    yield get
    for detector in loaded.values():
        detector.close()


def sound(found: list[Detection], picture: Picture, least: float) -> bool:
    """Whether these could be detections in that picture."""
    height, width = picture.shape[:2]
    return all(
        all(map(math.isfinite, (seen.box.x, seen.box.y, seen.box.right, seen.box.bottom)))
        and seen.box.width > 0
        and seen.box.height > 0
        and seen.box.clamped(width, height) is not None
        and least <= seen.score <= 1
        for seen in found
    )


def test_describes_itself(name: str) -> None:
    detector = HOST.detectors[name]
    assert detector.identifier
    assert detector.hipaa in HIPAA_LETTERS
    assert 0 < detector.faint <= detector.confidence <= 1
    assert 0 < detector.smallest < detector.input_side
    assert isinstance(detector.settings(), DetectorSettings), "nothing has to be said of it"
    assert all(model in HOST.models for model in detector.models)


def test_sees_the_subject_where_it_is(name: str, load: Loader) -> None:
    subject = subject_of(name)
    found = list(load(name).detect(subject.picture))
    assert found
    assert subject.is_at(max(found, key=lambda seen: seen.score).box)
    assert sound(found, subject.picture, HOST.detectors[name].faint)


@pytest.mark.parametrize(
    ("x", "y", "size"), [(0, 301, (512, 817)), (231, 7, (743, 519)), (301, 130, (813, 643))]
)
def test_boxes_are_pixels_of_a_picture_of_any_shape(
    name: str, load: Loader, x: int, y: int, size: tuple[int, int]
) -> None:
    subject = subject_of(name)
    height, width = subject.picture.shape[:2]
    subject = subject.at(x, y, (max(size[0], width + x), max(size[1], height + y)))
    found = list(load(name).detect(subject.picture))
    assert sound(found, subject.picture, HOST.detectors[name].faint)
    assert any(subject.is_at(seen.box) for seen in found)


def test_sees_every_one_of_several(name: str, load: Loader) -> None:
    subject = subject_of(name)
    cut = np.ascontiguousarray(subject.picture[:, 100:420])
    x, *rest = subject.place
    first = subject._replace(picture=cut, place=(x - 100, *rest))
    second = first._replace(place=(x + 220, *rest))
    found = load(name).detect(np.concatenate((cut, cut), axis=1))
    for each in (first, second):
        assert any(each.is_at(seen.box) for seen in found)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_sees_nothing_where_nothing_is(name: str, load: Loader, level: int) -> None:
    assert list(load(name).detect(np.full((360, 640, 3), level, np.uint8))) == []


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (31, 17), (1, 640), (3, 2)])
def test_takes_tiny_pictures(name: str, load: Loader, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (*size, 3), dtype=np.uint8)
    for picture in (np.zeros_like(noise), noise):
        found = list(load(name).detect(picture))
        assert sound(found, picture, HOST.detectors[name].faint)


def test_takes_huge_pictures(name: str, load: Loader) -> None:
    assert list(load(name).detect(np.full((4500, 8000, 3), 90, np.uint8))) == []


def test_takes_pictures_without_colour(name: str, load: Loader) -> None:
    subject = subject_of(name)
    grey = np.repeat(subject.picture.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    found = list(load(name).detect(grey))
    assert sound(found, grey, HOST.detectors[name].faint)
    if name in OWN_MODEL:
        assert found == [], "what it looks for is red"
    else:
        assert any(subject.is_at(seen.box) for seen in found)


def test_takes_parts_of_larger_pictures_and_writes_into_none(name: str, load: Loader) -> None:
    subject = subject_of(name)
    height, width = subject.picture.shape[:2]
    larger = np.pad(subject.picture, ((9, 13), (5, 40), (0, 0)))
    larger.flags.writeable = False
    part = larger[9 : 9 + height, 5 : 5 + width]
    assert not part.flags.c_contiguous
    assert list(load(name).detect(part)) == list(load(name).detect(subject.picture))


@pytest.mark.parametrize("least", [0.3, 0.75])
def test_reports_nothing_below_the_least_score(name: str, load: Loader, least: float) -> None:
    subject = subject_of(name)
    noise = np.random.default_rng(5).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    detector = load(name, least=least)
    assert sound(list(detector.detect(subject.picture)), subject.picture, least)
    assert sound(list(detector.detect(noise)), noise, least)
    assert any(subject.is_at(seen.box) for seen in detector.detect(subject.picture))


def test_gives_the_same_again_and_on_any_number_of_threads(name: str, load: Loader) -> None:
    subject = subject_of(name).at(40, 60, (700, 611))
    first = list(load(name).detect(subject.picture))
    load(name).detect(subject_of(name).picture)
    assert list(load(name).detect(subject.picture)) == first
    assert list(load(name, threads=2).detect(subject.picture)) == first


def test_may_be_closed_twice(name: str, load: Loader) -> None:
    detector = load(name, fresh=True)
    detector.detect(np.zeros((32, 32, 3), np.uint8))
    detector.close()
    detector.close()
