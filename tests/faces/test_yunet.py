"""Our reading of YuNet's answers is OpenCV's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from contract.subjects import face

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast_faces.yunet import YuNet

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 0.4


@pytest.fixture(scope="module")
def model() -> Path:
    try:
        return find(Host().model("yunet"))
    except ModelMissingError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize(
    ("faces", "size"), [((1.0, 0.6, 0.3), (1011, 520)), ((0.15, 0.5, 0.08), (437, 289))]
)
def test_same_faces_as_opencv(model: Path, faces: tuple[float, ...], size: tuple[int, int]) -> None:
    picture = np.full((size[1], size[0], 3), 120, np.uint8)
    left = 0
    for scale in faces:
        small = cv2.resize(face().picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        # The last one is cut off by the edge.
        small = small[:, : size[0] - left]
        picture[: small.shape[0], left : left + small.shape[1]] = small
        left += small.shape[1]
    reference = cv2.FaceDetectorYN.create(str(model), "", size, LEAST, 0.3)
    _, theirs = reference.detect(np.ascontiguousarray(picture[:, :, ::-1]))
    ours = YuNet(model, LEAST, device="cpu").detect(picture)
    assert theirs is not None
    assert len(ours) == len(theirs) >= 2
    for seen, row in zip(ours, theirs, strict=True):
        box = (seen.box.x, seen.box.y, seen.box.width, seen.box.height)
        assert box == pytest.approx(row[:4].tolist(), abs=0.6)
        assert seen.score == pytest.approx(float(row[14]), abs=0.01)
