"""Every way to cover, from a regions file to the delivered recording."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from pipeline.program import Program
from testmedia.seen import still

from veilcast.errors import VeilcastError

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

REGIONS = """\
regions:
  - {label: badge, box: [10, 12, 60, 40], treatment: picture, picture: PICTURE}
  - {label: monitor, box: [90, 10, 50, 60], treatment: emoji, shape: ellipse, feather: 0.2}
  - {label: chart, box: [150, 14, 60, 50], shape: rounded, mosaic_level: 5, feather: 0.1}
  - {label: chart, box: [20, 80, 60, 50], treatment: blur, blur_level: 9}
  - {label: chart, box: [-20, 130, 70, 70], blocks_across: 3}
  - {label: chart, box: [100, 90, 60, 40], treatment: blur, blur_sigma: 0.3, shape: ellipse}
"""
COLOUR = (30, 90, 200)


@pytest.fixture
def asked(tmp_path: Path) -> tuple[str, Path]:
    """A regions file, and the picture that it names."""
    path = tmp_path / "jane-doe.png"
    cv2.imwrite(str(path), np.full((20, 30, 3), COLOUR[::-1], np.uint8))
    return REGIONS.replace("PICTURE", json.dumps(str(path))), path


def as_displayed(path: Path) -> np.ndarray:
    """The first frame, turned as ffmpeg turns it."""
    png = path.with_suffix(".png")
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1", str(png)], check=True
    )
    return still(png, cv2.IMREAD_COLOR)[..., ::-1].astype(int)


@pytest.mark.release
@pytest.mark.parametrize("name", ["rotated.mp4", "hdr10.mkv", "interlaced.mp4", "rgba.png"])
def test_in_one_pass_and_stage_by_stage_are_the_same(
    name: str, asked: tuple[str, Path], media: Corpus, tmp_path: Path
) -> None:
    program = Program(tmp_path)
    profile = program.profile("stages: [regions]", asked[0])
    found = program.locate(media[name], profile)
    fused, stepwise = (
        program.run(media[name], profile, findings=found, keep_intermediates=keep)
        for keep in (False, True)
    )
    assert len(list(stepwise.output.parent.glob("*.1-regions.nut"))) == 1
    assert fused.output.read_bytes() == stepwise.output.read_bytes()


def test_what_is_delivered_and_what_is_written_down(
    asked: tuple[str, Path], media: Corpus, tmp_path: Path
) -> None:
    regions, picture = asked
    program = Program(tmp_path)
    outcome = program.run(media["rotated.mp4"], program.profile("stages: [regions]", regions))
    frame = as_displayed(outcome.output)
    assert abs(frame[20:44, 20:60] - COLOUR).max() <= 12
    # The drawn face is yellow between its eyes and its mouth, also on a picture stored on its side.
    assert frame[40, 115] == pytest.approx(np.array((255, 204, 77)), abs=25)

    text = outcome.manifest.read_text()
    (entry,) = (e for e in json.loads(text)["entries"] if e["stage"] == "regions")
    hows = [change["how"] for change in entry["changes"]]
    sha256 = hashlib.sha256(picture.read_bytes()).hexdigest()
    assert hows[0] == {
        "treatment": "picture",
        "shape": "rectangle",
        "padding": 0.0,
        "picture": sha256,
    }
    assert (hows[1]["treatment"], hows[1]["feather_px"]) == ("emoji", 10.0)
    assert (hows[2]["mosaic_level"], hows[2]["shape"]) == (5, "rounded")
    assert (hows[3]["sigma_px"], hows[5]["sigma_px"]) == (9.0, 18.0)
    assert "jane" not in text
    assert not any("jane" in str(track.options) for f in outcome.found for track in f.tracks)


def test_findings_need_the_picture_that_they_mean(
    asked: tuple[str, Path], media: Corpus, tmp_path: Path
) -> None:
    regions, _ = asked
    program = Program(tmp_path)
    found = program.locate(media["rotated.mp4"], program.profile("stages: [regions]", regions))
    # A regions file that marks the same and names no picture.
    without = program.profile("stages: [regions]", "regions: [{box: [10, 12, 60, 40]}]")
    with pytest.raises(VeilcastError, match=r"picture|located"):
        program.run(media["rotated.mp4"], without, findings=found)
