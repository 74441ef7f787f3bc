"""Files of kinds that people really have, as the folder for development holds them."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import veilcast
from veilcast import errors

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


@pytest.mark.parametrize("case", ["webcam_alpha.webm"], indirect=True)
def test_who_is_transparent_is_not_shown(case: Path, tmp_path: Path) -> None:
    """Nothing is delivered that shows it, and what the sentence advises works."""
    profile = tmp_path / "quick.yaml"
    profile.write_text("stages: [metadata]\n")
    options: Any = {"profile": profile, "work": tmp_path / "work"}
    with pytest.raises(errors.UnsupportedError, match="transparent parts") as told:
        veilcast.run(case, tmp_path / "out.webm", **options)
    assert list(tmp_path.glob("out*")) == []
    advised = re.search("'(ffmpeg .+)'", str(told.value))
    assert advised is not None
    flat = tmp_path / "flat.webm"
    command = shlex.split(advised[1].replace(" IN ", f" {case} ").replace("OUT.webm", str(flat)))
    subprocess.run([*command, "-v", "error"], check=True)
    result = veilcast.run(flat, tmp_path / "out.webm", **options)
    with av.open(str(result.output)) as container:
        for frame in container.decode(video=0):
            picture = frame.to_ndarray(format="gray")
            assert picture[:, :300].max() < 40, "the half that was transparent is black"
            assert picture[:, 360:].max() > 120
