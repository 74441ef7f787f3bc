"""Every registered treatment keeps the rules of the testing kit."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from veilcast.host import Host
from veilcast.redaction.treatments.pictures import shown
from veilcast.testing import (
    PIXEL_TREATMENT_RULES,
    SOUND_TREATMENT_RULES,
    PixelTreatmentCase,
    SoundTreatmentCase,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from veilcast.testing import Rule

HOST = Host()


@pytest.fixture(scope="module")
def params(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What a cover has beside the usual: a picture to show, and a level of the mosaic."""
    path: Path = tmp_path_factory.mktemp("pictures") / "shown.png"
    ramp = np.linspace(0, 255, 64 * 64 * 3).reshape(64, 64, 3).astype(np.uint8)
    assert cv2.imwrite(str(path), ramp)
    digest = sha256(path.read_bytes()).hexdigest()
    return {"picture": shown(path, digest, (10, 200, 90))}


@pytest.mark.parametrize("rule", PIXEL_TREATMENT_RULES, ids=str)
@pytest.mark.parametrize("name", sorted(HOST.pixel_treatments))
def test_one_of_pixels_keeps_the_rule(
    name: str, rule: Rule[PixelTreatmentCase], params: Mapping[str, Any]
) -> None:
    rule.check(PixelTreatmentCase(HOST.pixel_treatments[name], params))


@pytest.mark.parametrize("level", [3, 7, 20])
@pytest.mark.parametrize("rule", PIXEL_TREATMENT_RULES, ids=str)
def test_a_mosaic_of_so_many_blocks_does_too(rule: Rule[PixelTreatmentCase], level: int) -> None:
    rule.check(PixelTreatmentCase(HOST.pixel_treatments["mosaic"], {"mosaic_level": level}))


@pytest.mark.parametrize("rule", SOUND_TREATMENT_RULES, ids=str)
@pytest.mark.parametrize("name", sorted(HOST.sound_treatments))
def test_one_of_sound_keeps_the_rule(name: str, rule: Rule[SoundTreatmentCase]) -> None:
    rule.check(SoundTreatmentCase(HOST.sound_treatments[name]))
