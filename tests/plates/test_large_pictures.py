"""Large pictures: a plate in them is found, and they do not fill the memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from veilcast.errors import ModelMissingError
from veilcast.host import Host
from veilcast.models import find
from veilcast_plates import CASCADES

MOST_MIB = 900
LOOK = """
import re, sys
from pathlib import Path

from contract.subjects import plate
from veilcast.extensions import DetectorContext
from veilcast.host import Host
from veilcast.models import find_all

host = Host()
detector = host.detectors["plate-cascade"]
loaded = detector.load(
    DetectorContext(
        settings=None,
        least_score=detector.confidence,
        models=find_all(host.model(name) for name in detector.models),
        threads=1,
    )
)
# On the border of the parts that a picture is looked at in, and within one.
for x, y in ((0, 0), (1000, 1000), (1130, 900), (6900, 3800)):
    subject = plate().at(x, y, (7680, 4320))
    assert any(subject.is_at(seen.box) for seen in loaded.detect(subject.picture)), (x, y)
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.release
def test_a_plate_in_an_8k_picture_is_found_within_a_gigabyte() -> None:
    try:
        for name in CASCADES:
            find(Host().model(name))
    except ModelMissingError as missing:
        pytest.skip(str(missing))
    # A process of its own tells how much memory was needed.
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.path[:0] = {sys.path}\n{LOOK}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < MOST_MIB * 1024
