"""Files of kinds that people really have, as the folder for development holds them."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

import veilcast
from veilcast import errors

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARED = os.environ.get("VEILCAST_SHARED")
CASES = Path(SHARED or "not there") / "cases"


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Path:
    path = CASES / str(request.param)
    if not path.exists():
        pytest.skip("VEILCAST_SHARED names no folder with cases/" + path.name)
    return path


def samples(path: Path) -> NDArray[np.int16]:
    """Every sample of a WAV, as ffmpeg reads it."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-"]
    done = subprocess.run(command, check=True, capture_output=True)
    return np.frombuffer(done.stdout, np.int16)


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


@pytest.mark.parametrize("case", ["stream.wav"], indirect=True)
def test_a_wav_out_of_a_pipe_is_read_to_its_end(case: Path, tmp_path: Path) -> None:
    """Its sizes were never written; the copy has them, and every sample."""
    profile = tmp_path / "quick.yaml"
    profile.write_text("stages: [regions, metadata]\n")
    marks = tmp_path / "marks.yaml"
    marks.write_text("mute: [{from: 1, to: 2}]\n")
    for regions in (None, marks):
        result = veilcast.run(
            case,
            tmp_path / "out.wav",
            profile=profile,
            regions=regions,
            work=tmp_path / "work",
            force=True,
        )
        assert result.verdict == "clean"
        written = result.output.read_bytes()
        assert int.from_bytes(written[4:8], "little") == len(written) - 8
        before, after = samples(case), samples(result.output)
        assert len(after) == len(before)
        changed = np.flatnonzero(before != after)
        assert (len(changed) > 0) == (regions is not None)
        assert not len(changed) or (changed[0] >= 15_900 and changed[-1] <= 32_100)
