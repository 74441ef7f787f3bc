"""The stage on moving pictures: what it covers is covered from the first to the last frame."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import zxingcpp
from testmedia.scene import texture
from text_stage.drawn import covered, on_wall, sheet, stage, tracks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from text_stage.drawn import Picture, Place

    from veilcast.findings import FindingsDocument

    Located = Callable[..., FindingsDocument]
    Filmed = Callable[[Sequence[Picture]], Path]

FRAMES, RATE = 24, 25
SIZE = (480, 270)


def time_of(number: int) -> int:
    return number * 1_000_000 // RATE


def panned(paper: Picture, frames: int = FRAMES) -> tuple[list[Picture], list[tuple[int, int]]]:
    """Paper that moves through the picture, and where its corner is in each frame."""
    corners = [(20 + 4 * number, 60 + number) for number in range(frames)]
    return [on_wall(paper, SIZE, corner) for corner in corners], corners


def moved(place: Place, corner: tuple[int, int]) -> Place:
    left, top, right, bottom = place
    return left + corner[0], top + corner[1], right + corner[0], bottom + corner[1]


@pytest.fixture(scope="module")
def panning(film: Filmed) -> tuple[Path, list[Place]]:
    """A film of a label that moves, and where its name is in each frame."""
    paper, (place, _) = sheet(
        [("Margaret Holloway", 16, 16), ("Infusion pump", 16, 60)], (270, 100)
    )
    pictures, corners = panned(paper)
    return film(pictures), [moved(place, corner) for corner in corners]


@pytest.fixture(scope="module")
def found(panning: tuple[Path, list[Place]], locate: Located) -> FindingsDocument:
    return locate(panning[0])


def test_a_label_that_moves_is_covered_in_every_frame(
    panning: tuple[Path, list[Place]], found: FindingsDocument
) -> None:
    shares = [covered(found, place, time_of(n)) for n, place in enumerate(panning[1])]
    assert min(shares) == 1, shares
    (track,) = tracks(found)
    assert (track.identifier, len(track.times_us)) == ("person", FRAMES)


def test_a_code_that_moves_is_covered_in_every_frame(film: Filmed, locate: Located) -> None:
    code = zxingcpp.create_barcode("ward visit 4471902", zxingcpp.BarcodeFormat.QRCode)
    image = np.asarray(zxingcpp.write_barcode_to_image(code, scale=4))
    edge = 16  # its quiet zone, which says nothing
    pictures, corners = panned(np.repeat(image[:, :, None], 3, axis=2))
    found = locate(film(pictures))
    inner = (edge, edge, image.shape[1] - edge, image.shape[0] - edge)
    shares = [
        covered(found, moved(inner, corner), time_of(number))
        for number, corner in enumerate(corners)
    ]
    assert min(shares) == 1, shares
    assert {track.identifier for track in tracks(found)} == {"code"}


@pytest.mark.release
def test_a_code_stays_where_that_is_asked_for(film: Filmed, locate: Located) -> None:
    code = zxingcpp.create_barcode("ward visit 4471902", zxingcpp.BarcodeFormat.QRCode)
    image = np.asarray(zxingcpp.write_barcode_to_image(code, scale=4))
    pictures, _ = panned(np.repeat(image[:, :, None], 3, axis=2), 6)
    assert tracks(locate(film(pictures), "codes: false")) == []


def test_nothing_is_found_where_no_text_is(film: Filmed, locate: Located) -> None:
    room = texture(*SIZE)
    (stage,) = locate(film([np.roll(room, 2 * n, axis=1) for n in range(12)])).stages
    assert stage.tracks == ()
    assert stage.examined > 0


THREADS = """
import json, os, sys
from pathlib import Path
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])
os.cpu_count = lambda: 4 * int(sys.argv[1])
from pipeline.program import Program
program = Program(Path(sys.argv[2]))
found = program.locate(Path(sys.argv[3]), program.profile(sys.argv[4]))
print(json.dumps([[t.identifier, t.times_us.tolist(), t.boxes.tolist()]
                  for one in found.stages for t in one.tracks]))
"""


@pytest.mark.release
def test_the_same_is_found_again_and_with_more_threads(
    panning: tuple[Path, list[Place]], found: FindingsDocument, tmp_path: Path
) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one processor to run on")
    said = []
    for number, processors in enumerate((1, 1, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        arguments = (str(processors), str(folder), str(panning[0]), stage())
        command = [sys.executable, "-c", THREADS, *arguments]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        said.append(json.loads(done.stdout.splitlines()[-1]))
    assert said[0] == said[1] == said[2]
    assert said[0] == [
        [track.identifier, track.times_us.tolist(), track.boxes.tolist()] for track in tracks(found)
    ]
