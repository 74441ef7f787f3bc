"""Ctrl-C in a script or notebook: the work ends first, and then the interrupt comes out.

Each is a program of its own, as it is for users: an interrupt that went astray would end the tests.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import signal, sys, threading, time
from pathlib import Path

import veilcast
from veilcast.api.working import in_own_thread

signal.signal(signal.SIGINT, signal.default_int_handler)
{act}
before = threading.active_count()
try:
    {work}
except KeyboardInterrupt:
    print("KeyboardInterrupt")
else:
    print("returned")
assert globals().get("ended") != []
assert threading.active_count() == before
"""

RUN = """veilcast.run(
        sys.argv[1], sys.argv[2], profile=sys.argv[3], regions=sys.argv[4], progress=progress
    )"""


def answer(act: str, work: str, *arguments: object) -> str:
    """What a script prints."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("{act}", act).replace("{work}", work)]
        + [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    "moment",
    [
        'getattr(event, "activity", "") == "pixelating"',
        'event == veilcast.PhaseEvent(phase="verify")',
        'event == veilcast.PhaseEvent(phase="publish")',
    ],
)
def test_it_ends_the_work_first(
    moment: str, brief: Path, bench: Path, work: Path, light: Path, corner: Path
) -> None:
    act = f"""
def progress(event):
    if {moment}:
        time.sleep(0.5)  # the work would be done with publishing by then
        signal.raise_signal(signal.SIGINT)
"""
    assert answer(act, RUN, brief, bench / "o.mp4", light, corner) == "KeyboardInterrupt"
    assert list(bench.iterdir()) == []
    assert list(work.glob("*/run-*")) == []


def test_what_was_begun_to_be_published_is_returned(tmp_path: Path) -> None:
    """An interrupt then would leave the caller with an error and a published file."""
    act = """
main = threading.main_thread().ident

def task(listener):
    listener.phase("publish")
    signal.pthread_kill(main, signal.SIGINT)
    time.sleep(1.5)  # longer than work is left to itself after a stop
    listener.stage("x")("writing", 1, 1)
    Path(sys.argv[1]).touch()
    return "done"
"""
    assert answer(act, "in_own_thread(task)", tmp_path / "published") == "returned"
    assert (tmp_path / "published").exists()


def test_so_do_several_by_somebody_impatient() -> None:
    act = """
main = threading.main_thread().ident
ended = []

def task(listener):
    tell = listener.stage("x")
    try:
        while True:
            tell("counting", 1, None)
    finally:
        for again in range(5):
            signal.pthread_kill(main, signal.SIGINT)
            time.sleep(0.1)
        ended.append(True)

def progress(event):
    if not ended:
        signal.raise_signal(signal.SIGINT)
"""
    work = "in_own_thread(task, progress=progress)"
    assert answer(act, work) == "KeyboardInterrupt"
