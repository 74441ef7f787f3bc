"""Files laid out as phones, cameras, browsers and recorders lay them out are delivered clean."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from pipeline.decoded import heard
from testmedia import names
from testmedia.devices import OWNER, PLACE
from thorough import only

import veilcast

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from testmedia import Corpus

RULES = {
    "iphone_spatial.mov": ["unknown-track"],
    "drone.mp4": ["other-picture"],
}
"""What is said to differ from the source."""
QUICK = ("drone.mp4",)
MARKS = """
regions: [{label: badge, box: ["0%", "0%", "50%", "50%"], treatment: fill}]
mute: [{from: 0.5, to: 0.9}]
"""


def shown(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    """Time and luma of each frame of the picture that plays by default."""
    with av.open(str(path)) as container:
        frames: Any = container.decode(container.streams.best("video"))
        return [(frame.time, frame.to_ndarray(format="gray")) for frame in frames]


@pytest.mark.parametrize("name", only(QUICK, names("device")))
def test_it_is_delivered_as_it_was_but_for_what_identifies(
    name: str, media: Corpus, tmp_path: Path
) -> None:
    source = Path(shutil.copy(media[name], tmp_path / name))
    (tmp_path / "marks.yaml").write_text(MARKS)
    (tmp_path / "light.yaml").write_text("stages: [regions, metadata]")
    result = veilcast.run(
        source,
        profile=tmp_path / "light.yaml",
        regions=tmp_path / "marks.yaml",
        work=tmp_path / "work",
    )
    assert (result.verdict, result.output.suffix) == ("clean", source.suffix)
    said = json.loads(result.manifest.read_bytes())["input"]["conformed"]
    assert [one["rule"] for one in said] == RULES.get(name, [])
    data = result.output.read_bytes()
    for secret in (OWNER, PLACE, "51.4801", "X81234567", "iPhone", "GoPro"):
        assert secret.encode() not in data
    before, after = shown(source), shown(result.output)
    assert len(after) == len(before)
    start, now = before[0][0], after[0][0]
    for (was, _), (at, luma) in zip(before, after, strict=True):
        assert abs((at - now) - (was - start)) < 0.002
        # Turned or not, a quarter of the picture is covered.
        corners = [luma[:40, :40], luma[:40, -40:], luma[-40:, :40], luma[-40:, -40:]]
        assert min(corner.max() for corner in corners) < 40
    sound = heard(result.output)
    late = float(sound.time) - min(now, float(sound.time))
    inside = sound.samples[
        round((0.6 - late) * sound.rate_hz) : round((0.8 - late) * sound.rate_hz)
    ]
    level = np.abs(inside.astype(float)).max() / np.abs(sound.samples.astype(float)).max()
    assert level < 0.05
