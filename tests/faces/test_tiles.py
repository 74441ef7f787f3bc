"""Looking at parts of a picture finds what is small, once, and where it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from contract.subjects import Subject, face
from hypothesis import given
from hypothesis import strategies as st

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast.plugin import DetectorContext, LoadedDetector
from veilcast_faces.tiles import starts


@given(length=st.integers(1, 9000), part=st.integers(4, 2000))
def test_parts_cover_a_side_and_overlap(length: int, part: int) -> None:
    found = starts(length, part)
    assert found[0] == 0
    assert max(found) + part >= length
    assert all(0 < later - earlier <= 0.75 * part + 1 for earlier, later in zip(found, found[1:]))  # noqa: B905, RUF007
    assert max(found) == 0 or max(found) + part == length, "each part is a whole one"


def blazeface(tiles: int) -> LoadedDetector:
    host = Host()
    detector = host.detectors["blazeface-full"]
    try:
        models = {name: find(host.model(name)) for name in detector.models}
    except ModelMissingError as missing:
        pytest.skip(str(missing))
    settings = detector.settings.model_validate({"tiles": tiles})
    return detector.load(
        DetectorContext(settings=settings, least_score=0.6, models=models, threads=1)
    )


def small_face(x: int, y: int) -> Subject:
    """A face of about 10 px in a picture of 640x360."""
    large, shrink = face(), 0.11
    small = cv2.resize(large.picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    left, top, width, height = (value * shrink for value in large.place)
    return Subject(np.asarray(small, np.uint8), (left, top, width, height)).at(x, y, (640, 360))


@pytest.mark.parametrize(("x", "y"), [(20, 12), (301, 150), (560, 290)])
def test_tiles_find_small_faces_that_are_missed_without(x: int, y: int) -> None:
    subject = small_face(x, y)
    with_parts, without = blazeface(4), blazeface(1)
    try:
        found = [seen for seen in with_parts.detect(subject.picture) if subject.is_at(seen.box)]
        assert len(found) == 1, "seen in several parts, reported once"
        assert not any(subject.is_at(seen.box) for seen in without.detect(subject.picture))
    finally:
        with_parts.close()
        without.close()


def test_tiles_still_find_what_is_larger_than_a_part() -> None:
    subject = face()
    near = np.ascontiguousarray(cv2.resize(subject.picture[40:220, 130:330], (800, 720)), np.uint8)
    detector = blazeface(4)
    try:
        boxes = [seen.box for seen in detector.detect(near)]
    finally:
        detector.close()
    assert any(box.width > 300 and box.x < 400 < box.right for box in boxes)
