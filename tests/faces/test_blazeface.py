"""What MediaPipe leaves behind in a process does it no harm."""

from __future__ import annotations

import subprocess
import sys

import pytest

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find

LOOK = """
import os, signal, sys
from pathlib import Path

import numpy as np

from veilcast_faces.blazeface import BlazeFace

caught = []


def look():
    detector = BlazeFace(Path(sys.argv[1]), 0.5)
    detector.detect(np.zeros((128, 128, 3), np.uint8))
    detector.close()


look()
# As a profiler leaves it when it has done.
signal.signal(signal.SIGPROF, signal.SIG_DFL)
if "own" in sys.argv:
    signal.signal(signal.SIGPROF, lambda number, frame: caught.append(number))
look()
# As MediaPipe's timers do.
os.kill(os.getpid(), signal.SIGPROF)
print("alive", bool(caught))
"""


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("whose", "caught"), [("", False), ("own", True)], ids=["nobody's", "the user's"]
)
def test_a_tick_of_its_profiler_does_not_end_the_process(whose: str, caught: bool) -> None:
    try:
        model = find(Host().model("blazeface-short"))
    except ModelMissingError as missing:
        pytest.skip(str(missing))
    done = subprocess.run(
        [sys.executable, "-c", LOOK, model, whose],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"alive {caught}\n"
