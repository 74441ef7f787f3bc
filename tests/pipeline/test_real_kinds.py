"""Files of kinds that people really have, as the folder for development holds them."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest

import veilcast

SHARED = os.environ.get("VEILCAST_SHARED")
CASES = Path(SHARED or "not there") / "cases"


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Path:
    path = CASES / str(request.param)
    if not path.exists():
        pytest.skip("VEILCAST_SHARED names no folder with cases/" + path.name)
    return path


@pytest.mark.parametrize("case", ["icc.jpg"], indirect=True)
def test_the_usual_profile_of_a_photo_is_no_reason_to_stop(case: Path, tmp_path: Path) -> None:
    from PIL import Image, ImageCms

    result = veilcast.run(case, tmp_path / "out.jpg", work=tmp_path / "work")
    assert result.verdict == "clean"
    assert not [warning for warning in result.warnings if "colour" in warning]
    with Image.open(result.output) as picture:
        profile = picture.info["icc_profile"]
    told = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
    assert (told.profile_description, told.copyright) == ("sRGB", "CC0")


@pytest.mark.parametrize("case", ["hidden.png"], indirect=True)
def test_what_is_under_transparency_is_erased(case: Path, tmp_path: Path) -> None:
    from PIL import Image

    result = veilcast.run(case, tmp_path / "out.png", work=tmp_path / "work")
    assert result.verdict == "clean"
    with Image.open(case) as source, Image.open(result.output) as delivered:
        before, after = np.asarray(source.convert("RGBA")), np.asarray(delivered.convert("RGBA"))
    hidden = before[..., 3] == 0
    assert before[hidden][:, :3].any()
    assert not after[hidden][:, :3].any()
    assert np.array_equal(after[..., 3], before[..., 3])
