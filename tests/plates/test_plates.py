"""Number plates: one descriptor, and they are tracked, covered and recorded as faces are."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from contract.graphs import export
from contract.subjects import plate, red
from pipeline.program import Program
from testmedia.seen import greys

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast_plates import CASCADES

if TYPE_CHECKING:
    from pathlib import Path

    from contract.subjects import Subject

FRAMES, RATE = 30, 15
SIZE = (800, 480)


def path_of(number: int) -> tuple[int, int]:
    """Where the subject's picture lies in a frame: it drifts."""
    return 10 + 8 * number, 20 + number


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("plates"))


def clip(path: Path, subject: Subject) -> Path:
    """A subject that moves over grey."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "16"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, RATE)
        cut = subject._replace(picture=np.ascontiguousarray(subject.picture[:420]))
        for number in range(FRAMES):
            picture = cut.at(*path_of(number), SIZE).picture
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def detail(picture: np.ndarray, subject: Subject, number: int) -> float:
    """How much the subject's own pixels differ from their neighbours."""
    x, y, width, height = (int(value) for value in subject.place)
    left, top = path_of(number)
    part = picture[top + y : top + y + height, left + x : left + x + width].astype(float)
    return float(np.abs(np.diff(part, axis=1)).mean())


@pytest.mark.release
def test_a_moving_plate_is_covered_in_every_frame(program: Program, tmp_path: Path) -> None:
    try:
        for name in CASCADES:
            find(Host().model(name))
    except ModelMissingError as missing:
        pytest.skip(str(missing))
    subject = plate()
    source = clip(tmp_path / "plate.mp4", subject)
    outcome = program.run(source, program.profile("stages:\n  - plates: {}\n"))
    before, after = list(greys(source)), list(greys(outcome.output))
    assert len(before) == len(after) == FRAMES
    for number, (shown, delivered) in enumerate(zip(before, after, strict=True)):
        assert detail(shown, subject, number) > 15
        assert detail(delivered, subject, number) < 5
    manifest = json.loads(outcome.manifest.read_text())
    entry = next(entry for entry in manifest["entries"] if entry["stage"] == "plates")
    assert entry["changes"]
    for change in entry["changes"]:
        assert (change["what"], change["hipaa"]) == ("plate", "L")
        assert change["detector"] == "plate-cascade"


@pytest.mark.release
def test_a_detector_of_the_users_own_and_no_path_in_the_manifest(
    program: Program, tmp_path: Path
) -> None:
    model = export(tmp_path / "jane-doe.onnx", "v5-landmarks")
    subject = red()
    source = clip(tmp_path / "red.mp4", subject)
    said = f"{{name: yolo-plate, model: '{model}', device: cpu}}"
    profile = program.profile(f"stages:\n  - plates: {{detectors: [{said}], treatment: fill}}\n")
    outcome = program.run(source, profile)
    with av.open(str(outcome.output)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            x, y, width, height = (int(value) for value in subject.place)
            left, top = path_of(number)
            inside = frame.to_ndarray(format="rgb24")[
                top + y + 30 : top + y + height - 30, left + x + 30 : left + x + width - 30
            ].astype(int)
            assert (inside[..., 0] - inside[..., 2]).max() < 40, "red is gone"
    assert "jane-doe" not in outcome.manifest.read_text()
