"""Veilcast and a plugin of somebody else, installed from wheels: from the list to the pixels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from testmedia import seen
from testmedia.scene import texture
from testmedia.tools import write_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from wheels.distributions import Environment

BLUE = (60, 180, 255)
FRAMES = 50


def band_at(index: int) -> tuple[int, int, int, int]:
    """Where the wristband is in a frame: left, top, right, bottom."""
    return 30 + 3 * index, 110 + index // 2, 109 + 3 * index, 141 + index // 2


def blue(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels have the wristband's colour."""
    wide = picture.astype(np.int16)
    return (wide[..., 2] - wide[..., 0] > 80) & (wide[..., 2] > 120)


def pictures_of(path: Path) -> list[NDArray[np.uint8]]:
    return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in seen.frames(path)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A light blue wristband with a number on it crosses a wall."""

    def pictures() -> Iterator[NDArray[np.uint8]]:
        for index in range(FRAMES):
            picture = texture(320, 240).copy()
            left, top, right, bottom = band_at(index)
            cv2.rectangle(picture, (left, top), (right, bottom), BLUE, -1)
            place, font = (left + 6, bottom - 10), cv2.FONT_HERSHEY_SIMPLEX
            cv2.putText(picture, "447190", place, font, 0.5, (20, 20, 20), 1)
            yield picture

    path = tmp_path_factory.mktemp("clip") / "ward.mp4"
    write_pictures(path, pictures())
    return path


@pytest.fixture(scope="module")
def delivered(installed: Environment, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("delivered") / "out.mp4"
    answer = installed("run", clip, "-q", "-p", "wristbands", "-o", output)
    assert (answer.code, answer.err) == (0, "")
    return output


def test_both_come_from_their_wheels(installed: Environment) -> None:
    told = installed.python_says(
        "-c",
        "import importlib.metadata as m, veilcast, veilcast_faces, veilcast_wristband as w\n"
        "for one in (veilcast, veilcast_faces, w): print(one.__file__)\n"
        "for one in ('veilcast', 'veilcast-wristband'): print(m.distribution(one).locate_file(''))",
    )
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert len(lines) == 5
    assert all(line.startswith(str(installed.packages)) for line in lines)


def test_what_the_plugin_provides_is_listed(installed: Environment) -> None:
    listed = installed("plugins")
    assert (listed.code, listed.err) == (0, "")
    assert (
        "wristband  (veilcast-wristband 0.1.0)\n"
        "    stage wristbands\n    detector wristband\n    profile wristbands\n"
    ) in listed.out
    assert "Error" not in listed.out
    profiles = installed("profiles")
    assert "wristbands" in profiles.out


def test_every_command_starts(installed: Environment) -> None:
    assert installed("--version").out.startswith("veilcast ")
    assert "Traceback" not in installed("doctor").err


def test_the_wristband_is_covered_in_every_frame(clip: Path, delivered: Path) -> None:
    before, after = pictures_of(clip), pictures_of(delivered)
    assert len(before) == len(after) == FRAMES
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        left, top, right, bottom = band_at(index)
        assert blue(old).sum() > 1000
        assert blue(new).sum() == 0
        inside = new[top + 2 : bottom - 1, left + 2 : right - 1]
        assert inside.max() <= 32, "filled with black, its number too"
        around = np.abs(new.astype(np.int16) - old)[:60]
        assert around.mean() < 4, "the rest is as it was"


def test_the_wristband_is_in_the_manifest(installed: Environment, delivered: Path) -> None:
    path = delivered.with_name("out.manifest.json")
    manifest: dict[str, Any] = json.loads(path.read_text())
    (entry,) = (entry for entry in manifest["entries"] if entry["stage"] == "wristbands")
    assert entry["plugin"] == {"distribution": "veilcast-wristband", "version": "0.1.0"}
    (change,) = entry["changes"]
    assert (change["what"], change["hipaa"], change["detector"]) == (
        "wristband",
        "H",
        "wristband",
    )
    assert change["count"] == FRAMES
    assert change["how"]["treatment"] == "fill"
    (sought,) = entry["looked_for"]
    assert (sought["identifier"], sought["where"]) == ("wristband", "pixels")
    assert manifest["profile"]["name"] == "wristbands"
    answer = installed("manifest", "check", path, "--output", delivered)
    assert answer.code == 0


def test_the_wristband_is_in_the_report(delivered: Path) -> None:
    facts = json.loads(delivered.with_name("out.report.json").read_text())
    assert facts["plugins"]["veilcast-wristband"] == "0.1.0"
    (cover,) = facts["covers"]
    assert (cover["detector"], cover["hipaa"], cover["stage"]) == ("wristband", "H", "wristbands")
    (records,) = (row for row in facts["statement"] if row["letter"] == "H")
    assert records["pixels"]["by"] == ["wristbands"]
    assert records["pixels"]["covered"] == 1
    page = delivered.with_name("out.report.html").read_text()
    assert "wristband" in page


def test_a_setting_of_the_plugin_is_checked_like_any_other(
    installed: Environment, clip: Path, tmp_path: Path
) -> None:
    run = ("run", clip, "-q", "-p", "wristbands", "-o", tmp_path / "out.mp4", "-s")
    told = installed(*run, "wristbands.detectors=[{name: wristband, heu: 60}]")
    assert told.code == 22
    assert "did you mean 'hue'?" in told.err


def test_a_new_plugin_is_written_from_the_wheel(installed: Environment, tmp_path: Path) -> None:
    told = installed.python_says(
        "-c",
        "from pathlib import Path; from veilcast.scaffold import new_plugin;"
        f"print(new_plugin('veilcast-lockers', 'detector', Path({str(tmp_path)!r})))",
    )
    assert (told.code, told.err) == (0, "")
    assert (tmp_path / "veilcast-lockers/src/veilcast_lockers/looking.py").is_file()
    assert (tmp_path / "veilcast-lockers/.gitignore").is_file()
